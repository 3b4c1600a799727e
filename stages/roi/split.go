package roi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/sourcegraph/conc/stream"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// publishTouches brings each deal's touches together, adds them to its tally, and publishes them and the attribution. It returns what
// the seats did.
func publishTouches(ctx context.Context, run *pipeline.Run, d *deals, from *spill, halfLife time.Duration) (seats, error) {
	touches, err := newOrdered(ctx, run, schemas.ROITouches)
	if err != nil {
		return nil, err
	}
	shares, err := newOrdered(ctx, run, schemas.ROIAttribution)
	if err != nil {
		return nil, touches.abort(err)
	}
	all := seats{}
	b := newBuckets(len(d.all))
	task := run.Progress.Start("touches per opportunity", int64(len(d.all)), "opportunities")
	defer task.Done()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// Callbacks come one at a time and in the order of the buckets.
	lanes := stream.New().WithMaxGoroutines(max(1, run.Workers))
	spare := sync.Pool{New: func() any { return newSplitter(d, halfLife) }}
	for n := range b.len() {
		lanes.Go(func() stream.Callback {
			s := spare.Get().(*splitter)
			parts, err := s.bucket(ctx, from, n)
			spare.Put(s)
			return func() {
				defer parts.release()
				if err == nil {
					var both sync.WaitGroup
					var other error
					both.Go(func() { other = shares.write(ctx, parts.shares) })
					err = touches.write(ctx, parts.touches)
					both.Wait()
					err = errors.Join(err, other)
				}
				if err != nil {
					stop(fmt.Errorf("opportunities from %d on: %w", n*b.size, err))
					return
				}
				all.merge(parts.seats)
				low, high := b.span(n)
				task.Add(int64(high - low))
			}
		})
	}
	lanes.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, shares.abort(touches.abort(err))
	}
	if err := touches.publish(ctx, run); err != nil {
		return nil, shares.abort(err)
	}
	return all, shares.publish(ctx, run)
}

// parts are what came of a bucket.
type parts struct {
	touches, shares []arrow.Record
	seats           seats
}

func (p parts) release() {
	for _, rec := range slices.Concat(p.touches, p.shares) {
		rec.Release()
	}
}

// splitter works on one bucket after the other.
type splitter struct {
	deals    *deals
	halfLife int64

	touches, shares *rowsOf
	data            []byte // of one bucket
	places          []placed
	touched         []touched // of one deal
	times           []int     // its touches in the order of their instants
	lots            []lot
	weights         [][models]float64
	at              []int64
	touchID         []byte
	column          []float64
	parts, cents    [models][]int64
}

func newSplitter(d *deals, halfLife time.Duration) *splitter {
	return &splitter{deals: d, halfLife: halfLife.Milliseconds(), touches: newRowsOf(schemas.ROITouches), shares: newRowsOf(schemas.ROIAttribution)}
}

func (s *splitter) bucket(ctx context.Context, from *spill, n int) (_ parts, err error) {
	p := parts{seats: seats{}}
	if ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	data, err := from.load(n, s.data)
	if err != nil {
		return p, err
	}
	all, err := readBucket(data, s.places)
	if err != nil {
		return p, err
	}
	s.data, s.places = data, all
	for len(all) > 0 {
		k := 1
		for k < len(all) && all[k].deal == all[0].deal {
			k++
		}
		s.touched = slices.Grow(s.touched[:0], k)[:k]
		for i := range k {
			if _, err = s.touched[i].decode(data[all[i].from:]); err != nil {
				break
			}
		}
		if err == nil {
			err = s.deal(s.touched, p.seats)
		}
		if err != nil {
			break
		}
		all = all[k:]
	}
	p.touches, p.shares = s.touches.take(), s.shares.take()
	return p, err
}

// deal takes the touches of one deal, which come in the order of their ids.
func (s *splitter) deal(of []touched, did seats) error {
	id := s.deals.ids.at(of[0].deal)
	d := &s.deals.all[of[0].deal]
	for i := range of {
		t := &of[i]
		d.add(t.at, d.sources(t.at), t.level)
		if err := s.touch(id, d, t); err != nil {
			return err
		}
	}
	s.times, s.at = s.times[:0], s.at[:0]
	for i := range of {
		s.times = append(s.times, i)
	}
	slices.SortFunc(s.times, func(i, j int) int { return cmp.Or(cmp.Compare(of[i].at, of[j].at), i-j) })
	for _, i := range s.times {
		s.at = append(s.at, of[i].at)
	}
	s.weights = weigh(s.weights[:0], s.at, d.created, s.halfLife)
	return s.share(id, d, of, did)
}

func (s *splitter) touch(id string, d *deal, t *touched) error {
	out := s.touches
	out.String(0, id)
	s.touchID = append(append(s.touchID[:0], sources[t.source].prefix...), t.id...)
	out.Bytes(1, s.touchID)
	out.Bytes(2, t.kind)
	out.String(3, levelNames[t.level-levelRole])
	out.Bytes(4, t.seat)
	if t.member {
		out.Bytes(5, t.memberID)
	}
	if t.company {
		out.Bytes(6, t.companyID)
	}
	out.Time(7, toTime(t.at))
	out.Float(8, daysBefore(t.at, d.created))
	out.Bool(9, d.sources(t.at))
	out.Bool(10, true)
	return out.endRow()
}

// lot is the touches of a deal that are alike in seat, kind and level.
type lot struct {
	*touched
	touches int64
	weights [models]float64
}

// alike orders touches by seat, kind and level.
func alike(a, b *touched) int {
	if c := bytes.Compare(a.seat, b.seat); c != 0 {
		return c
	}
	if c := bytes.Compare(a.kind, b.kind); c != 0 {
		return c
	}
	return int(a.level) - int(b.level)
}

// addUp puts the deal's touches into lots, in their order; the k-th weights are those of the k-th touch by time.
func (s *splitter) addUp(of []touched) {
	s.lots = s.lots[:0]
	for k, i := range s.times {
		at, found := slices.BinarySearchFunc(s.lots, &of[i], func(l lot, t *touched) int { return alike(l.touched, t) })
		if !found {
			s.lots = slices.Insert(s.lots, at, lot{touched: &of[i]})
		}
		l := &s.lots[at]
		l.touches++
		for m := range models {
			l.weights[m] += s.weights[k][m]
		}
	}
}

// share divides the deal among its touches, each model for itself.
func (s *splitter) share(id string, d *deal, of []touched, did seats) error {
	s.addUp(of)
	all := s.lots
	amount, known := centsOf(d.revenue)
	known = known && d.hasRevenue
	for m := range models {
		s.column = s.column[:0]
		for i := range all {
			s.column = append(s.column, all[i].weights[m])
		}
		s.parts[m] = slices.Grow(s.parts[m][:0], len(all))[:len(all)]
		s.cents[m] = slices.Grow(s.cents[m][:0], len(all))[:len(all)]
		apportion(s.parts[m], s.column, whole)
		if known {
			divide(s.cents[m], s.parts[m], amount)
		}
	}
	out := s.shares
	for i := range all {
		l := &all[i]
		out.String(0, id)
		out.Bytes(1, l.seat)
		out.Bytes(2, l.kind)
		out.String(3, levelNames[l.level-levelRole])
		out.Int(4, l.touches)
		out.String(5, s.deals.currencies.at(d.currency))
		for m := range models {
			out.Int(6+m, s.parts[m][i])
			if known {
				out.Int(6+models+m, s.cents[m][i])
			}
		}
		if err := out.endRow(); err != nil {
			return err
		}
		if d.inPipeline {
			x := did.of(l.seat, d.currency)
			x.touches += l.touches
			if i == 0 || !bytes.Equal(all[i-1].seat, l.seat) {
				x.deals++
			}
			if known && d.won {
				x.linearWon += s.cents[modelLinear][i]
			}
		}
	}
	return nil
}

// rowsOf builds records of a data set.
type rowsOf struct {
	*columnar.Builder
	done []arrow.Record
}

func newRowsOf(ds *schemas.Dataset) *rowsOf {
	return &rowsOf{Builder: columnar.NewBuilder(memory.DefaultAllocator, ds)}
}

func (r *rowsOf) endRow() error {
	if err := r.EndRow(); err != nil {
		return err
	}
	if r.Full() {
		r.done = append(r.done, r.NewRecord())
	}
	return nil
}

// take returns the records so far; the caller releases them.
func (r *rowsOf) take() []arrow.Record {
	if r.Len() > 0 {
		r.done = append(r.done, r.NewRecord())
	}
	done := r.done
	r.done = nil
	return done
}

var levelNames = [...]string{"a", "b", "c"}

// daysBefore is how many days the first instant lies before the second.
func daysBefore(at, created int64) float64 { return float64(created-at) / dayMillis }

func toTime(millis int64) time.Time { return time.UnixMilli(millis).UTC() }
