package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/jobs/demodata"
)

func TestIsLate(t *testing.T) {
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ago, interval time.Duration
		want          bool
	}{
		{0, 12 * time.Hour, false},
		{12*time.Hour + 20*time.Minute, 12 * time.Hour, false},
		{18 * time.Hour, 12 * time.Hour, false},
		{18*time.Hour + time.Second, 12 * time.Hour, true},
		{8 * time.Minute, 5 * time.Minute, true},
		{7 * time.Minute, 5 * time.Minute, false},
		{1000 * time.Hour, 0, false},
		{-time.Hour, time.Minute, false}, // the database's clock is ahead
	} {
		if got := isLate(now, now.Add(-c.ago), c.interval); got != c.want {
			t.Errorf("%s after a success, every %s: %v, want %v", c.ago, c.interval, got, c.want)
		}
	}
}

// statusOf asks for the status, whatever the exit code should be.
func (s *site) statusOf(t *testing.T, code int, args ...string) (st status) {
	t.Helper()
	out, _ := s.ask(t, code, append([]string{"status", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &st); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return st
}

func (s *site) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := s.db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestStatus(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	if st := s.statusOf(t, exitDone); st.LastSync != nil || len(st.Late) > 0 || st.Allowance != nil || st.Review != 0 {
		t.Errorf("before the first sync: %+v", st)
	}
	s.ask(t, exitDone, "sync")
	if _, err := w.ApplyChanges(); err != nil {
		t.Fatal(err)
	}
	s.ask(t, exitDone, "sync")
	out, _ := s.ask(t, exitDone, "export", "links", "--out", t.TempDir()+"/links.parquet") // what only reads is no run
	if out == "" {
		t.Error("nothing was exported")
	}
	st := s.statusOf(t, exitDone)
	if len(st.Jobs) != 1 || st.Jobs[0].Job != "sync" || st.Jobs[0].State != "succeeded" || st.Jobs[0].RowsRead == 0 || st.Jobs[0].RowsRead > 100 || st.Jobs[0].APICalls == 0 ||
		st.Jobs[0].Interval != (12*time.Hour).Seconds() || st.Jobs[0].Late || st.Jobs[0].AgeSeconds == nil {
		t.Errorf("jobs: %+v", st.Jobs)
	}
	if len(st.History) != 2 || st.History[0].RunID != *st.CurrentRun || len(st.History[1].Rates) != 3 {
		t.Fatalf("history: %+v", st.History)
	}
	for _, m := range st.MatchRates {
		if math.Abs(st.History[0].Rates[m.Object]-m.Rate) > 1e-12 {
			t.Errorf("%s: rate %v, in the history %v", m.Object, m.Rate, st.History[0].Rates[m.Object])
		}
	}
	var reviews int64
	if err := s.db.QueryRow(t.Context(), `SELECT count(*) FROM crmsync.links WHERE decision = 'review'`).Scan(&reviews); err != nil {
		t.Fatal(err)
	}
	if st.Review != reviews || reviews == 0 || st.ReviewSince == nil || !st.ReviewSince.Before(*st.Jobs[0].AsOf) {
		t.Errorf("%d reviews since %v, the tables have %d", st.Review, st.ReviewSince, reviews)
	}
	if x := st.Allowance; x == nil || x.RunID != *st.CurrentRun || x.Reserve != 1000 || x.Remaining <= 0 || x.Remaining >= x.Allowed {
		t.Errorf("allowance: %+v", st.Allowance)
	}
	before := st.Allowance.Remaining

	// Write-back has a schedule as soon as it is on.
	for _, x := range append(demodata.TrialSettings(w.Data), demodata.OpenSettings()...) {
		value, err := json.Marshal(x.Value)
		if err != nil {
			t.Fatal(err)
		}
		s.ask(t, exitDone, "settings", "set", x.Key, strings.Trim(string(value), `"`))
	}
	if st := s.statusOf(t, exitDone); len(st.Jobs) != 2 || st.Jobs[1].State != "never ran" || st.Jobs[1].Late || st.Jobs[1].Interval != 300 {
		t.Errorf("write-back was switched on: %+v", st.Jobs)
	}
	s.ask(t, exitDone, "writeback")
	st = s.statusOf(t, exitDone)
	if j := st.Jobs[1]; j.Job != "writeback" || j.Written == 0 || j.APICalls == 0 || st.Writeback["written"]+st.Writeback["unassigned"] != j.Written {
		t.Errorf("write-back: %+v, queue %v", j, st.Writeback)
	}
	if st.Allowance.RunID != st.Jobs[1].RunID || st.Allowance.Remaining >= before {
		t.Errorf("the allowance after a write-back: %+v, it was %d", st.Allowance, before)
	}
	if (st.WaitingSince != nil) != (st.Writeback["waiting"] > 0) {
		t.Errorf("waiting since %v, queue %v", st.WaitingSince, st.Writeback)
	}

	// A job that does not succeed for too long is late; a later one that failed does not help.
	s.exec(t, `UPDATE crmsync.runs SET started_at = started_at - interval '19 hours', ended_at = ended_at - interval '19 hours' WHERE job = 'sync'`)
	s.exec(t, `UPDATE crmsync.contracts SET created_at = created_at - interval '1 day'`)
	s.exec(t, `INSERT INTO crmsync.runs (contract, run_id, job, as_of, state, started_at, ended_at, error)
		SELECT contract, 'r999999-x', 'sync', as_of, 'failed', now(), now(), 'the org did not answer' FROM crmsync.runs WHERE job = 'sync' LIMIT 1`)
	st = s.statusOf(t, exitFailed)
	if len(st.Late) != 1 || st.Late[0] != "sync" || !st.Jobs[0].Late || st.Jobs[0].State != "failed" || *st.Jobs[0].AgeSeconds < (19*time.Hour).Seconds() {
		t.Errorf("a late sync: %+v", st)
	}
	out, problem := s.ask(t, exitFailed, "status")
	for _, says := range []string{"LATE: sync", "19 hours ago", "every 12h", "every 5m", "the org did not answer", "before that", "wait for a review", "are kept in reserve", "activities refused: "} {
		if !strings.Contains(out, says) {
			t.Errorf("status does not say %q:\n%s", says, out)
		}
	}
	if !strings.Contains(problem, "sync: late by the schedule") {
		t.Errorf("the error: %s", problem)
	}
	s.statusOf(t, exitDone, "--set", "run.schedule.sync=24h")
	if st := s.statusOf(t, exitDone, "--set", "run.schedule.sync=0"); st.Jobs[0].Interval != 0 {
		t.Errorf("without a schedule: %+v", st.Jobs[0])
	}
	s.ask(t, exitUsage, "status", "--set", "run.schedule.sync=-1h")
}
