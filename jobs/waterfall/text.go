package waterfall

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// The marks of bars.
const (
	markFor     = '█'
	markAgainst = '░'
	markZero    = '│'
	markLink    = '┊'
)

// narrowest is the least width that is drawn for, in characters.
const narrowest = 80

// Widths of the columns that do not depend on the screen's.
const (
	featureWidth = 11
	levelWidth   = 13
	bitsWidth    = 6
)

// WriteText draws the page in characters, for a screen of the width.
func (p *Page) WriteText(w io.Writer, width int, color bool) error {
	width = max(width, narrowest)
	var out strings.Builder
	out.WriteString(p.Record.String() + "\n")
	for _, f := range p.Facts {
		out.WriteString(text.WrapSoft(f, width) + "\n")
	}
	low, high := p.extent()
	// What is left of the line is shared by the two values and the bars.
	room := width - featureWidth - levelWidth - bitsWidth - 6*2 // two spaces a column
	value := max(len("directory"), min(34, room/3, p.longest()))
	d := &drawing{low: low, high: high, columns: min(60, room-2*value-1), threshold: p.Threshold, color: color}
	for _, pair := range p.Pairs {
		d.pair(&out, pair, value, width)
	}
	key := fmt.Sprintf("%c speaks for a match, %c against; one character is %.1f bits; %c even odds, %c linked from %s bits",
		markFor, markAgainst, d.step(), markZero, markLink, Signed(p.Threshold))
	fmt.Fprintf(&out, "\n%s\nmodel %s of %s\n", text.WrapSoft(key, width), p.Model, p.Run)
	for line := range strings.Lines(out.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// longest is the width of the longest value.
func (p *Page) longest() (most int) {
	for _, pair := range p.Pairs {
		for _, s := range pair.Steps {
			most = max(most, text.StringWidthWithoutEscSequences(s.Left), text.StringWidthWithoutEscSequences(s.Right))
		}
	}
	return most
}

// drawing is the scale of the bars.
type drawing struct {
	low, high, threshold float64
	columns              int
	color                bool
}

// step is how many bits a character stands for.
func (d *drawing) step() float64 { return (d.high - d.low) / float64(d.columns) }

// at is the column at which a sum lies, 0 to columns.
func (d *drawing) at(sum float64) int { return int(math.Round((sum - d.low) / d.step())) }

// bar draws from one sum to another. A step too small for a character is drawn as a point.
func (d *drawing) bar(from, to float64) string {
	line := make([]rune, d.columns+1)
	for i := range line {
		line[i] = ' '
	}
	line[d.at(d.threshold)] = markLink
	line[d.at(0)] = markZero
	mark, color := markFor, text.FgBlue
	if to < from {
		mark, color = markAgainst, text.FgRed
	}
	begin, end := min(d.at(from), d.at(to)), max(d.at(from), d.at(to))
	for i := begin; i < end; i++ {
		line[i] = mark
	}
	if begin == end && line[begin] == ' ' {
		line[begin] = '·'
	}
	if !d.color {
		return string(line)
	}
	return string(line[:begin]) + text.Colors{color}.Sprint(string(line[begin:end])) + string(line[end:])
}

func (d *drawing) pair(out *strings.Builder, p Pair, value, width int) {
	fmt.Fprintf(out, "\n%s: %s, probability %s\n", p.Heading, p.Verdict, Chance(p.Weight))
	out.WriteString("  " + p.Target.String() + "\n")
	for _, n := range p.Notes {
		out.WriteString(indent(text.WrapSoft(n, width-2)) + "\n")
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Format.Header, t.Style().Format.Footer = text.FormatDefault, text.FormatDefault
	wrapped := func(n, most int) table.ColumnConfig {
		return table.ColumnConfig{Number: n, WidthMin: most, WidthMax: most, WidthMaxEnforcer: wrapLines}
	}
	t.SetColumnConfigs([]table.ColumnConfig{
		wrapped(1, featureWidth), wrapped(2, levelWidth), wrapped(3, value), wrapped(4, value),
		{Number: 5, WidthMin: bitsWidth, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight},
	})
	t.AppendHeader(table.Row{"feature", "level", "CRM", "directory", "bits", strings.Repeat(" ", d.at(0)) + "0"})
	sum := 0.0
	for _, s := range p.Steps {
		level := s.Level
		if s.Note != "" {
			level += "\n" + s.Note
		}
		t.AppendRow(table.Row{s.Feature, level, s.Left, s.Right, Signed(s.Bits), d.bar(sum, sum+s.Bits)})
		sum += s.Bits
	}
	t.AppendFooter(table.Row{"weight", "", "", "", Signed(p.Weight), d.bar(0, sum)})
	out.WriteString(t.Render() + "\n")
	if len(p.Missing) > 0 {
		out.WriteString(indent(text.WrapSoft("not compared: "+strings.Join(p.Missing, ", "), width-2)) + "\n")
	}
}

// wrapLines folds each line of a text.
func wrapLines(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = text.WrapSoft(l, width)
	}
	return strings.Join(lines, "\n")
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
