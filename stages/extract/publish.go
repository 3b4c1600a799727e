package extract

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// publish makes a layer of what was read.
func (u *update) publish(ctx context.Context) (snapshot.Entry, error) {
	opts, err := u.facts(ctx)
	if err != nil {
		return snapshot.Entry{}, err
	}
	switch u.p.mode {
	case whole:
		return u.publishDifference(ctx, opts)
	case changes:
		if u.nothingNew() {
			return again(u.run, u.p, opts), nil
		}
	}
	w, err := u.run.Create(ctx, u.p.ds)
	if err != nil {
		return snapshot.Entry{}, err
	}
	if err := u.write(ctx, w); err != nil {
		return snapshot.Entry{}, abort(w, err)
	}
	if u.p.mode == full {
		return u.run.PublishBase(ctx, u.p.ds, w, opts...)
	}
	return u.run.Publish(ctx, u.p.ds, w, opts...)
}

func (u *update) nothingNew() bool {
	return u.rows.state.Rows == 0 && (u.binned == nil || u.binned.state.Rows == 0) && len(u.logged) == 0 && u.nVanished == 0 && len(u.missing) == 0
}

// write brings rows and tombstones into the layer. Of a row and a tombstone with the same id the last one wins, and what is gone was
// asked for last.
func (u *update) write(ctx context.Context, w *snapshot.Writer) error {
	keep := func(rec arrow.Record) error { return w.Write(ctx, rec) }
	drop := func(rec arrow.Record) error { return deleteAll(ctx, w, rec) }
	for _, r := range append([]*reading{u.rows}, u.missing...) {
		if err := r.each(ctx, keep); err != nil {
			return err
		}
	}
	if u.p.mode == full {
		return nil
	}
	if u.binned != nil {
		if err := u.binned.each(ctx, drop); err != nil {
			return err
		}
	}
	if u.vanished != "" {
		if err := eachOfPart(ctx, u.vanished, u.s.Seal, u.s.Allocator, drop); err != nil {
			return err
		}
	}
	for _, id := range append(u.logged, u.aside...) {
		if err := w.Delete(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// facts are what the entry says besides its rows.
func (u *update) facts(ctx context.Context) ([]pipeline.EntryOption, error) {
	swept := u.run.AsOf
	if u.p.mode == changes && u.live == nil {
		swept = u.p.prev.Swept
	}
	gone, err := u.seen(ctx, u.p.prev.SetAside)
	if err != nil {
		return nil, err
	}
	aside, err := u.stillAside(func(id string) bool { return gone[id] })
	if err != nil {
		return nil, err
	}
	return []pipeline.EntryOption{
		pipeline.WithWatermark(u.p.watermark), pipeline.WithFingerprint(u.p.fingerprint),
		func(e *snapshot.Entry) { e.Swept, e.SetAside = swept, aside },
	}, nil
}

// seen tells which of some ids this run saw as rows, or as deleted.
func (u *update) seen(ctx context.Context, ids []string) (map[string]bool, error) {
	if len(ids) == 0 || u.p.mode != changes {
		return nil, nil
	}
	seen, live := map[string]bool{}, map[string]bool{}
	for _, id := range ids {
		seen[id] = u.live != nil // gone, unless it is among all ids
	}
	note := func(to map[string]bool) func(arrow.Record) error {
		return func(rec arrow.Record) error {
			column := columnar.Strings(rec, "Id")
			for i := range column.Len() {
				if _, ok := seen[column.Value(i)]; ok {
					to[column.Value(i)] = true
				}
			}
			return nil
		}
	}
	if u.live != nil {
		if err := u.live.each(ctx, note(live)); err != nil {
			return nil, err
		}
		for id := range live {
			seen[id] = false
		}
	}
	for _, r := range []*reading{u.rows, u.binned} {
		if r == nil {
			continue
		}
		if err := r.each(ctx, note(seen)); err != nil {
			return nil, err
		}
	}
	for _, id := range u.logged {
		if _, ok := seen[id]; ok {
			seen[id] = true
		}
	}
	return seen, nil
}

// again publishes the previous run's files under the new watermark.
func again(run *pipeline.Run, p *plan, opts []pipeline.EntryOption) snapshot.Entry {
	e := p.prev
	for _, o := range opts {
		o(&e)
	}
	run.PublishEntry(p.ds, e)
	return e
}

func abort(w *snapshot.Writer, err error) error { return errors.Join(err, w.Abort()) }
