package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/stages/control"
)

// jobStatus is the last run of a job, and whether the job is late. Instants are by the local clock, but AsOf, which is by the org's.
type jobStatus struct {
	Job string `json:"job"`
	// RunID is empty, and so is what tells of the run, when the job never ran.
	RunID    string     `json:"run_id"`
	State    string     `json:"state"`
	AsOf     *time.Time `json:"as_of"`
	Started  *time.Time `json:"started"`
	Ended    *time.Time `json:"ended"`
	Error    *string    `json:"error,omitempty"`
	RowsRead int64      `json:"rows_read"` // from the org
	Written  int64      `json:"written"`   // to the org
	APICalls int64      `json:"api_calls"`
	// Success is when a run last succeeded, AgeSeconds how long that is ago.
	Success    *time.Time `json:"last_success"`
	AgeSeconds *float64   `json:"age_seconds"`
	// Interval is the job's schedule in seconds; 0 when it has none.
	Interval float64 `json:"interval_seconds"`
	Late     bool    `json:"late"`
}

// errLate says that a job is late by its schedule.
var errLate = errors.New("late by the schedule")

func (st *status) lateness() error {
	if len(st.Late) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", strings.Join(st.Late, ", "), errLate)
}

// isLate reports whether a job is late: nothing has succeeded for one and a half times its interval, where since is when a run last
// succeeded, or from when on one was to be expected. The half leaves time for a run itself.
func isLate(now, since time.Time, interval time.Duration) bool {
	return interval > 0 && now.Sub(since) > interval+interval/2
}

// jobStatus tells of every job that ran or has a schedule, in the order of their names.
func (s *session) jobStatus(ctx context.Context, now time.Time) ([]jobStatus, error) {
	type row struct {
		Job, RunID, State           string
		AsOf, Started               time.Time
		Ended                       *time.Time
		Error                       *string
		RowsRead, Written, APICalls int64
		Success                     *time.Time
	}
	ran, err := rows[row](ctx, s, `
		SELECT r.job, r.run_id, r.state, r.as_of, r.started_at, r.ended_at, r.error, c.rows_read, c.written, c.api_calls,
		       (SELECT max(ok.ended_at) FROM crmsync.runs ok WHERE ok.contract = r.contract AND ok.job = r.job AND ok.state = 'succeeded')
		FROM (SELECT DISTINCT ON (job) * FROM crmsync.runs WHERE contract = $1 ORDER BY job, run_id DESC) r
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(n.value::bigint) FILTER (WHERE n.key LIKE 'rows.crm\_%'), 0)::bigint AS rows_read,
			       coalesce(sum(n.value::bigint) FILTER (WHERE n.key = 'written'), 0)::bigint AS written,
			       coalesce(sum(n.value::bigint) FILTER (WHERE n.key = 'api_calls'), 0)::bigint AS api_calls
			FROM crmsync.run_stages t CROSS JOIN LATERAL jsonb_each_text(t.counts) n
			WHERE t.contract = r.contract AND t.run_id = r.run_id) c
		ORDER BY r.job`)
	if err != nil {
		return nil, err
	}
	expected, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	all := []jobStatus{}
	for _, r := range ran {
		j := jobStatus{
			Job: r.Job, RunID: r.RunID, State: r.State, AsOf: &r.AsOf, Started: &r.Started, Ended: r.Ended, Error: r.Error,
			RowsRead: r.RowsRead, Written: r.Written, APICalls: r.APICalls, Success: r.Success,
		}
		if r.Success != nil {
			age := now.Sub(*r.Success).Seconds()
			j.AgeSeconds = &age
		}
		all = append(all, j)
	}
	for name := range expected {
		if !slices.ContainsFunc(all, func(j jobStatus) bool { return j.Job == name }) {
			all = append(all, jobStatus{Job: name, State: "never ran"})
		}
	}
	slices.SortFunc(all, func(a, b jobStatus) int { return strings.Compare(a.Job, b.Job) })
	for i, j := range all {
		e, ok := expected[j.Job]
		if !ok {
			continue
		}
		if j.Success != nil && j.Success.After(e.from) {
			e.from = *j.Success
		}
		all[i].Interval, all[i].Late = e.interval.Seconds(), isLate(now, e.from, e.interval)
	}
	return all, nil
}

// expectation is a job's schedule, and from when on it holds.
type expectation struct {
	interval time.Duration
	from     time.Time
}

// schedule gives the jobs that are meant to run by themselves. Syncs are from the day on which the contract was first seen here,
// write-back from when it was switched on, and not while it is off (R26).
func (s *session) schedule(ctx context.Context) (map[string]expectation, error) {
	expected := map[string]expectation{}
	type since struct{ At time.Time }
	seen, err := rows[since](ctx, s, `SELECT created_at FROM crmsync.contracts WHERE id = $1`)
	if err != nil {
		return nil, err
	}
	if d := s.cfg.Run.Schedule.Sync; d > 0 && len(seen) > 0 {
		expected[jobs.SyncName] = expectation{d, seen[0].At}
	}
	on, err := control.Get(ctx, s.db, s.cfg.Contract, "writeback.enabled")
	if err != nil {
		return nil, err
	}
	if d := s.cfg.Run.Schedule.Writeback; d > 0 && on.Value == true {
		expected[jobs.WritebackName] = expectation{d, on.ChangedAt}
	}
	return expected, nil
}
