package extract

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// publishDifference compares all rows of an object with those of the run before, and publishes what is new or differs, and
// tombstones for what is gone.
func (u *update) publishDifference(ctx context.Context, opts []pipeline.EntryOption) (snapshot.Entry, error) {
	before, err := u.run.Store().Read(ctx, u.p.ds, u.p.prev)
	if err != nil {
		return snapshot.Entry{}, err
	}
	sorter := columnar.NewSorter(u.p.ds, columnar.SorterOptions{Budget: u.run.Budget / 4, Dir: u.rows.dir, Seal: u.s.Seal, Allocator: u.s.Allocator})
	d := &difference{run: u.run, p: u.p}
	err = d.find(ctx, before, u.rows, sorter)
	switch {
	case err != nil && d.w != nil:
		return snapshot.Entry{}, abort(d.w, err)
	case err != nil:
		return snapshot.Entry{}, err
	case d.w == nil:
		return again(u.run, u.p, opts), nil
	default:
		return u.run.Publish(ctx, u.p.ds, d.w, opts...)
	}
}

// difference collects what differs; its writer is made at the first of it.
type difference struct {
	run *pipeline.Run
	p   *plan
	w   *snapshot.Writer
}

// find walks two streams that are sorted by Id, each Id once.
func (d *difference) find(ctx context.Context, before columnar.RecordReader, rows *reading, sorter *columnar.Sorter) (err error) {
	old := &walker{r: before}
	defer func() { err = errors.Join(err, old.close()) }()
	if err := rows.each(ctx, func(rec arrow.Record) error { return sorter.Write(ctx, rec) }); err != nil {
		return errors.Join(err, sorter.Close())
	}
	sorted, err := sorter.Sort(ctx)
	if err != nil {
		return err
	}
	now := &walker{r: sorted}
	defer func() { err = errors.Join(err, now.close()) }()
	for _, w := range []*walker{old, now} {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	for !old.ended || !now.ended {
		c := 0
		switch {
		case old.ended:
			c = 1
		case now.ended:
			c = -1
		default:
			c = strings.Compare(old.id(), now.id())
		}
		switch {
		case c < 0:
			err = d.remove(ctx, old.id())
		case c > 0 || !same(old, now):
			err = d.put(ctx, now)
		}
		if err == nil && c <= 0 {
			err = old.step(ctx)
		}
		if err == nil && c >= 0 {
			err = now.step(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *difference) writer(ctx context.Context) (err error) {
	if d.w == nil {
		d.w, err = d.run.Create(ctx, d.p.ds)
	}
	return err
}

func (d *difference) remove(ctx context.Context, id string) error {
	if err := d.writer(ctx); err != nil {
		return err
	}
	return d.w.Delete(ctx, id)
}

func (d *difference) put(ctx context.Context, at *walker) error {
	if err := d.writer(ctx); err != nil {
		return err
	}
	row := at.rec.NewSlice(int64(at.row), int64(at.row)+1)
	defer row.Release()
	return d.w.Write(ctx, row)
}

// walker goes over a stream row by row.
type walker struct {
	r     columnar.RecordReader
	rec   arrow.Record
	ids   columnar.StringColumn
	row   int
	ended bool
}

func (w *walker) id() string { return w.ids.Value(w.row) }

func (w *walker) step(ctx context.Context) error {
	if w.rec != nil {
		if w.row++; w.row < int(w.rec.NumRows()) {
			return nil
		}
		w.rec.Release()
		w.rec = nil
	}
	rec, err := w.r.Next(ctx)
	if err == io.EOF {
		w.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	w.rec, w.ids, w.row = rec, columnar.Strings(rec, "Id"), 0
	return nil
}

func (w *walker) close() error {
	if w.rec != nil {
		w.rec.Release()
		w.rec = nil
	}
	return w.r.Close()
}

// same compares two rows of the same columns in the same order.
func same(a, b *walker) bool {
	for c := range int(a.rec.NumCols()) {
		x, okX := columnar.TextAt(a.rec.Column(c), a.row)
		y, okY := columnar.TextAt(b.rec.Column(c), b.row)
		if x != y || okX != okY {
			return false
		}
	}
	return true
}
