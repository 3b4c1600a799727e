package extract

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// distinct checks that no record came twice. A page that comes in the place of another one has as many rows as it should have, so
// that no count betrays it: only the ids do. What was read is forgotten if one is there twice.
func (s *Stage) distinct(ctx context.Context, run *pipeline.Run, r *reading) error {
	sorted, err := s.sorted(ctx, run, r)
	if err != nil {
		return err
	}
	n, err := columnar.Count(ctx, sorted)
	if err != nil {
		return err
	}
	taken := r.state.Rows - int64(len(r.aside()))
	if n == taken {
		return nil
	}
	return errors.Join(fmt.Errorf("%d of %d records came twice: %w", taken-n, taken, salesforce.ErrRowCount), r.reset())
}

// sorted is the stream of a reading's ids, each once.
func (s *Stage) sorted(ctx context.Context, run *pipeline.Run, r *reading) (columnar.RecordReader, error) {
	ids := only(r.q.ds, []string{"Id"})
	sorter := columnar.NewSorter(ids, columnar.SorterOptions{Budget: run.Budget / 8, Dir: r.dir, Seal: s.Seal, Allocator: s.Allocator})
	if err := r.each(ctx, func(rec arrow.Record) error { return sorter.Write(ctx, rec) }); err != nil {
		return nil, errors.Join(err, sorter.Close())
	}
	return sorter.Sort(ctx)
}
