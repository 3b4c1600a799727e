package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

var listed = &schemas.Dataset{Name: "listed", Key: []string{"a", "b"}, Fields: []schemas.Field{
	{Name: "a", Type: schemas.String}, {Name: "b", Type: schemas.String, Flags: schemas.Repeats}, {Name: "n", Type: schemas.Int64},
}}

func listedRows(t *testing.T, rows ...[2]string) arrow.Record {
	t.Helper()
	b := columnar.NewBuilder(memory.DefaultAllocator, listed)
	defer b.Release()
	for i, r := range rows {
		b.String(0, r[0])
		b.String(1, r[1])
		b.Int(2, int64(i))
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewRecord()
}

// TestOrderedEqualsSorted: what comes in order gives the rows that sorting gives, in sealed files.
func TestOrderedEqualsSorted(t *testing.T) {
	ctx := context.Background()
	o := Options{Key: newKey(t)}
	sorting, ordering := open(t, t.TempDir(), o), open(t, t.TempDir(), o)
	w, err := sorting.Create(ctx, listed, "r1")
	if err != nil {
		t.Fatal(err)
	}
	x, err := ordering.CreateOrdered(ctx, listed, "r1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		var rows [][2]string
		for k := range 100 {
			rows = append(rows, [2]string{fmt.Sprintf("k%04d", i), fmt.Sprintf("x%03d", k)})
		}
		rec := listedRows(t, rows...)
		if err := errors.Join(w.Write(ctx, rec), x.Write(ctx, rec)); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	sorted, err := w.Publish(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := x.Publish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if ordered.Rows != 4000 || ordered.Rows != sorted.Rows || ordered.Changed != sorted.Changed || len(ordered.Layers) != 1 {
		t.Errorf("entries %+v and %+v", sorted, ordered)
	}
	if err := ordering.Verify(ctx, listed, ordered); err != nil {
		t.Error(err)
	}
	var texts [2][]string
	for i, s := range []*Store{sorting, ordering} {
		r, err := s.Read(ctx, listed, []Entry{sorted, ordered}[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := columnar.Each(ctx, r, func(rec arrow.Record) error {
			a, b, n := columnar.Strings(rec, "a"), columnar.Strings(rec, "b"), columnar.Ints(rec, "n")
			for k := range a.Len() {
				texts[i] = append(texts[i], fmt.Sprint(a.Value(k), b.Value(k), n.Value(k)))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Errorf("rows (-sorted +ordered):\n%s", diff)
	}
}

func TestOrderedRefusesWhatIsNot(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		writes [][][2]string
	}{
		{"within a record", [][][2]string{{{"a", "1"}, {"b", "1"}, {"a", "2"}}}},
		{"the second part of the key", [][][2]string{{{"a", "2"}, {"a", "1"}}}},
		{"twice", [][][2]string{{{"a", "1"}, {"a", "1"}}}},
		{"between records", [][][2]string{{{"b", "1"}}, {{"a", "1"}}}},
		{"twice between records", [][][2]string{{{"b", "1"}}, {}, {{"b", "1"}}}},
	} {
		s := open(t, t.TempDir(), Options{})
		w, err := s.CreateOrdered(ctx, listed, "r1")
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range c.writes {
			rec := listedRows(t, rows...)
			err = errors.Join(err, w.Write(ctx, rec))
			rec.Release()
		}
		if !errors.Is(err, ErrOrder) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
		if files, err := os.ReadDir(s.dir(listed)); err != nil || len(files) > 0 {
			t.Errorf("%s: %d files stay, %v", c.name, len(files), err)
		}
	}
	s := open(t, t.TempDir(), Options{})
	chain := *listed
	chain.Chain = true
	if _, err := s.CreateOrdered(ctx, &chain, "r1"); err == nil {
		t.Error("a chain is taken")
	}
	numbered := *listed
	numbered.Key = []string{"n"}
	if _, err := s.CreateOrdered(ctx, &numbered, "r1"); err == nil {
		t.Error("a key of numbers is taken")
	}
}
