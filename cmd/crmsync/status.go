package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/stages/writeback"
)

// status is the state of a contract (R17, R43, R44).
type status struct {
	Contract string `json:"contract"`
	// LastSync is when results were last loaded; none before the first sync.
	LastSync   *time.Time         `json:"last_sync"`
	CurrentRun *string            `json:"current_run"`
	Sandbox    bool               `json:"sandbox"`
	Jobs       []jobStatus        `json:"jobs"`
	MatchRates []report.MatchRate `json:"match_rates"`
	Review     int64              `json:"review"`
	Writeback  map[string]int64   `json:"writeback"`
}

// jobStatus is the last run of a job.
type jobStatus struct {
	Job     string     `json:"job"`
	RunID   string     `json:"run_id"`
	State   string     `json:"state"`
	AsOf    time.Time  `json:"as_of"`
	Started time.Time  `json:"started"`
	Ended   *time.Time `json:"ended"`
	Error   *string    `json:"error,omitempty"`
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show the last run of each job, match rates, and what waits",
		Example: "  crmsync status -c crmsync.yaml --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				st, err := s.status(cmd.Context())
				if err != nil {
					return fmt.Errorf("status of %s: %w", s.cfg.Contract, err)
				}
				if a.json {
					return a.printJSON(st)
				}
				a.printStatus(st)
				return nil
			})
		},
	}
}

func (s *session) status(ctx context.Context) (*status, error) {
	st := &status{Contract: s.cfg.Contract}
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
	st.Jobs, err = rows[jobStatus](ctx, s, `
		SELECT DISTINCT ON (job) job, run_id, state, as_of, started_at, ended_at, error FROM crmsync.runs
		WHERE contract = $1 ORDER BY job, run_id DESC`)
	if err != nil {
		return nil, err
	}
	var d report.Data
	if err := s.gatherMatches(ctx, &d); err != nil {
		return nil, err
	}
	st.MatchRates = d.MatchRates
	for _, m := range d.MatchRates {
		st.Review += m.Review
	}
	st.Writeback, err = writeback.Queue(ctx, s.db, s.cfg.Contract)
	return st, err
}

func (a *app) printStatus(st *status) {
	last := "never"
	if st.LastSync != nil {
		last = fmt.Sprintf("%s (%s)", st.LastSync.UTC().Format(time.RFC3339), humanize.Time(*st.LastSync))
	}
	fmt.Fprintf(a.stdout, "contract %s, last successful sync: %s\n", st.Contract, last)
	if st.Sandbox {
		fmt.Fprintln(a.stdout, "the org is a sandbox")
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"job", "last run", "state", "began", "error"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 5, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
	for _, j := range st.Jobs {
		problem := ""
		if j.Error != nil {
			problem = *j.Error
		}
		t.AppendRow(table.Row{j.Job, j.RunID, j.State, j.Started.UTC().Format(time.DateTime), problem})
	}
	fmt.Fprintln(a.stdout, t.Render())
	for _, m := range st.MatchRates {
		fmt.Fprintf(a.stdout, "%-8s %d of %d linked (%.1f %%), %d wait for a review\n", m.Object, m.Linked, m.Eligible, 100*m.Rate, m.Review)
	}
	for _, state := range []string{"waiting", "sending", "written", "unassigned", "refused", "failed"} {
		if n := st.Writeback[state]; n > 0 {
			fmt.Fprintf(a.stdout, "activities %s: %d\n", state, n)
		}
	}
}
