package report

import (
	"math"
	"strings"

	"github.com/go-analyze/charts"
)

// intervals draws differences with their intervals, one panel each because their units differ, around a common line at no difference.
func intervals(label string, all []Comparison, wide, narrow size) (chart, error) {
	return draw(label, wide, narrow, func(p *charts.Painter, s size) error {
		p.FilledRect(0, 0, s.width, s.height, charts.ColorWhite, charts.ColorWhite, 0)
		top := 0
		for _, c := range all {
			panel(p, c, top, s.width)
			top += c.height()
		}
		return nil
	})
}

const (
	textSize  = 10
	smallSize = 9
	margin    = 16
)

// shown reports whether there is an interval to draw.
func (c Comparison) shown() bool {
	return c.Difference != nil && c.DifferenceLow != nil && c.DifferenceHigh != nil
}

// height is how many rows of pixels the panel takes.
func (c Comparison) height() int {
	if c.shown() {
		return 136
	}
	return 84
}

// panel draws one difference from the given row of pixels on.
func panel(p *charts.Painter, c Comparison, top, width int) {
	m := c.measure()
	text := func(s string, x, y int, size float64) {
		p.Text(s, x, y, 0, charts.FontStyle{FontSize: size, FontColor: ink})
	}
	centred := func(s string, x, y int, size float64) {
		style := charts.FontStyle{FontSize: size, FontColor: ink}
		w := p.MeasureText(s, 0, style).Width()
		p.Text(s, min(max(x-w/2, 2), width-w-2), y, 0, style)
	}
	text(m.title, margin, top+18, textSize)
	axis := top + c.height() - 52
	if !c.shown() {
		for i, line := range wrap(c.Method, (width-2*margin)/7) {
			text(line, margin, top+44+16*i, smallSize)
		}
		return
	}
	low, high := *c.DifferenceLow, *c.DifferenceHigh
	most := 4
	if width < 500 {
		most = 2
	}
	step, ticks := round(1.05*max(math.Abs(low), math.Abs(high)), most)
	reach := step * float64(ticks)
	at := func(x float64) int {
		return 2*margin + int(math.Round((x+reach)/(2*reach)*float64(width-4*margin)))
	}
	p.LineStroke([]charts.Point{{X: at(-reach), Y: axis}, {X: at(reach), Y: axis}}, ink, 1)
	for i := -ticks; i <= ticks; i++ {
		x := step * float64(i)
		p.LineStroke([]charts.Point{{X: at(x), Y: axis}, {X: at(x), Y: axis + 4}}, ink, 1)
		centred(axisLabel(c.Measure, x), at(x), axis+16, smallSize)
	}
	centred(m.axis, width/2, axis+34, smallSize)
	p.DashedLineStroke([]charts.Point{{X: at(0), Y: top + 28}, {X: at(0), Y: axis}}, ink, 1, []float64{3, 3})
	y := (top + 34 + axis) / 2
	p.LineStroke([]charts.Point{{X: at(low), Y: y}, {X: at(high), Y: y}}, blue, 3)
	for _, end := range []float64{low, high} {
		p.LineStroke([]charts.Point{{X: at(end), Y: y - 6}, {X: at(end), Y: y + 6}}, blue, 3)
	}
	p.Circle(6, at(*c.Difference), y, blue, charts.ColorWhite, 1.5)
}

// axisLabel writes a tick of the axis without its unit, which the axis names.
func axisLabel(measure string, x float64) string {
	switch measure {
	case "win_rate":
		return plus(digits(100*x), x)
	case "median_revenue":
		return plus(money(x), x)
	default:
		return plus(digits(x), x)
	}
}

// wrap folds a sentence into lines of about so many letters.
func wrap(s string, letters int) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 && len(lines[n-1])+1+len(word) <= letters {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
