package roi

import (
	"cmp"
	"context"
	"slices"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// The kinds of comparisons.
const (
	plain   = "plain"
	matched = "matched"
	placebo = "placebo"
)

// overall is the dimension, and its one segment, of comparisons over all deals.
const overall = "all"

// segmentSamples is how many bootstrap samples a segment gets, of which there may be thousands: 399 make the 2.5 % points the 10th
// and the 390th.
const segmentSamples = 399

// dimension divides deals into segments.
type dimension struct {
	name string
	of   func(f *fact) int32
	at   func(segment int32) string
}

func (t *totals) dimensions(p *places) []dimension {
	return []dimension{
		{"quarter", func(f *fact) int32 { return f.quarter }, t.quarters.at},
		{"size_band", func(f *fact) int32 { return f.size }, p.sizes.at},
		{"industry", func(f *fact) int32 { return f.industry }, p.industries.at},
		{"region", func(f *fact) int32 { return f.region }, p.regions.at},
		{"owner", func(f *fact) int32 { return f.owner }, t.owners.at},
		{"business", func(f *fact) int32 {
			if f.existing {
				return 1
			}
			return 0
		}, func(i int32) string { return businessName(i == 1) }},
	}
}

// task is one set of deals to compare in all measures.
type task struct {
	kind, dimension, segment string
	of                       []*fact
	treated                  func(f *fact) bool
	samples                  int
}

// compare makes all comparisons, side by side; the result is the same for any number of workers.
func (t *totals) compare(p *places, currencies *table, workers int) []comparison {
	everyone := make([]*fact, len(t.facts))
	var untouched []*fact
	for i := range t.facts {
		everyone[i] = &t.facts[i]
		if !t.facts[i].influenced {
			untouched = append(untouched, &t.facts[i])
		}
	}
	influenced := func(f *fact) bool { return f.influenced }
	tasks := []task{
		{plain, overall, overall, everyone, influenced, stat.Replicates},
		{matched, overall, overall, everyone, influenced, stat.Replicates},
		{placebo, overall, overall, untouched, func(f *fact) bool { return f.early }, stat.Replicates},
	}
	for _, d := range t.dimensions(p) {
		sorted := slices.Clone(everyone)
		slices.SortStableFunc(sorted, func(a, b *fact) int { return cmp.Compare(d.of(a), d.of(b)) })
		for len(sorted) > 0 {
			segment := d.of(sorted[0])
			n, _ := slices.BinarySearchFunc(sorted, segment+1, func(f *fact, s int32) int { return cmp.Compare(d.of(f), s) })
			tasks = append(tasks, task{plain, d.name, d.at(segment), sorted[:n], influenced, segmentSamples})
			sorted = sorted[n:]
		}
	}
	results := make([][]comparison, len(tasks))
	lanes := pool.New().WithMaxGoroutines(max(1, workers))
	for i, k := range tasks {
		lanes.Go(func() { results[i] = k.compare(currencies) })
	}
	lanes.Wait()
	return slices.Concat(results...)
}

func (k task) compare(currencies *table) []comparison {
	pick := func(eligible func(f *fact) bool) (g [2]group) {
		of := k.of
		if k.kind == matched {
			of = match(k.of, k.treated, eligible)
		}
		for _, f := range of {
			if eligible(f) {
				side := 1
				if k.treated(f) {
					side = 0
				}
				g[side].add(f)
			}
		}
		return g
	}
	rates := pick(func(f *fact) bool { return f.closed })
	lives := pick(func(*fact) bool { return true })
	out := []comparison{compareRates(&rates[0], &rates[1]), compareDays(&lives[0], &lives[1], k.samples)}
	for c := range int32(currencies.len()) {
		amounts := pick(func(f *fact) bool { return f.won && f.hasRevenue && f.currency == c })
		if len(amounts[0].revenue)+len(amounts[1].revenue) > 0 || currencies.len() == 1 {
			out = append(out, compareRevenue(&amounts[0], &amounts[1], currencies.at(c), k.samples))
		}
	}
	for i := range out {
		out[i].kind, out[i].dimension, out[i].segment = k.kind, k.dimension, k.segment
		if k.kind == matched {
			out[i].method = "matched one to one within size band, industry and owner; " + out[i].method
		}
	}
	return out
}

func (g *group) add(f *fact) {
	g.lives = append(g.lives, f.life())
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

// match draws, in each stratum of size band, industry and owner, as many of the one side as of the other, without replacement. Who is
// drawn depends on the opportunities' ids alone.
func match(of []*fact, treated, eligible func(f *fact) bool) []*fact {
	var left []*fact
	for _, f := range of {
		if eligible(f) {
			left = append(left, f)
		}
	}
	stratum := func(a, b *fact) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.industry, b.industry), cmp.Compare(a.size, b.size))
	}
	slices.SortFunc(left, func(a, b *fact) int { return cmp.Or(stratum(a, b), cmp.Compare(a.lot, b.lot)) })
	var drawn []*fact
	for len(left) > 0 {
		n := 1
		for n < len(left) && stratum(left[0], left[n]) == 0 {
			n++
		}
		var sides [2][]*fact
		for _, f := range left[:n] {
			side := 0
			if treated(f) {
				side = 1
			}
			sides[side] = append(sides[side], f)
		}
		pairs := min(len(sides[0]), len(sides[1]))
		drawn = append(append(drawn, sides[0][:pairs]...), sides[1][:pairs]...)
		left = left[n:]
	}
	return drawn
}

func publishComparison(ctx context.Context, run *pipeline.Run, comparisons []comparison) error {
	out, err := pipeline.NewOutput(ctx, run, schemas.ROIComparison)
	if err != nil {
		return err
	}
	for i := range comparisons {
		c := &comparisons[i]
		for k, text := range []string{c.kind, c.dimension, c.segment, c.measure, c.currency, c.unit} {
			out.String(k, text)
		}
		out.Int(6, c.influenced.n)
		optional(out, 7, c.influenced.value)
		out.Int(8, c.other.n)
		optional(out, 9, c.other.value)
		optional(out, 10, c.difference)
		if c.interval != nil {
			out.Float(11, c.interval.Low)
			out.Float(12, c.interval.High)
		}
		out.String(13, c.method)
		if err := out.EndRow(ctx); err != nil {
			return out.Abort(err)
		}
	}
	return out.Publish(ctx)
}

func optional(o *pipeline.Output, i int, v *float64) {
	if v != nil {
		o.Float(i, *v)
	}
}
