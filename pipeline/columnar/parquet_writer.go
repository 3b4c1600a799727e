package columnar

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/crmsync/crmsync/schemas"
)

// The size of a row group as files are written: whichever is reached first. A group is buffered, compressed, until it is whole.
const (
	GroupRows  = 128 << 10
	GroupBytes = 32 << 20 // before encoding and compression
)

const (
	pageBytes      = 64 << 10
	pageRows       = 4096
	dictionaryMax  = 1 << 20
	writtenBy      = "crmsync"
	zstdCodecLevel = zstd.SpeedFastest
)

// WriterOptions tune a Writer; the zero value is right for most.
type WriterOptions struct {
	// Columns are the columns to write, in order; none means all.
	Columns []string
	// GroupRows and GroupBytes bound row groups; 0 means the constants of the same names.
	GroupRows  int64
	GroupBytes int64
}

// Writer writes records as one Parquet file: zstd, dictionaries for fields that repeat, bounded row groups.
type Writer struct {
	ds     *schemas.Dataset
	fields []schemas.Field
	out    *counter
	file   *parquet.GenericWriter[any]
	o      WriterOptions
	values []parquet.Value

	rows       int64
	groupRows  int64
	groupBytes int64
}

// NewWriter begins a Parquet file on out. Nothing of the file is usable before Close.
func NewWriter(out io.Writer, ds *schemas.Dataset, o WriterOptions) *Writer {
	if o.GroupRows == 0 {
		o.GroupRows = GroupRows
	}
	if o.GroupBytes == 0 {
		o.GroupBytes = GroupBytes
	}
	w := &Writer{ds: ds, fields: Fields(ds, o.Columns...), out: &counter{w: out}, o: o, values: make([]parquet.Value, 0, pageRows)}
	w.file = parquet.NewGenericWriter[any](w.out, parquetSchema(ds, w.fields), &parquet.WriterConfig{
		CreatedBy:          writtenBy, // without a version of anything: the same rows give the same bytes
		PageBufferSize:     pageBytes,
		DataPageVersion:    2,
		Compression:        &zstd.Codec{Level: zstdCodecLevel},
		DictionaryMaxBytes: dictionaryMax,
	}, parquet.DataPageStatistics(false)) // they hold whole texts; the page index has them shortened
	return w
}

// Rows is the number of rows written so far.
func (w *Writer) Rows() int64 { return w.rows }

// Bytes is the number of bytes that left for the file so far; row groups that are not whole are not among them.
func (w *Writer) Bytes() int64 { return w.out.n }

// Write appends the rows of a record, which must have the writer's columns by name; others are ignored. The caller keeps the record.
func (w *Writer) Write(rec arrow.Record) (err error) {
	defer recovered(&err, "write parquet")
	cols := make([]arrow.Array, len(w.fields))
	for i, f := range w.fields {
		at := rec.Schema().FieldIndices(f.Name)
		if len(at) == 0 {
			return fmt.Errorf("write %s: record has no column %s", w.ds.Name, f.Name)
		}
		cols[i] = rec.Column(at[0])
		if cols[i].NullN() > 0 && !f.Nullable() {
			return fmt.Errorf("write %s: required column %s has %d nulls", w.ds.Name, f.Name, cols[i].NullN())
		}
	}
	step := stepRows(rec)
	for from := 0; from < int(rec.NumRows()); {
		to := min(from+step, int(rec.NumRows()), from+int(w.o.GroupRows-w.groupRows))
		for i, a := range cols {
			size, err := w.column(i, a, from, to)
			if err != nil {
				return fmt.Errorf("write %s: column %s: %w", w.ds.Name, w.fields[i].Name, err)
			}
			w.groupBytes += size
		}
		w.groupRows += int64(to - from)
		w.rows += int64(to - from)
		from = to
		if w.groupRows >= w.o.GroupRows || w.groupBytes >= w.o.GroupBytes {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// stepRows is how many rows of a record go into all columns before the row group's size is looked at: about 1 MiB.
func stepRows(rec arrow.Record) int {
	var text int64
	for _, a := range rec.Columns() {
		if s, ok := a.(*array.String); ok && s.Len() > 0 {
			text += int64(s.ValueOffset(s.Len()) - s.ValueOffset(0))
		}
	}
	perRow := text/max(rec.NumRows(), 1) + 1
	return int(min(max(1<<20/perRow, 1), pageRows))
}

func (w *Writer) flush() error {
	w.groupRows, w.groupBytes = 0, 0
	if err := w.file.Flush(); err != nil {
		return fmt.Errorf("write %s: row group: %w", w.ds.Name, err)
	}
	return nil
}

// Close writes what is left and the footer; it does not close the underlying writer.
func (w *Writer) Close() (err error) {
	defer recovered(&err, "write parquet")
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("write %s: footer: %w", w.ds.Name, err)
	}
	return nil
}

// column writes the rows [from, to) of one column and returns their size before encoding.
func (w *Writer) column(i int, a arrow.Array, from, to int) (int64, error) {
	p := portion{out: w.file.ColumnWriters()[i], values: w.values[:0]}
	if w.fields[i].Nullable() {
		p.level = 1
	}
	null := func(int) bool { return false }
	if a.NullN() > 0 {
		null = a.IsNull
	}
	switch a := a.(type) {
	case *array.String:
		for r := from; r < to && p.err == nil; r++ {
			p.text(a.Value(r), null(r))
		}
	case *array.Dictionary:
		values, ok := a.Dictionary().(*array.String)
		if !ok {
			return 0, fmt.Errorf("values of type %s cannot be written", a.DataType())
		}
		codes := a.Indices().(*array.Int32).Int32Values()
		for r := from; r < to && p.err == nil; r++ {
			if null(r) {
				p.text("", true)
			} else {
				p.text(values.Value(int(codes[r])), false)
			}
		}
	case *array.Boolean:
		for r := from; r < to; r++ {
			p.add(parquet.BooleanValue(a.Value(r)), 1, null(r))
		}
	case *array.Int64:
		for r, v := range a.Int64Values()[from:to] {
			p.add(parquet.Int64Value(v), 8, null(from+r))
		}
	case *array.Float64:
		for r, v := range a.Float64Values()[from:to] {
			p.add(parquet.DoubleValue(v), 8, null(from+r))
		}
	case *array.Date32:
		for r, v := range a.Date32Values()[from:to] {
			p.add(parquet.Int32Value(int32(v)), 4, null(from+r))
		}
	case *array.Timestamp:
		for r, v := range a.TimestampValues()[from:to] {
			p.add(parquet.Int64Value(int64(v)), 8, null(from+r))
		}
	default:
		return 0, fmt.Errorf("values of type %s cannot be written", a.DataType())
	}
	p.hand()
	return p.total, p.err
}

// portion is the values of a column that are handed over together, so that a page of long texts stays near pageBytes.
type portion struct {
	out         *parquet.ColumnWriter
	level       int // of values: 1 in a nullable column, else 0; nulls are 0
	values      []parquet.Value
	size, total int64 // of this portion and those before it, before encoding
	err         error
}

func (p *portion) add(v parquet.Value, size int, null bool) {
	if null {
		p.values = append(p.values, parquet.Value{})
		return
	}
	if p.level > 0 {
		v.SetDefinitionLevel(p.level)
	}
	p.values = append(p.values, v)
	p.size += int64(size)
}

func (p *portion) text(s string, null bool) {
	p.add(parquet.ByteArrayValue(stringAsBytes(s)), len(s)+4, null)
	if p.size >= pageBytes {
		p.hand()
	}
}

func (p *portion) hand() {
	if len(p.values) == 0 || p.err != nil {
		return
	}
	_, p.err = p.out.WriteRowValues(p.values)
	p.total += p.size
	p.size, p.values = 0, p.values[:0]
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// ErrCorrupt says that a file is not what it should be: damaged, cut short, or of another shape.
var ErrCorrupt = errors.New("file is damaged")

// recovered turns a panic of the Parquet library into an error: it panics on input that it does not expect.
func recovered(err *error, what string) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: %v: %w", what, p, ErrCorrupt)
	}
}
