package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// version is one published state and the entry that must read it for ever.
type version struct {
	entry   Entry
	want    state
	changes state
}

// A random history of upserts, deletes, resurrections and compactions over many runs equals a map, for every state ever published.
func TestHistoriesEqualMap(t *testing.T) {
	seeds := uint64(25)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			o := Options{Budget: int64(40<<10 + rng.IntN(1<<20)), Allocator: checked(t)}
			if rng.IntN(2) == 0 {
				o.MaxFileBytes = 1 // a part for each record
			}
			if rng.IntN(3) == 0 {
				o.Key = newKey(t)
			}
			s := open(t, t.TempDir(), o)
			var versions []version
			now := state{}
			for run := range 2 + rng.IntN(12) {
				v := step(t, rng, s, now, versions, run)
				now = v.want
				versions = append(versions, v)
			}
			checkAll(t, s, versions)

			keep := versions[rng.IntN(len(versions)):]
			var entries []Entry
			for _, v := range keep {
				entries = append(entries, v.entry)
			}
			if _, err := s.Sweep(context.Background(), entries); err != nil {
				t.Fatal(err)
			}
			checkAll(t, s, keep)
			if _, err := s.Sweep(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(s.Root()); len(left) > 0 {
				t.Errorf("%d things are left after sweeping everything", len(left))
			}
		})
	}
}

// step makes the next version: a delta, a new base, or a compaction.
func step(t *testing.T, rng *rand.Rand, s *Store, now state, versions []version, run int) version {
	ctx := context.Background()
	runID := fmt.Sprintf("r%06d-sync", run)
	var prev *Entry
	if len(versions) > 0 {
		prev = &versions[len(versions)-1].entry
	}
	if prev != nil && rng.IntN(5) == 0 {
		e, err := s.Compact(ctx, deals, *prev, runID)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Layers) != 1 || e.Rows != int64(len(now)) {
			t.Fatalf("compacted to %d layers and %d rows, want 1 and %d", len(e.Layers), e.Rows, len(now))
		}
		v := version{entry: e, want: now, changes: now}
		if len(prev.Layers) == 1 {
			v.changes = versions[len(versions)-1].changes
		}
		return v
	}
	want := now.clone()
	if prev != nil && rng.IntN(8) == 0 {
		prev, want = nil, state{}
	}
	w, err := s.Create(ctx, deals, runID)
	if err != nil {
		t.Fatal(err)
	}
	changes, removed := state{}, map[key]bool{}
	for range rng.IntN(40) {
		var rows [][]string
		for range rng.IntN(60) {
			k := key{fmt.Sprintf("region %d", rng.IntN(3)), fmt.Sprintf("id%04d", rng.IntN(1500))}
			r := []string{k.id, k.region, fmt.Sprint(rng.IntN(1000)), fmt.Sprintf("stage %d", rng.IntN(6)), fmt.Sprint(rng.Int64())}
			if rng.IntN(4) == 0 {
				r[2] = "<null>"
			}
			if rng.IntN(4) == 0 {
				r[3] = "<null>"
			}
			if rng.IntN(5) > 0 {
				rows = append(rows, r)
				continue
			}
			write(t, s, w, rows, want, changes, removed)
			rows = nil
			if err := w.Delete(ctx, k.region, k.id); err != nil {
				t.Fatal(err)
			}
			delete(want, k)
			delete(changes, k)
			removed[k] = true
		}
		write(t, s, w, rows, want, changes, removed)
	}
	e, err := w.Publish(ctx, prev)
	if err != nil {
		t.Fatal(err)
	}
	deleted := 0
	for k := range removed {
		if _, was := now[k]; was && prev != nil {
			deleted++
		}
	}
	if e.Rows != int64(len(want)) || e.Changed != int64(len(changes)) || e.Deleted != int64(deleted) {
		t.Fatalf("entry counts %d rows, %d changed, %d deleted; want %d, %d, %d", e.Rows, e.Changed, e.Deleted, len(want), len(changes), deleted)
	}
	return version{entry: e, want: want, changes: changes}
}

func write(t *testing.T, s *Store, w *Writer, rows [][]string, want, changes state, removed map[key]bool) {
	rec := record(t, s.o.Allocator, deals, rows...)
	defer rec.Release()
	if err := w.Write(context.Background(), rec); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		k := key{r[1], r[0]}
		want[k], changes[k] = r, r
		delete(removed, k)
	}
}

func checkAll(t *testing.T, s *Store, versions []version) {
	ctx := context.Background()
	for i, v := range versions {
		b, err := json.Marshal(v.entry) // entries come back from manifests
		if err != nil {
			t.Fatal(err)
		}
		var e Entry
		if err := json.Unmarshal(b, &e); err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(ctx, deals, e)
		equal(t, fmt.Sprintf("version %d", i), contents(t, r, err), v.want)
		r, err = s.ReadChanges(ctx, deals, e)
		equal(t, fmt.Sprintf("changes %d", i), contents(t, r, err), v.changes)
		if err := s.Verify(ctx, deals, e); err != nil {
			t.Fatal(err)
		}
		narrow := state{}
		for k, row := range v.want {
			narrow[k] = []string{row[3], k.id, k.region}
		}
		r, err = s.Read(ctx, deals, e, "stage", "id", "region")
		equal(t, fmt.Sprintf("columns of version %d", i), contents(t, r, err), narrow)
	}
	last := versions[len(versions)-1]
	var out bytes.Buffer
	if err := s.Export(ctx, deals, last.entry, &out); err != nil {
		t.Fatal(err)
	}
	r, err := columnar.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()), deals, columnar.ReaderOptions{})
	equal(t, "export", contents(t, r, err), last.want)
}

func TestSameRowsSameFile(t *testing.T) {
	rows := [][]string{{"2", "b", "1.5", "won", "1"}, {"1", "b", "<null>", "<null>", "2"}, {"1", "a", "0", "lost", "3"}}
	var sums []string
	for _, run := range []string{"r000001-sync", "r000002-sync"} {
		s := open(t, t.TempDir(), Options{})
		e := publish(t, s, run, nil, rows)
		sums = append(sums, e.Layers[0].Files[0].SHA256)
		got, err := filepath.Glob(filepath.Join(s.Root(), "deals", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{filepath.Join(s.Root(), "deals", run+"-base.parquet")}, got); diff != "" {
			t.Error(diff)
		}
	}
	if sums[0] != sums[1] {
		t.Error("the same rows of two runs gave different files")
	}
}

func newKey(t testing.TB) string {
	t.Helper()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}
