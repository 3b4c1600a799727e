package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/stages/writeback"
)

// status is the state of a contract (R17, R43, R44).
type status struct {
	Contract string `json:"contract"`
	// LastSync is when results were last loaded; none before the first sync.
	LastSync   *time.Time  `json:"last_sync"`
	CurrentRun *string     `json:"current_run"`
	Sandbox    bool        `json:"sandbox"`
	Jobs       []jobStatus `json:"jobs"`
	// Late names the jobs that are late by their schedule.
	Late       []string           `json:"late"`
	MatchRates []report.MatchRate `json:"match_rates"`
	// History has the match rates of the latest runs, the newest first.
	History []ratesOfRun `json:"match_history"`
	// Review counts the records that wait for a review, ReviewSince is since when the oldest does, by the org's clock.
	Review      int64            `json:"review"`
	ReviewSince *time.Time       `json:"review_since"`
	Writeback   map[string]int64 `json:"writeback"`
	// WaitingSince is when the oldest waiting activity came into the outbox.
	WaitingSince *time.Time `json:"writeback_waiting_since"`
	Allowance    *allowance `json:"api_allowance"`
}

// ratesOfRun are the match rates of a run, by object.
type ratesOfRun struct {
	RunID string             `json:"run_id"`
	AsOf  time.Time          `json:"as_of"`
	Rates map[string]float64 `json:"rates"`
}

// allowance is what the org still allowed when a run last saw it (R10).
type allowance struct {
	Remaining int64 `json:"remaining"`
	Allowed   int64 `json:"allowed"`
	// Reserve is what jobs never eat into (salesforce.reserve).
	Reserve int64     `json:"reserve"`
	RunID   string    `json:"run_id"`
	At      time.Time `json:"at"`
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the last run of each job, match rates, and what waits",
		Long: `status shows the last run of each job and its age against its schedule (run.schedule.sync and run.schedule.writeback of the
configuration; 0 means none), match rates over the latest runs, the reviews, the activities that wait, and the org's API allowance as a
run last saw it.

A job is late when none of its runs has succeeded for one and a half times its interval. Then the exit code is 1.`,
		Example: "  crmsync status -c crmsync.yaml\n  crmsync status --json | jq .late",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				now := time.Now()
				st, err := s.status(cmd.Context(), now)
				if err != nil {
					return fmt.Errorf("status of %s: %w", s.cfg.Contract, err)
				}
				if a.json {
					err = a.printJSON(st)
				} else {
					a.printStatus(st, now)
				}
				if err != nil {
					return err
				}
				return st.lateness()
			})
		},
	}
}

// historyRuns is how many runs the match rates are shown of.
const historyRuns = 10

func (s *session) status(ctx context.Context, now time.Time) (*status, error) {
	st := &status{Contract: s.cfg.Contract, Late: []string{}, History: []ratesOfRun{}}
	type contract struct {
		LastSync   *time.Time
		CurrentRun *string
		Sandbox    bool
	}
	contracts, err := rows[contract](ctx, s, `SELECT last_sync, current_run, sandbox FROM crmsync.contracts WHERE id = $1`)
	if err != nil {
		return nil, err
	}
	if len(contracts) > 0 {
		st.LastSync, st.CurrentRun, st.Sandbox = contracts[0].LastSync, contracts[0].CurrentRun, contracts[0].Sandbox
	}
	if st.Jobs, err = s.jobStatus(ctx, now); err != nil {
		return nil, err
	}
	for _, j := range st.Jobs {
		if j.Late {
			st.Late = append(st.Late, j.Job)
		}
	}
	var d report.Data
	if err := s.gatherMatches(ctx, &d); err != nil {
		return nil, err
	}
	st.MatchRates = d.MatchRates
	for _, m := range d.MatchRates {
		st.Review += m.Review
	}
	if err := s.gatherHistory(ctx, st); err != nil {
		return nil, err
	}
	if err := s.gatherAllowance(ctx, st); err != nil {
		return nil, err
	}
	err = s.db.QueryRow(ctx, `
		SELECT (SELECT min(since) FROM crmsync.links_history WHERE contract = $1 AND until IS NULL AND decision = 'review'),
		       (SELECT min(imported_at) FROM crmsync.writebacks WHERE contract = $1 AND state = 'waiting')`, s.cfg.Contract).
		Scan(&st.ReviewSince, &st.WaitingSince)
	if err != nil {
		return nil, err
	}
	st.Writeback, err = writeback.Queue(ctx, s.db, s.cfg.Contract)
	return st, err
}

// gatherHistory reads the match rates of the latest runs.
func (s *session) gatherHistory(ctx context.Context, st *status) error {
	type rate struct {
		RunID, Object string
		AsOf          time.Time
		Rate          float64
	}
	all, err := rows[rate](ctx, s, `
		SELECT run_id, object, as_of, rate FROM crmsync.match_rates m
		WHERE contract = $1 AND run_id IN (SELECT DISTINCT run_id FROM crmsync.match_rates WHERE contract = $1 ORDER BY run_id DESC LIMIT $2)
		ORDER BY run_id DESC, object`, historyRuns)
	if err != nil {
		return err
	}
	for _, r := range all {
		if n := len(st.History); n == 0 || st.History[n-1].RunID != r.RunID {
			st.History = append(st.History, ratesOfRun{r.RunID, r.AsOf, map[string]float64{}})
		}
		st.History[len(st.History)-1].Rates[r.Object] = r.Rate
	}
	return nil
}

// gatherAllowance finds the latest stage that saw the allowance.
func (s *session) gatherAllowance(ctx context.Context, st *status) error {
	seen, err := rows[allowance](ctx, s, `
		SELECT (counts->>'api_remaining')::bigint, (counts->>'api_allowed')::bigint, $2::bigint, run_id, ended_at
		FROM crmsync.run_stages
		WHERE contract = $1 AND ended_at IS NOT NULL AND counts ? 'api_remaining' ORDER BY ended_at DESC LIMIT 1`, s.cfg.Salesforce.Reserve)
	if err == nil && len(seen) > 0 {
		st.Allowance = &seen[0]
	}
	return err
}
