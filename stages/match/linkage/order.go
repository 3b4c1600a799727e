package linkage

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/crmsync/crmsync/stages/match/record"
)

// byID returns the rows of a table in the order of their ids, in which most files come.
func byID(t *record.Table) []uint32 {
	rows, sorted := make([]uint32, t.Len()), true
	for row := range rows {
		rows[row] = uint32(row)
		sorted = sorted && (row == 0 || t.ID(row-1) < t.ID(row))
	}
	if sorted {
		return rows
	}
	// Ids have a beginning in common; the bytes after it tell most of them apart without a look at the texts.
	type named struct {
		head uint64
		row  uint32
	}
	skip := len(t.ID(0))
	for row := range rows {
		skip = common(t.ID(0)[:skip], t.ID(row))
	}
	list := make([]named, len(rows))
	for row := range list {
		var head [8]byte
		copy(head[:], t.ID(row)[skip:])
		list[row] = named{binary.BigEndian.Uint64(head[:]), uint32(row)}
	}
	slices.SortFunc(list, func(a, b named) int {
		if c := cmp.Compare(a.head, b.head); c != 0 {
			return c
		}
		return cmp.Compare(t.ID(int(a.row)), t.ID(int(b.row)))
	})
	for i, n := range list {
		rows[i] = n.row
	}
	return rows
}

// common returns how many bytes two texts have in common from the beginning.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
