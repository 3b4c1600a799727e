package waterfall

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
)

//go:embed waterfall.html
var pageText string

var page = template.Must(template.New("waterfall").Funcs(template.FuncMap{"signed": Signed}).Parse(pageText))

// view is what the template sees.
type view struct {
	*Page
	Pairs    []pairView
	LinkBits string
}

type pairView struct {
	Pair
	Chance string
	Rows   []rowView
	Total  bar
}

type rowView struct {
	Step
	Bar bar
}

// bar lies between two places on the scale of 0 to 1000. Start is where the row begins: the end of the one before. Zero and Link are
// where even odds and the threshold lie.
type bar struct {
	X, Width, Start, Zero, Link string
	Against                     bool
	Label                       string
}

const scale = 1000

// WriteHTML draws the page as HTML that needs nothing else.
func (p *Page) WriteHTML(w io.Writer) error {
	low, high := p.extent()
	margin := (high - low) / 50 // so that no bar touches the edge
	low, high = low-margin, high+margin
	at := func(bits float64) float64 { return scale * (bits - low) / (high - low) }
	between := func(from, to float64, label string) bar {
		x, end := min(at(from), at(to)), max(at(from), at(to))
		return bar{place(x), place(max(1.5, end-x)), place(at(from)), place(at(0)), place(at(p.Threshold)), to < from, label}
	}
	v := view{Page: p, LinkBits: Signed(p.Threshold)}
	for _, pair := range p.Pairs {
		x := pairView{Pair: pair, Chance: Chance(pair.Weight)}
		sum := 0.0
		for _, s := range pair.Steps {
			label := fmt.Sprintf("%s: %s bits, from %s to %s", s.Feature, Signed(s.Bits), Signed(sum), Signed(sum+s.Bits))
			x.Rows = append(x.Rows, rowView{s, between(sum, sum+s.Bits, label)})
			sum += s.Bits
		}
		x.Total = between(0, pair.Weight, "weight: "+Signed(pair.Weight)+" bits")
		v.Pairs = append(v.Pairs, x)
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("draw %s: %w", p.Record.ID, err)
	}
	return nil
}

func place(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }
