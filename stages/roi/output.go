package roi

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

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
