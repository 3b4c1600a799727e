package snapshot

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// deals is a chain with a key of two columns.
var deals = &schemas.Dataset{
	Name: "deals", Key: []string{"region", "id"}, Chain: true,
	Fields: []schemas.Field{
		{Name: "id", Type: schemas.String},
		{Name: "region", Type: schemas.String, Flags: schemas.Repeats},
		{Name: "amount", Type: schemas.Float64, Flags: schemas.Nullable},
		{Name: "stage", Type: schemas.String, Flags: schemas.Nullable | schemas.Repeats},
		{Name: "version", Type: schemas.Int64},
	},
}

type key struct{ region, id string }

// state is the slow and obvious store: what rows a data set has, as text by column.
type state map[key][]string

func (s state) clone() state { return maps.Clone(s) }

func values(rec arrow.Record, i int) []string {
	out := make([]string, rec.NumCols())
	for c, a := range rec.Columns() {
		s, ok := columnar.TextAt(a, i)
		if !ok {
			s = "<null>"
		}
		out[c] = s
	}
	return out
}

// record builds a record of deals from rows of text; "<null>" is null.
func record(t testing.TB, mem memory.Allocator, ds *schemas.Dataset, rows ...[]string) arrow.Record {
	t.Helper()
	b := columnar.NewBuilder(mem, ds)
	defer b.Release()
	for _, r := range rows {
		for i, s := range r {
			if s != "<null>" {
				b.Text(i, s)
			}
		}
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewRecord()
}

// contents reads a stream; keys must come in order, each once.
func contents(t testing.TB, r columnar.RecordReader, err error) state {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got := state{}
	var last key
	err = columnar.Each(context.Background(), r, func(rec arrow.Record) error {
		ids, regions := columnar.Strings(rec, "id"), columnar.Strings(rec, "region")
		for i := range int(rec.NumRows()) {
			k := key{regions.Value(i), ids.Value(i)}
			if len(got) > 0 && (k.region < last.region || k.region == last.region && k.id <= last.id) {
				t.Errorf("%v comes after %v", k, last)
			}
			k = key{string([]byte(k.region)), string([]byte(k.id))}
			got[k], last = slices.Clone(values(rec, i)), k
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func equal(t testing.TB, what string, got, want state) {
	t.Helper()
	if maps.EqualFunc(got, want, slices.Equal[[]string]) {
		return
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(key{})); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func open(t testing.TB, root string, o Options) *Store {
	t.Helper()
	s, err := Open(root, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
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

// publish writes one layer of deals.
func publish(t testing.TB, s *Store, runID string, prev *Entry, rows [][]string, deleted ...key) Entry {
	t.Helper()
	ctx := context.Background()
	w, err := s.Create(ctx, deals, runID)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) > 0 {
		rec := record(t, s.o.Allocator, deals, rows...)
		defer rec.Release()
		if err := w.Write(ctx, rec); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range deleted {
		if err := w.Delete(ctx, k.region, k.id); err != nil {
			t.Fatal(err)
		}
	}
	e, err := w.Publish(ctx, prev)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
