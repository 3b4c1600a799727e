package roi

import (
	"context"
	"math"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// totals are the deals in the pipeline, and the names of what they are numbered by.
type totals struct {
	facts            []fact
	owners, quarters *table
}

func newTotals() *totals { return &totals{owners: newTable(), quarters: newTable()} }

type quarterKey struct {
	quarter, currency int32
	influenced        bool
}

type quarter struct {
	deals, won, lost, open, sourced int64
	influencedStrict, sourcedStrict int64
	revenueWon, revenueOpen         sum
	revenueSourced                  sum
}

func (q *quarter) add(f *fact) {
	q.deals++
	for _, c := range []struct {
		yes bool
		n   *int64
	}{{f.sourced, &q.sourced}, {f.influencedStrict, &q.influencedStrict}, {f.sourcedStrict, &q.sourcedStrict}} {
		if c.yes {
			*c.n++
		}
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

// publishQuarters adds up the deals per quarter. Amounts of different currencies are never added.
func publishQuarters(ctx context.Context, run *pipeline.Run, t *totals, currencies *table) error {
	sums := map[quarterKey]*quarter{}
	for i := range t.facts {
		f := &t.facts[i]
		key := quarterKey{f.quarter, f.currency, f.influenced}
		if sums[key] == nil {
			sums[key] = &quarter{}
		}
		sums[key].add(f)
	}
	out, err := pipeline.NewOutput(ctx, run, schemas.ROIQuarters)
	if err != nil {
		return err
	}
	for key, q := range sums { // the writer sorts
		out.String(0, t.quarters.at(key.quarter))
		out.String(1, currencies.at(key.currency))
		out.Bool(2, key.influenced)
		for i, n := range []int64{q.deals, q.won, q.lost, q.open, q.sourced, q.influencedStrict, q.sourcedStrict} {
			out.Int(3+i, n)
		}
		for i, s := range []*sum{&q.revenueWon, &q.revenueOpen, &q.revenueSourced} {
			out.Float(10+i, s.value())
		}
		if err := out.EndRow(ctx); err != nil {
			return out.Abort(err)
		}
	}
	return out.Publish(ctx)
}
