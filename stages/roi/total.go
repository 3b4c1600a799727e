package roi

import (
	"context"
	"math"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// totals add up the deals in the pipeline, per quarter and per group of the comparison.
type totals struct {
	quarters map[quarterKey]*quarter
	groups   [2]group // others, influenced
}

type quarterKey struct {
	quarter    string
	influenced bool
}

type quarter struct {
	deals, won, lost, open, sourced int64
	revenueWon, revenueOpen         sum
	revenueSourced                  sum
}

// group is one side of the comparison.
type group struct {
	closed, won int64
	revenue     []float64 // of deals won
	lives       []stat.Lifetime
}

func newTotals() *totals { return &totals{quarters: map[quarterKey]*quarter{}} }

func (t *totals) add(f fact) {
	key := quarterKey{f.quarter, f.influenced}
	q := t.quarters[key]
	if q == nil {
		q = &quarter{}
		t.quarters[key] = q
	}
	q.add(f)
	g := &t.groups[0]
	if f.influenced {
		g = &t.groups[1]
	}
	g.lives = append(g.lives, f.life)
	if f.closed {
		g.closed++
	}
	if f.won {
		g.won++
		if f.hasRevenue {
			g.revenue = append(g.revenue, f.revenue)
		}
	}
}

func (q *quarter) add(f fact) {
	q.deals++
	if f.sourced {
		q.sourced++
	}
	switch {
	case f.won:
		q.won++
		q.revenueWon.add(f.revenue)
		if f.sourced {
			q.revenueSourced.add(f.revenue)
		}
	case f.closed:
		q.lost++
	default:
		q.open++
		q.revenueOpen.add(f.revenue)
	}
}

// sum adds amounts without losing the small ones among the large: A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation
// endlicher Summen, ZAMM 54 (1974) 39-51.
type sum struct{ total, lost float64 }

func (s *sum) add(x float64) {
	t := s.total + x
	if math.Abs(s.total) >= math.Abs(x) {
		s.lost += (s.total - t) + x
	} else {
		s.lost += (x - t) + s.total
	}
	s.total = t
}

func (s *sum) value() float64 { return s.total + s.lost }

func publishQuarters(ctx context.Context, run *pipeline.Run, t *totals) error {
	out, err := newOutput(ctx, run, schemas.ROIQuarters)
	if err != nil {
		return err
	}
	for key, q := range t.quarters { // the writer sorts
		out.String(0, key.quarter)
		out.Bool(1, key.influenced)
		for i, n := range []int64{q.deals, q.won, q.lost, q.open, q.sourced} {
			out.Int(2+i, n)
		}
		for i, s := range []*sum{&q.revenueWon, &q.revenueOpen, &q.revenueSourced} {
			out.Float(7+i, s.value())
		}
		if err := out.endRow(ctx); err != nil {
			return out.abort(err)
		}
	}
	return out.publish(ctx, run)
}
