package main

import (
	"fmt"
	"math"

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
					return a.printJSON(map[string]any{"roi": d.ROI, "quarters": d.Quarters, "comparison": d.Comparison})
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
	q := table.NewWriter()
	q.SetStyle(table.StyleLight)
	q.AppendHeader(table.Row{"quarter", "influenced", "deals", "won", "lost", "open", "sourced", "revenue won", "revenue open"})
	for _, x := range d.Quarters {
		influenced := "no"
		if x.Influenced {
			influenced = "yes"
		}
		q.AppendRow(table.Row{
			x.Quarter, influenced, x.Opportunities, x.Won, x.Lost, x.Open, x.Sourced,
			humanize.CommafWithDigits(x.RevenueWon, 0), humanize.CommafWithDigits(x.RevenueOpen, 0),
		})
	}
	c := table.NewWriter()
	c.SetStyle(table.StyleLight)
	c.AppendHeader(table.Row{"measure", "unit", "influenced", "others", "difference", "95 % interval"})
	number := func(v *float64) string {
		if v == nil {
			return "too few"
		}
		return humanize.Commaf(math.Round(*v*1000) / 1000)
	}
	for _, x := range d.Comparison {
		c.AppendRow(table.Row{
			x.Measure, x.Unit, fmt.Sprintf("%s (n = %d)", number(x.InfluencedValue), x.InfluencedN), fmt.Sprintf("%s (n = %d)", number(x.OtherValue), x.OtherN),
			number(x.Difference), number(x.DifferenceLow) + " to " + number(x.DifferenceHigh),
		})
	}
	fmt.Fprintln(a.stdout, q.Render())
	fmt.Fprintln(a.stdout, c.Render())
	fmt.Fprintln(a.stdout, "Sellers choose whom they look up, so a difference is no proof that Sales Navigator caused it.")
}
