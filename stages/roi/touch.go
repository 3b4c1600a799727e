package roi

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// source is a data set of touches: where its id and kind are, and what its ids are prefixed with.
type source struct {
	ds       *schemas.Dataset
	id, kind string
	prefix   string
}

// sources are in the order of their prefixes, so that touches come in the order of their ids.
var sources = []source{
	{schemas.Activities, "activity_id", "type", "activity:"},
	{schemas.Usage, "usage_id", "kind", "usage:"},
}

// blockBytes is about how much of a bucket is kept in memory until it goes to the scratch file.
const blockBytes = 32 << 10

// collector puts the touches that hit deals into the deals' buckets. Each goroutine has its own.
type collector struct {
	*finder
	to      *spill
	buckets buckets
	open    [][]byte // per bucket, what is not yet in the scratch file
	sealed  []byte
	hits    int64
}

// collect streams all touches past finders and returns those that count, in buckets.
func collect(ctx context.Context, run *pipeline.Run, d *deals, r *reach) (_ *spill, err error) {
	dir, err := run.Scratch()
	if err != nil {
		return nil, err
	}
	b := newBuckets(len(d.all))
	to, err := newSpill(dir, b.len())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, to.close())
		}
	}()
	workers := make([]*collector, max(1, run.Workers))
	batches := make(chan batch)
	p := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	for i := range workers {
		c := &collector{finder: newFinder(d, r), to: to, buckets: b, open: make([][]byte, b.len())}
		workers[i] = c
		p.Go(func(ctx context.Context) error { return c.work(run, batches) })
	}
	p.Go(func(ctx context.Context) error {
		defer close(batches)
		for i := range sources {
			if err := read(ctx, run, byte(i), batches); err != nil {
				return err
			}
		}
		return nil
	})
	if err := p.Wait(); err != nil {
		return nil, err
	}
	for _, c := range workers {
		for n, early := range c.early {
			d.early[n] = d.early[n] || early
		}
	}
	return to, nil
}

// batch is a record of touches and the place of its first row among all touches.
type batch struct {
	rec    arrow.Record
	source byte
	order  uint64
}

// read sends the records of a source.
func read(ctx context.Context, run *pipeline.Run, n byte, batches chan<- batch) error {
	s := sources[n]
	reader, err := run.Read(ctx, s.ds, s.id, s.kind, "seat_id", "member_id", "company_id", "occurred_at")
	if err != nil {
		return err
	}
	var total int64
	if e, ok := run.Entry(s.ds); ok {
		total = max(0, e.Rows)
	}
	task := run.Progress.Start("touches: "+s.ds.Name, total, "rows")
	defer task.Done()
	order := uint64(n) << 56
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		rec.Retain()
		select {
		case batches <- batch{rec, n, order}:
		case <-ctx.Done():
			rec.Release()
			return ctx.Err()
		}
		order += uint64(rec.NumRows())
		run.Count("touches.read", rec.NumRows())
		task.Add(rec.NumRows())
		return nil
	})
}

// work finds the deals of the touches in the records that come.
func (c *collector) work(run *pipeline.Run, batches <-chan batch) error {
	for b := range batches {
		err := c.record(b)
		b.rec.Release()
		if err != nil {
			return err
		}
	}
	for n := range c.open {
		if err := c.flush(n); err != nil {
			return err
		}
	}
	run.Count("touches.hits", c.hits)
	return nil
}

func (c *collector) record(b batch) error {
	s := sources[b.source]
	ids, kinds, seats := columnar.Strings(b.rec, s.id), columnar.Strings(b.rec, s.kind), columnar.Strings(b.rec, "seat_id")
	members, companies := columnar.Strings(b.rec, "member_id"), columnar.Strings(b.rec, "company_id")
	times := columnar.Times(b.rec, "occurred_at")
	t := touched{source: b.source}
	for i := range ids.Len() {
		at := times.Value(i).UnixMilli()
		hits := c.find(members.Value(i), companies.Value(i), at)
		if len(hits) == 0 {
			continue
		}
		t.order, t.at, t.member, t.company = b.order+uint64(i), at, !members.IsNull(i), !companies.IsNull(i)
		t.id, t.kind, t.seat = append(t.id[:0], ids.Value(i)...), append(t.kind[:0], kinds.Value(i)...), append(t.seat[:0], seats.Value(i)...)
		t.memberID, t.companyID = append(t.memberID[:0], members.Value(i)...), append(t.companyID[:0], companies.Value(i)...)
		for _, h := range hits {
			t.deal, t.level = h.deal, h.level
			n := c.buckets.of(h.deal)
			c.open[n] = t.encode(c.open[n])
			if len(c.open[n]) >= blockBytes {
				if err := c.flush(n); err != nil {
					return err
				}
			}
		}
		c.hits += int64(len(hits))
	}
	return nil
}

func (c *collector) flush(bucket int) (err error) {
	if len(c.open[bucket]) == 0 {
		return nil
	}
	c.sealed, err = c.to.add(bucket, c.open[bucket], c.sealed)
	c.open[bucket] = c.open[bucket][:0]
	return err
}
