package roi

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// output writes the rows of one data set. Set the fields of a row by position, then call endRow.
type output struct {
	*columnar.Builder
	ds     *schemas.Dataset
	writer *snapshot.Writer
	rows   int64
}

func newOutput(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset) (*output, error) {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return nil, err
	}
	return &output{Builder: columnar.NewBuilder(memory.DefaultAllocator, ds), ds: ds, writer: w}, nil
}

func (o *output) endRow(ctx context.Context) error {
	if err := o.EndRow(); err != nil {
		return err
	}
	o.rows++
	if o.Full() {
		return o.flush(ctx)
	}
	return nil
}

func (o *output) flush(ctx context.Context) error {
	if o.Len() == 0 {
		return nil
	}
	rec := o.NewRecord()
	defer rec.Release()
	return o.writer.Write(ctx, rec)
}

// publish ends the output and counts its rows.
func (o *output) publish(ctx context.Context, run *pipeline.Run, opts ...pipeline.EntryOption) error {
	if err := o.flush(ctx); err != nil {
		return o.abort(err)
	}
	o.Release()
	if _, err := run.Publish(ctx, o.ds, o.writer, opts...); err != nil {
		return err
	}
	run.Count("rows."+o.ds.Name, o.rows)
	return nil
}

// abort drops the output because of an error, which it returns.
func (o *output) abort(err error) error {
	o.Release()
	if aborted := o.writer.Abort(); aborted != nil {
		return errors.Join(err, fmt.Errorf("abort %s: %w", o.ds.Name, aborted))
	}
	return err
}

// ordered writes records of one data set whose rows come in the order of their key, so that nothing needs sorting.
type ordered struct {
	ds     *schemas.Dataset
	writer *snapshot.Ordered
	rows   int64
}

func newOrdered(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset) (*ordered, error) {
	w, err := run.Store().CreateOrdered(ctx, ds, run.ID)
	if err != nil {
		return nil, err
	}
	return &ordered{ds: ds, writer: w}, nil
}

func (o *ordered) write(ctx context.Context, recs []arrow.Record) error {
	for _, rec := range recs {
		if err := o.writer.Write(ctx, rec); err != nil {
			return err
		}
		o.rows += rec.NumRows()
	}
	return nil
}

func (o *ordered) publish(ctx context.Context, run *pipeline.Run) error {
	e, err := o.writer.Publish(ctx)
	if err != nil {
		return err
	}
	run.PublishEntry(o.ds, e)
	run.Count("rows."+o.ds.Name, o.rows)
	return nil
}

func (o *ordered) abort(err error) error {
	if aborted := o.writer.Abort(); aborted != nil {
		return errors.Join(err, fmt.Errorf("abort %s: %w", o.ds.Name, aborted))
	}
	return err
}
