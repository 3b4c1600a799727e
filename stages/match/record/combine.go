package record

import (
	"math/bits"

	"github.com/crmsync/crmsync/stages/match/arrays"
)

// Combine numbers the distinct combinations of the columns' codes in the order of rows. It returns the combinations, the codes of
// all columns one after the other, and the number of each row's combination. The columns have the same rows.
func Combine(cols ...*Column) (combos, codes []uint32) {
	rows, k := len(cols[0].Codes), len(cols)
	codes = arrays.Make[uint32](rows)
	if k == 1 {
		copy(codes, cols[0].Codes)
		combos = make([]uint32, cols[0].Values.Len())
		for i := range combos {
			combos[i] = uint32(i)
		}
		return combos, codes
	}
	slots := make([]uint32, 1024) // open addressing; number+1, 0 is empty
	known := uint32(0)
	for row := range rows {
		if 2*int(known) >= len(slots) {
			slots = arrays.Make[uint32](4 * len(slots))
			clear(slots) // see Dictionary
			for n := range known {
				slots[free(slots, hash(combos[int(n)*k:int(n+1)*k]))] = n + 1
			}
		}
		h := uint64(0)
		for _, c := range cols {
			h = mix(h, c.Codes[row])
		}
		at := h & uint64(len(slots)-1)
		for slots[at] != 0 && !is(combos[int(slots[at]-1)*k:], cols, row) {
			at = (at + 1) & uint64(len(slots)-1)
		}
		if slots[at] == 0 {
			for _, c := range cols {
				combos = append(combos, c.Codes[row])
			}
			known++
			slots[at] = known
		}
		codes[row] = slots[at] - 1
	}
	return combos, codes
}

func mix(h uint64, c uint32) uint64 {
	hi, lo := bits.Mul64(h^uint64(c)^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

func hash(combo []uint32) (h uint64) {
	for _, c := range combo {
		h = mix(h, c)
	}
	return h
}

func free(slots []uint32, h uint64) uint64 {
	at := h & uint64(len(slots)-1)
	for slots[at] != 0 {
		at = (at + 1) & uint64(len(slots)-1)
	}
	return at
}

func is(combo []uint32, cols []*Column, row int) bool {
	for i, c := range cols {
		if combo[i] != c.Codes[row] {
			return false
		}
	}
	return true
}
