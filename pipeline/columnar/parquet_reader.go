package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/crmsync/crmsync/schemas"
)

// ReaderOptions tune a Reader; the zero value is right for most.
type ReaderOptions struct {
	// Columns are the columns to read, in order; none means all. A column that the file lacks reads as null.
	Columns []string
	// BatchRows and BatchBytes bound records; 0 means the constants of the same names.
	BatchRows  int
	BatchBytes int64
	Allocator  memory.Allocator // nil means the Go heap
	Closer     io.Closer        // closed with the reader
}

// Reader streams the rows of a Parquet file, in their order, by pages: a record never spans two row groups.
type Reader struct {
	schema *arrow.Schema
	cols   []*columnReader
	file   io.ReaderAt
	meta   []format.RowGroup
	groups []parquet.RowGroup
	sizes  []int64 // of the groups' chosen columns, decoded
	rows   int64   // of the file
	left   int64   // of the row group
	batch  int64
	o      ReaderOptions
	err    error // once failed, the reader stays failed
}

// NewReader opens a Parquet file of a data set. On an error the closer is not closed.
func NewReader(r io.ReaderAt, size int64, ds *schemas.Dataset, o ReaderOptions) (_ *Reader, err error) {
	defer recovered(&err, "open parquet")
	if o.BatchRows == 0 {
		o.BatchRows = BatchRows
	}
	if o.BatchBytes == 0 {
		o.BatchBytes = BatchBytes
	}
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	if err := checkFooter(r, size); err != nil {
		return nil, fmt.Errorf("open parquet: %w", err)
	}
	f, err := parquet.OpenFile(r, size, &parquet.FileConfig{SkipPageIndex: true, SkipBloomFilters: true, ReadBufferSize: 8 << 10})
	if err != nil {
		return nil, fmt.Errorf("open parquet: %w: %w", err, ErrCorrupt)
	}
	if err := checkChunks(f.Metadata(), size); err != nil {
		return nil, fmt.Errorf("open parquet: %w", err)
	}
	out := &Reader{schema: Schema(ds, o.Columns...), file: r, meta: f.Metadata().RowGroups, groups: f.RowGroups(), rows: f.NumRows(), o: o}
	var total int64
	for _, g := range out.groups {
		total += g.NumRows()
	}
	if total != out.rows {
		return nil, fmt.Errorf("open parquet: footer counts %d rows, its row groups %d: %w", out.rows, total, ErrCorrupt)
	}
	for _, field := range Fields(ds, o.Columns...) {
		c := &columnReader{vec: newVector(o.Allocator, field), leaf: -1}
		if leaf, ok := f.Schema().Lookup(field.Name); ok {
			if err := c.accept(leaf); err != nil {
				return nil, err
			}
		}
		out.cols = append(out.cols, c)
	}
	out.sizes = sizes(f.Metadata(), out.cols)
	return out, nil
}

// Schema is the schema of the records.
func (r *Reader) Schema() *arrow.Schema { return r.schema }

// Rows is the number of rows of the whole file.
func (r *Reader) Rows() int64 { return r.rows }

// Next returns the next record, which the caller releases, or io.EOF.
func (r *Reader) Next(ctx context.Context) (_ arrow.Record, err error) {
	if r.err != nil {
		return nil, r.err
	}
	defer func() { r.err = err }()
	defer recovered(&err, "read parquet")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for r.left == 0 {
		if len(r.groups) == 0 {
			return nil, io.EOF
		}
		if err := r.open(r.groups[0], &r.meta[0], r.sizes[0]); err != nil {
			return nil, err
		}
		r.groups, r.meta, r.sizes = r.groups[1:], r.meta[1:], r.sizes[1:]
	}
	n := min(r.left, r.batch)
	for _, c := range r.cols {
		if err := c.read(int(n)); err != nil {
			return nil, fmt.Errorf("read parquet: column %s: %w", c.vec.field.Name, err)
		}
	}
	r.left -= n
	cols := make([]*vector, len(r.cols))
	for i, c := range r.cols {
		cols[i] = c.vec
	}
	return newRecord(r.schema, cols, int(n)), nil
}

// open begins a row group and decides on the size of its records by the group's average row.
func (r *Reader) open(g parquet.RowGroup, meta *format.RowGroup, size int64) error {
	r.left = g.NumRows()
	r.batch = int64(r.o.BatchRows)
	if r.left > 0 && size/r.left > 0 {
		r.batch = min(r.batch, max(r.o.BatchBytes/(size/r.left), 1))
	}
	chunks := g.ColumnChunks()
	for _, c := range r.cols {
		if err := c.open(chunks, r.left); err != nil {
			return fmt.Errorf("read parquet: column %s: %w", c.vec.field.Name, err)
		}
		if c.leaf >= 0 {
			c.check = newPageChecker(r.file, &meta.Columns[c.leaf], r.left)
		}
	}
	return nil
}

// Close frees the pages and closes the file.
func (r *Reader) Close() (err error) {
	defer recovered(&err, "close parquet")
	var errs []error
	for _, c := range r.cols {
		errs = append(errs, c.close())
		c.vec.release()
	}
	r.cols, r.groups, r.left = nil, nil, 0
	if r.err == nil {
		r.err = io.EOF
	}
	if r.o.Closer != nil {
		errs = append(errs, r.o.Closer.Close())
		r.o.Closer = nil
	}
	return errors.Join(errs...)
}

// sizes returns how large the columns of each row group are without compression. It only guides the size of records.
func sizes(m *format.FileMetaData, cols []*columnReader) []int64 {
	out := make([]int64, len(m.RowGroups))
	for i, g := range m.RowGroups {
		for _, c := range cols {
			if c.leaf >= 0 && c.leaf < len(g.Columns) {
				out[i] += max(g.Columns[c.leaf].MetaData.TotalUncompressedSize, 0)
			}
		}
	}
	return out
}
