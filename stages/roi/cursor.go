package roi

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// cursor steps through text columns of a stream that is sorted by the first of them.
type cursor struct {
	reader columnar.RecordReader
	names  []string
	keep   func(c *cursor) bool // nil keeps all rows
	rec    arrow.Record
	cols   []columnar.StringColumn
	row    int
	done   bool
}

func newCursor(reader columnar.RecordReader, names ...string) *cursor {
	return &cursor{reader: reader, names: names}
}

func openCursor(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, names ...string) (*cursor, error) {
	reader, err := run.Read(ctx, ds, names...)
	if err != nil {
		return nil, err
	}
	return newCursor(reader, names...), nil
}

// text returns a column of the current row; it is valid until the next step.
func (c *cursor) text(i int) string { return c.cols[i].Value(c.row) }

// next steps to the next row that is kept; false at the end.
func (c *cursor) next(ctx context.Context) (bool, error) {
	for !c.done {
		c.row++
		if c.rec == nil || c.row >= int(c.rec.NumRows()) {
			if err := c.load(ctx); err != nil {
				return false, err
			}
		}
		if !c.done && (c.keep == nil || c.keep(c)) {
			return true, nil
		}
	}
	return false, nil
}

func (c *cursor) load(ctx context.Context) error {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
	rec, err := c.reader.Next(ctx)
	if errors.Is(err, io.EOF) {
		c.done = true
		return nil
	}
	if err != nil {
		return err
	}
	c.rec, c.row, c.cols = rec, 0, c.cols[:0]
	for _, name := range c.names {
		c.cols = append(c.cols, columnar.Strings(rec, name))
	}
	return nil
}

// seek steps to the first row whose key is not below the given one and reports whether it has that key. Keys of successive calls must
// not descend.
func (c *cursor) seek(ctx context.Context, key string) (bool, error) {
	for c.rec == nil || c.text(0) < key {
		if ok, err := c.next(ctx); !ok {
			return false, err
		}
	}
	return c.text(0) == key, nil
}

func (c *cursor) close() error {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
	c.done = true
	return c.reader.Close()
}
