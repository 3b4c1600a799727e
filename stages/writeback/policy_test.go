package writeback

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
)

const (
	someUser    = "005000000000001AAA"
	someContact = "003000000000001AAA"
	someAccount = "001000000000001AAA"
)

func TestPolicyWhole(t *testing.T) {
	// Every combination of what an administrator and the tables can say; want is written down independently of decide.
	bools := []bool{false, true}
	n := 0
	for _, enabled := range bools {
		for _, testContact := range []string{"", someContact[:15], "003000000000009AAA"} {
			for _, kinds := range [][]string{{}, {kindInMail}, {kindNote, kindCall}} {
				for _, users := range [][]string{{}, {"ANN@example.com"}, {"005000000000002AAA"}} {
					for _, roles := range [][]string{{}, {"sales"}, {"00E000000000009AAA"}} {
						for _, kind := range []string{kindInMail, kindNote} {
							for _, licensed := range bools {
								for _, mapped := range bools {
									for _, linked := range bools {
										n++
										c := &candidate{activity: activity{Kind: kind, SeatID: "s1"}, SeatKnown: true, Licensed: licensed, LicenceType: "Professional"}
										if mapped {
											c.UserID, c.UserEmail, c.RoleID, c.RoleName = someUser, "ann@example.com", "00E000000000001AAA", "Sales"
										}
										if linked {
											c.PersonObject, c.PersonID = "Contact", someContact
										}
										p := Policy{Enabled: enabled, TestContact: testContact, Kinds: kinds, Users: users, Roles: roles}
										kindOn := slices.Contains(kinds, kind) || testContact != "" && len(kinds) == 0
										userOn := len(users)+len(roles) == 0 || slices.Contains(users, "ANN@example.com") || slices.Contains(roles, "sales")
										contactOn := testContact == "" || linked && testContact == someContact[:15]
										goes := enabled && kindOn && licensed && mapped && userOn && contactOn && (kind != kindNote || linked)
										refused := enabled && kindOn && !licensed
										d := p.decide(c)
										if (d == decision{}) != goes || (d.refuse != "") != refused {
											t.Errorf("%+v, kind %s, licensed %t, mapped %t, linked %t: %+v; want it sent: %t, refused: %t",
												p, kind, licensed, mapped, linked, d, goes, refused)
										}
									}
								}
							}
						}
					}
				}
			}
		}
	}
	if n != 2*3*3*3*3*2*8 {
		t.Errorf("%d combinations", n)
	}
}

func TestPolicySaysWhy(t *testing.T) {
	on := Policy{Enabled: true, Kinds: []string{kindInMail, kindNote}}
	c := candidate{activity: activity{Kind: kindInMail, SeatID: "s1"}, SeatKnown: true, Licensed: true, UserID: someUser}
	change := func(set func(p *Policy, c *candidate)) decision {
		p, row := on, c
		set(&p, &row)
		return p.decide(&row)
	}
	for want, d := range map[string]decision{
		"off":                     change(func(p *Policy, _ *candidate) { p.Enabled = false }),
		"kind Call":               change(func(_ *Policy, c *candidate) { c.Kind = kindCall }),
		"seat s1 is not known":    change(func(_ *Policy, c *candidate) { c.SeatKnown = false }),
		"tied to no CRM user":     change(func(_ *Policy, c *candidate) { c.UserID = "" }),
		"may not have":            change(func(p *Policy, _ *candidate) { p.Users = []string{"bob@example.com"} }),
		"testing: only":           change(func(p *Policy, _ *candidate) { p.TestContact = someContact }),
		"a note needs a record":   change(func(_ *Policy, c *candidate) { c.Kind = kindNote }),
		"does not include the sy": change(func(_ *Policy, c *candidate) { c.Licensed = false }),
	} {
		if !strings.Contains(d.wait+d.refuse, want) {
			t.Errorf("%+v does not say %q", d, want)
		}
	}
	if d := change(func(_ *Policy, c *candidate) { c.Kind, c.AccountID = kindNote, someAccount }); d != (decision{}) {
		t.Errorf("a note on an account: %+v", d)
	}
}

// TestOffByDefault holds R26: with no setting changed, nothing is written.
func TestOffByDefault(t *testing.T) {
	p := PolicyOf(schemas.SettingValues{})
	if fmt.Sprint(p) != fmt.Sprint(Policy{BulkAbove: 2000}) {
		t.Errorf("default policy %+v", p)
	}
	if d := p.decide(&candidate{SeatKnown: true, Licensed: true, UserID: someUser, PersonID: someContact}); d.wait != reasonOff {
		t.Errorf("by default: %+v", d)
	}
}
