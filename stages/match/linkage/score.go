package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sourcegraph/conc/pool"
	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// candidate is a right row with its weight.
type candidate struct {
	right uint32
	bits  float64
}

// scores are the best candidates of every left row, best first.
type scores struct {
	best                 [][]candidate
	compared, uncompared []int64
}

// chunk is how many left rows a task takes.
const chunk = 512

// inChunks calls work for ranges of n rows on several goroutines, each call with a worker of its own.
func inChunks(ctx context.Context, n int, workers chan *worker, work func(w *worker, begin, end int)) error {
	p := pool.New().WithMaxGoroutines(cap(workers)).WithContext(ctx).WithCancelOnError().WithFirstError()
	for begin := 0; begin < n; begin += chunk {
		p.Go(func(ctx context.Context) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			w := <-workers
			defer func() { workers <- w }()
			work(w, begin, min(n, begin+chunk))
			return nil
		})
	}
	return p.Wait()
}

// worker is what one goroutine needs to compare.
type worker struct {
	lookup *block.Lookup
	batch  *feature.Batch
}

func newWorkers(set *feature.Set, index *block.Index, n int) chan *worker {
	workers := make(chan *worker, n)
	for range n {
		workers <- &worker{index.NewLookup(), set.NewBatch()}
	}
	return workers
}

func scoreAll(ctx context.Context, set *feature.Set, workers chan *worker, scorer *weigh.Scorer, cfg Config) (*scores, error) {
	n := set.Left.Len()
	out := &scores{make([][]candidate, n), make([]int64, n), make([]int64, n)}
	// Candidates this far below the review threshold are not even runners-up.
	floor := weigh.Bits(cfg.Review) - 6
	err := inChunks(ctx, n, workers, func(w *worker, begin, end int) {
		for l := begin; l < end; l++ {
			before := w.lookup.Uncompared
			rs := w.lookup.Candidates(l)
			out.compared[l], out.uncompared[l] = int64(len(rs)), w.lookup.Uncompared-before
			w.batch.Compare(l, rs)
			out.best[l] = w.keep(l, rs, set, scorer, floor, cfg.Keep)
		}
		if cfg.Progress != nil {
			cfg.Progress(end - begin)
		}
	})
	return out, err
}

// keep returns the best few candidates that may be the left row, best first, equal ones by id.
func (w *worker) keep(l int, rs []uint32, set *feature.Set, scorer *weigh.Scorer, floor float64, n int) []candidate {
	var list []candidate
	i := 0
	level := func(c int) uint8 { return w.batch.Levels[c][i] }
	for ; i < len(rs); i++ {
		if !scorer.Possible(level) {
			continue
		}
		bits := scorer.PriorBit
		for c := range set.Comparisons {
			bits += scorer.Part(c, l, int(rs[i]), level)
		}
		if bits >= floor {
			list = append(list, candidate{rs[i], bits})
		}
	}
	if len(list) > 1 {
		slices.SortFunc(list, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(set.Right.ID(int(a.right)), set.Right.ID(int(b.right))))
		})
	}
	return slices.Clip(slices.Clone(list[:min(n, len(list))]))
}

// allPairs is the number of pairs up to which u is estimated from all of them.
const allPairs = 1 << 20

// sampleOf compares the candidates of a sample of left rows, and random pairs, for training. Rows are drawn by a hash of their
// ids, so that the sample does not depend on the order of rows.
func sampleOf(ctx context.Context, set *feature.Set, workers chan *worker, cfg Config) (weigh.Sample, error) {
	rows := drawn(set.Left, cfg.TrainRows)
	sample := weigh.Sample{
		Candidates: weigh.Counts{}, Random: weigh.Counts{}, Rows: len(rows),
		Total: float64(len(rows)) * float64(set.Right.Len()),
	}
	results := make(chan weigh.Counts, len(rows)/chunk+1)
	err := inChunks(ctx, len(rows), workers, func(w *worker, begin, end int) {
		counts := weigh.Counts{}
		for _, l := range rows[begin:end] {
			rs := w.lookup.Candidates(int(l))
			w.batch.Compare(int(l), rs)
			counts.Add(w.batch.Levels, len(rs))
		}
		results <- counts
	})
	if err != nil {
		return sample, err
	}
	close(results)
	for counts := range results {
		sample.Candidates.Merge(counts)
	}
	return sample, randomPairs(ctx, set, workers, sample.Random)
}

// randomPairs counts the patterns of all pairs when they are few, else of pairs drawn at random.
func randomPairs(ctx context.Context, set *feature.Set, workers chan *worker, into weigh.Counts) error {
	total := float64(set.Left.Len()) * float64(set.Right.Len())
	lefts, rights := drawn(set.Left, 1<<16), drawn(set.Right, 1<<18)
	per := len(rights)
	if total > allPairs {
		per = max(1, allPairs/max(1, len(lefts)))
	}
	results := make(chan weigh.Counts, len(lefts)/chunk+1)
	err := inChunks(ctx, len(lefts), workers, func(w *worker, begin, end int) {
		counts, rs := weigh.Counts{}, make([]uint32, per)
		for i := begin; i < end; i++ {
			if per == len(rights) {
				copy(rs, rights)
			} else {
				for k := range rs {
					rs[k] = rights[block.Mix(uint64(i), uint64(k))%uint64(len(rights))]
				}
			}
			w.batch.Compare(int(lefts[i]), rs)
			counts.Add(w.batch.Levels, len(rs))
		}
		results <- counts
	})
	if err != nil {
		return err
	}
	close(results)
	for counts := range results {
		into.Merge(counts)
	}
	return nil
}

// drawn returns at most n rows, those whose ids have the smallest hashes, in the order of the hashes.
func drawn(t *record.Table, n int) []uint32 {
	type hashed struct {
		hash uint64
		row  uint32
	}
	limit := uint64(math.MaxUint64)
	if t.Len() > 4*n { // most rows are out at once
		limit = uint64(2 * float64(n) / float64(t.Len()) * math.MaxUint64)
	}
	var list []hashed
	for row := range t.Len() {
		if h := xxh3.HashStringSeed(t.ID(row), 1); h <= limit {
			list = append(list, hashed{h, uint32(row)})
		}
	}
	slices.SortFunc(list, func(a, b hashed) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(t.ID(int(a.row)), t.ID(int(b.row))))
	})
	rows := make([]uint32, min(n, len(list)))
	for i := range rows {
		rows[i] = list[i].row
	}
	return rows
}
