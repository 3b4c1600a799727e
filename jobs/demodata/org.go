package demodata

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/crmsync/crmsync/schemas"
)

// Truth says that a CRM record is a profile or company. Kind is that of the list (same or successor for accounts, same_company or moved
// for people), or duplicate for a record entered twice: what it is, though the original should get the link.
type Truth struct{ RecordID, TargetID, Kind string }

// Org is the content of a Salesforce org.
type Org struct {
	// TruthAccounts and TruthPeople are the labelled links, in Salesforce ids.
	TruthAccounts, TruthPeople []Truth
	// TruthAdded are the links of people whom Changes inserts.
	TruthAdded []Truth
	// Duplicates are the records entered twice.
	Duplicates []Duplicate
	// TestContactID is the contact on whom write-back is tried.
	TestContactID string
	// IDs gives the Salesforce id for each id of the lists.
	IDs map[string]string
	// SeatMappings tie seats to users whom no e-mail address leads to.
	SeatMappings []SeatMapping

	objects []object
	changes []Change
}

// SeatMapping ties a seat to a user by hand.
type SeatMapping struct{ SeatID, UserID string }

// object is the rows of one object.
type object struct {
	name string
	rows []fields
}

// further columns of the org that no query of the sync asks for.
var further = map[string][]string{
	"Contact": {"MailingPostalCode", "OwnerId"},
	"Lead":    {"PostalCode"},
	"User":    {"Username"},
}

func (g *generator) org() *Org {
	o := &Org{Duplicates: g.dups, TestContactID: g.test.id, IDs: map[string]string{}}
	rows := map[string][]fields{
		"UserRole": rowsOf(g.roles, g.roleRow), "User": rowsOf(g.users, g.userRow),
		"Account":     rowsOf(g.accounts, func(a *account) fields { return a.row }),
		"Opportunity": rowsOf(g.opps, func(p *opportunity) fields { return p.row }), "OpportunityContactRole": g.contactRow,
	}
	for _, a := range g.accounts {
		if a.source != "" {
			o.IDs[a.source] = a.id
		}
	}
	for _, p := range g.people {
		rows[p.object] = append(rows[p.object], p.row)
		if p.source != "" {
			o.IDs[p.source] = p.id
		}
	}
	for _, ds := range schemas.CRMObjects {
		o.objects = append(o.objects, object{ds.Object, rows[ds.Object]})
	}
	o.TruthAccounts = o.truth(g.lists.truthAccounts, "company_id")
	o.TruthPeople = o.truth(g.lists.truthPeople, "member_id")
	o.TruthPeople = append(o.TruthPeople, Truth{g.test.id, testMember, "same_company"})
	o.TruthAccounts = append(o.TruthAccounts, Truth{g.test.account.id, testCompany, "same"})
	o.TruthAccounts, o.TruthPeople = withDuplicates(o.TruthAccounts, g.dups), withDuplicates(o.TruthPeople, g.dups)
	for _, s := range g.seats {
		if s.user != nil && s.email[len(s.email)-len("@sales.example.com"):] == "@sales.example.com" {
			o.SeatMappings = append(o.SeatMappings, SeatMapping{s.id, s.user.id})
		}
	}
	o.changes, o.TruthAdded = g.makeChanges()
	return o
}

func (o *Org) truth(from []fields, target string) []Truth {
	out := make([]Truth, len(from))
	for i, t := range from {
		out[i] = Truth{RecordID: o.IDs[t["crm_id"]], TargetID: t[target], Kind: t["kind"]}
	}
	return out
}

// withDuplicates adds what the records entered twice are, and sorts.
func withDuplicates(truth []Truth, dups []Duplicate) []Truth {
	target := map[string]string{}
	for _, t := range truth {
		target[t.RecordID] = t.TargetID
	}
	for _, d := range dups {
		if id, ok := target[d.Of]; ok {
			truth = append(truth, Truth{RecordID: d.ID, TargetID: id, Kind: "duplicate"})
		}
	}
	slices.SortFunc(truth, func(a, b Truth) int {
		return cmp.Or(cmp.Compare(a.RecordID, b.RecordID), cmp.Compare(a.TargetID, b.TargetID))
	})
	return truth
}

// Rows is the number of rows of an object.
func (o *Org) Rows(name string) int {
	for _, of := range o.objects {
		if of.name == name {
			return len(of.rows)
		}
	}
	return 0
}

// Files are what fakeforce loads: one <Object>.csv for each object, with API names as columns, and org.json.
func (o *Org) Files() ([]File, error) {
	settings, err := json.MarshalIndent(map[string]any{"orgName": "crmsync demonstration", "edition": "Enterprise Edition", "sandbox": false}, "", "  ")
	if err != nil {
		return nil, err
	}
	out := []File{{"org.json", append(settings, '\n')}}
	for i, of := range o.objects {
		columns := slices.DeleteFunc(schemas.CRMObjects[i].Names(), func(c string) bool {
			return c == "Name" && (of.name == "Contact" || of.name == "User") // built by the org
		})
		f, err := table(of.name+".csv", append(columns, further[of.name]...), of.rows)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// WriteCSV writes the org's files to a folder, for fakeforce's --data.
func (o *Org) WriteCSV(dir string) error {
	files, err := o.Files()
	if err != nil {
		return fmt.Errorf("write demo org: %w", err)
	}
	return writeFiles(dir, files)
}

// WriteTruth writes truth_accounts.csv, truth_people.csv, truth_people_added.csv and duplicates.csv to a folder.
func (o *Org) WriteTruth(dir string) error {
	var files []File
	for _, t := range []struct {
		name, target string
		truth        []Truth
	}{
		{"truth_accounts.csv", "company_id", o.TruthAccounts},
		{"truth_people.csv", "member_id", o.TruthPeople},
		{"truth_people_added.csv", "member_id", o.TruthAdded},
	} {
		f, err := table(t.name, []string{"crm_id", t.target, "kind"}, rowsOf(t.truth, func(r Truth) fields {
			return fields{"crm_id": r.RecordID, t.target: r.TargetID, "kind": r.Kind}
		}))
		if err != nil {
			return fmt.Errorf("write demo truth: %w", err)
		}
		files = append(files, f)
	}
	f, err := table("duplicates.csv", []string{"object", "crm_id", "duplicate_of"}, rowsOf(o.Duplicates, func(d Duplicate) fields {
		return fields{"object": d.Object, "crm_id": d.ID, "duplicate_of": d.Of}
	}))
	if err != nil {
		return fmt.Errorf("write demo truth: %w", err)
	}
	return writeFiles(dir, append(files, f))
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
