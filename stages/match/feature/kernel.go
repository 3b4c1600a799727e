package feature

import "math"

// kernel compares values. It is shared by goroutines; what changes is in the memo.
type kernel interface {
	// levels sets the level of the left value against each right value; out has the length of right. Code 0 is missing.
	levels(left uint32, right []uint32, out []uint8, m *memo)
}

// memo remembers the levels of pairs of values whose comparison is costly; a later pair takes the place of an earlier one.
type memo struct {
	slots []uint64
	// touched makes the compiler keep loads whose only purpose is that memory has come by when it is needed: outcomes are hard to
	// foresee, and a processor that has guessed wrong does not fetch ahead.
	touched uint32
	later   []int32 // positions that a kernel has put off
}

const memoBits = 14

func newMemo() *memo {
	m := &memo{slots: make([]uint64, 1<<memoBits)}
	clear(m.slots) // a page that is read before it is written costs two trips to the system
	return m
}

// get returns what compare says of two values, from memory when it was asked before. Codes have at most 30 bits.
func (m *memo) get(a, b uint32, compare func(a, b uint32) uint8) uint8 {
	pair := uint64(a)<<30 | uint64(b)
	slot := &m.slots[pair*0x9E3779B97F4A7C15>>(64-memoBits)]
	if *slot>>4 != pair {
		*slot = pair<<4 | uint64(compare(a, b))
	}
	return uint8(*slot & 15)
}

// simple is a kernel of a cheap comparison.
type simple func(a, b uint32) uint8

func (fn simple) levels(left uint32, right []uint32, out []uint8, _ *memo) {
	for i, b := range right {
		out[i] = 0
		if b != 0 {
			out[i] = fn(left, b)
		}
	}
}

// remembered is a kernel of a costly comparison.
type remembered func(a, b uint32) uint8

func (fn remembered) levels(left uint32, right []uint32, out []uint8, m *memo) {
	for i, b := range right {
		out[i] = 0
		if b != 0 {
			out[i] = m.get(left, b, fn)
		}
	}
}

// Pattern is a combination of levels, four bits for each comparison.
type Pattern uint64

// MaxComparisons is how many comparisons a pattern holds. The last four bits are kept for training.
const MaxComparisons = 15

// Level returns the level of comparison c.
func (p Pattern) Level(c int) uint8 { return uint8(p>>(4*c)) & 15 }

// A pattern can carry, in steps of two bits, how much rarer than usual the values agreed on are. Scoring looks that up by pair;
// training runs over patterns.
const (
	rarityShift = 4 * MaxComparisons
	rarityStep  = 2
	rarityZero  = 8
)

// WithRarity returns the pattern with a rarity in bits.
func (p Pattern) WithRarity(bits float64) Pattern {
	step := max(1, min(15, int(math.Round(bits/rarityStep))+rarityZero))
	return p&^(15<<rarityShift) | Pattern(step)<<rarityShift
}

// Rarity returns what WithRarity set, rounded; 0 when it was not set.
func (p Pattern) Rarity() float64 {
	step := int(p >> rarityShift)
	if step == 0 {
		return 0
	}
	return float64(step-rarityZero) * rarityStep
}

// With returns the pattern with another level of comparison c.
func (p Pattern) With(c int, level uint8) Pattern {
	return p&^(15<<(4*c)) | Pattern(level)<<(4*c)
}

// Batch compares one left row with many right rows. It is used by one goroutine.
type Batch struct {
	set      *Set
	memos    []*memo
	packed   []uint32 // codes of the right rows
	codes    []uint32 // the same by comparison
	levels   []uint8
	patterns []Pattern
	touched  uint32 // see memo
}

// NewBatch returns a batch for the set.
func (s *Set) NewBatch() *Batch {
	b := &Batch{set: s, memos: make([]*memo, len(s.Comparisons))}
	for i := range b.memos {
		b.memos[i] = newMemo()
	}
	return b
}

// Compare returns the pattern of the left row and each of the right rows, valid until the next call.
func (b *Batch) Compare(l int, rs []uint32) []Pattern {
	n, s := len(rs), b.set
	if cap(b.levels) < n {
		b.levels, b.patterns = make([]uint8, 2*n), make([]Pattern, 2*n)
		b.codes = make([]uint32, 2*n*len(s.Comparisons))
	}
	levels, patterns := b.levels[:n], b.patterns[:n]
	clear(patterns)
	b.gather(rs)
	for c, f := range s.Comparisons {
		code := f.left[l]
		if code == 0 {
			continue
		}
		f.kernel.levels(code, b.codes[c*n:(c+1)*n], levels, b.memos[c])
		for i, level := range levels {
			patterns[i] |= Pattern(level) << (4 * c)
		}
	}
	if s.swap != nil {
		s.swap.fix(l, rs, patterns)
	}
	return patterns
}

// Touch has the codes of right rows fetched from memory, all at once, before they are compared.
func (b *Batch) Touch(rs []uint32) {
	rows, width := b.set.rows, b.set.width
	for _, r := range rs {
		b.touched += rows[int(r)*width]
	}
}

// gather copies the codes of the right rows, so that each row's are fetched from memory once, and several at a time: no fetch waits
// for another.
func (b *Batch) gather(rs []uint32) {
	s, n := b.set, len(rs)
	width, rows := s.width, s.rows
	if cap(b.packed) < n*width {
		b.packed = make([]uint32, 2*n*width)
	}
	packed := b.packed[:n*width]
	to := 0
	for _, r := range rs {
		from := int(r) * width
		for k := range width {
			packed[to+k] = rows[from+k]
		}
		to += width
	}
	for c, f := range s.Comparisons {
		codes := b.codes[c*n : (c+1)*n]
		at := f.at
		for i := range codes {
			codes[i] = packed[at]
			at += width
		}
	}
}
