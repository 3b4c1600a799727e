package columnar

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// every is a data set with a field of each kind, not in the order of their names.
var every = &schemas.Dataset{
	Name: "every", Key: []string{"id"},
	Fields: []schemas.Field{
		{Name: "id", Type: schemas.String},
		{Name: "text", Type: schemas.String, Flags: schemas.Nullable},
		{Name: "city", Type: schemas.String, Flags: schemas.Nullable | schemas.Repeats},
		{Name: "owner", Type: schemas.String, Flags: schemas.Repeats},
		{Name: "done", Type: schemas.Bool},
		{Name: "maybe", Type: schemas.Bool, Flags: schemas.Nullable},
		{Name: "count", Type: schemas.Int64},
		{Name: "amount", Type: schemas.Float64, Flags: schemas.Nullable},
		{Name: "day", Type: schemas.Date, Flags: schemas.Nullable},
		{Name: "at", Type: schemas.Timestamp},
		{Name: "json", Type: schemas.JSON, Flags: schemas.Nullable},
	},
}

// row is a row of a data set in Go values; nil is null.
type row []any

func randomRow(rng *rand.Rand, id string) row {
	maybe := func(v any) any {
		if rng.IntN(3) == 0 {
			return nil
		}
		return v
	}
	text := strings.Repeat("é", rng.IntN(20))
	if rng.IntN(200) == 0 {
		text = strings.Repeat("long ", rng.IntN(20000))
	}
	city := fmt.Sprintf("city %d", rng.IntN(40))
	if rng.IntN(10) == 0 {
		city = ""
	}
	return row{
		id, maybe(text), maybe(city), fmt.Sprintf("owner %d", rng.IntN(5)),
		rng.IntN(2) == 0, maybe(rng.IntN(2) == 0), rng.Int64() - rng.Int64(), maybe(rng.NormFloat64()),
		maybe(time.Unix(int64(rng.IntN(60000)-20000)*86400, 0).UTC()), time.UnixMilli(rng.Int64N(4e12) - 1e12).UTC(), maybe(`{"a":1}`),
	}
}

func randomRows(rng *rand.Rand, n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = randomRow(rng, fmt.Sprintf("003%09d", i))
	}
	return rows
}

func set(b *Builder, r row) {
	for i, v := range r {
		switch v := v.(type) {
		case nil:
			b.Null(i)
		case string:
			b.String(i, v)
		case bool:
			b.Bool(i, v)
		case int64:
			b.Int(i, v)
		case float64:
			b.Float(i, v)
		case time.Time:
			b.Time(i, v)
		}
	}
}

// records builds records of the given number of rows.
func records(t testing.TB, mem memory.Allocator, ds *schemas.Dataset, rows []row, size int) []arrow.Record {
	t.Helper()
	b := NewBuilder(mem, ds)
	defer b.Release()
	var out []arrow.Record
	for i, r := range rows {
		set(b, r)
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
		if b.Len() == size || i == len(rows)-1 {
			out = append(out, b.NewRecord())
		}
	}
	return out
}

func release(recs []arrow.Record) {
	for _, r := range recs {
		r.Release()
	}
}

// rowsOf reads a record back into Go values.
func rowsOf(rec arrow.Record) []row {
	out := make([]row, rec.NumRows())
	for i := range out {
		out[i] = make(row, rec.NumCols())
		for c, a := range rec.Columns() {
			if a.IsNull(i) {
				continue
			}
			name := rec.ColumnName(c)
			switch a := a.(type) {
			case *array.Binary: // how the other implementation reads JSON
				out[i][c] = string(a.Value(i))
			case *array.String, *array.Dictionary:
				out[i][c] = strings.Clone(Strings(rec, name).Value(i))
			case *array.Boolean:
				out[i][c] = Bools(rec, name).Value(i)
			case *array.Int64:
				out[i][c] = Ints(rec, name).Value(i)
			case *array.Float64:
				out[i][c] = Floats(rec, name).Value(i)
			default:
				out[i][c] = Times(rec, name).Value(i)
			}
		}
	}
	return out
}

// drain reads a stream to its end and closes it.
func drain(t testing.TB, r RecordReader) []row {
	t.Helper()
	var out []row
	err := Each(context.Background(), r, func(rec arrow.Record) error {
		if rec.NumRows() == 0 {
			t.Error("record without rows")
		}
		if !rec.Schema().Equal(r.Schema()) {
			t.Errorf("record has schema %s, its reader %s", rec.Schema(), r.Schema())
		}
		out = append(out, rowsOf(rec)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func equalRows(t testing.TB, got, want []row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for c := range want[i] {
			g, w := got[i][c], want[i][c]
			if gf, ok := g.(float64); ok {
				if wf, ok := w.(float64); ok && math.Float64bits(gf) == math.Float64bits(wf) {
					continue
				}
			}
			if g != w {
				t.Fatalf("row %d column %d: %v, want %v", i, c, g, w)
			}
		}
	}
}

func checked(t testing.TB) *memory.CheckedAllocator {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() {
		if !t.Failed() {
			mem.AssertSize(t, 0)
		}
	})
	return mem
}

// times is how often a random test tries: less often when the tests are to be short, as under the race detector.
func times(n int) uint64 {
	if testing.Short() {
		return uint64(n / 6)
	}
	return uint64(n)
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
