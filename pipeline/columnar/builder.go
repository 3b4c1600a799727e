package columnar

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// ErrRow says that a row was refused: a required field is missing, or a value does not fit its field.
var ErrRow = errors.New("row refused")

// ErrRequired says that a required field of a row is missing or null; it comes with ErrRow.
var ErrRequired = errors.New("required field is missing")

// Builder makes records row by row. Set each field of a row at most once, then call EndRow; the builder keeps what was wrong until
// then. It is not safe for use by several goroutines.
type Builder struct {
	ds     *schemas.Dataset
	schema *arrow.Schema
	cols   []*vector
	rows   int
	wrong  error
}

// NewBuilder returns a builder for the named columns of a data set (none: all), numbered in that order.
func NewBuilder(mem memory.Allocator, ds *schemas.Dataset, columns ...string) *Builder {
	b := &Builder{ds: ds, schema: Schema(ds, columns...)}
	for _, f := range Fields(ds, columns...) {
		b.cols = append(b.cols, newVector(mem, f))
	}
	return b
}

// Schema is the schema of the records.
func (b *Builder) Schema() *arrow.Schema { return b.schema }

func (b *Builder) refuse(i int, why string) {
	if b.wrong == nil {
		b.wrong = fmt.Errorf("%s.%s: %s: %w", b.ds.Name, b.cols[i].field.Name, why, ErrRow)
	}
}

// lack refuses the row for a required field, unless something worse is wrong with it.
func (b *Builder) lack(i int) {
	if b.wrong == nil {
		b.wrong = fmt.Errorf("%s.%s: %w: %w", b.ds.Name, b.cols[i].field.Name, ErrRequired, ErrRow)
	}
}

// column returns the vector that takes the next value of column i, or nil when the value cannot be taken.
func (b *Builder) column(i int, layouts ...layout) *vector {
	v := b.cols[i]
	if v.rows != b.rows {
		b.refuse(i, "set twice in one row")
		return nil
	}
	for _, l := range layouts {
		if v.layout == l {
			return v
		}
	}
	b.refuse(i, fmt.Sprintf("value of the wrong type for %s", v.field.Type))
	return nil
}

// Null sets column i to null.
func (b *Builder) Null(i int) {
	if v := b.column(i, b.cols[i].layout); v != nil {
		v.appendNulls(1)
	}
}

// String sets column i, of type String or JSON. An empty string is a value, not null.
func (b *Builder) String(i int, s string) {
	v := b.column(i, layoutText, layoutCoded)
	if v == nil {
		return
	}
	if v.fits(len(s)) != nil {
		b.refuse(i, "record is full")
		return
	}
	v.appendText(s)
}

// Bytes sets column i, of type String or JSON, from bytes that the caller may reuse.
func (b *Builder) Bytes(i int, s []byte) { b.String(i, bytesAsString(s)) }

// Bool sets column i, of type Bool.
func (b *Builder) Bool(i int, x bool) {
	if v := b.column(i, layoutBits); v != nil {
		v.appendBool(x)
	}
}

// Int sets column i, of type Int64.
func (b *Builder) Int(i int, x int64) {
	if v := b.column(i, layoutEight); v != nil {
		if v.field.Type != schemas.Int64 {
			b.refuse(i, fmt.Sprintf("integer for %s", v.field.Type))
			return
		}
		v.appendEight(uint64(x))
	}
}

// Float sets column i, of type Float64.
func (b *Builder) Float(i int, x float64) {
	if v := b.column(i, layoutEight); v != nil {
		if v.field.Type != schemas.Float64 {
			b.refuse(i, fmt.Sprintf("float for %s", v.field.Type))
			return
		}
		v.appendEight(math.Float64bits(x))
	}
}

// Time sets column i, of type Timestamp (cut to milliseconds) or Date (the day in UTC).
func (b *Builder) Time(i int, t time.Time) {
	switch b.cols[i].field.Type {
	case schemas.Timestamp:
		if v := b.column(i, layoutEight); v != nil {
			v.appendEight(uint64(t.UnixMilli()))
		}
	case schemas.Date:
		day := floorDiv(t.Unix(), 86400)
		if day < math.MinInt32 || day > math.MaxInt32 {
			b.refuse(i, "day out of range")
			return
		}
		if v := b.column(i, layoutFour); v != nil {
			v.appendFour(uint32(int32(day)))
		}
	default:
		b.refuse(i, fmt.Sprintf("time for %s", b.cols[i].field.Type))
	}
}

// EndRow ends the row: fields that were not set become null. When a required field is missing or null, or a value did not fit, the
// row is dropped and the error (wrapping ErrRow) names the field, never the value.
func (b *Builder) EndRow() error {
	for i, v := range b.cols {
		if v.rows == b.rows {
			v.appendNulls(1)
		}
		if !v.field.Nullable() && v.valid.n > 0 && isNull(v, b.rows) {
			b.lack(i)
		}
	}
	if err := b.wrong; err != nil {
		b.DropRow()
		return err
	}
	b.rows++
	return nil
}

// DropRow forgets what was set of the row that has not ended.
func (b *Builder) DropRow() {
	for _, v := range b.cols {
		v.truncate(b.rows)
	}
	b.wrong = nil
}

// Len is the number of rows that ended since the last record.
func (b *Builder) Len() int { return b.rows }

// Size is the memory that those rows take, in bytes.
func (b *Builder) Size() int64 {
	var n int64
	for _, v := range b.cols {
		n += v.bytes()
		if v.dict != nil {
			n += v.dict.bytes()
		}
	}
	return n
}

// Full reports whether the rows suffice for a record of ordinary size.
func (b *Builder) Full() bool {
	return b.rows >= BatchRows || b.rows%64 == 0 && b.Size() >= BatchBytes
}

// NewRecord returns the rows as a record, which the caller releases, and starts anew. A row that has not ended is dropped.
func (b *Builder) NewRecord() arrow.Record {
	b.DropRow()
	rec := newRecord(b.schema, b.cols, b.rows)
	b.rows = 0
	return rec
}

// Release frees what the builder holds.
func (b *Builder) Release() {
	for _, v := range b.cols {
		v.release()
	}
	b.rows = 0
}

func newRecord(schema *arrow.Schema, cols []*vector, rows int) arrow.Record {
	arrays := make([]arrow.Array, len(cols))
	for i, v := range cols {
		arrays[i] = v.finish()
		defer arrays[i].Release() // the record holds its own reference
	}
	return array.NewRecord(schema, arrays, int64(rows))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
