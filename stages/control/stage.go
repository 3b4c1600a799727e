package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// Stage publishes what people decided, as it stands in one instant, so that the run can be repeated.
type Stage struct {
	DB *postgres.DB
}

var _ pipeline.Stage = (*Stage)(nil)

// Name implements pipeline.Stage.
func (s *Stage) Name() string { return "control" }

// Reads implements pipeline.Stage.
func (s *Stage) Reads() []*schemas.Dataset { return nil }

// Writes implements pipeline.Stage.
func (s *Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.Settings, schemas.Decisions, schemas.SeatMappings}
}

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	tx, err := s.DB.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing was written

	settings, err := list(ctx, tx, run.Contract)
	if err != nil {
		return err
	}
	made, err := decisions(ctx, tx, run.Contract)
	if err != nil {
		return err
	}
	mappings, err := seatMappings(ctx, tx, run.Contract)
	if err != nil {
		return err
	}
	if err := publish(ctx, run, schemas.Settings, settings, func(b *columnar.Builder, v Value) error {
		value, err := v.Format(v.Value)
		if err != nil {
			return err
		}
		b.String(0, v.Key)
		b.String(1, value)
		return nil
	}); err != nil {
		return err
	}
	if err := publish(ctx, run, schemas.Decisions, made, func(b *columnar.Builder, d Decision) error {
		for i, text := range []string{d.Object, d.RecordID, d.TargetID, d.Verdict, d.By} {
			b.String(i, text)
		}
		b.Time(5, d.At)
		if d.Reason != "" {
			b.String(6, d.Reason)
		}
		return nil
	}); err != nil {
		return err
	}
	return publish(ctx, run, schemas.SeatMappings, mappings, func(b *columnar.Builder, m SeatMapping) error {
		b.String(0, m.SeatID)
		b.String(1, m.UserID)
		b.String(2, m.By)
		b.Time(3, m.At)
		return nil
	})
}

// publish writes rows, set field by field in the data set's order.
func publish[T any](ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, rows []T, set func(*columnar.Builder, T) error) error {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return err
	}
	if err := write(ctx, w.Write, ds, rows, set); err != nil {
		return fmt.Errorf("write %s: %w", ds.Name, errors.Join(err, w.Abort()))
	}
	if _, err := run.Publish(ctx, ds, w); err != nil {
		return err
	}
	run.Count("rows."+ds.Name, int64(len(rows)))
	return nil
}

func write[T any](ctx context.Context, out func(context.Context, arrow.Record) error, ds *schemas.Dataset, rows []T, set func(*columnar.Builder, T) error) error {
	b := columnar.NewBuilder(memory.DefaultAllocator, ds)
	defer b.Release()
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		return out(ctx, rec)
	}
	for _, row := range rows {
		if err := set(b, row); err != nil {
			return err
		}
		if err := b.EndRow(); err != nil {
			return err
		}
		if b.Full() {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return flush()
}
