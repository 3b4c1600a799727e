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
	if t.Len() > 4*n { // most rows are out at once
		limit = uint64(2 * float64(n) / float64(t.Len()) * math.MaxUint64)
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
