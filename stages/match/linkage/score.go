package linkage

import (
	"cmp"
	"context"
	"slices"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// candidate is a right row with its weight.
type candidate struct {
	bits    float64
	pattern feature.Pattern
	right   uint32
	kept    uint32 // its number among those that an earlier run left
}

// scores are the best candidates of every left row, best first.
type scores struct {
	best                 [][]candidate
	compared, uncompared []int64
	kept                 []int32 // row of the scores that an earlier run left, -1 where there is none; nil for none at all
}

// keptAt returns the row of the scores before that those of a row are, -1 when they were made now.
func (s *scores) keptAt(l int) int {
	if s.kept == nil {
		return -1
	}
	return int(s.kept[l])
}

// group is how many left rows are compared together: the right rows of all of them are fetched from memory at once.
const group = 8

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

// worker is what one goroutine needs to compare and weigh.
type worker struct {
	lookup  *block.Lookup
	batch   *feature.Batch
	weigher *weigh.Weigher // set once there is a model
	counter *weigh.Counter
	list    []candidate
	rows    []uint32
	ends    []int
}

func newWorkers(set *feature.Set, n int) chan *worker {
	workers := make(chan *worker, n)
	for range n {
		workers <- &worker{lookup: set.Blocks.NewLookup(set.Rules), batch: set.NewBatch()}
	}
	return workers
}

// all calls fn for every worker; none may be at work.
func all(workers chan *worker, fn func(w *worker)) {
	for range cap(workers) {
		w := <-workers
		fn(w)
		workers <- w
	}
}

// candidates returns the right rows to compare a left row with.
func (w *worker) candidates(l int, set *feature.Set, dedupe bool) []uint32 {
	rs := w.lookup.Candidates(l)
	if dedupe { // each pair once, the smaller id on the left, no record with itself
		id := set.Left.ID(l)
		rs = slices.DeleteFunc(rs, func(r uint32) bool { return set.Right.ID(int(r)) <= id })
	}
	return rs
}

// scoreAll weighs the candidates of all left rows; known are, by left row, those that were compared before;
// nil when none were.
func scoreAll(ctx context.Context, set *feature.Set, workers chan *worker, scorer *weigh.Scorer, known []*met, cfg Config) (*scores, error) {
	n := set.Left.Len()
	out := &scores{best: arrays.Make[[]candidate](n), compared: make([]int64, n), uncompared: make([]int64, n)}
	clear(out.best) // a page that is read before it is written costs two trips to the system, and the collector reads this one
	if known == nil {
		known = make([]*met, n)
	}
	// Candidates this far below the review threshold are not even runners-up.
	floor := weigh.Bits(cfg.Review) - 3
	if cfg.Many {
		floor = weigh.Bits(cfg.Review)
	}
	all(workers, func(w *worker) { w.weigher = scorer.NewWeigher() })
	order := set.Order()
	err := inChunks(ctx, n, workers, func(w *worker, begin, end int) {
		var kept []candidate // of the chunk, so that rows cost no allocation each
		ends := make([]int, 0, end-begin)
		for rows := range slices.Chunk(order[begin:end], group) {
			w.rows, w.ends = w.rows[:0], w.ends[:0]
			for _, l := range rows {
				if m := known[l]; m != nil {
					out.compared[l], out.uncompared[l] = int64(len(m.rows)), m.uncompared
				} else {
					before := w.lookup.Uncompared
					rs := w.candidates(l, set, cfg.Dedupe)
					out.compared[l], out.uncompared[l] = int64(len(rs)), w.lookup.Uncompared-before
					w.rows = append(w.rows, rs...)
				}
				w.ends = append(w.ends, len(w.rows))
			}
			w.batch.Touch(w.rows)
			from := 0
			for i, l := range rows {
				m := known[l]
				if m == nil {
					rs := w.rows[from:w.ends[i]]
					m = &met{rows: rs, patterns: w.batch.Compare(l, rs)}
				}
				kept = append(kept, w.best(l, m, set, floor, cfg)...)
				from = w.ends[i]
				ends = append(ends, len(kept))
			}
		}
		kept = slices.Clip(kept)
		from := 0
		for i, end := range ends {
			out.best[order[begin+i]] = kept[from:end:end]
			from = end
		}
		if cfg.Progress != nil {
			cfg.Progress(end - begin)
		}
	})
	return out, err
}

// best returns the best few candidates that may be the left row, best first, equal ones by id; valid until the next call.
func (w *worker) best(l int, m *met, set *feature.Set, floor float64, cfg Config) []candidate {
	list := w.list[:0]
	for i, p := range m.patterns {
		if bits, ok := w.weigher.Weigh(l, int(m.rows[i]), p, floor); ok {
			list = append(list, candidate{bits: bits, pattern: p, right: m.rows[i]})
		}
	}
	w.list = list
	if len(list) > 1 {
		slices.SortFunc(list, func(a, b candidate) int {
			if c := cmp.Compare(b.bits, a.bits); c != 0 {
				return c
			}
			return cmp.Compare(set.Right.ID(int(a.right)), set.Right.ID(int(b.right)))
		})
	}
	if cfg.Many {
		return list
	}
	return list[:min(cfg.Keep, len(list))]
}
