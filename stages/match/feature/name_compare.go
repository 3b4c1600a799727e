package feature

import (
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/compare"
)

func compareGiven(w *words, a, b *givenValue) uint8 {
	if a.joined == b.joined || a.lead == b.lead && a.lead != 0 && !(a.first != b.first) {
		if a.lead == 0 && len(w.text(a.joined)) == 1 {
			return givenInitial
		}
		return givenExact
	}
	if a.lead == b.lead && a.lead != 0 {
		return givenMiddle // an initial before it on one side: C. Douglas, Douglas
	}
	if intersects(a.formal, b.formal) {
		return givenNickname
	}
	for _, x := range a.words {
		if len(w.text(x)) > 1 && slices.Contains(b.words, x) {
			return givenMiddle
		}
	}
	if a.initialOf(w, b) || b.initialOf(w, a) {
		return givenInitial
	}
	if a.lead == 0 || b.lead == 0 {
		return givenDiffers
	}
	s, t := w.text(a.lead), w.text(b.lead)
	if a.bare == b.bare {
		return givenClose
	}
	if len(s) > 2 && len(t) > 2 && (strings.HasPrefix(s, t) || strings.HasPrefix(t, s)) {
		return givenClose
	}
	if len(s) > 3 && len(t) > 3 && (compare.OneEdit(s, t) || compare.JaroWinkler(s, t) >= 0.92) {
		return givenClose
	}
	return givenDiffers
}

// initialOf reports whether a word of one letter in v abbreviates the leading name of the other (or its first initial).
func (v *givenValue) initialOf(w *words, other *givenValue) bool {
	first := other.first
	if other.lead != 0 {
		first = w.text(other.lead)[0]
	}
	for _, x := range v.words {
		if t := w.text(x); len(t) == 1 && t[0] == first {
			return true
		}
	}
	return false
}

func compareSurnames(w *words, a, b *familyValue) uint8 {
	if a.joined == b.joined {
		return surnameExact
	}
	if len(a.words)+len(b.words) > 2 {
		for _, x := range a.words {
			if len(w.text(x)) > 2 && slices.Contains(b.words, x) {
				return surnamePart
			}
		}
	}
	if a.bare == b.bare {
		return surnameClose
	}
	s, t := w.text(a.joined), w.text(b.joined)
	if len(s) > 3 && len(t) > 3 {
		if compare.OneEdit(s, t) {
			return surnameClose
		}
		switch jw := compare.JaroWinkler(s, t); {
		case jw >= 0.93:
			return surnameClose
		case jw >= 0.86:
			return surnameSimilar
		}
	}
	return surnameDiffers
}
