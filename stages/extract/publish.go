package extract

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// publish makes a layer of what was read. gone is nil unless deleted records were asked for.
func (s *Stage) publish(ctx context.Context, run *pipeline.Run, p *plan, rows, gone *reading) (snapshot.Entry, error) {
	opts := []pipeline.EntryOption{pipeline.WithWatermark(p.watermark), pipeline.WithFingerprint(p.fingerprint)}
	switch p.mode {
	case whole:
		return s.publishDifference(ctx, run, p, rows, opts)
	case changes:
		if rows.state.Rows == 0 && (gone == nil || gone.state.Rows == 0) {
			return again(run, p, opts), nil
		}
	}
	w, err := run.Create(ctx, p.ds)
	if err != nil {
		return snapshot.Entry{}, err
	}
	if err := rows.each(ctx, func(rec arrow.Record) error { return w.Write(ctx, rec) }); err != nil {
		return snapshot.Entry{}, abort(w, err)
	}
	if p.mode == full {
		return run.PublishBase(ctx, p.ds, w, opts...)
	}
	if gone != nil {
		if err := gone.each(ctx, func(rec arrow.Record) error { return deleteAll(ctx, w, rec) }); err != nil {
			return snapshot.Entry{}, abort(w, err)
		}
	}
	return run.Publish(ctx, p.ds, w, opts...)
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

func deleteAll(ctx context.Context, w *snapshot.Writer, rec arrow.Record) error {
	ids := columnar.Strings(rec, "Id")
	for i := range ids.Len() {
		if err := w.Delete(ctx, ids.Value(i)); err != nil {
			return err
		}
	}
	return nil
}

func abort(w *snapshot.Writer, err error) error { return errors.Join(err, w.Abort()) }
