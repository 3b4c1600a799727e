package autosave

import (
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
)

func TestTieSeats(t *testing.T) {
	users := []user{
		{id: "u1", email: "Ann@Example.com", active: true},
		{id: "u2", email: "bob+crm@example.com", active: true},
		{id: "u3", email: "twice@example.com", active: false},
		{id: "u4", email: "twice@example.com", active: true},
		{id: "u5", email: "both@example.com", active: true},
		{id: "u6", email: "both@example.com", active: true},
		{id: "u7", email: "gone@example.com", active: false},
		{id: "u8", email: "old@example.com", active: false},
		{id: "u9", email: "old@example.com", active: false},
		{id: "u10", email: "eve@example.com", active: true},
		{id: "u11", email: "eve+admin@example.com", active: true},
		{id: "u12", active: true},
	}
	hand := map[string]string{"hand": "u1", "lost": "u99"}
	for _, c := range []struct {
		name           string
		seat           seat
		userID, method string
		note           string
	}{
		{"same address, other case", seat{"s", " ann@EXAMPLE.com ", "Team", true}, "u1", byEmail, ""},
		{"tag on the user", seat{"s", "bob@example.com", "Enterprise", true}, "u2", byEmail, ""},
		{"tag on the seat", seat{"s", "ann+nav@example.com", "Team", true}, "u1", byEmail, ""},
		{"exact before untagged", seat{"s", "eve@example.com", "Team", true}, "u10", byEmail, ""},
		{"untagged is not unique", seat{"s", "eve+x@example.com", "Team", true}, "", unmapped, "2 active users"},
		{"the active of two", seat{"s", "twice@example.com", "Team", true}, "u4", byEmail, ""},
		{"two active", seat{"s", "both@example.com", "Team", true}, "", unmapped, "2 active users"},
		{"inactive", seat{"s", "gone@example.com", "Team", true}, "u7", byEmail, "the user is inactive"},
		{"two inactive", seat{"s", "old@example.com", "Team", true}, "", unmapped, "none of them active"},
		{"nobody", seat{"s", "who@example.com", "Team", true}, "", unmapped, "no user has"},
		{"another domain of the group", seat{"s", "Ann@example.org", "Team", true}, "u1", byEmail, ""},
		{"another domain and tags on both sides", seat{"s", "bob+nav@EXAMPLE.net", "Team", true}, "u2", byEmail, ""},
		{"another domain, not of the group", seat{"s", "ann@example.edu", "Team", true}, "", unmapped, "no user has"},
		{"another domain is not unique", seat{"s", "both@example.net", "Team", true}, "", unmapped, "2 active users"},
		{"the exact address before another domain", seat{"s", "eve+admin@example.com", "Team", true}, "u11", byEmail, ""},
		{"no domain at all", seat{"s", "ann", "Team", true}, "", unmapped, "no user has"},
		{"no address", seat{"s", "", "Team", true}, "", unmapped, "no e-mail address"},
		{"by hand, against the address", seat{"hand", "bob@example.com", "Team", true}, "u1", byHand, ""},
		{"by hand, to nobody", seat{"lost", "bob@example.com", "Team", true}, "", unmapped, "no longer has"},
		{"inactive seat", seat{"s", "ann@example.com", "Team", false}, "u1", byEmail, "the seat is inactive"},
		{"another licence", seat{"s", "ann@example.com", "Professional", true}, "u1", byEmail, `licence "Professional" does not include the sync`},
	} {
		got := tieSeats([]seat{c.seat}, newDirectory(users, newDomains([]string{"example.com = Example.ORG=example.net"})), hand)[0]
		note := strings.Join(got.notes, "; ")
		if got.userID != c.userID || got.method != c.method || !strings.Contains(note, c.note) || (c.note == "" && note != "") {
			t.Errorf("%s: got %+v, want user %q by %s, note %q", c.name, got, c.userID, c.method, c.note)
		}
		if strings.Contains(note, "@") {
			t.Errorf("%s: note %q holds an address", c.name, note)
		}
	}
}

func TestLicences(t *testing.T) {
	for licence, want := range map[string]bool{
		"Team": true, "ENTERPRISE": true, "Sales Navigator Team": true, "enterprise-annual": true,
		"Professional": false, "Core": false, "": false, "Teamwork": false,
	} {
		if got := licensed(licence); got != want {
			t.Errorf("%q: %v, want %v", licence, got, want)
		}
	}
}

func TestOneSeatForEachUser(t *testing.T) {
	d := newDirectory([]user{{id: "u1", email: "ann@example.com", active: true}}, nil)
	ties := tieSeats([]seat{
		{"s1", "ann@example.com", "Team", true},
		{"s2", "other@example.com", "Team", true},
		{"s3", "ann@example.com", "Core", true},
		{"s4", "ann@example.com", "Team", false},
	}, d, map[string]string{"s2": "u1"})
	if got := seatOf(ties); len(got) != 1 || got["u1"] != "s2" {
		t.Errorf("seats %v, want u1 in s2, mapped by hand", got)
	}
	if note := strings.Join(ties[0].notes, "; "); note != "the user's saves go to seat s2" {
		t.Errorf("note of s1 is %q", note)
	}
}

func TestRules(t *testing.T) {
	names := map[string]string{"r1": "EMEA Sales", "r2": "Support"}
	ann := user{id: "u1", email: "Ann@example.com", role: "r1", active: true}
	for _, c := range []struct {
		name     string
		settings map[string]string
		want     bool
	}{
		{"default", nil, true},
		{"off", map[string]string{"autosave.enabled": "false", "autosave.users": `["u1"]`}, false},
		{"user by id", map[string]string{"autosave.users": `["u1"]`}, true},
		{"user by address", map[string]string{"autosave.users": `["ann@EXAMPLE.com"]`}, true},
		{"another user", map[string]string{"autosave.users": `["u2"]`}, false},
		{"role by name", map[string]string{"autosave.roles": `["emea sales"]`}, true},
		{"role by id", map[string]string{"autosave.roles": `["r1"]`}, true},
		{"another role", map[string]string{"autosave.roles": `["Support"]`}, false},
		{"another user but the role", map[string]string{"autosave.users": `["u2"]`, "autosave.roles": `["r1"]`}, true},
	} {
		r, err := rulesOf(c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.allows(ann, names); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	typed, err := rulesOf(map[string]string{"autosave.users": `["0055e000000AbCd"]`, "autosave.roles": `["00E5e000000AbCdEAV"]`})
	if err != nil {
		t.Fatal(err)
	}
	if !typed.allows(user{id: "0055e000000AbCdAAM", active: true}, names) || !typed.allows(user{id: "u9", role: "00E5e000000AbCdEAV", active: true}, names) {
		t.Error("ids are not the same in their forms of 15 and 18 characters")
	}
	if r, _ := rulesOf(nil); r.allows(user{id: "u1"}, names) {
		t.Error("a user who is inactive in the CRM gets saves")
	}
	if r, _ := rulesOf(map[string]string{"autosave.roles": `["x"]`}); r.allows(user{id: "u3", active: true}, names) {
		t.Error("a user without a role is allowed by roles")
	}
}

func TestMinStage(t *testing.T) {
	r, err := rulesOf(map[string]string{"crm.stages": `["A","B","C"]`, "autosave.min_stage": `"B"`})
	if err != nil {
		t.Fatal(err)
	}
	for stage, want := range map[string]bool{"A": false, "B": true, "C": true, "D": false} {
		if got := r.leads(stage); got != want {
			t.Errorf("stage %s leads: %v, want %v", stage, got, want)
		}
	}
	if _, err := rulesOf(map[string]string{"autosave.min_stage": `"Nowhere"`}); err == nil || !strings.Contains(err.Error(), "crm.stages") {
		t.Errorf("unknown stage: error %v", err)
	}
}

func rulesOf(settings map[string]string) (rules, error) {
	v := schemas.SettingValues{}
	for key, value := range settings {
		if err := v.Set(key, value); err != nil {
			return rules{}, err
		}
	}
	return newRules(v)
}
