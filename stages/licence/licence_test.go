package licence_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/licence"
)

// contract is one with a role tree that is broken in every way, users and seats.
func contract(t *testing.T) *postgres.DB {
	t.Helper()
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	for _, sql := range []string{
		`INSERT INTO crmsync.user_roles (contract, id, name, parent_role_id, last_modified_date, run_id, as_of)
		 SELECT 'acme', id, name, nullif(parent, ''), now(), 'r1', now() FROM (VALUES
			('00E000000000001AAA', 'CEO', ''), ('00E000000000002AAA', 'EMEA Sales', '00E000000000001AAA'), ('00E000000000003AAA', 'EMEA North', '00E000000000002AAA'),
			('00E000000000004AAA', 'Team', '00E000000000003AAA'), ('00E000000000005AAA', 'APAC Sales', '00E000000000001AAA'), ('00E000000000006AAA', 'Team', '00E000000000005AAA'),
			('00E000000000007AAA', 'Egg', '00E000000000008AAA'), ('00E000000000008AAA', 'Hen', '00E000000000007AAA'), ('00E000000000009AAA', 'Chick', '00E000000000008AAA'),
			('00E00000000000AAAA', 'Lost', '00E0000000000ZZAAA'), ('00E00000000000BAAA', 'Own boss', '00E00000000000BAAA')) r (id, name, parent)`,
		`INSERT INTO crmsync.users (contract, id, name, email, is_active, user_role_id, created_date, last_modified_date, run_id, as_of)
		 SELECT 'acme', id, name, email, active, nullif(role, ''), now(), now(), 'r1', now() FROM (VALUES
			('005000000000001AAA', 'Ann Lee', 'ann.lee@example.com', true, '00E000000000002AAA'), ('005000000000002AAA', 'Bob Ray', 'bob@example.com', true, '00E000000000003AAA'),
			('005000000000003AAA', 'Cid Old', 'cid@example.com', false, '00E000000000003AAA'), ('005000000000004AAA', 'Dora Sør', 'dora.sor@example.com', true, '00E000000000004AAA'),
			('005000000000005AAA', 'Eve Far', 'eve@example.com', true, '00E000000000005AAA'), ('005000000000006AAA', 'Hen One', 'hen@example.com', true, '00E000000000008AAA'),
			('005000000000007AAA', 'Chick One', 'chick@example.com', true, '00E000000000009AAA'), ('005000000000008AAA', 'No Role', 'eve@example.com', true, ''),
			('005000000000009AAA', 'Lost One', 'lost@example.com', true, '00E00000000000AAAA')) u (id, name, email, active, role)`,
		`INSERT INTO crmsync.seats (contract, seat_id, name, email, active, licence_type, run_id, as_of)
		 SELECT 'acme', id, name, email, active, type, 'r1', now() FROM (VALUES
			('s1', 'Ann Lee', 'ann.lee@example.com', true, 'Enterprise'), ('s2', 'Bob Ray', 'bob@example.com', true, 'Core'), ('s3', 'Soer, Dora', 'd.sor@sales.example.com', true, 'Team'),
			('s4', 'Robin Nobody', 'robin@example.com', true, 'Team'), ('s5', 'Cid Old', 'cid@example.com', false, 'Team')) s (id, name, email, active, type)`,
		`INSERT INTO crmsync.seat_users (contract, seat_id, user_id, method, licensed, active, note, run_id, as_of)
		 SELECT 'acme', id, nullif(u, ''), method, licensed, active, nullif(note, ''), 'r1', now() FROM (VALUES
			('s1', '005000000000001AAA', 'email', true, true, ''), ('s2', '005000000000002AAA', 'email', false, true, 'licence "Core" does not include the sync'),
			('s3', '', 'none', true, true, 'no user has this e-mail address'), ('s4', '', 'none', true, true, 'no user has this e-mail address'),
			('s5', '005000000000003AAA', 'email', true, false, 'the seat is inactive')) s (id, u, method, licensed, active, note)`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func TestListOfARole(t *testing.T) {
	db := contract(t)
	for _, c := range []struct {
		role   string
		below  bool
		roles  []string
		people []string
	}{
		{"EMEA Sales", false, []string{"EMEA Sales"}, []string{"Ann Lee s1 licensed"}},
		{"emea sales", true, []string{"EMEA Sales", "EMEA North", "Team"}, []string{"Ann Lee s1 licensed", "Bob Ray s2", "Dora Sør"}},
		{"00E000000000006", true, []string{"Team"}, nil},
		{"00E000000000004AAA", false, []string{"Team"}, []string{"Dora Sør"}},
		{"CEO", true, []string{"CEO", "APAC Sales", "Team", "EMEA Sales", "EMEA North", "Team"}, []string{"Eve Far", "Ann Lee s1 licensed", "Bob Ray s2", "Dora Sør"}},
		{"Chick", true, []string{"Chick"}, []string{"Chick One"}},
		{"Lost", true, []string{"Lost"}, []string{"Lost One"}},
		{"Own boss", true, []string{"Own boss"}, nil},
		{"Hen", false, []string{"Hen"}, []string{"Hen One"}},
	} {
		g, err := licence.List(t.Context(), db, "acme", c.role, c.below)
		if err != nil {
			t.Errorf("%s: %v", c.role, err)
			continue
		}
		var roles, people []string
		for _, r := range g.Roles {
			roles = append(roles, r.Name)
		}
		for _, p := range g.People {
			text := p.Name
			if p.SeatID != "" {
				text += " " + p.SeatID
			}
			if p.Licensed {
				text += " licensed"
			}
			people = append(people, text)
		}
		if diff := cmp.Diff(c.roles, roles); diff != "" {
			t.Errorf("%s: roles (-want +got):\n%s", c.role, diff)
		}
		if diff := cmp.Diff(c.people, people); diff != "" {
			t.Errorf("%s: people (-want +got):\n%s", c.role, diff)
		}
		var broken []string
		for _, r := range g.Broken {
			broken = append(broken, r.Name+" "+r.Problem)
		}
		slices.Sort(broken)
		if diff := cmp.Diff([]string{"Chick cycle", "Egg cycle", "Hen cycle", "Lost orphan", "Own boss cycle"}, broken); diff != "" {
			t.Errorf("%s: broken (-want +got):\n%s", c.role, diff)
		}
	}
}

func TestRoleIsNotClear(t *testing.T) {
	db := contract(t)
	_, err := licence.List(t.Context(), db, "acme", "team", true)
	var several *licence.AmbiguousError
	if !errors.As(err, &several) || !errors.Is(err, licence.ErrRole) || len(several.Roles) != 2 {
		t.Fatalf("an ambiguous name: %v", err)
	}
	for _, says := range []string{"00E000000000004AAA", "00E000000000006AAA", "CEO > APAC Sales > Team"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %s: %v", says, err)
		}
	}
	for role, says := range map[string]string{"EMEA Sels": `did you mean "EMEA Sales"`, "Zzzzzz Zz Zzzzzz": "no role", "": "no role"} {
		if _, err := licence.List(t.Context(), db, "acme", role, true); !errors.Is(err, licence.ErrRole) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", role, err)
		}
	}
	if _, err := licence.List(t.Context(), db, "other", "CEO", true); !errors.Is(err, licence.ErrRole) {
		t.Errorf("a role of another contract: %v", err)
	}
}

func TestSeatsNameTheLikeliestUsers(t *testing.T) {
	db := contract(t)
	seats, err := licence.Seats(t.Context(), db, "acme")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range seats {
		text := strings.TrimSpace(s.SeatID + " " + s.User)
		if s.Skipped() {
			text += ", skipped: " + s.Note
		}
		for _, c := range s.Candidates {
			text += ", perhaps " + c.Name
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{
		"s3, skipped: no user has this e-mail address, perhaps Dora Sør", "s4, skipped: no user has this e-mail address",
		`s2 Bob Ray, skipped: licence "Core" does not include the sync`, "s5 Cid Old, skipped: the seat is inactive", "s1 Ann Lee",
	}, got); diff != "" {
		t.Errorf("seats (-want +got):\n%s", diff)
	}
	// What was decided by hand since is told, and asks for no candidates any more.
	if err := control.MapSeat(t.Context(), db, "acme", "ann", "s3", "005000000000004AAA"); err != nil {
		t.Fatal(err)
	}
	if seats, err = licence.Seats(t.Context(), db, "acme"); err != nil || seats[0].Pending != "005000000000004AAA" || len(seats[0].Candidates) != 0 || seats[0].Freed {
		t.Errorf("a seat that was tied by hand since: %+v, %v", seats[0], err)
	}
	// And so is what was taken back since.
	if _, err := db.Exec(t.Context(), `UPDATE crmsync.seat_users SET user_id = '005000000000004AAA', method = 'manual' WHERE seat_id = 's3'`); err != nil {
		t.Fatal(err)
	}
	of := func(id string) licence.Seat {
		seats, err := licence.Seats(t.Context(), db, "acme")
		if err != nil {
			t.Fatal(err)
		}
		return seats[slices.IndexFunc(seats, func(s licence.Seat) bool { return s.SeatID == id })]
	}
	if s := of("s3"); s.Pending != "" || s.Freed {
		t.Errorf("a seat that is as it was tied: %+v", s)
	}
	if err := control.UnmapSeat(t.Context(), db, "acme", "ann", "s3"); err != nil {
		t.Fatal(err)
	}
	if s := of("s3"); s.Pending != "" || !s.Freed {
		t.Errorf("a seat that was untied since: %+v", s)
	}
}

func TestFindUserAndSeat(t *testing.T) {
	db := contract(t)
	for text, want := range map[string]string{
		"005000000000001AAA": "Ann Lee", "005000000000001": "Ann Lee", " ANN.lee@example.com ": "Ann Lee",
		"eve@example.com": "", "cid@example.com": "", "nobody@example.com": "", "": "",
	} {
		u, err := licence.FindUser(t.Context(), db, "acme", text)
		if u.Name != want || (want == "") != errors.Is(err, licence.ErrUser) {
			t.Errorf("%q: %+v, %v", text, u, err)
		}
	}
	if s, err := licence.FindSeat(t.Context(), db, "acme", "s3"); err != nil || s.Name != "Soer, Dora" {
		t.Errorf("a seat: %+v, %v", s, err)
	}
	if _, err := licence.FindSeat(t.Context(), db, "acme", "s9"); !errors.Is(err, licence.ErrSeat) {
		t.Errorf("no seat: %v", err)
	}
}
