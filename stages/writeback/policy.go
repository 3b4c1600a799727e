package writeback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// Policy is what the administrator decided about write-back (R26, R40, R41).
type Policy struct {
	Enabled bool
	// TestContact is the Salesforce id of the one contact whose activities go out; empty when testing is over.
	TestContact string
	// Kinds are the kinds that go out. While testing, none means all.
	Kinds []string
	// Users (ids or e-mail addresses) and Roles (ids or names) may have activities written; both empty means everyone.
	Users, Roles []string
	// BulkAbove is how many records of one object that are to be written make a backlog, which goes out in Bulk jobs; 0 means none does.
	BulkAbove int
}

// PolicyOf takes the policy from the settings in force.
func PolicyOf(v schemas.SettingValues) Policy {
	return Policy{
		Enabled: v.Bool("writeback.enabled"), TestContact: v.Text("writeback.test_contact"), Kinds: v.List("writeback.kinds"),
		Users: v.List("writeback.users"), Roles: v.List("writeback.roles"), BulkAbove: int(v.Int("writeback.bulk_above")),
	}
}

const reasonOff = "write-back is off (setting writeback.enabled)"

// candidate is a waiting row with what the tables say about its seller and its target.
type candidate struct {
	activity
	Attempts int
	Reason   string
	Strict   bool   // the text is to be counted in bytes and written plainly
	Link     string // where the whole text can be read

	SeatKnown, Licensed   bool
	LicenceType, SeatNote string
	UserID, UserEmail     string
	RoleID, RoleName      string
	PersonObject          string // of the linked record: Contact, Lead
	PersonID              string
	AccountID             string // of the linked company
}

// decision is what becomes of a candidate: it is sent when both fields are empty.
type decision struct {
	wait   string
	refuse string
}

// decide applies the rules in the order in which a person would want to hear of them.
func (p Policy) decide(c *candidate) decision {
	wait := func(format string, args ...any) decision { return decision{wait: fmt.Sprintf(format, args...)} }
	testing := p.TestContact != ""
	switch {
	case !p.Enabled:
		return wait(reasonOff)
	case !slices.Contains(p.Kinds, c.Kind) && (!testing || len(p.Kinds) > 0):
		return wait("activities of kind %s are not written (setting writeback.kinds)", c.Kind)
	case !c.SeatKnown:
		return wait("seat %s is not known; the next sync reads the seats", c.SeatID)
	case !c.Licensed:
		return decision{refuse: fmt.Sprintf("seat %s has a licence of type %q, which does not include the sync", c.SeatID, c.LicenceType)}
	case c.UserID == "":
		return wait("seat %s is tied to no CRM user; tie it by hand", c.SeatID)
	case !p.allows(c):
		return wait("CRM user %s may not have activities written (settings writeback.users, writeback.roles)", c.UserID)
	case testing && !sameID(c.PersonID, p.TestContact):
		return wait("testing: only activities with contact %s are written (setting writeback.test_contact)", p.TestContact)
	case c.Kind == kindNote && c.PersonID == "" && c.AccountID == "":
		return wait("a note needs a record, and its person or company is linked to none")
	}
	return decision{}
}

func (p Policy) allows(c *candidate) bool {
	if len(p.Users) == 0 && len(p.Roles) == 0 {
		return true
	}
	return slices.ContainsFunc(p.Users, func(u string) bool {
		return sameID(u, c.UserID) || c.UserEmail != "" && strings.EqualFold(u, c.UserEmail)
	}) || slices.ContainsFunc(p.Roles, func(r string) bool {
		return sameID(r, c.RoleID) || c.RoleName != "" && strings.EqualFold(r, c.RoleName)
	})
}

// sameID compares Salesforce ids of 15 or 18 characters.
func sameID(a, b string) bool {
	return len(a) >= 15 && len(b) >= 15 && a[:15] == b[:15]
}
