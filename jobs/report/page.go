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
	"measure": func(c Comparison) string { return c.measure().title },
	"value":   func(c Comparison, v *float64) string { return orNone(v, c.measure().value) },
	"change": func(c Comparison) string {
		m := c.measure()
		return orNone(c.Difference, func(x float64) string { return m.change(x) + m.unit })
	},
	"interval": func(c Comparison) string {
		if !c.shown() {
			return c.Method
		}
		whole := func(x float64) string { return strings.ReplaceAll(c.measure().change(x), " ", "\u00a0") }
		return interval(c.DifferenceLow, c.DifferenceHigh, whole)
	},
	"amount":   amount,
	"rate":     func(v *float64) string { return orNone(v, percent) },
	"spaced":   func(s string) string { return strings.ReplaceAll(s, "_", " ") },
	"segments": func(v view, dimension string) []Comparison { return v.Segments(dimension, mostSegments) },
	"add":      func(a, b int64) int64 { return a + b },
}).Parse(pageText))

// mostSegments is how many segments of a dimension the page shows; the table has all.
const mostSegments = 12

// dimensions are those of the comparison by segment, in the order of the page.
var dimensions = []struct{ Name, Title string }{
	{"quarter", "Quarter of the close date"},
	{"size_band", "Employees of the account"},
	{"industry", "Industry"},
	{"region", "Region"},
	{"business", "New or existing business"},
	{"owner", "Owner"},
}

// view is what the template sees.
type view struct {
	*Data
	Pairs      []quarterPair
	Money      []inCurrency
	Weights    []weightBin
	Dimensions any

	Rates, Histogram, Intervals, Deals, BeforeWin, Trend chart
}

// inCurrency is the trend of the amounts in one currency.
type inCurrency struct {
	Amounts
	Pairs   []quarterPair
	Revenue chart
}

// WriteHTML writes the page.
func (d *Data) WriteHTML(w io.Writer) error {
	v := view{Data: d, Pairs: pairs(d.Quarters, ""), Weights: weights(d.Scores), Dimensions: dimensions}
	if err := v.paint(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// paint draws the charts that there are data for.
func (v *view) paint() error {
	for _, p := range []struct {
		when bool
		to   *chart
		draw func() (chart, error)
	}{
		{len(v.MatchRates) > 0, &v.Rates, v.rates},
		{len(v.Weights) > 0, &v.Histogram, v.histogram},
		{len(v.Overall()) > 0, &v.Intervals, v.intervals},
		{len(v.Touches) > 0, &v.BeforeWin, v.beforeWin},
		{len(rateDays(v.RateHistory)) > 1, &v.Trend, v.trend},
		{len(v.Pairs) > 0, &v.Deals, func() (chart, error) {
			return quarters("Opportunities per quarter of the close date", "opportunities", count64, v.Pairs, func(q Quarter) float64 { return float64(q.Opportunities) })
		}},
	} {
		if !p.when {
			continue
		}
		var err error
		if *p.to, err = p.draw(); err != nil {
			return err
		}
	}
	for _, a := range v.ROI.Amounts {
		m := inCurrency{Amounts: a, Pairs: pairs(v.Quarters, a.Currency)}
		unit := "org currency"
		if a.Currency != "" {
			unit = a.Currency
		}
		var err error
		m.Revenue, err = quarters("Revenue won per quarter of the close date, "+unit, "revenue won, "+unit, money, m.Pairs, func(q Quarter) float64 { return q.RevenueWon })
		if err != nil {
			return err
		}
		v.Money = append(v.Money, m)
	}
	return nil
}

func (v *view) intervals() (chart, error) {
	height := 0
	for _, c := range v.Overall() {
		height += c.height()
	}
	label := "Difference between influenced and other opportunities with 95 % intervals"
	return intervals(label, v.Overall(), size{680, height}, size{360, height})
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

func quarters(label, axis string, format func(float64) string, of []quarterPair, value func(Quarter) float64) (chart, error) {
	b := bars{label: label, axis: axis, category: "quarter", format: format, series: []series{{name: "influenced", color: blue}, {name: "others", color: orange}}}
	for _, q := range of {
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

// beforeWin draws how many touches closed opportunities had.
func (v *view) beforeWin() (chart, error) {
	b := bars{
		label: "Closed opportunities by the number of touches before their close", axis: "opportunities", category: "touches before the close", format: count64,
		series: []series{{name: "won", color: blue}, {name: "lost", color: orange}},
	}
	for _, t := range v.Touches {
		b.categories = append(b.categories, t.Name())
		b.series[0].values = append(b.series[0].values, float64(t.Won))
		b.series[1].values = append(b.series[1].values, float64(t.Lost))
	}
	return b.draw(size{680, 320}, size{360, 300})
}
