package columnar

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWriteCSV(t *testing.T) {
	mem := checked(t)
	b := NewBuilder(mem, every)
	defer b.Release()
	for _, r := range [][]string{
		{"1", "a \"quoted\", text", "Zürich", "o1", "true", "false", "-9223372036854775808", "0.1", "1969-12-31", "2026-11-23T08:00:00.125Z", `{"a":[1]}`},
		{"2", "two\nlines", "", "o2", "false", "", "9223372036854775807", "1e+300", "2026-02-28", "1970-01-01T00:00:00Z", "null"},
	} {
		for i, s := range r {
			if s != "" {
				b.Text(i, s)
			}
		}
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	rec.Retain()
	defer rec.Release()
	var got bytes.Buffer
	if err := WriteCSV(context.Background(), &got, FromRecords(rec.Schema(), rec)); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "every.csv")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// What TextAt prints, Builder.Text reads back.
func TestTextRoundTrip(t *testing.T) {
	rows := randomRows(newRand(41), 500)
	b := NewBuilder(memory.DefaultAllocator, every)
	for _, rec := range records(t, memory.DefaultAllocator, every, rows, 100) {
		for i := range int(rec.NumRows()) {
			for c, a := range rec.Columns() {
				if s, ok := TextAt(a, i); ok {
					b.Text(c, s)
				}
			}
			if err := b.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
	}
	equalRows(t, rowsOf(b.NewRecord()), rows)
}

func TestCodes(t *testing.T) {
	rows := randomRows(newRand(42), 300)
	rec := records(t, memory.DefaultAllocator, every, rows, 300)[0]
	codes, values, ok := Codes(rec, "city")
	if !ok || values.Len() > 41 {
		t.Fatalf("city: %v, %d values", ok, values.Len())
	}
	for i, r := range rows {
		if want, ok := r[2].(string); ok && values.Value(int(codes[i])) != want {
			t.Errorf("row %d: %q, want %q", i, values.Value(int(codes[i])), want)
		}
	}
	if _, _, ok := Codes(rec, "text"); ok {
		t.Error("plain text has codes")
	}
}
