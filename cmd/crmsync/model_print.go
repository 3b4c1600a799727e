package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/crmsync/crmsync/stages/match/weigh"
)

// showModels prints models as tables, or what they were read from as JSON.
func (a *app) showModels(file any, models ...*weigh.Model) error {
	if a.json {
		return a.printJSON(file)
	}
	for i, m := range models {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintf(a.stdout, "%s  model %s, version %d\n", m.Entity, m.Fingerprint(), m.Version)
		fmt.Fprintf(a.stdout, "prior: one pair in %s is a match\n", humanize.Comma(int64(math.Round(1/m.Prior))))
		fmt.Fprintln(a.stdout, trainingFacts(m.Training))
		fmt.Fprintln(a.stdout, modelTable(m))
	}
	return nil
}

func trainingFacts(t weigh.Training) string {
	if t.Candidates == 0 {
		return "trained on no candidate pairs: these are the shipped defaults"
	}
	converged := "converged"
	if !t.Converged {
		converged = "DID NOT CONVERGE"
	}
	return fmt.Sprintf("trained on %s candidate and %s random pairs: %s patterns, %d iterations, %s",
		humanize.Comma(t.Candidates), humanize.Comma(t.RandomPairs), humanize.Comma(int64(t.Patterns)), t.Iterations, converged)
}

// modelTable has a row for each level. Comparisons that depend on another one have a second set of figures.
func modelTable(m *weigh.Model) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	head := table.Row{"comparison", "level", "m", "u", "bits"}
	depends := slices.ContainsFunc(m.Comparisons, func(c weigh.Comparison) bool { return c.Parent != "" })
	if depends {
		head = append(head, "given that they agree on", "m", "u", "bits")
	}
	t.AppendHeader(head)
	var columns []table.ColumnConfig
	for _, n := range []int{3, 4, 5, 7, 8, 9} {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for i, c := range m.Comparisons {
		if i > 0 {
			t.AppendSeparator()
		}
		name, parent := c.Name, c.Parent
		for _, l := range c.Levels[min(1, len(c.Levels)):] { // the first is missing, which adds nothing
			row := append(table.Row{name, l.Name}, figures(l.M[0], l.U[0])...)
			if c.Parent != "" {
				row = append(append(row, parent), figures(l.M[1], l.U[1])...)
			}
			t.AppendRow(row)
			name, parent = "", ""
		}
	}
	return t.Render()
}

func figures(m, u float64) []any {
	return []any{share(m), share(u), fmt.Sprintf("%+.2f", math.Log2(m/u))}
}

// share prints a probability so that figures below one another compare at a glance, however small.
func share(p float64) string {
	if p < 1e-7 {
		return fmt.Sprintf("%.1e", p)
	}
	return fmt.Sprintf("%.7f", p)
}
