package main

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/stages/licence"
)

// TestSeatsAndLicences ties seats by hand and lists licences of an org whose role tree has a cycle and an orphan.
func TestSeatsAndLicences(t *testing.T) {
	w := newWorld(t)
	rows, err := w.Org.Rows("SELECT Id, Name, ParentRoleId FROM UserRole")
	if err != nil {
		t.Fatal(err)
	}
	top := rows[slices.IndexFunc(rows, func(r []string) bool { return r[2] == "" })]
	below := rows[slices.IndexFunc(rows, func(r []string) bool { return r[2] == top[0] })]
	const first, second = "00E0000000000Z1AAA", "00E0000000000Z2AAA"
	if _, err := w.Org.Apply([]fakeforce.Change{
		{Op: "insert", Object: "UserRole", ID: first, Fields: map[string]any{"Name": "Ring one"}},
		{Op: "insert", Object: "UserRole", ID: second, Fields: map[string]any{"Name": "Ring two", "ParentRoleId": first}},
		{Op: "update", Object: "UserRole", ID: first, Fields: map[string]any{"ParentRoleId": second}},
		{Op: "insert", Object: "UserRole", Fields: map[string]any{"Name": below[1]}},
	}); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")

	g := answer[licence.Group](t, s, "licences", "list", "--role", top[0], "--with-subordinates")
	var active int
	if err := s.db.QueryRow(t.Context(), `SELECT count(*) FROM crmsync.users u JOIN crmsync.user_role_tree r ON r.role_id = u.user_role_id WHERE is_active AND $1 = ANY (r.path)`, top[0]).Scan(&active); err != nil {
		t.Fatal(err)
	}
	seats := 0
	for _, p := range g.People {
		if p.SeatID != "" {
			seats++
		}
	}
	if len(g.People) != active || active < 20 || g.WithSeat != seats || seats == 0 || seats == active {
		t.Errorf("%d people, %d with a seat (%d marked); the org has %d active users", len(g.People), g.WithSeat, seats, active)
	}
	if len(g.Broken) != 2 || g.Broken[0].Problem != "cycle" {
		t.Errorf("broken roles: %+v", g.Broken)
	}
	out, _ := s.ask(t, exitDone, "licences", "list", "--role", top[1], "--with-subordinates")
	for _, says := range []string{"roles below", "active users", "go around in a circle", "not of the sync"} {
		if !strings.Contains(out, says) {
			t.Errorf("the list does not say %q:\n%s", says, out)
		}
	}
	out, warned := s.ask(t, exitDone, "licences", "list", "--role", top[1], "--with-subordinates", "--csv")
	table, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(table) != active+1 || !strings.Contains(warned, "Ring one") {
		t.Errorf("%d lines of CSV, want %d, %v; warned: %s", len(table), active+1, err, warned)
	}
	if _, problem := s.ask(t, exitUsage, "licences", "list", "--role", below[1]); !strings.Contains(problem, below[0]) || !strings.Contains(problem, "2 roles are called") {
		t.Errorf("an ambiguous role: %s", problem)
	}
	if _, problem := s.ask(t, exitUsage, "licences", "list"); !strings.Contains(problem, "licences roles") {
		t.Errorf("no role: %s", problem)
	}
	if out, _ := s.ask(t, exitDone, "licences", "roles"); !strings.Contains(out, "Ring two  "+second[:15]) || !strings.Contains(out, "(cycle)") {
		t.Errorf("roles:\n%s", out)
	}

	// The demonstration has a seat with another address: its user is the likeliest, and is tied by hand.
	lists := answer[[]licence.Seat](t, s, "seats", "list", "--mismatched")
	at := slices.IndexFunc(lists, func(x licence.Seat) bool { return strings.HasSuffix(x.Email, "@sales.example.com") })
	if at < 0 || len(lists[at].Candidates) == 0 || lists[at].Candidates[0].Name != lists[at].Name {
		t.Fatalf("seats that get nothing: %+v", lists)
	}
	seat, user := lists[at], lists[at].Candidates[0]
	if !slices.ContainsFunc(lists, func(x licence.Seat) bool { return x.UserID != "" && strings.Contains(x.Note, `licence "Core"`) }) {
		t.Errorf("no seat is reported for its licence: %+v", lists)
	}
	m := answer[mapped](t, s, "seats", "map", seat.SeatID, strings.ToUpper(user.Email), "--by", "ann")
	if m.UserID != user.UserID || m.By != "ann" || !strings.Contains(m.Advice, "crmsync sync") {
		t.Errorf("mapped: %+v", m)
	}
	if out, _ := s.ask(t, exitDone, "seats", "list"); !strings.Contains(out, "by hand, with the next run") {
		t.Errorf("the list does not tell of what was decided:\n%s", out)
	}
	s.ask(t, exitDone, "sync")
	tied := func() (x licence.Seat) {
		all := answer[[]licence.Seat](t, s, "seats", "list")
		return all[slices.IndexFunc(all, func(x licence.Seat) bool { return x.SeatID == seat.SeatID })]
	}
	if x := tied(); x.UserID != user.UserID || x.Method != "manual" || x.Pending != "" {
		t.Errorf("after a sync the seat is %+v", x)
	}
	s.ask(t, exitDone, "seats", "unmap", seat.SeatID)
	// The domain's group does it without a hand, once the local parts agree.
	s.ask(t, exitDone, "settings", "set", "seats.email_domains", "example.com=sales.example.com")
	if _, err := w.Org.Apply([]fakeforce.Change{{Op: "update", Object: "User", ID: user.UserID, Fields: map[string]any{"Email": strings.Replace(seat.Email, "@sales.example.com", "+crm@example.com", 1)}}}); err != nil {
		t.Fatal(err)
	}
	w.Org.Clock().Advance(3600e9)
	s.ask(t, exitDone, "sync")
	if x := tied(); x.UserID != user.UserID || x.Method != "email" {
		t.Errorf("with its domain in a group the seat is %+v", x)
	}
	s.ask(t, exitUsage, "seats", "map", "nope", user.Email)
	s.ask(t, exitUsage, "seats", "map", seat.SeatID, "nobody@example.com")
	s.ask(t, exitFailed, "seats", "unmap", seat.SeatID)
}
