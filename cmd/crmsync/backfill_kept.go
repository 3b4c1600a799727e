package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
)

func (a *app) backfillListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Show the backfills that are kept",
		Example: "  crmsync backfill list",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				kept, err := s.backfills()
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(kept)
				}
				if len(kept) == 0 {
					fmt.Fprintln(a.stdout, "there are none")
					return nil
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.AppendHeader(table.Row{"name", "from", "to", "every", "stages", "settings", "model", "syncs"})
				for _, k := range kept {
					t.AppendRow(table.Row{k.Name, k.From.Format(time.RFC3339), k.To.Format(time.RFC3339), k.Every, strings.Join(k.Stages, ", "), k.Settings, k.Model, k.Syncs})
				}
				fmt.Fprintln(a.stdout, t.Render())
				return nil
			})
		},
	}
}

// keptBackfill is a backfill that is there.
type keptBackfill struct {
	backfillPlan
	// Syncs are computed so far.
	Syncs int `json:"syncs"`
}

func (s *session) backfills() ([]keptBackfill, error) {
	names, err := s.home.Backfills()
	if err != nil {
		return nil, err
	}
	all := []keptBackfill{}
	for _, name := range names {
		p, err := s.readPlan(name)
		if err != nil {
			return nil, err
		}
		done, err := s.backfill(name, pipeline.NoProgress{}).Done()
		if err != nil {
			return nil, err
		}
		all = append(all, keptBackfill{p, len(done)})
	}
	return all, nil
}

func (a *app) backfillCompareCommand() *cobra.Command {
	var limit int
	var at string
	c := &cobra.Command{
		Use:   "compare NAME",
		Short: "Show what a backfill found that differs from what was published",
		Long: `compare shows a line for each sync that the backfill has computed and, of the latest one or that of --as-of, links gained, lost and
changed with their probabilities and weights before and after, and the match rates and ROI figures that moved. --json prints everything
of all of them.`,
		Example: "  crmsync backfill compare 20261001-20261031-3f2a9c1b --limit 50\n  crmsync backfill compare 20261001-20261031-3f2a9c1b --as-of 2026-10-12",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				p, err := s.knownPlan(args[0])
				if err != nil {
					return err
				}
				until := time.Time{}
				if at != "" {
					if until, err = instantOf("--as-of", at); err != nil {
						return usageError{err}
					}
				}
				return a.compareBackfill(cmd.Context(), s.backfill(p.Name, pipeline.NoProgress{}), p, until, limit)
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 20, "links to list; 0 for all")
	c.Flags().StringVar(&at, "as-of", "", "instant, or day, which means its end in UTC (default: the latest)")
	return c
}

func (a *app) compareBackfill(ctx context.Context, b *backfill.Backfill, p backfillPlan, until time.Time, limit int) error {
	done, err := b.Done()
	if err != nil {
		return err
	}
	r := &backfillReport{backfillPlan: p}
	for _, m := range done {
		s, err := syncOf(ctx, b, m.Base, m.AsOf, m)
		if err != nil {
			return err
		}
		s.State = "kept"
		r.Syncs = append(r.Syncs, s)
	}
	if !a.json {
		if err := r.print(a.stdout, true); err != nil {
			return err
		}
		which := r.last()
		for which >= 0 && !until.IsZero() && r.Syncs[which].AsOf.After(until) {
			which--
		}
		if which < 0 {
			return usageError{fmt.Errorf("backfill %s has no sync as of %s or before", p.Name, until.Format(time.RFC3339))}
		}
		return a.printChanges(ctx, b, r, which, limit)
	}
	type compared struct {
		backfilledSync
		Changes []backfill.Change `json:"changes"`
	}
	out := struct {
		backfillPlan
		Syncs []compared `json:"syncs"`
	}{backfillPlan: p}
	for _, s := range r.Syncs {
		c := compared{backfilledSync: s, Changes: []backfill.Change{}}
		if err := b.Changes(ctx, s.run, func(x backfill.Change) error { c.Changes = append(c.Changes, x); return nil }); err != nil {
			return err
		}
		out.Syncs = append(out.Syncs, c)
	}
	return a.printJSON(out)
}

// knownPlan is the plan of a backfill that is there.
func (s *session) knownPlan(name string) (p backfillPlan, err error) {
	if backfillName.MatchString(name) {
		p, err = s.readPlan(name)
	} else {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return p, usageError{fmt.Errorf("contract %s has no backfill %q; `crmsync backfill list` shows those it has", s.cfg.Contract, name)}
	}
	return p, err
}

func (a *app) backfillDropCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "drop NAME",
		Short:   "Remove a backfill: its rows in the tables and its runs",
		Long:    `drop removes what a backfill found: rows, data sets and runs. Live tables and past syncs are not touched.`,
		Example: "  crmsync backfill drop 20261001-20261031-3f2a9c1b",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				p, err := s.knownPlan(args[0])
				if err != nil {
					return err
				}
				n, err := s.backfill(p.Name, pipeline.NoProgress{}).Drop(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"name": p.Name, "rows": n})
				}
				fmt.Fprintf(a.stdout, "backfill %s was dropped: %d rows\n", p.Name, n)
				return nil
			})
		},
	}
}
