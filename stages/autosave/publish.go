package autosave

import (
	"context"
	"errors"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// write fills a writer row by row: fill sets the fields of row i.
func write(ctx context.Context, w *snapshot.Writer, ds *schemas.Dataset, rows int, fill func(b *columnar.Builder, i int)) error {
	b := columnar.NewBuilder(memory.DefaultAllocator, ds)
	defer b.Release()
	for i := range rows {
		fill(b, i)
		if err := b.EndRow(); err != nil {
			return err
		}
		if !b.Full() && i < rows-1 {
			continue
		}
		rec := b.NewRecord()
		err := w.Write(ctx, rec)
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func publishTies(ctx context.Context, run *pipeline.Run, ties []tie) error {
	w, err := run.Create(ctx, schemas.SeatUsers)
	if err != nil {
		return err
	}
	err = write(ctx, w, schemas.SeatUsers, len(ties), func(b *columnar.Builder, i int) {
		t := ties[i]
		b.String(0, t.seatID)
		if t.userID != "" {
			b.String(1, t.userID)
		}
		b.String(2, t.method)
		b.Bool(3, t.licensed)
		b.Bool(4, t.active)
		if t.notes != nil {
			b.String(5, strings.Join(t.notes, "; "))
		}
	})
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	for _, t := range ties {
		run.Count("seats."+t.method, 1)
		if !t.licensed {
			run.Count("seats.unlicensed", 1)
		}
	}
	_, err = run.Publish(ctx, schemas.SeatUsers, w)
	return err
}

// publishSaves adds the saves that no earlier run made.
func publishSaves(ctx context.Context, run *pipeline.Run, due []save) error {
	var base *snapshot.Entry
	if prev, ok := run.Previous(schemas.Saves); ok {
		var err error
		base = &prev
		if due, err = notSaved(ctx, run, prev, due); err != nil {
			return err
		}
	}
	run.Count("saves.new", int64(len(due)))
	w, err := run.Create(ctx, schemas.Saves)
	if err != nil {
		return err
	}
	err = write(ctx, w, schemas.Saves, len(due), func(b *columnar.Builder, i int) {
		s := due[i]
		for at, text := range []string{s.seatID, s.kind, s.target, s.userID, s.object, s.id, s.opportunityID} {
			b.String(at, text)
		}
		b.Time(7, run.AsOf)
	})
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	e, err := w.Publish(ctx, base)
	if err != nil {
		return err
	}
	run.PublishEntry(schemas.Saves, e)
	run.Count("rows.saves", e.Rows)
	return nil
}

// notSaved drops from due, which is ordered, what the entry holds.
func notSaved(ctx context.Context, run *pipeline.Run, e snapshot.Entry, due []save) ([]save, error) {
	reader, err := run.Store().Read(ctx, schemas.Saves, e, schemas.Saves.Key...)
	if err != nil {
		return nil, err
	}
	var fresh []save
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		seats, kinds, targets := columnar.Strings(rec, "seat_id"), columnar.Strings(rec, "target_kind"), columnar.Strings(rec, "target_id")
		for i := range seats.Len() {
			old := save{seatID: seats.Value(i), kind: kinds.Value(i), target: targets.Value(i)}
			for len(due) > 0 && due[0].compare(old) < 0 {
				fresh, due = append(fresh, due[0]), due[1:]
			}
			if len(due) > 0 && due[0].compare(old) == 0 {
				due = due[1:]
			}
		}
		return nil
	})
	return append(fresh, due...), err
}
