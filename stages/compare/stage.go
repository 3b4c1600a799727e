package compare

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// Stage compares a run's data sets with those published before.
type Stage struct {
	// Before are the data sets as published, by name; those that are missing had no rows.
	Before map[string]snapshot.Entry
	// Sets are the data sets to compare: Links, MatchRates, ROIQuarters.
	Sets []*schemas.Dataset
}

// Name implements pipeline.Stage.
func (*Stage) Name() string { return "compare" }

// Reads implements pipeline.Stage.
func (s *Stage) Reads() []*schemas.Dataset { return s.Sets }

// Writes implements pipeline.Stage.
func (*Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.LinkChanges, schemas.Moves}
}

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	if err := publish(ctx, run, schemas.LinkChanges, func(out *output) error { return s.links(ctx, run, out) }); err != nil {
		return fmt.Errorf("compare links: %w", err)
	}
	if err := publish(ctx, run, schemas.Moves, func(out *output) error { return s.moves(ctx, run, out) }); err != nil {
		return fmt.Errorf("compare figures: %w", err)
	}
	return nil
}

// has reports whether the data set is compared.
func (s *Stage) has(ds *schemas.Dataset) bool {
	for _, x := range s.Sets {
		if x == ds {
			return true
		}
	}
	return false
}

// before opens a data set as it was published.
func (s *Stage) before(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, columns ...string) (columnar.RecordReader, error) {
	e, ok := s.Before[ds.Name]
	if !ok {
		return columnar.FromRecords(columnar.Schema(ds, columns...)), nil
	}
	r, err := run.Store().Read(ctx, ds, e, columns...)
	if err != nil {
		return nil, fmt.Errorf("read %s as published: %w", ds.Name, err)
	}
	return r, nil
}

// output writes the rows of one data set.
type output struct {
	*columnar.Builder
	writer *snapshot.Writer
	rows   int64
}

func publish(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, fill func(*output) error) error {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return err
	}
	out := &output{Builder: columnar.NewBuilder(memory.DefaultAllocator, ds), writer: w}
	defer out.Release()
	err = fill(out)
	if err == nil {
		err = out.flush(ctx)
	}
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	if _, err := run.Publish(ctx, ds, w); err != nil {
		return err
	}
	run.Count("rows."+ds.Name, out.rows)
	return nil
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
