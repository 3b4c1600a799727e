package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	if r.Cut+r.BulkJobs > 0 {
		fmt.Fprintf(a.stdout, "%d with a text cut to Salesforce's length; %d Bulk jobs\n", r.Cut, r.BulkJobs)
	}
	for _, p := range r.Planned {
		fmt.Fprintf(a.stdout, "would write %s %s", p.Kind, p.ActivityID)
		if len(p.Cut) > 0 {
			fmt.Fprintf(a.stdout, ", %s cut to Salesforce's length", strings.Join(p.Cut, " and "))
		}
		fmt.Fprintln(a.stdout)
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
				t.AppendHeader(table.Row{"activity", "kind", "when", "state", "Salesforce id", "cut", "reason"})
				t.SetColumnConfigs([]table.ColumnConfig{{Number: 7, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
				for _, e := range entries {
					t.AppendRow(table.Row{e.ActivityID, e.Kind, e.OccurredAt.UTC().Format(time.DateTime), e.State, e.SalesforceID, strings.Join(e.Cut, ", "), e.Reason})
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
	var retry writeback.Retry
	c := &cobra.Command{
		Use:   "retry [ACTIVITY…]",
		Short: "Try refused and failed activities again, once what stood in the way is mended",
		Long: `retry lets activities wait for the next cycle that were refused or have failed: those named, or all with --all-refused. It is noted
who said so. An activity whose outcome is unclear (state sending) is tried again only when it is named: look in Salesforce first
whether it is there.`,
		Example: "  crmsync writeback retry act-0042\n  crmsync writeback retry --all-refused\n  crmsync writeback retry --list",
	}
	var list bool
	c.RunE = func(cmd *cobra.Command, args []string) error {
		retry.Activities, retry.By = args, whoami()
		if !list && (len(args) > 0) == retry.AllRefused || list && (len(args) > 0 || retry.AllRefused) {
			return usageError{errors.New("name activities, or give --all-refused, or --list")}
		}
		return a.with(cmd.Context(), func(s *session) error {
			if list {
				return a.printRetries(cmd.Context(), s)
			}
			n, err := retry.Run(cmd.Context(), s.db, s.cfg.Contract)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]int64{"waiting": n})
			}
			fmt.Fprintf(a.stdout, "%d activities wait for the next cycle\n", n)
			return nil
		})
	}
	c.Flags().BoolVar(&retry.AllRefused, "all-refused", false, "every activity that was refused or has failed")
	c.Flags().BoolVar(&list, "list", false, "show who had what tried again")
	return c
}

func (a *app) printRetries(ctx context.Context, s *session) error {
	retries, err := writeback.Retries(ctx, s.db, s.cfg.Contract, 50)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(retries)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"when", "who", "activity", "was", "reason"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 5, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
	for _, r := range retries {
		t.AppendRow(table.Row{r.At.UTC().Format(time.RFC3339), r.By, r.ActivityID, r.FromState, r.FromReason})
	}
	fmt.Fprintln(a.stdout, t.Render())
	return nil
}
