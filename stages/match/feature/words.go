package feature

import (
	"slices"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// word is the number of a folded word; 0 is none.
type word = uint32

// words numbers the words of both sides.
type words struct {
	dict     record.Dictionary
	skeleton []word // of each word; 0 until asked for
}

func newWords() *words {
	w := &words{skeleton: make([]word, 1)}
	w.dict.Code("")
	return w
}

func (w *words) number(s string) word {
	n := w.dict.Code(s)
	for len(w.skeleton) < w.dict.Len() {
		w.skeleton = append(w.skeleton, 0)
	}
	return n
}

func (w *words) numbers(list []string) []word {
	out := make([]word, len(list))
	for i, s := range list {
		out[i] = w.number(s)
	}
	return out
}

func (w *words) text(n word) string { return w.dict.At(int(n)) }

// bare returns the number of the word's skeleton (fold.Skeleton).
func (w *words) bare(n word) word {
	if n == 0 {
		return 0
	}
	if w.skeleton[n] == 0 {
		s := w.number(fold.Skeleton(w.text(n)))
		w.skeleton[n] = s
	}
	return w.skeleton[n]
}

// formal returns the formal names that a given name is short for, and itself, sorted.
func (w *words) formal(given string) []word {
	list := []word{w.number(given)}
	for _, f := range reference.FormalNames(given) {
		list = append(list, w.number(f))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func intersects(a, b []word) bool {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			return true
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return false
}
