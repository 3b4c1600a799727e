package feature

import (
	"math"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/compare"
)

// lexicon knows how common the words of company names are.
type lexicon struct {
	words  *words
	weight []float32 // bits: -log2 of the share of distinct names that hold the word
	rows   []float64 // share of the right side's rows whose name holds the word
	names  []float64 // share of the right side's rows with this joined name

	usualName, usualWord float64 // of the left rows
}

// generic are words that say what trade a company is in, or that it is one. They weigh little even in a list of few names.
var generic = strings.Fields("group holdings international services systems technologies financial energy industries partners enterprises solutions " +
	"resources capital management insurance health healthcare bank bancorp national american america global united general first products foods " +
	"communications corporate associates brands stores properties trust realty life medical pharmaceuticals entertainment media networks power electric " +
	"gas oil petroleum steel motors automotive airlines transportation logistics construction building materials chemical software digital data " +
	"consulting research laboratories institute university college hospital center school department city county state of us usa uk europe " +
	"north south east west new world")

// newLexicon counts words. identifies says that a name tells records apart, as among companies; among people it does not.
func newLexicon(w *words, left, right column[employer], identifies bool) *lexicon {
	x := &lexicon{words: w}
	holders := make([]float64, w.dict.Len())
	seen := make([]bool, w.dict.Len())
	names := 0.0
	for _, c := range []column[employer]{left, right} {
		for i := 1; i < len(c.values); i++ {
			for _, n := range c.values[i].names {
				if seen[n.joined] {
					continue
				}
				seen[n.joined] = true
				names++
				for _, id := range n.words {
					holders[id]++
				}
			}
		}
	}
	const imagined = 400 // names, of which the generic words hold a sixtieth each
	for _, g := range generic {
		if id, ok := w.dict.Find(g); ok {
			holders[id] += imagined / 60.0
		}
	}
	x.weight = make([]float32, len(holders))
	for id, n := range holders {
		x.weight[id] = float32(-math.Log2(max(n, 0.5) / (names + imagined)))
	}
	x.rows, x.names = make([]float64, len(holders)), make([]float64, len(holders))
	for _, c := range []column[employer]{left, right} {
		for i := range c.values {
			for _, list := range [2][]companyName{c.values[i].names, c.values[i].past} {
				for k := range list {
					list[k].weight = 0
					for _, id := range list[k].words {
						list[k].weight += x.weight[id]
					}
				}
			}
		}
	}
	chance := make([]float64, len(holders)) // of a name, by its words
	rows := 0.0                             // both are counts until they are turned into shares
	for i := 1; i < len(right.values); i++ {
		n := float64(right.counts[i])
		rows += n
		for _, name := range right.values[i].names {
			x.names[name.joined] += n
			chance[name.joined] = x.chance(name)
			for _, id := range name.words {
				x.rows[id] += n
			}
		}
	}
	x.rows = plain(x.rows, rows)
	if identifies {
		x.names = discounted(x.names, rows, rows, func(id int) float64 { return chance[id] })
	} else {
		x.names = plain(x.names, rows)
	}
	x.usualName = usual(left, func(e *employer) float64 {
		if len(e.names) == 0 {
			return 0
		}
		return x.names[e.names[0].joined]
	})
	x.usualWord = usual(left, func(e *employer) float64 {
		if len(e.names) == 0 {
			return 0
		}
		return x.rows[x.rare(e.names[0])[0]]
	})
	return x
}

// chance is the probability of drawing the name's words one by one.
func (x *lexicon) chance(n companyName) float64 {
	bits := 0.0
	for _, id := range n.words {
		bits += float64(x.weight[id])
	}
	return math.Exp2(-bits)
}

// best returns how the closest two names of a and b relate, and which.
func (x *lexicon) best(a, b []companyName) (level uint8, i, j int) {
	level = nameDiffers
	for p := range a {
		for q := range b {
			n := x.relate(&a[p], &b[q])
			if p+q > 0 && n == nameExact {
				n = nameAlias
			}
			if n < level {
				level, i, j = n, p, q
			}
		}
	}
	return level, i, j
}

// relate compares two names, the same in both directions. Words are weighed by their rarity, so that a shared `Wabtec` counts and a
// shared `Group` does not.
func (x *lexicon) relate(a, b *companyName) uint8 {
	if a.joined == b.joined {
		return nameExact
	}
	if slices.Contains(a.acronyms, b.joined) || slices.Contains(b.acronyms, a.joined) {
		return nameAcronym
	}
	var shared, rarest float32
	for _, id := range a.words {
		if slices.Contains(b.words, id) {
			shared += x.weight[id]
			rarest = max(rarest, x.weight[id])
		}
	}
	if weight, most := x.near(a, b); weight > 0 {
		shared += weight
		rarest = max(rarest, most)
	}
	if shared > 0 {
		dice := 2 * shared / (a.weight + b.weight)
		inside := shared / min(a.weight, b.weight)
		switch {
		case inside > 0.99 && (dice > 0.45 || rarest > 6):
			return nameContained
		case dice > 0.72:
			return nameSimilar
		case rarest > 5 && inside > 0.4:
			return nameShares
		}
	}
	if a.first == b.first {
		s, t := x.words.text(a.joined), x.words.text(b.joined)
		if len(s) > 4 && len(t) > 4 && (len(s) > 5 && compare.OneEdit(s, t) || compare.JaroWinkler(s, t) >= 0.95) {
			return nameSimilar
		}
	}
	return nameDiffers
}

// near adds up the words of one name that are one letter from a word of the other, both long, and not shared as they are. They
// weigh a little less.
func (x *lexicon) near(a, b *companyName) (sum, most float32) {
	for _, p := range a.long {
		for _, q := range b.long {
			if p.first != q.first || p.id == q.id || !compare.OneEdit(x.words.text(p.id), x.words.text(q.id)) {
				continue
			}
			if slices.Contains(b.words, p.id) || slices.Contains(a.words, q.id) {
				continue
			}
			weight := 0.4 * (x.weight[p.id] + x.weight[q.id])
			sum += weight
			most = max(most, weight)
		}
	}
	return sum, most
}

// share is the share of right rows that agree on as much as the two names do at the level, and what is usual.
func (x *lexicon) share(a, b []companyName, level uint8) (share, usual float64) {
	_, i, j := x.best(a, b)
	switch level {
	case nameExact, nameAlias:
		return x.names[b[j].joined], x.usualName
	case nameContained, nameShares:
		least := 0.0
		for _, id := range a[i].words {
			if s := x.rows[id]; slices.Contains(b[j].words, id) && (least == 0 || s < least) {
				least = s
			}
		}
		return least, x.usualWord
	}
	return 0, 0
}

// rare returns the words of a name that are worth a blocking key: the two rarest, the generic ones only when there is nothing else.
func (x *lexicon) rare(n companyName) []word {
	list := slices.Clone(n.words)
	slices.SortFunc(list, func(a, b word) int {
		if x.weight[a] != x.weight[b] {
			if x.weight[a] > x.weight[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(x.words.text(a), x.words.text(b))
	})
	return list[:min(2, len(list))]
}
