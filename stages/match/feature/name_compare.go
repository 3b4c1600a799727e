package feature

import (
	"strings"

	"github.com/crmsync/crmsync/stages/match/compare"
)

// Levels of given names and surnames.
const (
	givenExact = 1 + iota
	givenNickname
	givenMiddle
	givenClose
	givenCognate // one name in two languages: Mikhail, Michel
	givenInitial
	givenSwapped
	givenDiffers
)

const (
	surnameExact = 1 + iota
	surnamePart
	surnameClose
	surnameSpelling // another spelling by dialect or transcription: Chan, Chen
	surnameSimilar
	surnameGeneration // junior and senior
	surnameDiffers
)

var givenLevels = []Level{
	{Name: missing},
	{"exact", 0.78, 0.006, true, true},
	{"nickname", 0.08, 0.003, true, true},
	{"middle", 0.03, 0.004, true, true},
	{"close", 0.04, 0.006, true, false},
	{"cognate", 0.004, 0.003, true, false},
	{"initial", 0.02, 0.006, true, false},
	{"swapped", 0.01, 0.00002, true, false},
	{Differs, 0.03, 0.97, false, false},
}

var surnameLevels = []Level{
	{Name: missing},
	{"exact", 0.90, 0.0008, true, true},
	{"part", 0.02, 0.0008, true, true},
	{"close", 0.04, 0.001, true, false},
	{"spelling", 0.005, 0.003, true, false},
	{"similar", 0.008, 0.01, false, false},
	{OtherGeneration, 0.0005, 0.0005, false, false},
	{Differs, 0.02, 0.985, false, false},
}

// Similarities (Jaro-Winkler) from which names are close or similar.
const (
	closeGiven     = 0.92
	closeSurname   = 0.93
	similarSurname = 0.86
)

var (
	givenBound   = compare.NewBound(closeGiven)
	surnameBound = compare.NewBound(similarSurname)
)

type givenKernel struct {
	w           *words
	left, right *column[givenValue]
}

func (k givenKernel) levels(a uint32, bs []uint32, out []uint8, m *memo) {
	x := &k.left.values[a]
	slow := k.compare
	for i, b := range bs {
		y := &k.right.values[b]
		switch {
		case b == 0:
			out[i] = 0
		case x.lead == y.lead && x.lead != 0 && x.first == y.first:
			out[i] = givenExact
		case x.sets&y.sets == 0 && x.single|y.single == 0 && x.bare != y.bare && x.joined != y.joined && givenBound.Unlike(&x.sign, &y.sign):
			out[i] = givenDiffers
		default:
			out[i] = m.get(a, b, slow)
		}
	}
}

func (k givenKernel) compare(l, r uint32) uint8 {
	a, b := &k.left.values[l], &k.right.values[r]
	if a.lead == b.lead && a.lead != 0 {
		if a.first == b.first {
			return givenExact
		}
		return givenMiddle // an initial before it on one side: C. Douglas, Douglas
	}
	if a.joined == b.joined {
		if a.words.n == 1 {
			return givenInitial // J. and J.
		}
		return givenExact
	}
	if meet(a.formal.in(k.left.arena), b.formal.in(k.right.arena)) {
		return givenNickname
	}
	if a.sets&b.sets != 0 {
		for _, x := range a.words.in(k.left.arena) {
			for _, y := range b.words.in(k.right.arena) {
				if x == y && len(k.w.text(x)) > 1 {
					return givenMiddle
				}
			}
		}
	}
	if a.single&letter(b.start) != 0 || b.single&letter(a.start) != 0 {
		return givenInitial
	}
	if a.lead == 0 || b.lead == 0 {
		return givenDiffers
	}
	if a.bare == b.bare {
		return givenClose
	}
	s, t := k.w.text(a.lead), k.w.text(b.lead)
	switch {
	case meet(a.cognates.in(k.left.arena), b.cognates.in(k.right.arena)):
		return givenCognate
	case a.common&b.common == 1: // Paul and Paula are two people
		return givenDiffers
	case len(s) > 2 && len(t) > 2 && (strings.HasPrefix(s, t) || strings.HasPrefix(t, s)),
		len(s) > 3 && len(t) > 3 && (compare.OneEdit(s, t) || compare.JaroWinkler(s, t) >= closeGiven):
		return givenClose
	}
	return givenDiffers
}

type surnameKernel struct {
	w           *words
	left, right *column[familyValue]
}

func (k surnameKernel) levels(a uint32, bs []uint32, out []uint8, m *memo) {
	x := &k.left.values[a]
	slow := k.compare
	for _, b := range bs {
		m.touched += k.right.values[b].joined
	}
	for i, b := range bs {
		y := &k.right.values[b]
		switch {
		case b == 0:
			out[i] = 0
		case x.joined == y.joined && x.generation|y.generation == 0:
			out[i] = surnameExact
		case x.sets&y.sets == 0 && x.bare != y.bare && surnameBound.Unlike(&x.sign, &y.sign):
			out[i] = surnameDiffers
		default:
			out[i] = m.get(a, b, slow)
		}
	}
}

func (k surnameKernel) compare(l, r uint32) uint8 {
	a, b := &k.left.values[l], &k.right.values[r]
	if a.joined == b.joined {
		if a.generation != b.generation && a.generation != 0 && b.generation != 0 {
			return surnameGeneration
		}
		return surnameExact
	}
	if a.words.n+b.words.n > 2 {
		if _, ok := k.common(a, b); ok {
			return surnamePart
		}
	}
	if a.bare == b.bare {
		return surnameClose
	}
	s, t := k.w.text(a.joined), k.w.text(b.joined)
	long, likeness := len(s) > 3 && len(t) > 3, 0.0
	if long {
		likeness = compare.JaroWinkler(s, t)
	}
	switch {
	case a.common&b.common == 0 && (likeness >= closeSurname || long && compare.OneEdit(s, t)):
		return surnameClose
	case meet(a.spellings.in(k.left.arena), b.spellings.in(k.right.arena)):
		return surnameSpelling
	case likeness >= similarSurname, long && compare.OneEdit(s, t): // Hansen and Jansen are two families, Clark and Clarke often one
		return surnameSimilar
	}
	return surnameDiffers
}

// common returns the first word of three letters or more that both surnames hold.
func (k surnameKernel) common(a, b *familyValue) (word, bool) {
	for _, x := range a.words.in(k.left.arena) {
		for _, y := range b.words.in(k.right.arena) {
			if x == y && len(k.w.text(x)) > 2 {
				return x, true
			}
		}
	}
	return 0, false
}

// swapped finds given name and surname in each other's place, which neither comparison can see alone. It is one agreement, so it is
// counted once, as a level of the given name.
type swapped struct {
	set            *Set
	w              *words
	given, surname int // positions of the comparisons
	givens         [2]*column[givenValue]
	families       [2]*column[familyValue]
}

func (s *swapped) fix(l int, rs []uint32, patterns []Pattern) {
	differ := Pattern(givenDiffers)<<(4*s.given) | Pattern(surnameDiffers)<<(4*s.surname)
	mask := Pattern(15)<<(4*s.given) | Pattern(15)<<(4*s.surname)
	given, surname := s.set.Comparisons[s.given], s.set.Comparisons[s.surname]
	a, af := &s.givens[0].values[given.left[l]], &s.families[0].values[surname.left[l]]
	for i, p := range patterns {
		if p&mask != differ {
			continue
		}
		b, bf := &s.givens[1].values[s.set.code(given, int(rs[i]))], &s.families[1].values[s.set.code(surname, int(rs[i]))]
		if s.crossed(a, bf) && s.crossed(b, af) && (a.joined == bf.joined || b.joined == af.joined || a.lead == bf.joined || b.lead == af.joined) {
			patterns[i] = p.With(s.given, givenSwapped).With(s.surname, 0)
		}
	}
}

// crossed reports whether a given name is the surname of the other side, or close to it.
func (s *swapped) crossed(g *givenValue, f *familyValue) bool {
	switch {
	case g.joined == f.joined || g.lead == f.joined && g.lead != 0:
		return true
	case g.lead == 0 || givenBound.Unlike(&g.sign, &f.sign):
		return false
	}
	a, b := s.w.text(g.lead), s.w.text(f.joined)
	return len(a) > 3 && len(b) > 3 && (compare.OneEdit(a, b) || compare.JaroWinkler(a, b) >= closeGiven)
}
