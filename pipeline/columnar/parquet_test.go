package columnar

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

func writeParquet(t testing.TB, ds *schemas.Dataset, o WriterOptions, recs ...arrow.Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := NewWriter(&buf, ds, o)
	for _, rec := range recs {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Bytes() != int64(buf.Len()) {
		t.Errorf("Bytes() = %d, file has %d", w.Bytes(), buf.Len())
	}
	return buf.Bytes()
}

func openParquet(t testing.TB, data []byte, ds *schemas.Dataset, o ReaderOptions) *Reader {
	t.Helper()
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), ds, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParquetRoundTrip(t *testing.T) {
	for _, tc := range []struct {
		name            string
		rows, record    int
		groupRows       int64
		batchRows       int
		groupBytes, max int64
	}{
		{name: "empty"},
		{name: "one row", rows: 1, record: 1},
		{name: "usual", rows: 20000, record: 5000},
		{name: "many groups", rows: 5000, record: 700, groupRows: 333, batchRows: 100},
		{name: "groups by bytes", rows: 5000, record: 5000, groupBytes: 50000, batchRows: 4096},
		{name: "records by bytes", rows: 5000, record: 5000, max: 20000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rng := newRand(1)
			mem := checked(t)
			want := randomRows(rng, tc.rows)
			recs := records(t, mem, every, want, max(tc.record, 1))
			defer release(recs)
			data := writeParquet(t, every, WriterOptions{GroupRows: tc.groupRows, GroupBytes: tc.groupBytes}, recs...)
			r := openParquet(t, data, every, ReaderOptions{BatchRows: tc.batchRows, BatchBytes: tc.max, Allocator: mem})
			if r.Rows() != int64(tc.rows) {
				t.Errorf("Rows() = %d, want %d", r.Rows(), tc.rows)
			}
			equalRows(t, drain(t, r), want)
		})
	}
}

func TestParquetKeepsTheRegistrysOrder(t *testing.T) {
	for _, ds := range schemas.All {
		data := writeParquet(t, ds, WriterOptions{})
		r := openParquet(t, data, ds, ReaderOptions{})
		if diff := cmp.Diff(ds.Names(), fieldNames(r.Schema())); diff != "" {
			t.Errorf("%s: %s", ds.Name, diff)
		}
		pf, err := file.NewParquetReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range pf.MetaData().Schema.NumColumns() {
			names = append(names, pf.MetaData().Schema.Column(i).Name())
		}
		if diff := cmp.Diff(ds.Names(), names); diff != "" {
			t.Errorf("%s: columns in the file: %s", ds.Name, diff)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestParquetProjection(t *testing.T) {
	mem := checked(t)
	rows := randomRows(newRand(3), 1000)
	recs := records(t, mem, every, rows, 400)
	defer release(recs)
	data := writeParquet(t, every, WriterOptions{Columns: []string{"id", "city", "count"}}, recs...)

	more := every.Extend(schemas.Field{Name: "revenue", Type: schemas.Float64, Flags: schemas.Nullable})
	r := openParquet(t, data, more, ReaderOptions{Columns: []string{"count", "revenue", "city", "text"}, Allocator: mem})
	var want []row
	for _, r := range rows {
		want = append(want, row{r[6], nil, r[2], nil})
	}
	equalRows(t, drain(t, r), want)
}

// Long texts must not make large pages or records: the reader's memory depends on them.
func TestParquetBoundsRecordsByBytes(t *testing.T) {
	long := make([]byte, 100<<10)
	for i := range long {
		long[i] = byte('a' + i*i%26)
	}
	b := NewBuilder(memory.DefaultAllocator, every, "id", "text")
	for i := range 500 {
		b.String(0, fmt.Sprint(i))
		b.Bytes(1, long)
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	data := writeParquet(t, every, WriterOptions{Columns: []string{"id", "text"}}, rec)
	pf, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if pf.NumRowGroups() < 2 {
		t.Errorf("%d row groups for 50 MB of text", pf.NumRowGroups())
	}
	r := openParquet(t, data, every, ReaderOptions{Columns: []string{"text"}, BatchBytes: 1 << 20})
	err = Each(context.Background(), r, func(rec arrow.Record) error {
		if rec.NumRows() > 11 {
			t.Errorf("record has %d rows of %d bytes", rec.NumRows(), len(long))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSameRowsSameBytes(t *testing.T) {
	rows := randomRows(newRand(5), 3000)
	write := func() []byte {
		return writeParquet(t, every, WriterOptions{GroupRows: 1000}, records(t, memory.DefaultAllocator, every, rows, 512)...)
	}
	if !bytes.Equal(write(), write()) {
		t.Error("the same rows gave different bytes")
	}
}

// The files open with another implementation, Apache Arrow's own, and hold the same values.
func TestParquetOpensElsewhere(t *testing.T) {
	rows := randomRows(newRand(7), 6000)
	recs := records(t, memory.DefaultAllocator, every, rows, 1000)
	data := writeParquet(t, every, WriterOptions{GroupRows: 2500}, recs...)

	pf, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := fr.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	var got []row
	tr := array.NewTableReader(table, 1000)
	defer tr.Release()
	for tr.Next() {
		got = append(got, rowsOf(tr.Record())...)
	}
	equalRows(t, got, rows)
	for i, f := range table.Schema().Fields() {
		if want := every.Fields[i].Nullable(); f.Nullable != want {
			t.Errorf("%s: nullable %v, want %v", f.Name, f.Nullable, want)
		}
	}
	if !arrow.TypeEqual(table.Schema().Field(9).Type, timestampType) || !arrow.TypeEqual(table.Schema().Field(8).Type, arrow.FixedWidthTypes.Date32) {
		t.Errorf("times read as %s and %s", table.Schema().Field(9).Type, table.Schema().Field(8).Type)
	}
}

// Files of another writer are read too: plain instead of dictionary pages, dictionaries where we have none, other codecs.
func TestReadsAnotherWritersFiles(t *testing.T) {
	rows := randomRows(newRand(9), 3000)
	for i := range rows { // the other writer's way to encode text has no dictionary type in Arrow
		rows[i][0] = fmt.Sprintf("id %06d", i)
	}
	recs := records(t, memory.DefaultAllocator, every, rows, 3000)
	plain := slices.Clone(recs[0].Columns())
	fields := slices.Clone(recs[0].Schema().Fields())
	for i, a := range plain {
		if d, ok := a.(*array.Dictionary); ok {
			b := array.NewStringBuilder(memory.DefaultAllocator)
			for r := range d.Len() {
				if d.IsNull(r) {
					b.AppendNull()
				} else {
					b.Append(d.Dictionary().(*array.String).Value(d.GetValueIndex(r)))
				}
			}
			plain[i] = b.NewArray()
			fields[i].Type = arrow.BinaryTypes.String
		}
	}
	rec := array.NewRecord(arrow.NewSchema(fields, nil), plain, recs[0].NumRows())
	var buf bytes.Buffer
	props := parquet.NewWriterProperties(parquet.WithRootRepetition(parquet.Repetitions.Required), parquet.WithCompression(compress.Codecs.Snappy))
	w, err := pqarrow.NewFileWriter(rec.Schema(), &buf, props, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	equalRows(t, drain(t, openParquet(t, buf.Bytes(), every, ReaderOptions{Allocator: checked(t)})), rows)
}

func TestParquetRefusesWhatDoesNotFit(t *testing.T) {
	other := &schemas.Dataset{Name: "every", Key: []string{"id"}, Fields: []schemas.Field{
		{Name: "id", Type: schemas.String}, {Name: "count", Type: schemas.String},
	}}
	rec := records(t, memory.DefaultAllocator, every, randomRows(newRand(1), 3), 3)[0]
	data := writeParquet(t, every, WriterOptions{}, rec)
	if _, err := NewReader(bytes.NewReader(data), int64(len(data)), other, ReaderOptions{}); err == nil {
		t.Error("a number column was read as text")
	}
	w := NewWriter(&bytes.Buffer{}, other, WriterOptions{})
	if err := w.Write(rec); err == nil {
		t.Error("a number column was written as text")
	}
}
