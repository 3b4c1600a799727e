package block

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCandidates compares the index with all pairs looked at one by one: small blocks give exactly the pairs that share a key;
// crowded ones give those that share the refiner's value too, and the rest is counted.
func TestCandidates(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const n = 300
	keys, extra := make([][]uint64, 2*n), make([]uint64, 2*n)
	for i := range keys {
		for range rnd.IntN(4) {
			keys[i] = append(keys[i], Key(1, uint64(rnd.IntN(40)*rnd.IntN(3))))
		}
		extra[i] = uint64(rnd.IntN(6)) // 0 is missing
	}
	rule := Rule{
		Name: "k", Left: func(row int, dst []uint64) []uint64 { return append(dst, keys[row]...) },
		Right:  func(row int, dst []uint64) []uint64 { return append(dst, keys[n+row]...) },
		Refine: []Refiner{{"e", func(row int) uint64 { return extra[row] }, func(row int) uint64 { return extra[n+row] }}},
	}
	holders := func(k uint64) (rows []int) {
		for r := range n {
			if slices.Contains(keys[n+r], k) {
				rows = append(rows, r)
			}
		}
		return rows
	}
	rank := func(row int) uint64 { return Mix(uint64(row), 7) }
	for _, limit := range []int{1, 5, 20, 1000} {
		x := Build(n, []Rule{rule}, limit, 2, rank)
		for l := range n {
			want := map[uint32]bool{}
			var uncompared int64
			for _, k := range unique(slices.Clone(keys[l])) {
				rows := holders(k)
				if len(rows) <= limit {
					for _, r := range rows {
						want[uint32(r)] = true
					}
					continue
				}
				var same []int
				missing := int64(0)
				for _, r := range rows {
					if extra[n+r] == 0 {
						missing++
					} else if extra[n+r] == extra[l] {
						same = append(same, r)
					}
				}
				switch {
				case extra[l] == 0:
					uncompared += int64(len(rows))
				case len(same) > limit: // those of the smallest rank stand for all
					slices.SortFunc(same, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
					uncompared += missing + int64(len(same)-limit+1)
					for _, r := range same[:limit-1] {
						want[uint32(r)] = true
					}
				default:
					uncompared += missing
					for _, r := range same {
						want[uint32(r)] = true
					}
				}
			}
			u := x.NewLookup([]Rule{rule})
			got := u.Candidates(l)
			if len(got) != len(want) || u.Uncompared != uncompared {
				t.Fatalf("limit %d, row %d: %d candidates, %d uncompared; want %d, %d", limit, l, len(got), u.Uncompared, len(want), uncompared)
			}
			for _, r := range got {
				if !want[r] {
					t.Fatalf("limit %d, row %d: %d is no candidate", limit, l, r)
				}
			}
		}
	}
}
