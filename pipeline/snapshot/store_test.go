package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

var (
	north = []string{"1", "north", "10.5", "open", "1"}
	south = []string{"2", "south", "<null>", "<null>", "1"}
)

func TestDamagedFiles(t *testing.T) {
	ctx := context.Background()
	for _, sealed := range []bool{false, true} {
		o := Options{}
		if sealed {
			o.Key = newKey(t)
		}
		for _, tc := range []struct {
			name   string
			damage func(path string) error
			want   error
			read   bool // whether reading notices, or only Verify
		}{
			{"missing", os.Remove, ErrSnapshotIncomplete, true},
			{"cut", func(p string) error { return os.Truncate(p, 100) }, ErrCorrupt, true},
			{"longer", func(p string) error { return edit(p, func(b []byte) []byte { return append(b, 0) }) }, ErrCorrupt, true},
			{"a byte of the rows", func(p string) error {
				return edit(p, func(b []byte) []byte { b[len(b)/3] ^= 1; return b })
			}, ErrCorrupt, false},
			{"zeros", func(p string) error { return edit(p, func(b []byte) []byte { return make([]byte, len(b)) }) }, ErrCorrupt, true},
		} {
			t.Run(tc.name, func(t *testing.T) {
				s := open(t, t.TempDir(), o)
				e := publish(t, s, "r1", nil, [][]string{north, south})
				path := s.Path(e.Layers[0].Files[0])
				if err := tc.damage(path); err != nil {
					t.Fatal(err)
				}
				err := s.Verify(ctx, deals, e)
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("Verify: %v, want %v of %s", err, tc.want, path)
				}
				if !tc.read {
					return
				}
				r, err := s.Read(ctx, deals, e)
				if err == nil {
					_, err = columnar.Count(ctx, r)
				}
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("Read: %v, want %v of %s", err, tc.want, path)
				}
			})
		}
	}
}

func edit(path string, fn func([]byte) []byte) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, fn(b), 0o600)
}

func TestEncryption(t *testing.T) {
	ctx, root, k := context.Background(), t.TempDir(), newKey(t)
	s := open(t, root, Options{Key: k})
	e := publish(t, s, "r1", nil, [][]string{north, south})
	want := state{{"north", "1"}: north, {"south", "2"}: south}
	r, err := s.Read(ctx, deals, e)
	equal(t, "with the key", contents(t, r, err), want)

	path := s.Path(e.Layers[0].Files[0])
	if !strings.HasSuffix(path, "r1-base.parquet.age") {
		t.Errorf("file is %s", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"PAR1", "north", "region"} {
		if bytes.Contains(raw, []byte(plain)) {
			t.Errorf("%q is readable in the file", plain)
		}
	}
	if _, err := open(t, root, Options{}).Read(ctx, deals, e); !errors.Is(err, ErrKeyMissing) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := open(t, root, Options{Key: newKey(t)}).Read(ctx, deals, e); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("with another key: %v", err)
	}
	if _, err := Open(root, Options{Key: "AGE-SECRET-KEY-1QUITEWRONG"}); err == nil || strings.Contains(err.Error(), "QUITEWRONG") {
		t.Errorf("bad key: %v", err)
	}
}

// A store that was plain gets a key: old files stay readable, new ones are encrypted.
func TestKeyAddedLater(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	e := publish(t, open(t, root, Options{}), "r1", nil, [][]string{north})
	s := open(t, root, Options{Key: newKey(t)})
	e = publish(t, s, "r2", &e, [][]string{south})
	r, err := s.Read(ctx, deals, e)
	equal(t, "both", contents(t, r, err), state{{"north", "1"}: north, {"south", "2"}: south})
	if e, err = s.Compact(ctx, deals, e, "r3"); err != nil {
		t.Fatal(err)
	}
	r, err = s.Read(ctx, deals, e)
	equal(t, "compacted", contents(t, r, err), state{{"north", "1"}: north, {"south", "2"}: south})
	if p := e.Layers[0].Files[0].Path; !strings.HasSuffix(p, ".age") {
		t.Errorf("compacted to %s", p)
	}
}

// A field that is new in a later run reads as null in what older runs wrote (R41: the revenue field).
func TestNewFieldIsNullInOldLayers(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{Allocator: checked(t)})
	old := publish(t, s, "r1", nil, [][]string{north, south})
	more := deals.Extend(schemas.Field{Name: "revenue", Type: schemas.Int64, Flags: schemas.Nullable})
	w, err := s.Create(ctx, more, "r2")
	if err != nil {
		t.Fatal(err)
	}
	rec := record(t, s.o.Allocator, more, append(north[:4:4], "2", "77"))
	defer rec.Release()
	if err := w.Write(ctx, rec); err != nil {
		t.Fatal(err)
	}
	e, err := w.Publish(ctx, &old)
	if err != nil {
		t.Fatal(err)
	}
	want := state{
		{"north", "1"}: append(north[:4:4], "2", "77"),
		{"south", "2"}: append(south[:5:5], "<null>"),
	}
	r, err := s.Read(ctx, more, e)
	equal(t, "merged", contents(t, r, err), want)
	if e, err = s.Compact(ctx, more, e, "r3"); err != nil {
		t.Fatal(err)
	}
	r, err = s.Read(ctx, more, e)
	equal(t, "compacted", contents(t, r, err), want)
	r, err = s.Read(ctx, more, old)
	want[key{"north", "1"}] = append(north[:5:5], "<null>")
	equal(t, "old entry", contents(t, r, err), want)
}

func TestTombstones(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{})
	base := publish(t, s, "r1", nil, [][]string{north, south})
	gone := publish(t, s, "r2", &base, nil, key{"north", "1"}, key{"west", "never there"})
	if gone.Rows != 1 || gone.Changed != 0 || gone.Deleted != 1 {
		t.Errorf("counts %+v", gone)
	}
	r, err := s.Read(ctx, deals, gone)
	equal(t, "deleted", contents(t, r, err), state{{"south", "2"}: south})
	r, err = s.ReadDeleted(ctx, deals, gone)
	equal(t, "tombstones", contents(t, r, err), state{{"north", "1"}: {"north", "1"}, {"west", "never there"}: {"west", "never there"}})

	back := publish(t, s, "r3", &gone, [][]string{north})
	if back.Rows != 2 {
		t.Errorf("%d rows after the key came back", back.Rows)
	}
	r, err = s.Read(ctx, deals, back)
	equal(t, "back", contents(t, r, err), state{{"north", "1"}: north, {"south", "2"}: south})

	none := publish(t, s, "r4", &back, nil)
	if none.Rows != 2 || len(none.Layers[3].Files) != 0 {
		t.Errorf("empty delta: %+v", none)
	}
	r, err = s.Read(ctx, deals, none)
	equal(t, "empty delta", contents(t, r, err), state{{"north", "1"}: north, {"south", "2"}: south})
}

func TestEmptyDataSet(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{})
	e := publish(t, s, "r1", nil, nil)
	r, err := s.Read(ctx, deals, e, "stage", "id", "region")
	equal(t, "empty", contents(t, r, err), state{})
	var out bytes.Buffer
	if err := s.Export(ctx, deals, e, &out); err != nil {
		t.Fatal(err)
	}
	e = publish(t, s, "r2", &e, [][]string{north}, key{"south", "2"})
	if e.Rows != 1 || e.Deleted != 0 {
		t.Errorf("counts %+v", e)
	}
}

func TestWriterRefuses(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{})
	whole := *deals
	whole.Chain = false
	w, err := s.Create(ctx, &whole, "r1")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(ctx, "north", "1"); err == nil {
		t.Error("deleted from a data set that is no chain")
	}
	if _, err := s.Create(ctx, &whole, "r1"); err == nil {
		t.Error("two writers for one run")
	}
	some := columnar.NewBuilder(memory.DefaultAllocator, deals, "id", "region")
	some.String(0, "1")
	some.String(1, "north")
	if err := some.EndRow(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(ctx, some.NewRecord()); err == nil {
		t.Error("wrote rows without all columns")
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(ctx, record(t, memory.DefaultAllocator, deals, north)); err == nil {
		t.Error("wrote after Abort")
	}
	if left, _ := os.ReadDir(filepath.Join(s.Root(), "deals")); len(left) > 0 {
		t.Errorf("left after Abort: %v", left)
	}
	e := publish(t, s, "r1", nil, [][]string{north})
	if _, err := s.Read(ctx, schemas.Contact, e); err == nil {
		t.Error("read as another data set")
	}
	e = publish(t, s, "r2", &e, [][]string{south})
	again, err := s.Create(ctx, deals, "r2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Publish(ctx, &e); err == nil {
		t.Error("published a delta twice in one run")
	}
	if err := s.Verify(ctx, deals, e); err != nil {
		t.Errorf("the second attempt did harm: %v", err)
	}
	for _, bad := range []string{"", "../x", ".hidden", "a/b"} {
		if _, err := s.Create(ctx, deals, bad); err == nil {
			t.Errorf("run id %q accepted", bad)
		}
	}
}

// Several goroutines may feed one writer.
func TestWriterIsShared(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{Budget: 64 << 10})
	w, err := s.Create(ctx, deals, "r1")
	if err != nil {
		t.Fatal(err)
	}
	want := state{}
	feeders := pool.New().WithErrors()
	for g := range 4 {
		var rows [][]string
		for i := range 500 {
			r := deal(g*1000+i, g)
			rows = append(rows, r)
			want[key{r[1], r[0]}] = r
		}
		rec := record(t, memory.DefaultAllocator, deals, rows...)
		feeders.Go(func() error {
			for i := range 10 {
				if err := w.Delete(ctx, "west", fmt.Sprint(g, i)); err != nil {
					return err
				}
				if err := w.Write(ctx, rec.NewSlice(int64(50*i), int64(50*i+50))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := feeders.Wait(); err != nil {
		t.Fatal(err)
	}
	e, err := w.Publish(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(ctx, deals, e)
	equal(t, "all", contents(t, r, err), want)
}

func TestSweepLeavesWhatItDoesNotKnow(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{})
	publish(t, s, "r1", nil, [][]string{north})
	notes := filepath.Join(s.Root(), "deals", "notes.txt")
	if err := os.WriteFile(notes, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := s.Create(ctx, deals, "r2")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(ctx, record(t, memory.DefaultAllocator, deals, south)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Sweep(ctx, nil); n != 1 || err != nil {
		t.Errorf("removed %d, %v; want 1", n, err)
	}
	if _, err := os.Stat(notes); err != nil {
		t.Error(err)
	}
	if _, err := w.Publish(ctx, nil); err != nil {
		t.Errorf("a writer at work was swept: %v", err)
	}
}

// A run compacts what it builds on, and publishes on that: the base of the same run stays.
func TestCompactThenPublish(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), Options{})
	old := publish(t, s, "r1", nil, [][]string{north})
	old = publish(t, s, "r2", &old, [][]string{south})
	w, err := s.Create(ctx, deals, "r3")
	if err != nil {
		t.Fatal(err)
	}
	base, err := s.Compact(ctx, deals, old, "r3")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(ctx, "north", "1"); err != nil {
		t.Fatal(err)
	}
	e, err := w.Publish(ctx, &base)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(ctx, deals, e)
	equal(t, "published", contents(t, r, err), state{{"south", "2"}: south})
	if _, err := s.Compact(ctx, deals, e, "r3"); err == nil {
		t.Error("compacted over the base that is read")
	}
	if err := s.Verify(ctx, deals, e); err != nil {
		t.Error(err)
	}
}

func TestNeedsCompaction(t *testing.T) {
	rows := func(n int64) Layer { return Layer{Files: []File{{Kind: Rows, Rows: n}}} }
	for _, tc := range []struct {
		name   string
		layers []Layer
		want   bool
	}{
		{"base", []Layer{rows(100)}, false},
		{"small deltas", []Layer{rows(1e6), rows(1e5), rows(1e5)}, false},
		{"large deltas", []Layer{rows(1e6), rows(3e5), rows(3e5)}, true},
		{"little data", []Layer{rows(10), rows(3000)}, false},
		{"many layers", make([]Layer, 40), true},
	} {
		if got := (Entry{Layers: tc.layers}).NeedsCompaction(); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
