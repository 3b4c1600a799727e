package feature

import (
	"math"

	"github.com/sourcegraph/conc"

	"github.com/crmsync/crmsync/stages/match/compare"
)

// How two company names relate, best first.
const (
	nameExact = 1 + iota
	nameAlias
	nameAcronym
	nameContained
	nameSimilar
	nameShares
	nameDiffers
)

var nameLevels = []Level{
	{Name: missing},
	{"exact", 0.86, 0.00002, true, true},
	{"alias", 0.02, 0.00001, true, true},
	{"acronym", 0.02, 0.0004, true, false},
	{"contained", 0.06, 0.0004, true, true},
	{"similar", 0.02, 0.0002, true, false},
	{"shares", 0.01, 0.002, false, true},
	{Differs, 0.02, 0.997, false, false},
}

// similarName is the Jaro-Winkler similarity from which whole names are similar.
const similarName = 0.95

var companyBound = compare.NewBound(similarName)

// companies compares the companies of two sides.
type companies struct {
	w           *words
	x           *lexicon
	left, right *column[employer]
	common      float64 // mean share of the left rows' names
}

// newCompanies returns what compares two sides, once the lexicon has weighed the words of the left one.
func newCompanies(w *words, x *lexicon, left, right *column[employer]) *companies {
	k := &companies{w: w, x: x, left: left, right: right}
	var beside conc.WaitGroup
	beside.Go(func() { k.common = usual(left, func(e *employer) float64 { return x.names.of(e.joined) }) })
	x.finish(w, left)
	beside.Wait()
	return k
}

// apart reports whether two employers surely have nothing in common but, at most, plain words that do not make up enough of their
// names (see relate). A false answer says nothing.
func (k *companies) apart(a, b *employer) bool {
	if a.sets&b.sets != 0 || a.simple == 0 || b.simple == 0 || a.short&b.whole != 0 || b.short&a.whole != 0 {
		return false
	}
	for _, x := range a.long {
		for _, y := range b.long {
			if x != 0 && mayBeNear(x, y) {
				return false
			}
		}
	}
	plain := min(a.plain, b.plain)
	return 2*plain < contained*(a.weight+b.weight) && plain < inside*min(a.weight, b.weight) && companyBound.Unlike(&a.sign, &b.sign)
}

// Two names of which one holds the other have at least this Dice coefficient of their words' weights, and share this part of the
// lighter one's weight.
const (
	contained = 0.45
	inside    = 0.99
)

// best returns how the closest two of the names at some positions relate, and which.
func (k *companies) best(a, b list) (level uint8, i, j uint32) {
	level = nameDiffers
	for p, left := range a.in(k.left.arena) {
		x := nameAt(k.left.arena, left)
		for q, right := range b.in(k.right.arena) {
			y := nameAt(k.right.arena, right)
			n := k.relate(&x, &y)
			if p+q > 0 && n == nameExact {
				n = nameAlias
			}
			if n < level {
				level, i, j = n, left, right
			}
		}
	}
	return level, i, j
}

// only compares two employers of which nothing is known but one name each; false when more is known of either.
func (k *companies) only(a, b *employer) (uint8, bool) {
	if a.simple == 0 || b.simple == 0 {
		return 0, false
	}
	var x, y companyName
	a.simpleName(&x, k.left.arena)
	b.simpleName(&y, k.right.arena)
	return k.relate(&x, &y), true
}

// relate compares two names, the same in both directions. Words are weighed by their rarity, so that a shared `Wabtec` counts and a
// shared `Group` does not.
func (k *companies) relate(a, b *companyName) uint8 {
	if a.joined == b.joined {
		return nameExact
	}
	if has(a.acronyms, b.joined) || has(b.acronyms, a.joined) {
		return nameAcronym
	}
	var shared, rarest float32
	for i, id := range a.words {
		if has(b.words, id) {
			bits := math.Float32frombits(a.bits[i])
			shared += bits
			rarest = max(rarest, bits)
		}
	}
	if weight, most := k.near(a, b); weight > 0 {
		shared += weight
		rarest = max(rarest, most)
	}
	if shared > 0 {
		dice := 2 * shared / (a.weight + b.weight)
		part := shared / min(a.weight, b.weight)
		switch {
		case part > inside && (dice > contained || rarest > 6):
			return nameContained
		case dice > 0.72:
			return nameSimilar
		case rarest > plainWord && part > 0.4:
			return nameShares
		}
	}
	if byte(a.sign.Head) == byte(b.sign.Head) && !companyBound.Unlike(&a.sign, &b.sign) {
		s, t := k.w.text(a.joined), k.w.text(b.joined)
		if len(s) > 4 && len(t) > 4 && (len(s) > 5 && compare.OneEdit(s, t) || compare.JaroWinkler(s, t) >= similarName) {
			return nameSimilar
		}
	}
	return nameDiffers
}

// near adds up the words of one name that are one letter from a word of the other, both long, and not shared as they are. They
// weigh a little less.
func (k *companies) near(a, b *companyName) (sum, most float32) {
	for i, p := range a.long {
		x := a.forms[i]
		for j, q := range b.long {
			y := b.forms[j]
			if p == q || !mayBeNear(x, y) || !compare.OneEdit(k.w.text(p), k.w.text(q)) ||
				has(b.words, p) || has(a.words, q) {
				continue
			}
			weight := 0.4 * (k.x.bits(p) + k.x.bits(q))
			sum += weight
			most = max(most, weight)
		}
	}
	return sum, most
}

// usuals are the logarithms of the mean shares of the left rows' names and rarest words.
type usuals struct{ name, word *float64 }

func (k *companies) usuals(of Usual) usuals {
	return usuals{
		of.set("company", k.common),
		of.set("company word", usual(k.left, func(e *employer) float64 {
			if e.names.n == 0 {
				return 0
			}
			rare, _ := k.x.rare(k.w, nameAt(k.left.arena, e.names.in(k.left.arena)[0]).words)
			return k.x.rows.of(rare[0])
		})),
	}
}

// surprise is how much rarer than usual it is to agree on as much as two employers' names do at the level.
func (k *companies) surprise(a, b *employer, level uint8, u usuals) float64 {
	if level == nameExact {
		return k.x.names.surprise(b.joined, *u.name)
	}
	_, i, j := k.best(a.names, b.names)
	switch level {
	case nameAlias:
		return k.x.names.surprise(nameAt(k.right.arena, j).joined, *u.name)
	case nameContained, nameShares:
		rarest, y := word(0), nameAt(k.right.arena, j)
		for _, id := range nameAt(k.left.arena, i).words {
			if has(y.words, id) && (rarest == 0 || k.x.rows.of(id) < k.x.rows.of(rarest)) {
				rarest = id
			}
		}
		if rarest != 0 {
			return k.x.rows.surprise(rarest, *u.word)
		}
	}
	return 0
}

// nameKernel compares the names of companies.
type nameKernel struct{ *companies }

func (k nameKernel) levels(a uint32, bs []uint32, out []uint8, m *memo) {
	x := &k.left.values[a]
	slow := k.compare
	for i, b := range bs {
		y := &k.right.values[b]
		switch {
		case b == 0:
			out[i] = 0
		case x.joined == y.joined && x.joined != 0:
			out[i] = nameExact
		case k.apart(x, y):
			out[i] = nameDiffers
		default:
			out[i] = m.get(a, b, slow)
		}
	}
}

func (k nameKernel) compare(a, b uint32) uint8 {
	if level, ok := k.only(&k.left.values[a], &k.right.values[b]); ok {
		return level
	}
	level, _, _ := k.best(k.left.values[a].names, k.right.values[b].names)
	return level
}

func nameComparison(k *companies, of Usual) *Comparison {
	u := k.usuals(of)
	return &Comparison{
		Name: "name", Levels: nameLevels, left: k.left.codes, kernel: nameKernel{k},
		surprise: func(a, b uint32, level uint8, _ word) float64 {
			return k.surprise(&k.left.values[a], &k.right.values[b], level, u)
		},
	}
}
