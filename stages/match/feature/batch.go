package feature

// Batch compares one left row with many right rows. It is used by one goroutine.
type Batch struct {
	set *Set
	// Levels holds, per comparison, the level of each pair of the last call of Compare.
	Levels [][]uint8
	memos  []*memo
}

// memo remembers the levels of pairs of codes whose comparison is costly; a later pair takes the place of an earlier one.
type memo struct {
	pairs  []uint64
	levels []uint8
}

const memoBits = 15

// NewBatch returns a batch for the set.
func (s *Set) NewBatch() *Batch {
	b := &Batch{set: s, Levels: make([][]uint8, len(s.Comparisons)), memos: make([]*memo, len(s.Comparisons))}
	for i, c := range s.Comparisons {
		if c.costly && !c.Missing() {
			b.memos[i] = &memo{make([]uint64, 1<<memoBits), make([]uint8, 1<<memoBits)}
		}
	}
	return b
}

// Compare fills Levels for the left row and each of the right rows.
func (b *Batch) Compare(l int, rs []uint32) {
	for i, c := range b.set.Comparisons {
		if cap(b.Levels[i]) < len(rs) {
			b.Levels[i] = make([]uint8, len(rs), 2*len(rs))
		}
		b.Levels[i] = b.Levels[i][:len(rs)]
		c.levels(l, rs, b.Levels[i], b.memos[i])
	}
	if b.set.swap != nil {
		b.set.swap.fix(l, rs, b.Levels)
	}
}

func (c *Comparison) levels(l int, rs []uint32, out []uint8, m *memo) {
	if c.Missing() || c.left[l] == 0 {
		clear(out)
		return
	}
	a := c.left[l]
	for i, r := range rs {
		b := c.right[r]
		switch {
		case b == 0:
			out[i] = 0
		case m == nil:
			out[i] = c.kernel(a, b)
		default:
			pair := uint64(a)<<32 | uint64(b)
			at := (pair * 0x9E3779B97F4A7C15) >> (64 - memoBits)
			if m.pairs[at] != pair {
				m.pairs[at], m.levels[at] = pair, c.kernel(a, b)
			}
			out[i] = m.levels[at]
		}
	}
}

// swapped finds given name and surname in each other's place, which neither comparison can see alone.
type swapped struct {
	given, surname         int // positions of the comparisons
	givenDiffers, surDiff  uint8
	givenSwapped, surSwap  uint8
	leftGiven, rightGiven  column[givenValue]
	leftFamily, rightFamil column[familyValue]
}

func (s *swapped) fix(l int, rs []uint32, levels [][]uint8) {
	g, f := levels[s.given], levels[s.surname]
	var a givenValue
	var af familyValue
	known := false
	for i, r := range rs {
		if g[i] != s.givenDiffers || f[i] != s.surDiff {
			continue
		}
		if !known {
			a, af, known = s.leftGiven.at(l), s.leftFamily.at(l), true
		}
		b, bf := s.rightGiven.at(int(r)), s.rightFamil.at(int(r))
		if a.joined == bf.joined && b.joined == af.joined || a.lead == bf.joined && b.lead == af.joined && a.lead != 0 && b.lead != 0 {
			g[i], f[i] = s.givenSwapped, s.surSwap
		}
	}
}
