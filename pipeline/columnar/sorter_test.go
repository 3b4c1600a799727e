package columnar

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"filippo.io/age"
)

type testSeal struct{ id *age.X25519Identity }

func (s testSeal) Seal(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, s.id.Recipient()) }
func (s testSeal) Unseal(r io.Reader) (io.Reader, error)    { return age.Decrypt(r, s.id) }
func lessByID(a, b row) int                                 { return cmp.Compare(a[0].(string), b[0].(string)) }

func shuffled(rng *rand.Rand, n, keys int, sorted bool) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = randomRow(rng, fmt.Sprintf("003AbC%06d", rng.IntN(keys)))
	}
	if sorted {
		slices.SortStableFunc(rows, lessByID)
	}
	return rows
}

// The sorter equals a stable sort in memory, whatever spills.
func TestSorterEqualsSlice(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	spilled := uint64(0)
	tries := times(60)
	for seed := range tries {
		rng := rand.New(rand.NewPCG(seed, 4))
		n := rng.IntN(6000)
		rows := shuffled(rng, n, 1+rng.IntN(2*n+1), rng.IntN(4) == 0)
		o := SorterOptions{Budget: int64(64<<10 + rng.IntN(2<<20)), Dir: t.TempDir(), Allocator: checked(t), KeepAll: rng.IntN(2) == 0}
		if rng.IntN(2) == 0 {
			o.Seal = testSeal{id}
		}
		s := NewSorter(every, o)
		recs := records(t, o.Allocator, every, rows, 1+rng.IntN(2000))
		for _, rec := range recs {
			if err := s.Write(context.Background(), rec); err != nil {
				t.Fatal(err)
			}
		}
		release(recs)
		r, err := s.Sort(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if s.Spilled() > 0 {
			spilled++
		}
		want := slices.Clone(rows)
		slices.SortStableFunc(want, lessByID)
		if !o.KeepAll {
			var last []row
			for i, r := range want {
				if i+1 == len(want) || lessByID(r, want[i+1]) != 0 {
					last = append(last, r)
				}
			}
			want = last
		}
		equalRows(t, drain(t, r), want)
		left, err := os.ReadDir(o.Dir)
		if err != nil || len(left) > 0 {
			t.Errorf("left in the scratch folder: %v, %v", left, err)
		}
	}
	if spilled < tries/3 {
		t.Errorf("only %d of %d sorts spilled", spilled, tries)
	}
}

func TestSorterMergesRunsOfRuns(t *testing.T) {
	rng := newRand(1)
	rows := shuffled(rng, 40000, 30000, false)
	s := NewSorter(every, SorterOptions{Budget: 128 << 10, Dir: t.TempDir(), KeepAll: true})
	if s.fanIn() > 3 {
		t.Fatalf("fan-in is %d: the test wants few", s.fanIn())
	}
	for _, rec := range records(t, checked(t), every, rows, 1000) {
		if err := s.Write(context.Background(), rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	if len(s.runs) > 12 {
		t.Errorf("%d runs are open", len(s.runs))
	}
	r, err := s.Sort(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(rows, lessByID)
	equalRows(t, drain(t, r), rows)
}

func TestSorterByOtherKey(t *testing.T) {
	rng := newRand(1)
	rows := shuffled(rng, 3000, 3000, false)
	s := NewSorter(every, SorterOptions{Key: []string{"city", "count"}, KeepAll: true, Budget: 100 << 10, Dir: t.TempDir()})
	for _, rec := range records(t, checked(t), every, rows, 500) {
		if err := s.Write(context.Background(), rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	r, err := s.Sort(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		switch {
		case a[2] == nil && b[2] == nil:
			return cmp.Compare(a[6].(int64), b[6].(int64))
		case a[2] == nil:
			return -1
		case b[2] == nil:
			return 1
		}
		return cmp.Or(cmp.Compare(a[2].(string), b[2].(string)), cmp.Compare(a[6].(int64), b[6].(int64)))
	})
	equalRows(t, drain(t, r), rows)
}

func TestSorterStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := NewSorter(every, SorterOptions{Budget: 64 << 10, Dir: t.TempDir()})
	recs := records(t, checked(t), every, randomRows(newRand(1), 2000), 1000)
	defer release(recs)
	if err := s.Write(ctx, recs[0]); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Write(ctx, recs[1]); err == nil {
		t.Error("spilled after its context ended")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
