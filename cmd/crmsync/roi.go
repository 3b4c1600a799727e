package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
)

func (a *app) roiCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "roi",
		Short:   "Show the influence of Sales Navigator on opportunities",
		Example: "  crmsync roi -c crmsync.yaml --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				d, err := s.latest(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{
						"roi": d.ROI, "quarters": d.Quarters, "comparison": d.Comparisons, "open_deals": d.OpenDeals, "touches": d.Touches,
						"match_rates": d.RateHistory,
					})
				}
				a.printROI(d)
				return nil
			})
		},
	}
}

func (a *app) printROI(d *report.Data) {
	if !d.ROI.Authorised {
		fmt.Fprintln(a.stdout, "ROI is off: the customer has not authorised it (setting roi.authorised)")
		return
	}
	a.printHeadline(d.ROI)
	a.printQuarters(d.Quarters)
	a.printComparisons("Influenced opportunities against the others", d.Overall())
	a.printComparisons("How far to trust it: matched within size band, industry and owner; placebo: touched too early to matter, against not touched", d.Checks())
	if len(d.Touches) > 0 {
		t := table.NewWriter()
		t.SetStyle(table.StyleLight)
		t.SetTitle("Touches before a win")
		t.AppendHeader(table.Row{"touches", "won", "lost", "win rate"})
		for _, b := range d.Touches {
			t.AppendRow(table.Row{b.Name(), b.Won, b.Lost, numberOf(b.Rate())})
		}
		fmt.Fprintln(a.stdout, t.Render())
	}
	if len(d.OpenDeals) > 0 {
		t := table.NewWriter()
		t.SetStyle(table.StyleLight)
		t.SetTitle("Largest open opportunities that were influenced")
		t.AppendHeader(table.Row{"opportunity", "stage", "closes", "revenue", "touches", "sourced"})
		for _, x := range d.OpenDeals {
			t.AppendRow(table.Row{x.Name, x.Stage, x.CloseDate, strings.TrimSpace(x.Currency + " " + whole(x.Revenue)), x.Touches, yesNo(x.Sourced)})
		}
		fmt.Fprintln(a.stdout, t.Render())
	}
	a.printRates(d.RateHistory)
	fmt.Fprintln(a.stdout, "A comparison is no proof of cause: sellers look up the people of deals that they believe in, and deals that live longer have more time to be touched.")
}

func (a *app) printHeadline(r report.ROI) {
	fmt.Fprintf(a.stdout, "%d of %d opportunities influenced, %d sourced (people with a role only: %d and %d)\n",
		r.Influenced, r.Opportunities, r.Sourced, r.InfluencedStrict, r.SourcedStrict)
	share := func(n, total float64) string {
		if total <= 0 { // amounts below zero can leave a total of which nothing is a share
			return "-"
		}
		return fmt.Sprintf("%.1f %%", 100*n/total)
	}
	for _, m := range r.Amounts {
		fmt.Fprintf(a.stdout, "%srevenue won %s: influenced %s, sourced %s; open %s: influenced %s\n", strings.TrimLeft(m.Currency+" ", " "),
			whole(m.Won), share(m.WonInfluenced, m.Won), share(m.WonSourced, m.Won),
			whole(m.Pipeline), share(m.PipelineInfluence, m.Pipeline))
	}
}

func (a *app) printQuarters(quarters []report.Quarter) {
	q := table.NewWriter()
	q.SetStyle(table.StyleLight)
	q.AppendHeader(table.Row{"quarter", "currency", "influenced", "deals", "won", "lost", "open", "sourced", "revenue won", "revenue open"})
	several := slices.ContainsFunc(quarters, func(x report.Quarter) bool { return x.Currency != "" })
	q.SetColumnConfigs([]table.ColumnConfig{{Name: "currency", Hidden: !several}})
	for _, x := range quarters {
		q.AppendRow(table.Row{
			x.Quarter, x.Currency, yesNo(x.Influenced), x.Opportunities, x.Won, x.Lost, x.Open, x.Sourced,
			whole(x.RevenueWon), whole(x.RevenueOpen),
		})
	}
	fmt.Fprintln(a.stdout, q.Render())
}

func (a *app) printComparisons(title string, all []report.Comparison) {
	c := table.NewWriter()
	c.SetStyle(table.StyleLight)
	c.SetTitle(title)
	c.AppendHeader(table.Row{"", "measure", "unit", "influenced", "others", "difference", "95 % interval"})
	for _, x := range all {
		interval := x.Method
		if x.DifferenceLow != nil && x.DifferenceHigh != nil {
			interval = numberOf(x.DifferenceLow) + " to " + numberOf(x.DifferenceHigh)
		}
		c.AppendRow(table.Row{
			x.Comparison, x.Measure, x.Unit, fmt.Sprintf("%s (n = %d)", numberOf(x.InfluencedValue), x.InfluencedN),
			fmt.Sprintf("%s (n = %d)", numberOf(x.OtherValue), x.OtherN), numberOf(x.Difference), interval,
		})
	}
	fmt.Fprintln(a.stdout, c.Render())
}

// latestRates is how many runs the match rates are shown of.
const latestRates = 10

// printRates prints the match rates of the latest runs.
func (a *app) printRates(history []report.RateAt) {
	var runs []time.Time
	at := map[time.Time]map[string]float64{}
	for _, r := range history { // oldest first
		if at[r.AsOf] == nil {
			at[r.AsOf] = map[string]float64{}
			runs = append(runs, r.AsOf)
		}
		at[r.AsOf][r.Object] = r.Rate
	}
	if len(runs) == 0 {
		return
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetTitle("Match rates over time")
	objects := []string{"Account", "Contact", "Lead"}
	head := table.Row{"as of"}
	for _, o := range objects {
		head = append(head, o)
	}
	t.AppendHeader(head)
	for _, run := range runs[max(0, len(runs)-latestRates):] {
		row := table.Row{run.UTC().Format("2006-01-02 15:04")}
		for _, o := range objects {
			cell := "-"
			if rate, ok := at[run][o]; ok {
				cell = fmt.Sprintf("%.1f %%", 100*rate)
			}
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	fmt.Fprintln(a.stdout, t.Render())
}

// numberOf writes a number that may be missing.
func numberOf(v *float64) string {
	if v == nil {
		return "-"
	}
	return humanize.Commaf(math.Round(*v*1000)/1000 + 0) // no -0
}

// whole writes an amount rounded to a whole number.
func whole(x float64) string { return humanize.Commaf(math.Round(x) + 0) } // no -0

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
