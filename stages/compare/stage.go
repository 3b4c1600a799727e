package compare

import (
	"context"
	"fmt"

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
	if err := publish(ctx, run, schemas.LinkChanges, func(out *pipeline.Output) error { return s.links(ctx, run, out) }); err != nil {
		return fmt.Errorf("compare links: %w", err)
	}
	if err := publish(ctx, run, schemas.Moves, func(out *pipeline.Output) error { return s.moves(ctx, run, out) }); err != nil {
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

func publish(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, fill func(*pipeline.Output) error) error {
	out, err := pipeline.NewOutput(ctx, run, ds)
	if err != nil {
		return err
	}
	if err := fill(out); err != nil {
		return out.Abort(err)
	}
	return out.Publish(ctx)
}
