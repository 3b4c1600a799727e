package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/stages/control"
)

func (a *app) linkHistoryCommand() *cobra.Command {
	var at string
	c := &cobra.Command{
		Use:   "history RECORD",
		Short: "Show since when a record is linked to what, by the model or by hand, and by which model",
		Long: `history shows the times in which a lead, contact or account had the same link, newest first. RECORD may also be a member or company
id: then it shows which records were linked to it. Instants are those of the org's clock that runs describe. --at asks how it was at an
instant (2026-11-02T08:00:00Z, or a day, which means its beginning in UTC) or as of a run, by its id.`,
		Example: "  crmsync link history 0035e00000AbCdEAAX\n  crmsync link history 0035e00000AbCdEAAX --at 2026-11-02\n  crmsync link history p00017 --at r000007-20261123T070000Z-sync",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				h, err := s.linkHistory(cmd.Context(), args[0], at)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(h)
				}
				a.printHistory(h)
				return nil
			})
		},
	}
	c.Flags().StringVar(&at, "at", "", "instant, day or id of a run (default: the whole history)")
	return c
}

// history is what was said of a record's links, or of a profile's or company's.
type history struct {
	// Of is the id that was asked for.
	Of string `json:"of"`
	// At is the instant that was asked for; none for the whole history.
	At    *time.Time    `json:"at,omitempty"`
	Times []historyTime `json:"times"`
}

// historyTime is a time in which a link was the same.
type historyTime struct {
	Object      string     `json:"object"`
	RecordID    string     `json:"record_id"`
	Record      string     `json:"record"`
	TargetID    string     `json:"target_id"`
	Target      string     `json:"target"`
	Decision    string     `json:"decision"`
	Origin      string     `json:"origin"`
	Model       string     `json:"model"`
	Probability float64    `json:"probability"`
	Since       time.Time  `json:"since"`
	SinceRun    string     `json:"since_run"`
	Until       *time.Time `json:"until"`
	UntilRun    *string    `json:"until_run"`
}

// instant reads what --at says.
func (s *session) instant(ctx context.Context, at string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, at); err == nil {
			return t, nil
		}
	}
	var t time.Time
	err := s.db.QueryRow(ctx, `SELECT as_of FROM crmsync.runs WHERE contract = $1 AND run_id = $2`, s.cfg.Contract, at).Scan(&t)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, usageError{fmt.Errorf("--at: %q is no instant such as 2026-11-02T08:00:00Z, no day such as 2026-11-02, and the id of no run", at)}
	}
	if err != nil {
		return t, fmt.Errorf("find run %s: %w", at, err)
	}
	return t, nil
}

func (s *session) linkHistory(ctx context.Context, arg, at string) (*history, error) {
	h := &history{Of: arg, Times: []historyTime{}}
	object, id, err := control.Record(arg)
	if err != nil { // then it is that of a profile or company
		object, id = "", arg
	}
	h.Of = id
	if at != "" {
		t, err := s.instant(ctx, at)
		if err != nil {
			return nil, err
		}
		t = t.UTC()
		h.At = &t
	}
	type row struct {
		Object, RecordID, TargetID, Decision, Origin, Model string
		Probability                                         float64
		Since                                               time.Time
		SinceRun                                            string
		Until                                               *time.Time
		UntilRun                                            *string
	}
	found, err := rows[row](ctx, s, `
		SELECT object, record_id, target_id, decision, origin, model, probability, since, since_run, until, until_run
		FROM crmsync.links_history
		WHERE contract = $1 AND ($2 <> '' AND object = $2 AND record_id = $3 OR $2 = '' AND target_kind IN ('person', 'company') AND target_id = $3)
		  AND ($4::timestamptz IS NULL OR since <= $4 AND (until IS NULL OR until > $4))
		ORDER BY since DESC, object, record_id`, object, id, h.At)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", id, err)
	}
	if len(found) == 0 && h.At == nil {
		return nil, fmt.Errorf("%s: %w in the history of links: it was never linked, nor up for a review", id, errNotFound)
	}
	m, err := s.run("")
	if err != nil {
		return nil, err
	}
	ids := wanted{}
	for _, x := range found {
		ids.add(x.Object, x.RecordID)
		ids.add(kindOf(x.Object), x.TargetID)
	}
	names, err := ids.read(ctx, s, m)
	if err != nil {
		return nil, err
	}
	for _, x := range found {
		h.Times = append(h.Times, historyTime{
			x.Object, x.RecordID, names[x.Object][x.RecordID].Name, x.TargetID, names[kindOf(x.Object)][x.TargetID].Name,
			x.Decision, x.Origin, x.Model, x.Probability, x.Since, x.SinceRun, x.Until, x.UntilRun,
		})
	}
	return h, nil
}

// says tells what a time of the history was.
func (x historyTime) says() string {
	what := map[string]string{
		"link": "linked to", "review": "up for a review with", "duplicate": "a duplicate of the record of", "converted": "converted; the contact is",
	}[x.Decision]
	if what == "" {
		what = x.Decision
	}
	return what
}

func (x historyTime) by() string {
	if x.Origin == manual {
		return "by hand"
	}
	return fmt.Sprintf("model %s, %.1f %%", x.Model, 100*x.Probability)
}

func (a *app) printHistory(h *history) {
	when := ""
	if h.At != nil {
		when = " at " + h.At.Format(time.RFC3339)
	}
	if len(h.Times) == 0 {
		fmt.Fprintf(a.stdout, "%s was linked to nothing%s\n", h.Of, when)
		return
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"since", "until", "record", "", "profile or company", "by"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, WidthMax: 34, WidthMaxEnforcer: wrapLines}, {Number: 5, WidthMax: 34, WidthMaxEnforcer: wrapLines}, {Number: 6, WidthMax: 24, WidthMaxEnforcer: wrapLines},
	})
	for _, x := range h.Times {
		until := "now"
		if x.Until != nil {
			until = x.Until.UTC().Format(time.DateTime) + "\n" + *x.UntilRun
		}
		t.AppendRow(table.Row{
			x.Since.UTC().Format(time.DateTime) + "\n" + x.SinceRun, until, x.Record + "\n" + x.Object + " " + x.RecordID, x.says(), x.Target + "\n" + x.TargetID, x.by(),
		})
	}
	fmt.Fprintf(a.stdout, "links of %s%s, instants in UTC\n%s\n", h.Of, when, t.Render())
}
