package feature

import (
	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// word is the number of a folded word; 0 is none.
type word = uint32

// words numbers words: those of the right side first, which do not change once it is prepared, then those of the left.
type words struct {
	base *record.Dictionary // nil while the right side is read
	more record.Dictionary
	from uint32 // number of the first word of more
}

func newWords() *words {
	w := &words{}
	w.more.Code("")
	return w
}

// over returns words that go on numbering where w left off, and leave w as it is.
func (w *words) over() *words { return &words{base: &w.more, from: uint32(w.more.Len())} }

func (w *words) number(s string) word {
	if w.base != nil {
		if n, ok := w.base.Find(s); ok {
			return n
		}
	}
	return w.from + w.more.Code(s)
}

// before returns the number of a word that the right side knew before the left one was read, else 0. Unlike the others it may be called
// by several goroutines.
func (w *words) before(s string) word {
	if w.base == nil {
		return 0
	}
	if n, ok := w.base.Find(s); ok {
		return n
	}
	return 0
}

// numbered is number for a word of which before was asked.
func (w *words) numbered(s string, before word) word {
	if before != 0 {
		return before
	}
	return w.number(s)
}

func (w *words) find(s string) (word, bool) {
	if w.base != nil {
		if n, ok := w.base.Find(s); ok {
			return n, true
		}
	}
	n, ok := w.more.Find(s)
	return w.from + n, ok
}

func (w *words) text(n word) string {
	if n < w.from {
		return w.base.At(int(n))
	}
	return w.more.At(int(n - w.from))
}

// len is how many words there are, the empty one included.
func (w *words) len() int { return int(w.from) + w.more.Len() }

// bare returns the number of the word's skeleton (fold.Skeleton).
func (w *words) bare(n word) word {
	if n == 0 {
		return 0
	}
	return w.number(fold.Skeleton(w.text(n)))
}

// formal appends the given name and the formal names that it is short for.
func (w *words) formal(given string, dst []word) []word {
	dst = append(dst, w.number(given))
	for _, f := range reference.FormalNames(given) {
		dst = append(dst, w.number(f))
	}
	return dst
}

// labels numbers labels of a kind.
func (w *words) labels(kind string, of []string) []word {
	list := make([]word, len(of))
	for i, l := range of {
		list[i] = w.number(kind + l)
	}
	return list
}

// list is a run of words in the arena of a column.
type list struct{ at, n uint32 }

// in returns the words of the list.
func (l list) in(arena []word) []word { return arena[l.at : l.at+l.n] }

// bloom has a bit set for each of some words; words in common show as bits in common.
func bloom(list ...word) uint64 {
	var b uint64
	for _, w := range list {
		b |= 1 << (w * 0x9E3779B1 >> 26)
	}
	return b
}

// bloom32 is bloom in half the space.
func bloom32(list ...word) uint32 {
	var b uint32
	for _, w := range list {
		b |= 1 << (w * 0x9E3779B1 >> 27)
	}
	return b
}

// meet reports whether two short lists have a word in common.
func meet(a, b []word) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// has reports whether a short list holds a word.
func has(list []word, w word) bool {
	for _, x := range list {
		if x == w {
			return true
		}
	}
	return false
}

// letter is the bit of a folded letter; all that are no letters share one.
func letter(c byte) uint32 {
	if c < 'a' || c > 'z' {
		return 1 << 26
	}
	return 1 << (c - 'a')
}
