package feature

import (
	"math"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// lexicon knows how common the words of company names are on the right side.
type lexicon struct {
	weight  []float32 // bits: -log2 of the share of distinct names that hold the word
	unknown float32   // weight of a word that no right row holds
	rows    shares    // of the right side's rows whose name holds the word
	names   shares    // of the right side's rows with this joined name
}

// generic are words that say what trade a company is in, or that it is one. They weigh little even in a list of few names.
var generic = strings.Fields("group holdings international services systems technologies financial energy industries partners enterprises solutions " +
	"resources capital management insurance health healthcare bank bancorp national american america global united general first products foods " +
	"communications corporate associates brands stores properties trust realty life medical pharmaceuticals entertainment media networks power electric " +
	"gas oil petroleum steel motors automotive airlines transportation logistics construction building materials chemical software digital data " +
	"consulting research laboratories institute university college hospital center school department city county state of us usa uk europe " +
	"north south east west new world")

// newLexicon counts the words of the right side. identifies says that a name tells records apart, as among companies; among people
// it does not.
func newLexicon(w *words, right *column[employer], identifies bool) *lexicon {
	for _, g := range generic {
		w.number(g)
	}
	x := &lexicon{}
	holders := make([]float64, w.len())
	seen := map[uint32]bool{} // equal names are in the arena once
	names := 0.0
	for i := 1; i < len(right.values); i++ {
		for _, at := range right.values[i].names.in(right.arena) {
			if seen[at] {
				continue
			}
			seen[at] = true
			names++
			for _, id := range nameAt(right.arena, at).words {
				holders[id]++
			}
		}
	}
	const imagined = 400 // names, of which the generic words hold a sixtieth each
	for _, g := range generic {
		if id, ok := w.find(g); ok {
			holders[id] += imagined / 60.0
		}
	}
	x.weight = make([]float32, len(holders))
	weight := func(n float64) float32 { return float32(-math.Log2(max(n, 0.5) / (names + imagined))) }
	x.unknown = weight(0)
	for id, n := range holders {
		x.weight[id] = weight(n)
		// The companies of a town share its name, and being in that town says the same.
		if n > 0 && x.weight[id] > plainWord && reference.IsPlace(w.text(word(id))) {
			x.weight[id] = plainWord
		}
	}
	inRows, named := make([]float64, len(holders)), make([]float64, len(holders))
	chance := make([]float64, len(holders)) // of a name, by its words
	rows := 0.0
	for i := 1; i < len(right.values); i++ {
		n := float64(right.counts[i])
		rows += n
		namesAt(right.arena, right.values[i].names, func(name companyName) {
			named[name.joined] += n
			chance[name.joined] = x.chance(name)
			for _, id := range name.words {
				inRows[id] += n
			}
		})
	}
	x.rows = newShares(plain(inRows, rows))
	if identifies {
		x.names = newShares(discounted(named, rows, rows, func(id int) float64 { return chance[id] }))
	} else {
		x.names = newShares(plain(named, rows))
	}
	return x
}

// bits is the weight of a word.
func (x *lexicon) bits(id word) float32 {
	if int(id) < len(x.weight) {
		return x.weight[id]
	}
	return x.unknown
}

// chance is the probability of drawing the name's words one by one.
func (x *lexicon) chance(n companyName) float64 {
	bits := 0.0
	for _, id := range n.words {
		bits += float64(x.bits(id))
	}
	return math.Exp2(-bits)
}

const (
	// telling is the weight in bits from which a name's second rarest word is worth a blocking key.
	telling = 7
	// plainWord is the weight up to which a shared word alone does not relate two names.
	plainWord = 5
)

// finish sets what follows from the weights of words: the weights of names, and the keys of employers.
func (x *lexicon) finish(w *words, c *column[employer]) {
	for i := 1; i < len(c.values); i++ {
		v := &c.values[i]
		v.sets = bloom(v.domains.in(c.arena)...)
		if v.key != 0 {
			v.sets |= bloom(v.key)
		}
		var keys []uint64
		add := func(id word) { keys = append(keys, block.Text(w.text(id))) }
		if v.key != 0 {
			add(v.key)
		}
		for _, d := range v.domains.in(c.arena) {
			add(d)
		}
		for _, positions := range [2]list{v.names, v.past} {
			for k, at := range positions.in(c.arena) {
				n := nameAt(c.arena, at)
				sum, plain := float32(0), float32(0)
				for i, id := range n.words {
					bits := x.bits(id)
					n.bits[i] = math.Float32bits(bits)
					if sum += bits; bits > plainWord {
						v.sets |= bloom(id)
					} else {
						plain += bits
					}
				}
				c.arena[at+1] = math.Float32bits(sum)
				rare, known := x.rare(w, n.words)
				add(rare[0])
				if known > 1 && x.bits(rare[1]) >= telling {
					add(rare[1])
				}
				if k == 0 && positions == v.names {
					v.weight, v.plain = sum, plain
					v.short, v.whole = bloom32(n.acronyms...), bloom32(n.joined)
					copy(v.long[:], n.forms)
					if v.names.n == 1 && v.past.n == 0 && len(n.long) <= len(v.long) {
						v.simple = at
						v.brief.shorten(&n)
					}
					v.rare, v.second = block.Text(w.text(rare[0])), block.Text(w.text(n.joined))
					if known > 1 {
						v.second = block.Text(w.text(rare[1]))
					}
				}
			}
		}
		slices.Sort(keys)
		halves := make([]uint32, 0, 2*len(keys))
		for _, k := range slices.Compact(keys) {
			halves = append(halves, uint32(k), uint32(k>>32))
		}
		v.keys = c.keep(halves)
	}
}

// hashes calls fn for the hashes in a list of halves.
func hashes(arena []uint32, l list, fn func(h uint64)) {
	halves := l.in(arena)
	for i := 0; i+1 < len(halves); i += 2 {
		fn(uint64(halves[i]) | uint64(halves[i+1])<<32)
	}
}

// rare returns the two rarest words of a name, the rarest first.
func (x *lexicon) rare(w *words, of []word) (two [2]word, n int) {
	for _, id := range of {
		switch {
		case n == 0 || x.rarer(w, id, two[0]):
			two[0], two[1] = id, two[0]
		case n == 1 || x.rarer(w, id, two[1]):
			two[1] = id
		}
		n = min(n+1, len(two))
	}
	return two, n
}

// rarer reports whether a word is rarer than another one, or equally rare and before it in the order of words.
func (x *lexicon) rarer(w *words, a, b word) bool {
	if p, q := x.bits(a), x.bits(b); p != q {
		return p > q
	}
	return w.text(a) < w.text(b)
}
