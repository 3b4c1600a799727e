package block

import "slices"

// Lookup finds candidates. It is used by one goroutine.
type Lookup struct {
	x     *Index
	rules []Rule
	keys  []uint64
	rows  []uint32
	seen  []uint64 // open addressing: generation and row
	turn  uint64   // generation
	// Uncompared counts the pairs that share a key but were left out.
	Uncompared int64
}

// NewLookup returns a lookup on the index by the left side of the rules, which are those of its rules for which the left side has
// values.
func (x *Index) NewLookup(rules []Rule) *Lookup {
	u := &Lookup{x: x, rules: make([]Rule, len(x.rules)), seen: make([]uint64, 1024)}
	for i, r := range x.rules {
		if at := slices.IndexFunc(rules, func(o Rule) bool { return o.Name == r.name }); at >= 0 {
			u.rules[i] = rules[at]
		}
	}
	return u
}

// Candidates returns the right rows that share a key with the left row, each once, in no order; valid until the next call.
func (u *Lookup) Candidates(left int) []uint32 {
	u.rows = u.rows[:0]
	u.turn++
	for i := range u.x.rules {
		u.each(left, i, func(rows []uint32) {
			for _, r := range rows {
				u.add(r)
			}
		})
	}
	return u.rows
}

// Rules returns the names of the rules that make a pair candidates.
func (u *Lookup) Rules(left int, right uint32) (names []string) {
	for i := range u.x.rules {
		found := false
		u.each(left, i, func(rows []uint32) {
			for _, r := range rows {
				found = found || r == right
			}
		})
		if found {
			names = append(names, u.x.rules[i].name)
		}
	}
	return names
}

// Sizes adds to n, by rule, how many right rows the left row's blocks hold.
func (u *Lookup) Sizes(left int, n []int) {
	for i := range u.x.rules {
		u.each(left, i, func(rows []uint32) { n[i] += len(rows) })
	}
}

// each calls fn for the blocks of a rule that the left row is in.
func (u *Lookup) each(left, rule int, fn func(rows []uint32)) {
	r, stages := &u.rules[rule], u.x.rules[rule].stages
	if r.Left == nil {
		return
	}
	u.keys = unique(r.Left(left, u.keys[:0]))
	for _, key := range u.keys {
		for at, s := range stages {
			rows, split := s.find(key)
			if split == nil {
				if rows != nil {
					fn(rows)
				}
				break
			}
			v := uint64(0)
			if at < len(r.Refine) && at+1 < len(stages) {
				v = r.Refine[at].Left(left)
			}
			if v == 0 {
				u.Uncompared += int64(split.rows)
				break
			}
			u.Uncompared += int64(split.missing)
			key = Mix(split.key, v)
		}
	}
}

// add takes up a row that was not seen in this turn.
func (u *Lookup) add(row uint32) {
	if 2*len(u.rows) >= len(u.seen) {
		u.seen = make([]uint64, 2*len(u.seen))
		for _, r := range u.rows {
			u.mark(r)
		}
	}
	if u.mark(row) {
		u.rows = append(u.rows, row)
	}
}

// mark reports whether the row is new.
func (u *Lookup) mark(row uint32) bool {
	mask := uint64(len(u.seen) - 1)
	mine := u.turn<<32 | uint64(row)
	at := uint64(row) * 0x9E3779B97F4A7C15 >> 32 & mask
	for u.seen[at]>>32 == u.turn&(1<<32-1) {
		if u.seen[at] == mine {
			return false
		}
		at = (at + 1) & mask
	}
	u.seen[at] = mine
	return true
}
