package report

import (
	"fmt"
	"html/template"
	"math"
	"regexp"

	"github.com/go-analyze/charts"
)

// The colours of Okabe and Ito (Color Universal Design, 2008), which the colour-blind tell apart and which differ in print.
var (
	blue   = charts.ColorFromHex("#0072B2")
	orange = charts.ColorFromHex("#E69F00")
	green  = charts.ColorFromHex("#009E73")
	grey   = charts.ColorFromHex("#BBBBBB")
	ink    = charts.ColorFromHex("#222222")
	faint  = charts.ColorFromHex("#DDDDDD")
)

// size is the size of a chart in pixels.
type size struct{ width, height int }

// chart is one drawing at two sizes, for wide and for narrow pages.
type chart struct {
	Wide, Narrow template.HTML
}

// draw makes both sizes of a chart. label is what the picture shows, for those who do not see it.
func draw(label string, wide, narrow size, paint func(p *charts.Painter, s size) error) (chart, error) {
	var c chart
	for _, v := range []struct {
		to   *template.HTML
		size size
	}{{&c.Wide, wide}, {&c.Narrow, narrow}} {
		theme := charts.GetTheme(charts.ThemeLight).WithTextColor(ink).WithAxisSplitLineColor(faint)
		p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: v.size.width, Height: v.size.height, Theme: theme})
		if err := paint(p, v.size); err != nil {
			return chart{}, fmt.Errorf("draw %s: %w", label, err)
		}
		svg, err := p.Bytes()
		if err != nil {
			return chart{}, fmt.Errorf("draw %s: %w", label, err)
		}
		*v.to = picture(svg, label, v.size)
	}
	return c, nil
}

var svgTag = regexp.MustCompile(`^<svg [^>]*>`)

// picture gives a drawing a name and a size that follows the page.
func picture(svg []byte, label string, s size) template.HTML {
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`,
		s.width, s.height, s.width, s.height, template.HTMLEscapeString(label))
	return template.HTML(svgTag.ReplaceAllLiteralString(string(svg), head))
}

// series is one colour of a stacked bar chart.
type series struct {
	name   string
	color  charts.Color
	values []float64
}

// bars is a stacked bar chart.
type bars struct {
	label      string
	axis       string // name and unit of the values
	categories []string
	category   string // name and unit of the categories; may be empty
	series     []series
	format     func(float64) string
	horizontal bool
	most       float64 // upper end of the value axis; 0 lets the data say
}

func (b bars) draw(wide, narrow size) (chart, error) {
	return draw(b.label, wide, narrow, b.paint)
}

func (b bars) paint(p *charts.Painter, s size) error {
	var values [][]float64
	var names []string
	var colors []charts.Color
	for _, x := range b.series {
		values, names, colors = append(values, x.values), append(names, x.name), append(colors, x.color)
	}
	opt := charts.NewBarChartOptionWithData(values)
	opt.Theme = charts.GetTheme(charts.ThemeLight).WithTextColor(ink).WithAxisSplitLineColor(faint).WithSeriesColors(colors)
	opt.StackSeries = charts.Ptr(true)
	opt.Horizontal = b.horizontal
	opt.Padding = charts.NewBox(8, 8, 16, 8)
	if b.category != "" {
		opt.Padding.Bottom = 30
	}
	opt.Legend = charts.LegendOption{SeriesNames: names, FontStyle: charts.FontStyle{FontSize: 10, FontColor: ink}, Symbol: charts.SymbolSquare, Offset: charts.OffsetLeft}
	font := charts.FontStyle{FontSize: 9.5, FontColor: ink}
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: b.categories, LabelFontStyle: font, LabelCount: len(b.categories), BoundaryGap: charts.Ptr(true)}
	axis := charts.ValueAxisOption{Title: b.axis, TitleFontStyle: font, LabelFontStyle: font, Min: charts.Ptr(0.0), RangeValuePaddingScale: charts.Ptr(0.0), ValueFormatter: b.format, SplitLineShow: charts.Ptr(true)}
	if b.most > 0 {
		axis.Max, axis.LabelCount = &b.most, 6
	} else {
		step, n := round(b.highest(), 6)
		top := step * float64(n)
		axis.Max, axis.LabelCount = &top, n+1
	}
	opt.ValueAxis = []charts.ValueAxisOption{axis}
	opt.ValueFormatter = b.format
	if err := p.BarChart(opt); err != nil {
		return err
	}
	if b.category != "" { // the library would set it right below the labels
		w := p.MeasureText(b.category, 0, font).Width()
		p.Text(b.category, (s.width-w)/2, s.height-10, 0, font)
	}
	return nil
}

// highest is the height of the highest stack.
func (b bars) highest() float64 {
	var top float64
	for i := range b.categories {
		var stack float64
		for _, s := range b.series {
			stack += s.values[i]
		}
		top = max(top, stack)
	}
	return top
}

// round divides an axis that holds x into at most so many steps of a size that reads well.
func round(x float64, most int) (step float64, n int) {
	if x <= 0 {
		return 1, 1
	}
	for scale := math.Pow(10, math.Floor(math.Log10(x))-1); ; scale *= 10 {
		for _, s := range []float64{1, 2, 2.5, 5} {
			if n := math.Ceil(x / (s * scale)); n <= float64(most) {
				return s * scale, int(n)
			}
		}
	}
}

// sparse blanks labels so that at most so many are left, evenly spaced.
func sparse(labels []string, most int) []string {
	every := (len(labels) + most - 1) / most
	out := make([]string, len(labels))
	for i := range labels {
		if i%max(1, every) == 0 {
			out[i] = labels[i]
		}
	}
	return out
}
