package directory

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// decode reads a file of activities through the decoder and the builder, and checks what holds for any input: no panic, rows that the
// builder takes are complete, and a refused row is followed by the next.
func decode(t *testing.T, name string, data []byte) (taken, refused int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f := file{path: path, name: name, size: int64(len(data))}
	if !f.recognise() {
		t.Fatalf("%s is of no known format", name)
	}
	var lay *layout
	d, err := f.open(context.Background(), pipeline.NoProgress{}.Start("", 0, ""), func(columns []string) *layout {
		lay = layoutOf(schemas.Activities, nil, columns)
		return lay
	})
	if err != nil {
		return 0, 0
	}
	defer d.close()
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.Activities)
	defer b.Release()
	r := &reader{ds: schemas.Activities, b: b}
	cells := make([]string, len(schemas.Activities.Fields))
	last := int64(0)
	for {
		clear(cells)
		line, err := d.next(cells)
		if err == io.EOF {
			break
		}
		var bad *badRow
		if err != nil && !errors.As(err, &bad) {
			return taken, refused
		}
		if line <= last {
			t.Fatalf("row at %d after one at %d", line, last)
		}
		last = line
		if bad == nil {
			_, bad = r.take(lay, cells)
		}
		if bad != nil {
			b.DropRow()
			refused++
			continue
		}
		taken++
	}
	if b.Len() != taken {
		t.Fatalf("%d rows taken, the builder has %d", taken, b.Len())
	}
	rec := b.NewRecord()
	defer rec.Release()
	for i, f := range schemas.Activities.Fields {
		if !f.Nullable() && rec.Column(i).NullN() > 0 {
			t.Fatalf("required %s has nulls", f.Name)
		}
		if f.Type != schemas.String {
			continue
		}
		text := columnar.Strings(rec, f.Name)
		for row := range text.Len() {
			if v := text.Value(row); !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
				t.Fatalf("%s holds %q", f.Name, v)
			}
		}
	}
	return taken, refused
}

func FuzzCSV(f *testing.F) {
	const header = "activity_id,type,seat_id,occurred_at,log_to_crm,body\n"
	for _, seed := range []string{
		header + "a1,Call,1,2026-01-01,true,\"x\ny\"\n",
		header + "a1,Call,1,2026-01-01,true\na2,Note,1,2026-01-01 10:00,,\xff\n",
		"\xef\xbb\xbf" + header + "a1,\"Ca\"ll,1,2026-01-01,true,\n",
		strings.ReplaceAll(header, ",", ";") + "a1;Call;1;1767225600000;no;\n",
		header + "a1,Call,1,2026-01-01,true,\"open\n", "\xff\xfe", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { decode(t, "activities.csv", data) })
}

func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{
		`{"activity_id":"a1","type":"Call","seat_id":1,"occurred_at":"2026-01-01","log_to_crm":true}`,
		`{"activity_id":["a","b"],"type":"Call","seat_id":1.5e3,"occurred_at":1767225600000}` + "\n\n{}\n[]\nnull\n{",
		`{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}}`,
		`{"seat_id":"x"} trailing`, "{\"type\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { decode(t, "activities.ndjson", data) })
}

func FuzzParquet(f *testing.F) {
	var b bytes.Buffer
	w := columnar.NewWriter(&b, schemas.Activities, columnar.WriterOptions{})
	rows := columnar.NewBuilder(memory.DefaultAllocator, schemas.Activities)
	defer rows.Release()
	rows.String(0, "a1")
	rows.String(1, "Call")
	rows.String(2, "1")
	rows.Time(5, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	rows.Bool(8, true)
	if err := rows.EndRow(); err != nil {
		f.Fatal(err)
	}
	rec := rows.NewRecord()
	defer rec.Release()
	if err := errors.Join(w.Write(rec), w.Close()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) { decode(t, "activities.parquet", data) })
}

// FuzzFormatsAgree writes one row of any text as CSV and as NDJSON: both must be taken alike, or refused alike.
func FuzzFormatsAgree(f *testing.F) {
	f.Add("a1", "Call", "5000101", "2026-01-01T10:00:00Z", "true", "text, \"quoted\"\nand more")
	f.Add("", "note", " 1 ", "01-31-2026 10:00:00", "", "\x00")
	f.Fuzz(func(t *testing.T, id, kind, seat, at, mark, body string) {
		columns := []string{"activity_id", "type", "seat_id", "occurred_at", "log_to_crm", "body"}
		values := []string{id, kind, seat, at, mark, body}
		row := map[string]string{}
		for i, c := range columns {
			if !utf8.ValidString(values[i]) || strings.Contains(values[i], "\r") { // encoding/csv turns \r\n into \n
				t.Skip()
			}
			row[c] = values[i]
		}
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		if err := errors.Join(w.Write(columns), w.Write(values)); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		taken, refused := decode(t, "activities.csv", text.Bytes())
		taken2, refused2 := decode(t, "activities.ndjson", line)
		if taken != taken2 || refused != refused2 {
			t.Errorf("CSV: %d taken, %d refused; NDJSON: %d and %d", taken, refused, taken2, refused2)
		}
	})
}
