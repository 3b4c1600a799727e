package report

import (
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// printer lays out text for a terminal.
type printer struct {
	out   strings.Builder
	width int
	color bool
}

// line writes a line, folded at spaces where it is too long; what goes on is indented as its first line, and two more.
func (p *printer) line(s string) {
	indent := s[:len(s)-len(strings.TrimLeft(s, " "))]
	column := 0
	for i, word := range strings.Split(strings.TrimLeft(s, " "), " ") {
		size := text.StringWidthWithoutEscSequences(word)
		switch {
		case i == 0:
			p.out.WriteString(indent)
			column = len(indent)
		case column+1+size > p.width && !strings.ContainsRune(word, '/'):
			p.out.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			p.out.WriteByte(' ')
			column++
		}
		p.out.WriteString(word)
		column += size
	}
	p.out.WriteByte('\n')
}

func (p *printer) style(s string, c text.Colors) string {
	if !p.color {
		return s
	}
	return c.EscapeSeq() + s + text.Reset.EscapeSeq()
}

func (p *printer) bold(s string) string  { return p.style(s, text.Colors{text.Bold}) }
func (p *printer) faint(s string) string { return p.style(s, text.Colors{text.Faint}) }

// bar draws a share as a bar of blocks, if there is room for it.
func (p *printer) bar(share float64, width int) string {
	if width < 4 {
		return ""
	}
	full := int(math.Round(share * float64(width)))
	full = min(max(full, 0), width)
	return p.style(strings.Repeat("█", full), text.Colors{text.FgBlue}) + p.faint(strings.Repeat("░", width-full))
}

// table begins a table; all columns but the first are numbers when there are more than two.
func (p *printer) table(head table.Row) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Options.SeparateColumns = false
	t.Style().Size.WidthMax = p.width
	for i := range head {
		if name, ok := head[i].(string); ok {
			head[i] = p.bold(name)
		}
	}
	t.AppendHeader(head)
	configs := []table.ColumnConfig{{Number: 1, AlignHeader: text.AlignLeft}}
	if len(head) > 2 {
		for i := 1; i < len(head); i++ {
			configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	} else {
		configs = append(configs, table.ColumnConfig{Number: 2, WidthMax: p.width - 22, WidthMaxEnforcer: text.WrapSoft})
	}
	t.SetColumnConfigs(configs)
	return t
}

func (p *printer) render(t table.Writer) {
	p.out.WriteString("\n" + t.Render() + "\n")
}
