package columnar

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// sources builds sorted streams and, with a map, what their merge must be.
func sources(t *testing.T, rng *rand.Rand, mem memory.Allocator, n, keys, record int) ([]Source, []row) {
	want := map[string]row{}
	var out []Source
	for range n {
		var rows []row
		deletes := len(out) > 0 && rng.IntN(4) == 0
		dense := rng.IntN(2) == 0
		for k := range keys {
			if dense && rng.IntN(3) > 0 || !dense && rng.IntN(20) > 0 {
				continue
			}
			id := fmt.Sprintf("%06d", k)
			if deletes {
				rows = append(rows, row{id})
				delete(want, id)
				continue
			}
			r := randomRow(rng, id)
			rows = append(rows, r)
			want[id] = r
		}
		schema := Schema(every)
		if deletes {
			schema = Schema(every, "id")
		}
		b := NewBuilder(mem, every, fieldNames(schema)...)
		stream := &recordSlice{schema: schema}
		for i, r := range rows {
			set(b, r)
			if err := b.EndRow(); err != nil {
				t.Fatal(err)
			}
			if b.Len() == record || i == len(rows)-1 {
				stream.recs = append(stream.recs, b.NewRecord())
			}
		}
		b.Release()
		out = append(out, Source{Reader: stream, Deletes: deletes})
	}
	var ids []string
	for id := range want {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var rows []row
	for _, id := range ids {
		rows = append(rows, want[id])
	}
	return out, rows
}

func TestMergeEqualsMap(t *testing.T) {
	for seed := range times(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		mem := checked(t)
		in, want := sources(t, rng, mem, 1+rng.IntN(9), 1+rng.IntN(3000), 1+rng.IntN(1500))
		r := Merge(every, in, MergeOptions{BatchRows: 1 + rng.IntN(2000), BatchBytes: int64(1 + rng.IntN(1<<20)), Allocator: mem})
		equalRows(t, drain(t, r), want)
	}
}

func TestMergeProjects(t *testing.T) {
	mem := checked(t)
	in, want := sources(t, newRand(1), mem, 4, 1000, 100)
	r := Merge(every, in, MergeOptions{Columns: []string{"city", "at"}, Allocator: mem, BatchRows: 64})
	for i, w := range want {
		want[i] = row{w[2], w[9]}
	}
	equalRows(t, drain(t, r), want)
}

func TestMergeClosedEarlyReleasesAll(t *testing.T) {
	mem := checked(t)
	in, _ := sources(t, newRand(1), mem, 4, 1000, 100)
	r := Merge(every, in, MergeOptions{Allocator: mem, BatchRows: 10})
	rec, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rec.Release()
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Encoded keys compare as the values do, whatever their types.
func TestKeysCompareLikeValues(t *testing.T) {
	ds := &schemas.Dataset{Name: "keyed", Fields: []schemas.Field{
		{Name: "s", Type: schemas.String},
		{Name: "c", Type: schemas.String, Flags: schemas.Repeats},
		{Name: "n", Type: schemas.Int64, Flags: schemas.Nullable},
		{Name: "f", Type: schemas.Float64},
		{Name: "b", Type: schemas.Bool},
		{Name: "d", Type: schemas.Date},
		{Name: "t", Type: schemas.Timestamp},
	}}
	rng := newRand(1)
	texts := []string{"", "\x00", "\x00\x00", "\x00\x01", "\x00\xff", "a", "a\x00", "a\x00b", "a\x01", "ab", "b", "é", "\xff"}
	ints := []any{nil, int64(-1 << 63), int64(-2), int64(-1), int64(0), int64(1), int64(1<<63 - 1)}
	floats := []float64{-1e300, -1, -1e-300, 0, 1e-300, 1, 1e300}
	b := NewBuilder(memory.DefaultAllocator, ds)
	var ranks [][]int
	for range 400 {
		r := []int{rng.IntN(len(texts)), rng.IntN(len(texts)), rng.IntN(len(ints)), rng.IntN(len(floats)), rng.IntN(2), rng.IntN(5), rng.IntN(5)}
		ranks = append(ranks, r)
		b.String(0, texts[r[0]])
		b.String(1, texts[r[1]])
		if v := ints[r[2]]; v != nil {
			b.Int(2, v.(int64))
		}
		b.Float(3, floats[r[3]])
		b.Bool(4, r[4] == 1)
		b.Text(5, []string{"1900-01-01", "1969-12-31", "1970-01-01", "1970-01-02", "2200-01-01"}[r[5]])
		b.Text(6, []string{"1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "2200-01-01T00:00:00Z"}[r[6]])
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	for _, key := range [][]int{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {0, 1}, {2, 0}, {1, 2, 3, 4, 5, 6, 0}} {
		var names []string
		for _, k := range key {
			names = append(names, ds.Fields[k].Name)
		}
		ks, err := newKeyer(ds, names).of(rec)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ranks {
			for j := range ranks {
				want := 0
				for _, k := range key {
					if want == 0 {
						want = min(max(ranks[i][k]-ranks[j][k], -1), 1)
					}
				}
				if got := bytes.Compare(ks.at(i), ks.at(j)); got != want {
					t.Fatalf("key %v: rows %v and %v compare %d, want %d", names, ranks[i], ranks[j], got, want)
				}
			}
		}
	}
}

func TestSearchGallops(t *testing.T) {
	for n := range 40 {
		ks := keys{offs: []int32{0}}
		for i := range n {
			ks.data = append(ks.data, byte(2*i+1))
			ks.offs = append(ks.offs, int32(i+1))
		}
		for from := range n {
			for bound := range 2*n + 2 {
				for _, past := range []bool{false, true} {
					want := from
					for want < n && (2*want+1 < bound || past && 2*want+1 == bound) {
						want++
					}
					if got := ks.search(from, []byte{byte(bound)}, past); got != want {
						t.Fatalf("%d keys from %d, bound %d, past %v: %d, want %d", n, from, bound, past, got, want)
					}
				}
			}
		}
	}
}

func TestCommon(t *testing.T) {
	for seed := range times(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		mem := checked(t)
		sets := make([]map[int]bool, 3)
		readers := make([]RecordReader, 3)
		for i := range sets {
			sets[i] = map[int]bool{}
			var rows []row
			for k := range rng.IntN(2000) {
				if rng.IntN(1+i*10) == 0 {
					sets[i][k] = true
					rows = append(rows, randomRow(rng, fmt.Sprintf("%06d", k)))
				}
			}
			readers[i] = FromRecords(Schema(every), records(t, mem, every, rows, 100)...)
		}
		got, err := Common(context.Background(), every, readers[0], readers[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]int64, 2)
		for i := range want {
			for k := range sets[i+1] {
				if sets[0][k] {
					want[i]++
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: %v, want %v", seed, got, want)
		}
	}
}
