package main

import (
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline"
)

// TestLinkHistory links a record by hand, takes it back, and asks how it was at every run.
func TestLinkHistory(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	sync := func() *pipeline.Manifest {
		t.Helper()
		w.Org.Clock().Advance(12 * time.Hour)
		s.ask(t, exitDone, "sync")
		m, err := s.home.Latest("sync", pipeline.Succeeded)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := sync()
	links := s.links(t)
	record := s.one(t, `SELECT record_id FROM crmsync.links WHERE object = 'Contact' AND decision = 'link' ORDER BY 1 LIMIT 1`)
	other := s.one(t, `SELECT record_id FROM crmsync.links WHERE object = 'Contact' AND decision = 'link' ORDER BY 1 OFFSET 1 LIMIT 1`)
	before, taken := links[record].Target, links[other].Target
	s.ask(t, exitDone, "link", "add", record, taken)
	second := sync()
	s.ask(t, exitDone, "link", "remove", record)
	third := sync()

	h := answer[history](t, s, "link", "history", record[:15])
	if len(h.Times) < 3 || h.Of != record || h.At != nil {
		t.Fatalf("history: %+v", h)
	}
	for i, x := range h.Times {
		if x.Record == "" || x.Target == "" || x.Model == "" || i > 0 && (x.Until == nil || !x.Until.Equal(h.Times[i-1].Since)) {
			t.Errorf("time %d: %+v", i, x)
		}
	}
	hand := h.Times[1]
	if hand.Origin != manual || hand.TargetID != taken || hand.SinceRun != second.RunID || *hand.UntilRun != third.RunID {
		t.Errorf("the time by hand: %+v", hand)
	}
	for _, c := range []struct {
		at, target, origin string
		times              int
	}{
		{first.RunID, before, "model", 1},
		{second.RunID, taken, manual, 1},
		{first.AsOf.Format(time.RFC3339), before, "model", 1},
		{second.AsOf.Add(-time.Second).Format(time.RFC3339), before, "model", 1},
		{second.AsOf.Add(time.Second).Format(time.DateTime), taken, manual, 1},
		{third.RunID, h.Times[0].TargetID, h.Times[0].Origin, 1},
		{first.AsOf.AddDate(0, 0, -1).Format(time.DateOnly), "", "", 0},
	} {
		got := answer[history](t, s, "link", "history", record, "--at", c.at)
		if len(got.Times) != c.times || c.times > 0 && (got.Times[0].TargetID != c.target || got.Times[0].Origin != c.origin) {
			t.Errorf("at %s: %+v, want %s by %s", c.at, got, c.target, c.origin)
		}
	}
	// The same from the profile's side: two records held it, one after the other.
	p := answer[history](t, s, "link", "history", taken, "--at", second.RunID)
	held := 0
	for _, x := range p.Times {
		if x.Decision == "link" {
			held++
			if x.RecordID != record {
				t.Errorf("%s was held by %s", taken, x.RecordID)
			}
		}
	}
	if held != 1 {
		t.Errorf("as of %s: %+v", second.RunID, p)
	}
	out, _ := s.ask(t, exitDone, "link", "history", record)
	for _, says := range []string{"by hand", "linked to", "model ", record, second.RunID} {
		if !strings.Contains(out, says) {
			t.Errorf("the history does not say %q:\n%s", says, out)
		}
	}
	s.ask(t, exitUsage, "link", "history", record, "--at", "yesterday")
	s.ask(t, exitFailed, "link", "history", "nobody")
}
