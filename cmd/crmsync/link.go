package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

func (a *app) linkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "link",
		Short: "Link records by hand, and take links away",
		Long: `A link made by hand holds for everyone in the contract, wins over the model, and survives every later run. It takes effect with the
next sync. A record has at most one link, and so has a profile or company.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.linkAddCommand(), a.linkRemoveCommand(), a.linkListCommand(), a.linkHistoryCommand())
	return c
}

func (a *app) linkAddCommand() *cobra.Command {
	var d decider
	c := &cobra.Command{
		Use:     "add RECORD PROFILE",
		Short:   "Link a lead or contact to a profile, or an account to a company",
		Example: "  crmsync link add 0035e00000AbCdEAAX p00017 --why 'same person, new name'",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDecider(cmd.Context(), d, func(d *decider) error {
				record, err := d.findRecord(cmd.Context(), d.m, args[0])
				if err != nil {
					return err
				}
				target, err := d.findTarget(cmd.Context(), d.m, record.Object, args[1])
				if err != nil {
					return err
				}
				return d.decide(cmd.Context(), control.Link, record, target)
			})
		},
	}
	d.flags(c, keptReason)
	return c
}

func (a *app) linkRemoveCommand() *cobra.Command {
	var d decider
	c := &cobra.Command{
		Use:   "remove RECORD [PROFILE]",
		Short: "Take a record's link away",
		Long: `remove takes back a link that was made by hand, so that the model decides again. A link that the model made is rejected: the two are
never linked again, until 'crmsync review undo'.`,
		Example: "  crmsync link remove 0035e00000AbCdEAAX",
		Args:    usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDecider(cmd.Context(), d, func(d *decider) error {
				return d.removeLink(cmd.Context(), args[0], args[1:]...)
			})
		},
	}
	d.flags(c, "why, kept with the rejection of a model's link")
	return c
}

// removeLink takes back the record's hand-made link; without one it rejects the pair that the model linked.
func (d *decider) removeLink(ctx context.Context, arg string, target ...string) error {
	object, id, err := recordID(arg)
	if err != nil {
		return err
	}
	made, err := d.made(ctx, id)
	if err != nil {
		return err
	}
	for _, x := range made {
		if x.Verdict != control.Link {
			continue
		}
		if len(target) > 0 && x.TargetID != target[0] {
			return fmt.Errorf("%s is not linked to %s by hand; it is %s: %w", describePair(object, id), target[0], say(x), control.ErrNothing)
		}
		return d.undo(ctx, x)
	}
	record, err := d.findRecord(ctx, d.m, id)
	if err != nil {
		return err
	}
	links, err := d.runLinks(ctx, d.m, func(l *runLink) bool {
		return l.RecordID == id && l.Decision == linkage.Link && (len(target) == 0 || l.TargetID == target[0])
	})
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return fmt.Errorf("%s has no such link in %s: %w", describePair(object, id, target...), d.m.RunID, control.ErrNothing)
	}
	l := links[0]
	if l.Origin == manual {
		return fmt.Errorf("the link of %s that was made by hand is taken back already; it goes with the next sync: %w", describePair(object, id, l.TargetID), control.ErrNothing)
	}
	for _, x := range made {
		if x.TargetID == l.TargetID {
			return fmt.Errorf("%s is rejected already, %s; the link goes with the next sync: %w", describePair(object, id, l.TargetID), say(x), control.ErrNothing)
		}
	}
	found, err := d.findTarget(ctx, d.m, object, l.TargetID)
	if err != nil {
		return err
	}
	return d.decide(ctx, control.Reject, record, found)
}

// handMade is a decision as `link list` shows it.
type handMade struct {
	Object   string    `json:"object"`
	RecordID string    `json:"record_id"`
	Record   string    `json:"record"`
	Verdict  string    `json:"verdict"`
	TargetID string    `json:"target_id"`
	Target   string    `json:"target"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Why      string    `json:"why"`
}

func (a *app) linkListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Show what was decided by hand: links and rejections, by whom, when and why",
		Example: "  crmsync link list -c work/demo/crmsync.yaml --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDecider(cmd.Context(), decider{by: "list"}, func(d *decider) error {
				list, err := d.list(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(list)
				}
				if len(list) == 0 {
					fmt.Fprintln(a.stdout, "nothing was decided by hand")
					return nil
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.Style().Format.Header = text.FormatDefault
				t.AppendHeader(table.Row{"record", "", "profile or company", "by", "when", "why"})
				t.SetColumnConfigs([]table.ColumnConfig{
					{Number: 1, WidthMax: 36, WidthMaxEnforcer: wrapLines}, {Number: 3, WidthMax: 36, WidthMaxEnforcer: wrapLines}, {Number: 6, WidthMax: 40, WidthMaxEnforcer: wrapLines},
				})
				for _, x := range list {
					verdict := map[string]string{control.Link: "linked to", control.Reject: "never linked to"}[x.Verdict]
					t.AppendRow(table.Row{x.Record + "\n" + x.Object + " " + x.RecordID, verdict, x.Target + "\n" + x.TargetID, x.By, x.At.UTC().Format(time.DateTime), x.Why})
				}
				fmt.Fprintf(a.stdout, "%s\n%d decisions by hand\n", t.Render(), len(list))
				return nil
			})
		},
	}
}

// list names what was decided, for people to read.
func (d *decider) list(ctx context.Context) ([]handMade, error) {
	made, err := control.Decisions(ctx, d.db, d.cfg.Contract)
	if err != nil {
		return nil, err
	}
	ids := wanted{}
	for _, x := range made {
		ids.add(x.Object, x.RecordID)
		ids.add(kindOf(x.Object), x.TargetID)
	}
	names, err := ids.read(ctx, d.session, d.m)
	if err != nil {
		return nil, err
	}
	list := make([]handMade, len(made))
	for i, x := range made {
		record, target := names[x.Object][x.RecordID].Name, names[kindOf(x.Object)][x.TargetID].Name
		if record == "" {
			record = "(gone)"
		}
		if target == "" {
			target = "(gone)"
		}
		list[i] = handMade{x.Object, x.RecordID, record, x.Verdict, x.TargetID, target, x.By, x.At, x.Reason}
	}
	return list, nil
}

// wrapLines folds each line of a cell at spaces; a word that is too long, such as an address, is folded anywhere.
func wrapLines(cell string, width int) string {
	lines := strings.Split(cell, "\n")
	for i, l := range lines {
		lines[i] = text.WrapSoft(l, width)
	}
	return strings.Join(lines, "\n")
}
