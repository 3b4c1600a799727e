package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
)

//go:embed report.html
var pageText string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"count": count, "percent": percent, "money": money, "seconds": seconds, "likely": likely, "digits": digits, "part": part,
	"join":    func(list []string) string { return strings.Join(list, ", ") },
	"measure": func(c Comparison) string { return measureOf(c.Measure).title },
	"value":   func(c Comparison, v *float64) string { return orNone(v, measureOf(c.Measure).value) },
	"change": func(c Comparison) string {
		m := measureOf(c.Measure)
		return orNone(c.Difference, func(x float64) string { return m.change(x) + m.unit })
	},
	"interval": func(c Comparison) string {
		return interval(c.DifferenceLow, c.DifferenceHigh, measureOf(c.Measure).change)
	},
	"add": func(a, b int64) int64 { return a + b },
}).Parse(pageText))

// view is what the template sees.
type view struct {
	*Data
	Quarters []quarterPair
	Weights  []weightBin

	Rates, Histogram, Intervals, Deals, Revenue chart
}

// WriteHTML writes the page.
func (d *Data) WriteHTML(w io.Writer) error {
	v := view{Data: d, Quarters: pairs(d.Quarters), Weights: weights(d.Scores)}
	if err := v.paint(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// paint draws the charts that there are data for.
func (v *view) paint() (err error) {
	if len(v.MatchRates) > 0 {
		if v.Rates, err = v.rates(); err != nil {
			return err
		}
	}
	if len(v.Weights) > 0 {
		if v.Histogram, err = v.histogram(); err != nil {
			return err
		}
	}
	if len(v.Comparison) > 0 {
		height := 0
		for _, c := range v.Comparison {
			height += c.height()
		}
		label := "Difference between influenced and other opportunities with 95 % intervals"
		if v.Intervals, err = intervals(label, v.Comparison, size{680, height}, size{360, height}); err != nil {
			return err
		}
	}
	if len(v.Quarters) == 0 {
		return nil
	}
	if v.Deals, err = v.quarters("Opportunities per quarter of the close date", "opportunities", count64,
		func(q Quarter) float64 { return float64(q.Opportunities) }); err != nil {
		return err
	}
	v.Revenue, err = v.quarters("Revenue won per quarter of the close date", "revenue won, org currency", money, func(q Quarter) float64 { return q.RevenueWon })
	return err
}

func minus(n int64) string { return strings.Replace(strconv.FormatInt(n, 10), "-", "−", 1) }

func count64(x float64) string { return count(int64(x)) }

// tenths: shares are drawn in whole tenths of a per cent, since the library moves the foot of a stack of bars below zero when a
// value lies between 0 and 1.
const tenths = 10

func (v *view) rates() (chart, error) {
	b := bars{
		label: "Eligible records that are linked, wait for a review, or match nothing, per object", axis: "share of eligible records, %",
		horizontal: true, most: tenths * 100, format: func(x float64) string { return digits(x / tenths) },
		series: []series{{name: "linked", color: blue}, {name: "review", color: orange}, {name: "no match", color: grey}},
	}
	for i := range v.MatchRates {
		m := v.MatchRates[len(v.MatchRates)-1-i] // horizontal bars are drawn from below
		b.categories = append(b.categories, m.Object)
		total := max(1, float64(m.Eligible))
		for k, n := range []int64{m.Linked, m.Review, m.Eligible - m.Linked - m.Review} {
			b.series[k].values = append(b.series[k].values, max(0, math.Floor(tenths*100*float64(n)/total)))
		}
	}
	height := 110 + 44*len(v.MatchRates)
	return b.draw(size{680, height}, size{360, height})
}

func (v *view) histogram() (chart, error) {
	b := bars{
		label: "Records by the match weight of their best candidate", axis: "records", category: "match weight, bits (bins of 2)", format: count64,
		series: []series{{name: "linked", color: blue}, {name: "review", color: orange}, {name: "not linked", color: grey}},
	}
	for _, w := range v.Weights {
		name := ""
		if w.Bin%10 == 0 {
			name = minus(w.Bin)
		}
		b.categories = append(b.categories, name)
		for k, n := range []int64{w.Linked, w.Review, w.Not} {
			b.series[k].values = append(b.series[k].values, float64(n))
		}
	}
	return b.draw(size{680, 320}, size{360, 300})
}

func (v *view) quarters(label, axis string, format func(float64) string, value func(Quarter) float64) (chart, error) {
	b := bars{label: label, axis: axis, category: "quarter", format: format, series: []series{{name: "influenced", color: blue}, {name: "others", color: orange}}}
	for _, q := range v.Quarters {
		b.categories = append(b.categories, q.Quarter)
		b.series[0].values = append(b.series[0].values, value(q.Influenced))
		b.series[1].values = append(b.series[1].values, value(q.Others))
	}
	all := b.categories
	b.categories = sparse(all, 10)
	c, err := b.draw(size{680, 320}, size{360, 300})
	if err != nil {
		return chart{}, err
	}
	b.categories = sparse(all, 3)
	small, err := b.draw(size{680, 320}, size{360, 300})
	c.Narrow = small.Narrow
	return c, err
}
