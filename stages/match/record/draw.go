package record

import (
	"cmp"
	"math"
	"slices"

	"github.com/zeebo/xxh3"
)

// Drawn returns at most n rows, those whose ids have the smallest hashes, in the order of the hashes.
func (t *Table) Drawn(n int) []uint32 {
	type hashed struct {
		hash uint64
		row  uint32
	}
	limit := uint64(math.MaxUint64)
	// Most rows are out at once. That fewer than n stay is less likely than that the machine fails: they are a dozen deviations more.
	if stay := float64(n) + 12*math.Sqrt(float64(n)) + 100; float64(t.Len()) > 2*stay {
		limit = uint64(stay / float64(t.Len()) * math.MaxUint64)
	}
	var list []hashed
	for row := range t.Len() {
		if h := xxh3.HashStringSeed(t.ID(row), 1); h <= limit {
			list = append(list, hashed{h, uint32(row)})
		}
	}
	slices.SortFunc(list, func(a, b hashed) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		return cmp.Compare(t.ID(int(a.row)), t.ID(int(b.row)))
	})
	rows := make([]uint32, min(n, len(list)))
	for i := range rows {
		rows[i] = list[i].row
	}
	return rows
}
