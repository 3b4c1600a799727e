package linkage

import (
	"context"
	"slices"

	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

const (
	// allPairs is the number of pairs up to which u is estimated from all of them.
	allPairs = 1 << 20
	// withinRows is of how many left rows pairs are drawn among those that agree with them.
	withinRows = 1 << 13
	// withinPairs is how many pairs of a left row are drawn among those that agree with it.
	withinPairs = 8
	// randomPairs is from how many pairs u is estimated otherwise.
	randomPairs = 1 << 18
	// randomRows is of how many left rows these are.
	randomRows = 1 << 14
)

// met are the candidates of a left row and how they compare.
type met struct {
	rows       []uint32
	patterns   []feature.Pattern
	uncompared int64
}

// sampleOf compares the candidates of a sample of left rows, and random pairs, for training. Rows are drawn by a hash of their
// ids, so that the sample does not depend on the order of rows. It also returns, by left row, what need not be
// compared again; nil for the others.
func sampleOf(ctx context.Context, set *feature.Set, workers chan *worker, cfg Config) (weigh.Sample, []*met, error) {
	lefts := set.Left.Drawn(max(cfg.TrainRows, randomRows, withinRows))
	first := func(n int) []uint32 { return lefts[:min(n, len(lefts))] }
	rows := alike(set, first(cfg.TrainRows))
	sample := weigh.Sample{
		Candidates: weigh.Counts{}, Random: weigh.Counts{}, Rows: len(rows),
		Total: float64(len(rows)) * float64(set.Right.Len()),
	}
	all := make([]met, len(rows))
	err := counted(ctx, set, len(rows), workers, sample.Candidates, func(w *worker, i int) (int, []uint32) {
		before := w.lookup.Uncompared
		rs := w.candidates(int(rows[i]), set, false)
		if cfg.Dedupe {
			rs = slices.DeleteFunc(rs, func(r uint32) bool { return r == rows[i] })
		}
		all[i].uncompared = w.lookup.Uncompared - before
		return int(rows[i]), rs
	}, func(i int, rs []uint32, patterns []feature.Pattern) {
		all[i].rows, all[i].patterns = slices.Clone(rs), slices.Clone(patterns)
	})
	if err != nil {
		return sample, nil, err
	}
	if err := drawPairs(ctx, set, first(randomRows), workers, sample.Random); err != nil {
		return sample, nil, err
	}
	if sample.Within, err = drawWithin(ctx, set, first(withinRows), workers); err != nil || cfg.Dedupe {
		return sample, nil, err // there scoring looks at each pair from one side only
	}
	known := make([]*met, set.Left.Len())
	for i, row := range rows {
		known[row] = &all[i]
	}
	return sample, known, nil
}

// alike returns rows in the set's order.
func alike(set *feature.Set, rows []uint32) []uint32 {
	drawn := make([]bool, set.Left.Len())
	for _, row := range rows {
		drawn[row] = true
	}
	list := make([]uint32, 0, len(rows))
	for _, row := range set.Order() {
		if drawn[row] {
			list = append(list, uint32(row))
		}
	}
	return list
}

// drawWithin counts the patterns of pairs drawn at random among those that agree on a comparison that others depend on.
func drawWithin(ctx context.Context, set *feature.Set, lefts []uint32, workers chan *worker) (map[int]weigh.Counts, error) {
	within := map[int]weigh.Counts{}
	if float64(set.Left.Len())*float64(set.Right.Len()) <= allPairs {
		return within, nil // every pair is among the random ones
	}
	for _, c := range set.Comparisons {
		parent := set.Index(c.Parent)
		if parent < 0 || within[parent] != nil {
			continue
		}
		leftGroup, rightGroup := set.Grouped(parent)
		if leftGroup == nil {
			continue
		}
		members := grouped(set.RightSample(), rightGroup)
		within[parent] = weigh.Counts{}
		err := counted(ctx, set, len(lefts), workers, within[parent], func(w *worker, i int) (int, []uint32) {
			w.rows = w.rows[:0]
			list := members(leftGroup(int(lefts[i])))
			for k := range min(withinPairs, len(list)) {
				w.rows = append(w.rows, list[block.Mix(uint64(i), uint64(k))%uint64(len(list))])
			}
			return int(lefts[i]), w.rows
		}, nil)
		if err != nil {
			return nil, err
		}
	}
	return within, nil
}

// grouped sorts rows by group, and returns those of a group, in the order given; of group 0 none.
func grouped(rows []uint32, group func(row int) uint32) func(group uint32) []uint32 {
	of, most := make([]uint32, len(rows)), uint32(0)
	for i, r := range rows {
		of[i] = group(int(r))
		most = max(most, of[i])
	}
	ends := make([]uint32, most+2)
	for _, g := range of {
		ends[g+1]++
	}
	for g := range most + 1 {
		ends[g+1] += ends[g]
	}
	// From here on ends[g] is where the next row of group g goes, and in the end where those of the next group begin.
	sorted := make([]uint32, len(rows))
	for i, g := range of {
		sorted[ends[g]] = rows[i]
		ends[g]++
	}
	return func(group uint32) []uint32 {
		if group == 0 || group > most {
			return nil
		}
		return sorted[ends[group-1]:ends[group]]
	}
}

// counted counts the patterns of n left rows, with their rarity, and the right rows that pick returns for each. It shows them, when show
// is not nil, without the rarity; they are valid until show returns.
func counted(ctx context.Context, set *feature.Set, n int, workers chan *worker, into weigh.Counts, pick func(w *worker, i int) (int, []uint32), show func(i int, rs []uint32, patterns []feature.Pattern)) error {
	all(workers, func(w *worker) { w.counter = weigh.NewCounter() })
	contexts := weigh.NewContexts(set)
	err := inChunks(ctx, n, workers, func(w *worker, begin, end int) {
		for i := begin; i < end; i++ {
			l, rs := pick(w, i)
			patterns := w.batch.Compare(l, rs)
			if show != nil {
				show(i, rs, patterns)
			}
			weigh.Rarer(set, contexts, l, rs, patterns)
			w.counter.Add(patterns)
		}
	})
	if err != nil {
		return err
	}
	all(workers, func(w *worker) { w.counter.Into(into) })
	return nil
}

// drawPairs counts the patterns of all pairs when they are few, else of pairs drawn at random.
func drawPairs(ctx context.Context, set *feature.Set, lefts []uint32, workers chan *worker, into weigh.Counts) error {
	total := float64(set.Left.Len()) * float64(set.Right.Len())
	rights := set.RightSample()
	if total <= allPairs {
		lefts, rights = set.Left.Drawn(set.Left.Len()), set.Right.Drawn(set.Right.Len())
		return counted(ctx, set, len(lefts), workers, into, func(_ *worker, i int) (int, []uint32) { return int(lefts[i]), rights }, nil)
	}
	per := max(1, randomPairs/max(1, len(lefts)))
	return counted(ctx, set, len(lefts), workers, into, func(w *worker, i int) (int, []uint32) {
		w.rows = w.rows[:0]
		for k := range per {
			w.rows = append(w.rows, rights[block.Mix(uint64(i), uint64(k))%uint64(len(rights))])
		}
		return int(lefts[i]), w.rows
	}, nil)
}
