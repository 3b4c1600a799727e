package compare

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

const linked = "link"

var linkColumns = []string{"object", "record_id", "target_id", "decision", "probability", "weight"}

// links writes the links that differ.
func (s *Stage) links(ctx context.Context, run *pipeline.Run, out *output) (err error) {
	if !s.has(schemas.Links) {
		return nil
	}
	was, err := s.before(ctx, run, schemas.Links, linkColumns...)
	if err != nil {
		return err
	}
	old := &walker{reader: was}
	defer func() { err = errors.Join(err, old.close()) }()
	is, err := run.Read(ctx, schemas.Links, linkColumns...)
	if err != nil {
		return err
	}
	now := &walker{reader: is}
	defer func() { err = errors.Join(err, now.close()) }()
	for _, w := range []*walker{old, now} {
		if err := w.load(ctx); err != nil {
			return err
		}
	}
	for !old.done || !now.done {
		c := old.compare(now)
		if err := write(ctx, run, out, old, now, c); err != nil {
			return err
		}
		if c <= 0 {
			if err := old.next(ctx); err != nil {
				return err
			}
		}
		if c >= 0 {
			if err := now.next(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the record at which the walkers are, if its link differs; c says which of them are at it.
func write(ctx context.Context, run *pipeline.Run, out *output, old, now *walker, c int) error {
	before, after := c <= 0 && old.text(3) == linked, c >= 0 && now.text(3) == linked
	change := ""
	switch {
	case before && !after:
		change = "lost"
	case after && !before:
		change = "gained"
	case before && after && old.text(2) != now.text(2):
		change = "changed"
	}
	if change == "" {
		return nil
	}
	at := now
	if c <= 0 {
		at = old
	}
	out.String(0, at.text(0))
	out.String(1, at.text(1))
	out.String(2, change)
	if c <= 0 {
		old.show(out, 3)
	}
	if c >= 0 {
		now.show(out, 7)
	}
	run.Count("links_"+change+"."+at.text(0), 1)
	return out.endRow(ctx)
}

// walker steps through links in the order of object and record.
type walker struct {
	reader              columnar.RecordReader
	rec                 arrow.Record
	row                 int
	done                bool
	texts               [4]columnar.StringColumn
	probability, weight columnar.FloatColumn
}

func (w *walker) text(i int) string { return w.texts[i].Value(w.row) }

// compare orders the current rows; the end is after all.
func (w *walker) compare(o *walker) int {
	switch {
	case w.done:
		return 1
	case o.done:
		return -1
	}
	return cmp.Or(cmp.Compare(w.text(0), o.text(0)), cmp.Compare(w.text(1), o.text(1)))
}

// show sets the four fields of a side from the given one on.
func (w *walker) show(out *output, at int) {
	out.String(at, w.text(2))
	out.String(at+1, w.text(3))
	out.Float(at+2, w.probability.Value(w.row))
	out.Float(at+3, w.weight.Value(w.row))
}

func (w *walker) next(ctx context.Context) error {
	w.row++
	return w.load(ctx)
}

// load reads on when the current record is used up.
func (w *walker) load(ctx context.Context) error {
	for !w.done && (w.rec == nil || w.row >= int(w.rec.NumRows())) {
		w.release()
		rec, err := w.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			w.done = true
			return nil
		}
		if err != nil {
			return err
		}
		w.rec, w.row = rec, 0
		for i := range w.texts {
			w.texts[i] = columnar.Strings(rec, linkColumns[i])
		}
		w.probability, w.weight = columnar.Floats(rec, "probability"), columnar.Floats(rec, "weight")
	}
	return nil
}

func (w *walker) release() {
	if w.rec != nil {
		w.rec.Release()
		w.rec = nil
	}
}

func (w *walker) close() error {
	w.release()
	w.done = true
	return w.reader.Close()
}
