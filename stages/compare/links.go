package compare

import (
	"cmp"
	"context"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

const linked = "link"

var linkColumns = []string{"object", "record_id", "target_id", "decision", "probability", "weight"}

// links writes the links that differ.
func (s *Stage) links(ctx context.Context, run *pipeline.Run, out *pipeline.Output) (err error) {
	if !s.has(schemas.Links) {
		return nil
	}
	was, err := s.before(ctx, run, schemas.Links, linkColumns...)
	if err != nil {
		return err
	}
	old := newWalker(was)
	defer func() { err = errors.Join(err, old.Close()) }()
	is, err := run.Read(ctx, schemas.Links, linkColumns...)
	if err != nil {
		return err
	}
	now := newWalker(is)
	defer func() { err = errors.Join(err, now.Close()) }()
	for _, w := range []*walker{old, now} {
		if err := w.Next(ctx); err != nil {
			return err
		}
	}
	for !old.Done() || !now.Done() {
		c := old.compare(now)
		if err := write(ctx, run, out, old, now, c); err != nil {
			return err
		}
		if c <= 0 {
			if err := old.Next(ctx); err != nil {
				return err
			}
		}
		if c >= 0 {
			if err := now.Next(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the record at which the walkers are, if its link differs; c says which of them are at it.
func write(ctx context.Context, run *pipeline.Run, out *pipeline.Output, old, now *walker, c int) error {
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
	return out.EndRow(ctx)
}

// walker steps through links in the order of object and record.
type walker struct {
	*columnar.Walker
	texts               [4]columnar.StringColumn
	probability, weight columnar.FloatColumn
}

func newWalker(r columnar.RecordReader) *walker {
	w := &walker{}
	w.Walker = columnar.NewWalker(r, func(rec arrow.Record) {
		for i := range w.texts {
			w.texts[i] = columnar.Strings(rec, linkColumns[i])
		}
		w.probability, w.weight = columnar.Floats(rec, "probability"), columnar.Floats(rec, "weight")
	})
	return w
}

func (w *walker) text(i int) string { return w.texts[i].Value(w.Row) }

// compare orders the current rows; the end is after all.
func (w *walker) compare(o *walker) int {
	switch {
	case w.Done():
		return 1
	case o.Done():
		return -1
	}
	return cmp.Or(cmp.Compare(w.text(0), o.text(0)), cmp.Compare(w.text(1), o.text(1)))
}

// show sets the four fields of a side from the given one on.
func (w *walker) show(out *pipeline.Output, at int) {
	out.String(at, w.text(2))
	out.String(at+1, w.text(3))
	out.Float(at+2, w.probability.Value(w.Row))
	out.Float(at+3, w.weight.Value(w.Row))
}
