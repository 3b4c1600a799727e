package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
)

// backfillReport is what came of a backfill.
type backfillReport struct {
	backfillPlan
	Syncs []backfilledSync `json:"syncs"`
	// Missing are instants before the first kept sync.
	Missing []time.Time `json:"missing"`
}

// backfilledSync is what came of one sync.
type backfilledSync struct {
	RunID    string      `json:"run_id"`
	AsOf     time.Time   `json:"as_of"`
	Instants []time.Time `json:"instants,omitempty"`
	// State is computed, kept (computed before) or failed.
	State string `json:"state"`
	Error string `json:"error,omitempty"`
	// Links counts gained, lost and changed links by object.
	Links map[string]map[string]int64 `json:"links,omitempty"`
	Moves []backfill.Move             `json:"moves,omitempty"`

	run *pipeline.Manifest
}

func (a *app) backfillReport(ctx context.Context, b *backfill.Backfill, p backfillPlan, outcomes []backfill.Outcome, missing []time.Time) (*backfillReport, error) {
	r := &backfillReport{backfillPlan: p, Missing: missing}
	for _, o := range outcomes {
		if o.Source == nil {
			continue // not reached
		}
		s, err := syncOf(ctx, b, o.Source.RunID, o.Source.AsOf, o.Run)
		if err != nil {
			return nil, err
		}
		s.Instants = o.Instants
		switch {
		case o.Err != nil:
			s.State, s.Error = "failed", o.Err.Error()
		case o.Before:
			s.State = "kept"
		}
		r.Syncs = append(r.Syncs, s)
	}
	return r, nil
}

// syncOf reads what a sync's run in the backfill found, if it ended.
func syncOf(ctx context.Context, b *backfill.Backfill, source string, asOf time.Time, m *pipeline.Manifest) (backfilledSync, error) {
	s := backfilledSync{RunID: source, AsOf: asOf, State: "computed"}
	if m == nil || !pipeline.Succeeded(m) {
		return s, nil
	}
	s.run, s.Links = m, map[string]map[string]int64{}
	for key, n := range m.Stage("compare").Counts {
		change, object, found := strings.Cut(strings.TrimPrefix(key, "links_"), ".")
		if found && strings.HasPrefix(key, "links_") {
			if s.Links[change] == nil {
				s.Links[change] = map[string]int64{}
			}
			s.Links[change][object] = n
		}
	}
	var err error
	s.Moves, err = b.Moves(ctx, m)
	return s, err
}

// links counts the links that changed in one way.
func (s backfilledSync) links(change string) (n int64) {
	for _, k := range s.Links[change] {
		n += k
	}
	return n
}

// moved adds up a figure over segments, before and after.
func (s backfilledSync) moved(subject, measure, currency string) (before, after float64, found bool) {
	for _, m := range s.Moves {
		if m.Subject != subject || m.Measure != measure || m.Currency != currency {
			continue
		}
		found = true
		if m.Before != nil {
			before += *m.Before
		}
		if m.After != nil {
			after += *m.After
		}
	}
	return before, after, found
}

// currencies are those of amounts.
func (r *backfillReport) currencies() []string {
	var out []string
	for _, s := range r.Syncs {
		for _, m := range s.Moves {
			if m.Measure == "won" && !slices.Contains(out, m.Currency) {
				out = append(out, m.Currency)
			}
		}
	}
	slices.Sort(out)
	return out
}

// fromTo writes a figure that may have moved.
func fromTo(before, after float64, found bool) string {
	switch {
	case !found:
		return "-"
	case before == after:
		return humanize.CommafWithDigits(after, 0)
	}
	return humanize.CommafWithDigits(before, 0) + " → " + humanize.CommafWithDigits(after, 0)
}

func (r *backfillReport) print(out io.Writer, compared bool) error {
	fmt.Fprintf(out, "backfill %s: %s by %s\n", r.Name, strings.Join(r.Stages, " and "), r.rules())
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	head := table.Row{"as of", "instants", "state", "links", "gained", "lost", "changed", "influenced", "sourced"}
	for _, c := range r.currencies() {
		head = append(head, strings.TrimSpace("won, influenced "+c))
	}
	t.AppendHeader(head)
	for _, s := range r.Syncs {
		row := table.Row{s.AsOf.UTC().Format("2006-01-02 15:04"), len(s.Instants), s.State}
		if s.run == nil {
			t.AppendRow(append(row, s.Error))
			continue
		}
		if slices.Contains(r.Stages, backfill.Match) {
			row = append(row, fromTo(s.moved("match", "linked", "")), s.links("gained"), s.links("lost"), s.links("changed"))
		} else {
			row = append(row, "-", "-", "-", "-")
		}
		row = append(row, fromTo(s.moved("roi", "influenced", "")), fromTo(s.moved("roi", "sourced", "")))
		for _, c := range r.currencies() {
			row = append(row, fromTo(s.moved("roi", "won_influenced", c)))
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 4, Align: text.AlignRight, WidthMax: 60}, {Number: 8, Align: text.AlignRight}, {Number: 9, Align: text.AlignRight}})
	fmt.Fprintln(out, t.Render())
	if n := len(r.Missing); n > 0 {
		fmt.Fprintf(out, "%d instants, %s to %s, lie before the first sync that is kept\n", n, r.Missing[0].Format(time.RFC3339), r.Missing[n-1].Format(time.RFC3339))
	}
	if !compared {
		fmt.Fprintf(out, "Before → after where they differ. Look closer: crmsync backfill compare %s; tables: backfill_*\n", r.Name)
	}
	return nil
}

// rules says by what was computed.
func (r *backfillReport) rules() string {
	s := "the settings and decisions in force when it began"
	if r.Settings == "then" {
		s = "the settings and decisions of each sync"
	}
	switch {
	case r.Model != "":
		s += ", with model " + r.Model
	case slices.Contains(r.Stages, backfill.Match):
		s += ", with each sync's model"
	}
	return s
}

// last is the place of the latest sync that is computed; -1 if none is.
func (r *backfillReport) last() int {
	for i := range slices.Backward(r.Syncs) {
		if r.Syncs[i].run != nil {
			return i
		}
	}
	return -1
}

// printChanges lists the links that differ and the figures that moved, of one sync.
func (a *app) printChanges(ctx context.Context, b *backfill.Backfill, r *backfillReport, which, limit int) error {
	if which < 0 {
		return nil
	}
	s := r.Syncs[which]
	day := s.AsOf.UTC().Format("2006-01-02 15:04")
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetTitle("Links that differ, as of " + day)
	t.AppendHeader(table.Row{"change", "object", "record", "published", "", "backfill", ""})
	listed, all := 0, s.links("gained")+s.links("lost")+s.links("changed")
	err := b.Changes(ctx, s.run, func(c backfill.Change) error {
		if limit > 0 && listed == limit {
			return io.EOF
		}
		listed++
		t.AppendRow(table.Row{
			c.Change, c.Object, c.RecordID, cmp.Or(c.BeforeTarget, "-"), sideOf(c.BeforeDecision, c.BeforeProbability, c.BeforeWeight),
			cmp.Or(c.AfterTarget, "-"), sideOf(c.AfterDecision, c.AfterProbability, c.AfterWeight),
		})
		return nil
	})
	if err != nil {
		return err
	}
	if listed > 0 {
		fmt.Fprintln(a.stdout, t.Render())
	}
	if int64(listed) < all {
		fmt.Fprintf(a.stdout, "%d more; all of them with --limit 0, or in crmsync.backfill_link_changes\n", all-int64(listed))
	}
	a.printMoves(s, day)
	if len(r.Syncs) > 1 {
		fmt.Fprintf(a.stdout, "Other syncs: crmsync backfill compare %s --as-of INSTANT\n", r.Name)
	}
	return nil
}

func sideOf(decision string, probability, weight *float64) string {
	if decision == "" || probability == nil || weight == nil {
		return ""
	}
	return fmt.Sprintf("%s, %.1f %%, %.1f bits", decision, 100**probability, *weight)
}

// printMoves prints the figures of a sync that moved.
func (a *app) printMoves(s backfilledSync, day string) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetTitle("Figures that moved, as of " + day)
	t.AppendHeader(table.Row{"", "segment", "measure", "published", "backfill"})
	for _, m := range s.Moves {
		if m.Before == nil && m.After == nil || m.Before != nil && m.After != nil && *m.Before == *m.After {
			continue
		}
		t.AppendRow(table.Row{m.Subject, m.Segment, strings.TrimSpace(m.Measure + " " + m.Currency), numberOf(m.Before), numberOf(m.After)})
	}
	if t.Length() == 0 {
		fmt.Fprintf(a.stdout, "No figure moved, as of %s\n", day)
		return
	}
	fmt.Fprintln(a.stdout, t.Render())
}
