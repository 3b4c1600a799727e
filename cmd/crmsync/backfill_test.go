package main

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
)

// TestBackfill changes a rule, asks what it would have meant for the past, looks at it in every way, and drops it.
func TestBackfill(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	var syncs []*pipeline.Manifest
	for range 3 {
		w.Org.Clock().Advance(24 * time.Hour)
		s.ask(t, exitDone, "sync")
		m, err := s.home.Latest("sync", pipeline.Succeeded)
		if err != nil {
			t.Fatal(err)
		}
		syncs = append(syncs, m)
	}
	day := func(i int) string { return syncs[i].AsOf.Format(time.DateOnly) }
	published := s.dump(t)
	span := []string{"backfill", "--from", day(0), "--to", day(2), "--every", "12h"}

	same := answer[backfillReport](t, s, span...)
	if len(same.Syncs) != 3 || len(same.Missing) != 0 {
		t.Fatalf("unchanged rules: %+v", same)
	}
	for _, x := range same.Syncs {
		for _, m := range x.Moves {
			if m.Before == nil || m.After == nil || *m.Before != *m.After {
				t.Errorf("%s moved by itself: %+v", x.RunID, m)
			}
		}
		if x.State != "computed" || len(x.Links) > 0 || len(x.Instants) == 0 {
			t.Errorf("unchanged rules: %+v", x)
		}
	}
	if again := answer[backfillReport](t, s, span...); again.Name != same.Name || again.Syncs[2].State != "kept" {
		t.Errorf("the same command again: %s, %s", again.Name, again.Syncs[2].State)
	}

	s.ask(t, exitDone, "settings", "set", "roi.window_days", "20")
	record := s.one(t, `SELECT record_id FROM crmsync.links WHERE object = 'Contact' AND decision = 'link' AND origin = 'model' ORDER BY 1 LIMIT 1`)
	target := s.links(t)[record].Target
	s.ask(t, exitDone, "review", "reject", record, target)
	out, _ := s.ask(t, exitDone, append(span, "--compare", "--name", "narrow")...)
	for _, says := range []string{"backfill narrow: match and roi", " → ", "Links that differ, as of " + day(2), "lost", record, target, "link, ", "Figures that moved", "won_influenced"} {
		if !strings.Contains(out, says) {
			t.Errorf("the comparison does not say %q:\n%s", says, out)
		}
	}
	if out, _ := s.ask(t, exitDone, "backfill", "compare", "narrow", "--as-of", day(0)); !strings.Contains(out, "Figures that moved, as of "+day(0)) {
		t.Errorf("as of the first day:\n%s", out)
	}
	if _, stderr := s.ask(t, exitUsage, "backfill", "compare", "narrow", "--as-of", "2001-01-01"); !strings.Contains(stderr, "has no sync as of") {
		t.Errorf("before all days:\n%s", stderr)
	}
	var compared struct {
		Syncs []struct {
			backfilledSync
			Changes []backfill.Change `json:"changes"`
		} `json:"syncs"`
	}
	text, _ := s.ask(t, exitDone, "backfill", "compare", "narrow", "--json")
	if err := json.Unmarshal([]byte(text), &compared); err != nil {
		t.Fatal(err)
	}
	for _, x := range compared.Syncs {
		lost := false
		for _, c := range x.Changes {
			lost = lost || c.RecordID == record && c.BeforeTarget == target && c.Change == "lost"
		}
		if !lost {
			t.Errorf("%s: the link that was rejected is not lost: %+v", x.RunID, x.Changes)
		}
	}
	after := s.dump(t)
	for table, rows := range published {
		if strings.HasPrefix(table, "backfill_") || strings.HasPrefix(table, "settings") || strings.HasPrefix(table, "decisions") {
			continue
		}
		if diff := cmp.Diff(rows, after[table]); diff != "" {
			t.Errorf("a backfill changed %s:\n%s", table, diff)
		}
	}

	if kept := answer[[]keptBackfill](t, s, "backfill", "list"); len(kept) != 2 || kept[1].Name != "narrow" || kept[1].Syncs != 3 {
		t.Errorf("list: %+v", kept)
	}
	s.ask(t, exitDone, "backfill", "drop", "narrow")
	if n := s.one(t, `SELECT count(*)::text FROM crmsync.backfill_links WHERE backfill = 'narrow'`); n != "0" {
		t.Errorf("%s rows are left", n)
	}

	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--to", day(2)}, "--from and --to say"},
		{[]string{"--from", "yesterday", "--to", day(2)}, `"yesterday" is neither an instant`},
		{[]string{"--from", day(2), "--to", day(0)}, "lies before"},
		{[]string{"--from", day(0), "--to", day(2), "--every", "1 day"}, "is no interval"},
		{[]string{"--from", day(0), "--to", day(2), "--stages", "extract"}, "can't be run again"},
		{[]string{"--from", day(0), "--to", day(2), "--settings", "later"}, "takes now or then"},
		{[]string{"--from", day(0), "--to", day(2), "--stages", "roi", "--model", "m.json"}, "match is not among the stages"},
		{[]string{"--from", "2001-01-01", "--to", "2001-01-02"}, "no kept sync is as old"},
		{[]string{"--from", day(0), "--to", day(2), "--name", "../x"}, "letters, digits"},
		{[]string{"--from", day(0), "--to", day(1), "--name", same.Name}, "was begun with other instants"},
		{[]string{"compare", "nothing"}, "has no backfill"},
		{[]string{"drop", "../demo"}, "has no backfill"},
	} {
		if _, stderr := s.ask(t, exitUsage, append([]string{"backfill"}, c.args...)...); !strings.Contains(stderr, c.says) {
			t.Errorf("%v does not say %q:\n%s", c.args, c.says, stderr)
		}
	}
	s.ask(t, exitDone, "settings", "set", "roi.authorised", "false")
	if _, stderr := s.ask(t, exitUsage, span...); !strings.Contains(stderr, "has not authorised it") {
		t.Errorf("without authorisation:\n%s", stderr)
	}
	if n := s.one(t, `SELECT count(*)::text FROM crmsync.backfill_roi_opportunities`); n != "0" {
		t.Errorf("%s rows of backfilled ROI outlived the authorisation", n)
	}
}

// TestKilledBackfillGoesOn kills a backfill again and again, and compares what it comes to with one that is left alone.
func TestKilledBackfillGoesOn(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	var last *pipeline.Manifest
	for range 3 {
		w.Org.Clock().Advance(24 * time.Hour)
		s.ask(t, exitDone, "sync")
		var err error
		if last, err = s.home.Latest("sync", pipeline.Succeeded); err != nil {
			t.Fatal(err)
		}
	}
	span := []string{"backfill", "--from", last.AsOf.AddDate(0, 0, -2).Format(time.RFC3339), "--to", last.AsOf.Format(time.RFC3339), "--every", "1d", "--name"}
	began := time.Now()
	s.ask(t, exitDone, append(span, "alone")...)
	alone := time.Since(began)
	kills := 0
	for delay := alone / 3; ; delay += alone / 8 {
		ctx, cancel := context.WithTimeout(t.Context(), delay)
		cmd, stderr := s.run(ctx, t, append(span, "killed")...)
		err := cmd.Run() // a context that ends kills
		killed := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		if exit := new(exec.ExitError); !killed || !errors.As(err, &exit) {
			t.Fatalf("%v:\n%s", err, stderr)
		}
		kills++
	}
	if kills == 0 {
		t.Error("it was never killed")
	}
	for table, rows := range s.dump(t) {
		sides := map[bool]map[string]bool{true: {}, false: {}}
		for _, r := range rows {
			for _, name := range []string{"alone", "killed"} {
				if strings.HasPrefix(table, "backfill_") && strings.Contains(r, name) {
					sides[name == "alone"][strings.ReplaceAll(r, name, "-")] = true
				}
			}
		}
		if table == "backfill_runs" {
			continue // says when
		}
		if diff := cmp.Diff(sides[true], sides[false]); diff != "" {
			t.Errorf("%s (-left alone +killed):\n%s", table, diff)
		}
	}
}
