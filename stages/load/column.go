package load

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Column is the name of a field's column: IsUnreadByOwner is is_unread_by_owner.
func Column(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func columnsOf(fields []string) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = Column(f)
	}
	return names
}

// reader takes the value of one column at a row; nil for a null.
type reader func(row int) any

// readers returns a reader for each of the data set's named fields in a record.
func readers(ds *schemas.Dataset, rec arrow.Record, fields []string) []reader {
	out := make([]reader, len(fields))
	for i, name := range fields {
		switch ds.Field(name).Type {
		case schemas.Bool:
			out[i] = nullable[bool](columnar.Bools(rec, name))
		case schemas.Int64:
			out[i] = nullable[int64](columnar.Ints(rec, name))
		case schemas.Float64:
			out[i] = nullable[float64](columnar.Floats(rec, name))
		case schemas.Date, schemas.Timestamp:
			out[i] = nullable[time.Time](columnar.Times(rec, name))
		default:
			text := columnar.Strings(rec, name)
			out[i] = func(row int) any {
				if text.IsNull(row) {
					return nil
				}
				return storable(text.Value(row))
			}
		}
	}
	return out
}

func nullable[T any](c interface {
	IsNull(i int) bool
	Value(i int) T
},
) reader {
	return func(row int) any {
		if c.IsNull(row) {
			return nil
		}
		return c.Value(row)
	}
}

// storable makes a text that Postgres takes: valid UTF-8 without NUL, which CRMs let through.
func storable(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.Clone(strings.ToValidUTF8(s, "\uFFFD"))
}

// opener opens a stream when its turn comes.
type opener func(ctx context.Context) (columnar.RecordReader, error)

// rows streams the named fields of a data set as rows for COPY, each followed by the same last values. The row is valid until the
// next one.
func rows(ctx context.Context, ds *schemas.Dataset, open opener, fields []string, last ...any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		r, err := open(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		row := make([]any, len(fields)+len(last))
		copy(row[len(fields):], last)
		for {
			rec, err := r.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("read %s: %w", ds.Name, err))
				return
			}
			if !each(rec, readers(ds, rec, fields), row, yield) {
				return
			}
		}
	}
}

// each yields the rows of a record, which it releases.
func each(rec arrow.Record, values []reader, row []any, yield func([]any, error) bool) bool {
	defer rec.Release()
	for i := range int(rec.NumRows()) {
		for c, value := range values {
			row[c] = value(i)
		}
		if !yield(row, nil) {
			return false
		}
	}
	return true
}

// cursor walks a stream row by row.
type cursor struct {
	ctx    context.Context
	r      columnar.RecordReader
	ds     *schemas.Dataset
	fields []string

	rec    arrow.Record
	values []reader
	row    int
}

// next moves to the following row; false at the end.
func (c *cursor) next() (bool, error) {
	c.row++
	for c.rec == nil || c.row >= int(c.rec.NumRows()) {
		c.release()
		rec, err := c.r.Next(c.ctx)
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read %s: %w", c.ds.Name, err)
		}
		c.rec, c.values, c.row = rec, readers(c.ds, rec, c.fields), 0
	}
	return true, nil
}

// text is the value of a text field of the row.
func (c *cursor) text(field int) string {
	s, _ := c.values[field](c.row).(string)
	return s
}

func (c *cursor) release() {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
}

func (c *cursor) close() error {
	c.release()
	return c.r.Close()
}
