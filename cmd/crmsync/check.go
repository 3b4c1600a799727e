package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/jobs/check"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Look at the org before a sync: access, edition, limits, fields, write-back",
		Long: `check logs in and looks at what a sync and the write-back need: edition and API access, sandbox or not, API version, what
remains of the allowance, every field that is read, record types for the write-back, and the clocks. Nothing is
changed. It makes about a dozen API calls.

Each finding is green (right), yellow (works, with the loss that is named) or red (would not work), with what to do.
With a red finding the exit code is 1.`,
		Example: "  crmsync check -c crmsync.yaml\n  crmsync check -c crmsync.yaml --json | jq '.findings[] | select(.level != \"green\")'",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			s, err := a.local(cfg)
			if err != nil {
				return err
			}
			r, err := s.check(cmd.Context())
			if err = errors.Join(err, s.close()); err != nil {
				return err
			}
			if a.json {
				err = a.printJSON(r)
			} else {
				err = printCheck(a.stdout, r)
			}
			if err != nil {
				return err
			}
			if r.Red > 0 {
				return fmt.Errorf("check found %d red of %d", r.Red, len(r.Findings))
			}
			return nil
		},
	}
}

// check looks at the org. A database that can't be reached is a finding too: the settings in force are then the defaults.
func (s *session) check(ctx context.Context) (*check.Report, error) {
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var values schemas.SettingValues
	failed := s.openDB(ctx)
	if failed == nil {
		values, failed = control.Values(ctx, s.db, s.cfg.Contract)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("check: %w", context.Cause(ctx))
	}
	r, err := s.checkOf(client, values).Run(ctx)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		r.Fail("database", failed, "mend it, since a sync needs it; the settings of the contract were not known, so the defaults were checked")
	}
	return r, nil
}

// checkOf is the check that the configuration and the settings of the contract ask for.
func (s *session) checkOf(client *salesforce.Client, values schemas.SettingValues) check.Check {
	c := s.cfg.Salesforce
	return check.Check{
		Client: client, Flow: c.Flow, SignsTime: c.Flow == config.FlowJWT, AllowSandbox: c.AllowSandbox, Reserve: c.Reserve, PageRows: c.PageRows,
		RevenueField: values.Text("roi.revenue_field"), Writeback: values.Bool("writeback.enabled"), Kinds: values.List("writeback.kinds"),
		UniqueField: s.cfg.Writeback.ExternalIDField,
	}
}

// Widths of the columns that are wrapped, in characters.
const (
	saysWidth   = 62
	adviceWidth = 50
)

func printCheck(w io.Writer, r *check.Report) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"", "check", "finding", "what to do"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, WidthMax: saysWidth, WidthMaxEnforcer: text.WrapSoft}, {Number: 4, WidthMax: adviceWidth, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, f := range r.Findings {
		t.AppendRow(table.Row{f.Level, f.Check, f.Says, f.Do})
	}
	head := "no org was reached"
	switch {
	case r.Org.ID != "":
		head = fmt.Sprintf("%s (%s)", r.Org.Name, r.Org.ID)
	case r.Org.Instance != "":
		head = "the org at " + r.Org.Instance
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n%d green, %d yellow, %d red\n", head, t.Render(), r.Green, r.Yellow, r.Red)
	return err
}
