package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// Output writes the rows of one data set of a run, in any order. Set the fields of a row by position, then call EndRow; in the end
// Publish or Abort. It is for one goroutine.
type Output struct {
	*columnar.Builder
	// Rows is how many rows were ended.
	Rows   int64
	run    *Run
	ds     *schemas.Dataset
	writer *snapshot.Writer
}

// NewOutput begins a new version of a data set.
func NewOutput(ctx context.Context, run *Run, ds *schemas.Dataset) (*Output, error) {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return nil, err
	}
	return &Output{Builder: columnar.NewBuilder(memory.DefaultAllocator, ds), run: run, ds: ds, writer: w}, nil
}

// EndRow ends the row.
func (o *Output) EndRow(ctx context.Context) error {
	if err := o.Builder.EndRow(); err != nil {
		return err
	}
	o.Rows++
	if o.Full() {
		return o.flush(ctx)
	}
	return nil
}

func (o *Output) flush(ctx context.Context) error {
	if o.Len() == 0 {
		return nil
	}
	rec := o.NewRecord()
	defer rec.Release()
	return o.writer.Write(ctx, rec)
}

// Publish ends the output, see Run.Publish, and counts its rows. After an error nothing is left of it.
func (o *Output) Publish(ctx context.Context, opts ...EntryOption) error {
	if err := o.flush(ctx); err != nil {
		return o.Abort(err)
	}
	o.Release()
	if _, err := o.run.Publish(ctx, o.ds, o.writer, opts...); err != nil {
		return err
	}
	o.run.Count("rows."+o.ds.Name, o.Rows)
	return nil
}

// Abort drops the output because of an error, which it returns; nil when it is not wanted.
func (o *Output) Abort(err error) error {
	o.Release()
	if aborted := o.writer.Abort(); aborted != nil {
		return errors.Join(err, fmt.Errorf("abort %s: %w", o.ds.Name, aborted))
	}
	return err
}
