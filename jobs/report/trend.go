package report

import (
	"slices"
	"time"

	"github.com/go-analyze/charts"
)

// mostRuns is how many runs a line shows; of more, evenly many are left out.
const mostRuns = 60

// rateDays are the instants of the runs, in order.
func rateDays(history []RateAt) []time.Time {
	var days []time.Time
	for _, r := range history {
		if !slices.ContainsFunc(days, r.AsOf.Equal) {
			days = append(days, r.AsOf)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	every := (len(days) + mostRuns - 1) / mostRuns
	var kept []time.Time
	for i, d := range days {
		if (len(days)-1-i)%max(1, every) == 0 {
			kept = append(kept, d)
		}
	}
	return kept
}

// trend draws the match rates over the runs, a line with a symbol of its own for each object.
func (v *view) trend() (chart, error) {
	days := rateDays(v.RateHistory)
	var objects, names []string
	for _, r := range v.RateHistory {
		if !slices.Contains(objects, r.Object) {
			objects = append(objects, r.Object)
		}
	}
	slices.Sort(objects)
	values := make([][]float64, len(objects))
	for i, o := range objects {
		names = append(names, o)
		values[i] = make([]float64, len(days))
		for k := range days {
			values[i][k] = charts.GetNullValue()
		}
		for _, r := range v.RateHistory {
			if k := slices.IndexFunc(days, r.AsOf.Equal); r.Object == o && k >= 0 {
				values[i][k] = 100 * r.Rate
			}
		}
	}
	return draw("Match rates per object as of each run", size{680, 320}, size{360, 300}, func(p *charts.Painter, s size) error {
		labels := make([]string, len(days))
		for i, d := range days {
			labels[i] = d.UTC().Format("2006-01-02")
		}
		most := 6
		if s.width < 500 {
			most = 3
		}
		opt := charts.NewLineChartOptionWithData(values)
		opt.Theme = charts.GetTheme(charts.ThemeLight).WithTextColor(ink).WithAxisSplitLineColor(faint).WithSeriesColors([]charts.Color{blue, orange, green})
		opt.Padding = charts.NewBox(8, 8, 16, 8)
		opt.Legend = charts.LegendOption{SeriesNames: names, FontStyle: charts.FontStyle{FontSize: 10, FontColor: ink}, Offset: charts.OffsetLeft}
		font := charts.FontStyle{FontSize: 9.5, FontColor: ink}
		opt.XAxis = charts.XAxisOption{Labels: sparse(labels, most), LabelFontStyle: font, LabelCount: len(labels)}
		top, low := 100.0, 0.0
		opt.YAxis = []charts.YAxisOption{{
			Title: "linked, % of eligible", TitleFontStyle: font, LabelFontStyle: font, Min: &low, Max: &top, LabelCount: 6,
			RangeValuePaddingScale: charts.Ptr(0.0), ValueFormatter: digits, SplitLineShow: charts.Ptr(true),
		}}
		shapes := []charts.SymbolShape{charts.SymbolCircle, charts.SymbolSquare, charts.SymbolDiamond}
		for i := range opt.SeriesList {
			opt.SeriesList[i].Symbol.Shape = shapes[i%len(shapes)]
		}
		return p.LineChart(opt)
	})
}
