package record

import (
	"cmp"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
)

// Select returns a table of some of the rows, in the order given, whose columns hold the values of these rows alone. Rows are named
// once each.
func (t *Table) Select(rows []int) *Table {
	var ids Texts
	for _, row := range rows {
		ids.Add(t.ID(row))
	}
	s := &Table{ids: ids, columns: map[schemas.Role]*Column{}}
	for role, col := range t.columns {
		var values Dictionary
		values.Code("")
		codes := make([]uint32, len(rows))
		for i, row := range rows {
			codes[i] = values.Code(col.Value(row))
		}
		s.columns[role] = &Column{codes, &values.Texts}
	}
	return s
}

// Digests returns a hash of each row's values by role; that of its id is not part of it. Rows of the same values have the same
// digest, in whatever table they are, and a missing role is the same as one without values.
func (t *Table) Digests() []uint64 {
	roles := make([]schemas.Role, 0, len(t.columns))
	for role := range t.columns {
		roles = append(roles, role)
	}
	slices.SortFunc(roles, func(a, b schemas.Role) int { return cmp.Compare(a, b) })
	digests := make([]uint64, t.Len())
	for _, role := range roles {
		col := t.columns[role]
		hashes := make([]uint64, col.Values.Len())
		seed := xxh3.HashString(string(role))
		for code := 1; code < len(hashes); code++ {
			hashes[code] = xxh3.HashStringSeed(col.Values.At(code), seed)
		}
		for row, code := range col.Codes {
			if code != 0 {
				digests[row] = mix64(digests[row], hashes[code])
			}
		}
	}
	return digests
}

func mix64(h, v uint64) uint64 { return mix(mix(h, uint32(v)), uint32(v>>32)) }
