package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/load"
	"github.com/crmsync/crmsync/stages/writeback"
)

func (a *app) writebackCommand() *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "writeback",
		Short: "Write the activities that sellers marked to Salesforce, each exactly once",
		Long: `writeback writes the activities that sellers marked for logging to Salesforce, as Tasks and Notes. Run it every 2 to 5
minutes. It is off until an administrator switches it on: try it on one contact first, then choose the kinds.

  crmsync settings set writeback.test_contact 003…
  crmsync settings set writeback.kinds InMail,Message,Note
  crmsync settings set writeback.enabled true`,
		Example: "  crmsync writeback -c crmsync.yaml --dry-run\n  crmsync writeback list --state refused",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				result, err := a.writeback(cmd.Context(), s, dryRun)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(result)
				}
				return a.printWriteback(result)
			})
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be written, and write nothing")
	c.AddCommand(a.writebackListCommand(), a.writebackRetryCommand())
	return c
}

// writeback runs one cycle of the write-back job.
func (a *app) writeback(ctx context.Context, s *session, dryRun bool) (writeback.Result, error) {
	var result writeback.Result
	client, err := s.client()
	if err != nil {
		return result, err
	}
	defer client.Close()
	values, err := control.Values(ctx, s.db, s.cfg.Contract)
	if err != nil {
		return result, err
	}
	stage := &writeback.Stage{
		Job: writeback.Job{
			DB: s.db, Client: client, Policy: writeback.PolicyOf(values), DryRun: dryRun, UniqueField: s.cfg.Writeback.ExternalIDField,
		},
		Done: func(r writeback.Result) { result = r },
	}
	progress, done := a.progress(s.log)
	_, err = s.runner(progress, client.ServerTime, &load.Recorder{DB: s.db}).Run(ctx, jobs.Writeback(stage))
	done()
	return result, err
}

func (a *app) printWriteback(r writeback.Result) error {
	if r.Off != "" {
		fmt.Fprintln(a.stdout, "Write-back is off:", r.Off)
	}
	fmt.Fprintf(a.stdout, "%d new in the outbox; %d written (%d of them unassigned), %d found written, %d refused, %d waiting for a decision or a link, %d for another attempt\n",
		r.Imported, r.Written, r.Unassigned, r.Found, r.Refused, r.Held, r.Delayed+r.Uncertain)
	for _, p := range r.Planned {
		fmt.Fprintf(a.stdout, "would write %s %s\n", p.Kind, p.ActivityID)
	}
	return nil
}

func (a *app) writebackListCommand() *cobra.Command {
	var states []string
	var limit int
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the outbox: what was or will be written, for whom, and what became of it",
		Example: "  crmsync writeback list --state unassigned,refused",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				entries, err := writeback.List(cmd.Context(), s.db, s.cfg.Contract, limit, states...)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(entries)
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.AppendHeader(table.Row{"activity", "kind", "when", "state", "Salesforce id", "reason"})
				t.SetColumnConfigs([]table.ColumnConfig{{Number: 6, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
				for _, e := range entries {
					t.AppendRow(table.Row{e.ActivityID, e.Kind, e.OccurredAt.UTC().Format(time.DateTime), e.State, e.SalesforceID, e.Reason})
				}
				fmt.Fprintln(a.stdout, t.Render())
				return nil
			})
		},
	}
	c.Flags().StringSliceVar(&states, "state", nil, "only these: waiting, sending, written, unassigned, refused, failed")
	c.Flags().IntVar(&limit, "limit", 50, "at most so many; 0 for all")
	return c
}

func (a *app) writebackRetryCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "retry [ACTIVITY…]",
		Short:   "Try refused and failed activities again, once what stood in the way is mended",
		Example: "  crmsync writeback retry act-0042",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				n, err := writeback.Retry(cmd.Context(), s.db, s.cfg.Contract, args...)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]int64{"waiting": n})
				}
				fmt.Fprintf(a.stdout, "%d activities wait for the next cycle\n", n)
				return nil
			})
		},
	}
}
