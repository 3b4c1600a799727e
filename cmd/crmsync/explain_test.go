package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/jobs/report"
)

// TestExplain explains links, reviews and duplicates of every object as the run left them, and pairs that it never compared.
func TestExplain(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")
	linked := ""
	for _, sql := range []string{
		`object = 'Account' AND decision = 'link' AND runner_up_id IS NOT NULL`, `object = 'Contact' AND decision = 'review'`, `object = 'Contact' AND decision = 'link'`,
		`decision = 'duplicate'`, `object = 'Lead' AND decision = 'converted'`, `object = 'Lead' AND decision = 'link'`,
	} {
		id := s.one(t, `SELECT record_id FROM crmsync.links WHERE `+sql+` ORDER BY 1 LIMIT 1`)
		x := answer[explanation](t, s, "explain", id[:15])
		var raw []byte
		var target, decision string
		var weight, probability float64
		var runnerUp, holder *string
		err := s.db.QueryRow(t.Context(), `SELECT target_id, decision, weight, probability, runner_up_id, duplicate_of, evidence FROM crmsync.links WHERE record_id = $1`, id).
			Scan(&target, &decision, &weight, &probability, &runnerUp, &holder, &raw)
		if err != nil {
			t.Fatal(err)
		}
		var evidence []report.Evidence
		if err := json.Unmarshal(raw, &evidence); err != nil {
			t.Fatal(err)
		}
		if x.TargetID != target || x.Decision != decision || math.Abs(x.Weight-weight) > 1e-9 || math.Abs(x.Probability-probability) > 1e-9 {
			t.Errorf("%s: %s %s, weight %v, probability %v; the tables have %s %s, %v, %v", sql, x.Decision, x.TargetID, x.Weight, x.Probability, decision, target, weight, probability)
		}
		if d := cmp.Diff(evidence, x.Evidence); d != "" {
			t.Errorf("%s: evidence (-tables +explain):\n%s", sql, d)
		}
		if d := cmp.Diff(runnerUp, x.RunnerUpID); d != "" {
			t.Errorf("%s: runner-up (-tables +explain):\n%s", sql, d)
		}
		if d := cmp.Diff(holder, x.DuplicateOf); d != "" {
			t.Errorf("%s: duplicate of (-tables +explain):\n%s", sql, d)
		}
		if len(x.Rules) == 0 || x.Record == "" || x.Target == "" || x.TargetURL == "" {
			t.Errorf("%s: %+v", sql, x)
		}
		linked = id
	}

	// On the screen and on a page.
	out, _ := s.ask(t, exitDone, "explain", linked)
	for _, want := range []string{"Lead " + linked, "linked by the model", "prior", "surname", "weight", "brought together by", "█"} {
		if !strings.Contains(out, want) {
			t.Errorf("the screen does not say %q:\n%s", want, out)
		}
	}
	page := filepath.Join(t.TempDir(), "why.html")
	s.ask(t, exitDone, "explain", linked, "--html", page)
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "<svg") || !strings.Contains(string(b), linked) {
		t.Errorf("page: %v", err)
	}

	// A pair that has nothing in common, of a record without a row.
	rows := s.links(t)
	loner := slices.DeleteFunc(ids(t, w, "Contact"), func(id string) bool { return rows[id] != loaded{} })[0]
	if _, problems := s.ask(t, exitFailed, "explain", loner); !strings.Contains(problems, "crmsync explain "+loner+" PROFILE") {
		t.Errorf("a record without a row: %s", problems)
	}
	found := false
	for _, person := range column(t, w, "people.csv", "member_id")[:20] {
		x := answer[explanation](t, s, "explain", loner, person)
		if x.Decision != none || x.RunnerUp != nil {
			t.Errorf("%s %s: %+v", loner, person, x)
		}
		if len(x.Rules) == 0 {
			found = true
			if out, _ := s.ask(t, exitDone, "explain", loner, person); !strings.Contains(out, "no blocking rule brings the two together") {
				t.Errorf("the screen does not say that no rule brings the two together:\n%s", out)
			}
			break
		}
	}
	if !found {
		t.Error("every pair was a candidate, so the test shows nothing")
	}

	// Another profile than the linked one: the link is drawn below.
	other := slices.DeleteFunc(column(t, w, "people.csv", "member_id"), func(id string) bool { return id == rows[linked].Target })[0]
	if x := answer[explanation](t, s, "explain", linked, other); x.RunnerUp == nil || x.RunnerUp.TargetID != rows[linked].Target || x.RunnerUp.Decision != "link" {
		t.Errorf("beside the link of %s: %+v", linked, x)
	}
	// What people decided is said, and that the run had not seen it.
	s.ask(t, exitDone, "review", "reject", linked, rows[linked].Target, "--by", "ann", "--why", "her sister")
	if x := answer[explanation](t, s, "explain", linked); len(x.Facts) != 1 || !strings.Contains(x.Facts[0], "by ann") || !strings.Contains(x.Facts[0], "had not seen it") {
		t.Errorf("decisions: %v", x.Facts)
	}
}
