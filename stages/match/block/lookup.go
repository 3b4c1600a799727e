package block

import "slices"

// Lookup finds candidates. It is used by one goroutine.
type Lookup struct {
	x     *Index
	rules []Rule
	keys  []uint64
	rows  []uint32
	hits  []hit
	// touched makes the compiler keep loads whose only purpose is that memory has come by when it is needed.
	touched uint32
	seen    []uint64 // open addressing: generation and row
	turn    uint64   // generation
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

// hit is a key of the left row with its entries.
type hit struct {
	rule     int
	key      uint64
	from, to uint32
}

// Candidates returns the right rows that share a key with the left row, each once, in no order; valid until the next call.
func (u *Lookup) Candidates(left int) []uint32 {
	u.rows = u.rows[:0]
	u.turn++
	u.hits = u.hits[:0]
	for i := range u.x.rules {
		u.find(left, i)
	}
	u.locate()
	for _, h := range u.hits {
		u.follow(left, h, func(rows []uint32) {
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
	u.hits = u.hits[:0]
	u.find(left, rule)
	u.locate()
	for _, h := range u.hits {
		u.follow(left, h, fn)
	}
}

// find adds the left row's keys of a rule to the hits.
func (u *Lookup) find(left, rule int) {
	r := &u.rules[rule]
	if r.Left == nil {
		return
	}
	u.keys = unique(r.Left(left, u.keys[:0]))
	for _, key := range u.keys {
		u.hits = append(u.hits, hit{rule: rule, key: key})
	}
}

// locate finds the entries of the hits, one step of all before the next, so that waiting for memory is shared: no load of a step
// depends on another.
func (u *Lookup) locate() {
	for i := range u.hits {
		h := &u.hits[i]
		h.from, h.to = u.x.rules[h.rule].stages[0].bucket(h.key)
	}
	for _, h := range u.hits {
		if h.from < h.to {
			u.touched += uint32(u.x.rules[h.rule].stages[0].tags[h.from])
		}
	}
	for i := range u.hits {
		h := &u.hits[i]
		s := u.x.rules[h.rule].stages[0]
		if h.from, h.to = s.within(h.key, h.from, h.to); h.from < h.to {
			u.touched += s.rows[h.from]
		}
	}
}

// follow calls fn for the rows of a hit, or for those of the part of its block that the left row is in.
func (u *Lookup) follow(left int, h hit, fn func(rows []uint32)) {
	r, stages := &u.rules[h.rule], u.x.rules[h.rule].stages
	rows, split := stages[0].entries(h.from, h.to)
	for at := 1; split != nil; at++ {
		v := uint64(0)
		if at <= len(r.Refine) && at < len(stages) {
			v = r.Refine[at-1].Left(left)
		}
		if v == 0 {
			u.Uncompared += int64(split.rows)
			break
		}
		u.Uncompared += int64(split.missing)
		s, key := stages[at], Mix(split.key, v)
		begin, end := s.bucket(key)
		rows, split = s.entries(s.within(key, begin, end))
	}
	if len(rows) > 0 {
		fn(rows)
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
