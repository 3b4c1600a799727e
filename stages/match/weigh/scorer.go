package weigh

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/crmsync/crmsync/stages/match/feature"
)

// Scorer weighs pairs of a set by a model. It is shared by goroutines.
type Scorer struct {
	set      *feature.Set
	PriorBit float64        // log2 of the prior odds
	bits     [][2][]float64 // per comparison, by context and level
	contexts *Contexts
	required []int
	prior    float64
}

// NewScorer ties a model to a set, which from then on expects the values that are usual by the model. A comparison that the model
// does not know weighs what the shipped defaults say.
func NewScorer(s *feature.Set, m *Model) (*Scorer, error) {
	if m.Entity != s.Entity {
		return nil, fmt.Errorf("model of a %s for a %s: %w", m.Entity, s.Entity, ErrModel)
	}
	s.Expect(m.Usual)
	prior := min(0.5, m.Prior*float64(m.Records)/float64(max(1, s.Right.Len())))
	c := &Scorer{set: s, PriorBit: Bits(prior), prior: prior, contexts: NewContexts(s)}
	fallback := Defaults(s)
	for i, f := range s.Comparisons {
		p := fallback.Comparisons[i]
		for _, known := range m.Comparisons {
			if known.Name == f.Name {
				if !slices.EqualFunc(known.Levels, f.Levels, func(a Level, b feature.Level) bool { return a.Name == b.Name }) {
					return nil, fmt.Errorf("model has other levels of %s than this program: %w", f.Name, ErrModel)
				}
				p = known
			}
		}
		var bits [2][]float64
		for k := range 2 {
			bits[k] = make([]float64, len(p.Levels))
			for l := 1; l < len(p.Levels); l++ {
				bits[k][l] = math.Log2(p.Levels[l].M[k] / p.Levels[l].U[k])
			}
		}
		c.bits = append(c.bits, bits)
	}
	for _, name := range s.Required {
		if i := s.Index(name); i >= 0 {
			c.required = append(c.required, i)
		}
	}
	return c, nil
}

// likeliest is how likely it is at most that a left record has a match at all.
const likeliest = 0.9

// OneToOne makes the weights those of a record's best candidate. The odds of a pair are against every other pair; once a record has
// at most one match, they are against its having none. When matches are many, that says more: of records of which 8 in 10 have a
// match, 2 have none, and so the odds are five times as high. The others' candidates are left to the assignment.
func (s *Scorer) OneToOne() {
	matched := min(likeliest, s.prior*float64(s.set.Right.Len()))
	s.PriorBit = math.Log2(s.prior / (1 - matched))
}

// MaxAdjust bounds, in bits, what the frequency of a value may add to or take from a level's weight.
const MaxAdjust = 10

// Rarer gives the patterns of a left row and some right rows their rarity: what Part would add for how common the values are.
func Rarer(set *feature.Set, contexts *Contexts, l int, rs []uint32, patterns []feature.Pattern) {
	for i, p := range patterns {
		bits := 0.0
		for c := range set.Comparisons {
			if contexts.adjusts(c, p) {
				bits += adjustment(set, c, l, int(rs[i]), p)
			}
		}
		patterns[i] = p.WithRarity(bits)
	}
}

// Contexts knows which comparisons depend on which.
type Contexts struct {
	parents   []int
	agrees    [][]bool
	frequency [][]bool
}

// NewContexts returns the contexts of a set.
func NewContexts(s *feature.Set) *Contexts {
	x := &Contexts{}
	for _, f := range s.Comparisons {
		agrees, frequency := make([]bool, len(f.Levels)), make([]bool, len(f.Levels))
		for l := range f.Levels {
			agrees[l], frequency[l] = f.Levels[l].Agrees, l > 0 && f.Levels[l].Frequency
		}
		x.parents, x.agrees, x.frequency = append(x.parents, s.Index(f.Parent)), append(x.agrees, agrees), append(x.frequency, frequency)
	}
	return x
}

// of says whether a pair agrees on the parent of comparison c: 1, or 0.
func (x *Contexts) of(c int, p feature.Pattern) int {
	if at := x.parents[c]; at >= 0 && x.agrees[at][p.Level(at)] {
		return 1
	}
	return 0
}

// adjusts reports whether the frequency of the value agreed on counts.
func (x *Contexts) adjusts(c int, p feature.Pattern) bool {
	return x.frequency[c][p.Level(c)] && x.of(c, p) == 0
}

// adjustment is what the frequency of the value adds to comparison c, in bits.
func adjustment(s *feature.Set, c, l, r int, p feature.Pattern) float64 {
	return max(-MaxAdjust, min(MaxAdjust, s.Surprise(c, l, r, p.Level(c))))
}

// Part returns what comparison c adds to the weight of a pair of rows, in bits.
func (s *Scorer) Part(c, l, r int, p feature.Pattern) float64 {
	bits := s.bits[c][s.contexts.of(c, p)][p.Level(c)]
	if s.contexts.adjusts(c, p) {
		bits += adjustment(s.set, c, l, r, p)
	}
	return bits
}

// possible reports whether a pair agrees, somewhat at least, on one of the required comparisons, or lacks all of them.
func (s *Scorer) possible(p feature.Pattern) bool {
	known := false
	for _, c := range s.required {
		switch l := p.Level(c); {
		case l == 0:
		case int(l) < len(s.bits[c][0])-1:
			return true
		default:
			known = true
		}
	}
	return !known
}

// Weigher weighs pairs for one goroutine. It remembers what patterns weigh.
type Weigher struct {
	*Scorer
	known []outcome
	count int
}

// outcome is what follows from a pattern alone.
type outcome struct {
	pattern  feature.Pattern
	set      bool
	possible bool
	adjusted uint16  // comparisons whose weight depends on the frequency of the value
	bits     float64 // without that
	most     float64 // with the most that it can add
}

// NewWeigher returns a weigher.
func (s *Scorer) NewWeigher() *Weigher { return &Weigher{Scorer: s, known: make([]outcome, 1<<10)} }

// Weigh returns the weight of a pair in bits. It is false when the pair cannot be a match or weighs less than the floor.
func (w *Weigher) Weigh(l, r int, p feature.Pattern, floor float64) (float64, bool) {
	o := w.outcome(p)
	if !o.possible || o.most < floor {
		return 0, false
	}
	bits := o.bits
	if o.adjusted != 0 {
		left := o.most - o.bits
		for rest, c := o.adjusted, 0; rest != 0; rest, c = rest>>1, c+1 {
			if rest&1 == 0 {
				continue
			}
			if bits+left < floor {
				return 0, false
			}
			left -= MaxAdjust
			bits += adjustment(w.set, c, l, r, p)
		}
	}
	return bits, bits >= floor
}

func (w *Weigher) outcome(p feature.Pattern) *outcome {
	at := w.slot(p)
	if o := &w.known[at]; o.set {
		return o
	}
	if w.count++; 2*w.count > len(w.known) {
		old := w.known
		w.known = make([]outcome, 2*len(old))
		for _, o := range old {
			if o.set {
				w.known[w.slot(o.pattern)] = o
			}
		}
		at = w.slot(p)
	}
	o := outcome{pattern: p, set: true, possible: w.possible(p), bits: w.PriorBit}
	for c := range w.bits {
		o.bits += w.bits[c][w.contexts.of(c, p)][p.Level(c)]
		if w.contexts.adjusts(c, p) {
			o.adjusted |= 1 << c
		}
	}
	o.most = o.bits + MaxAdjust*float64(bits.OnesCount16(o.adjusted))
	w.known[at] = o
	return &w.known[at]
}

func (w *Weigher) slot(p feature.Pattern) int {
	mask := len(w.known) - 1
	at := int(uint64(p)*0x9E3779B97F4A7C15>>40) & mask
	for w.known[at].set && w.known[at].pattern != p {
		at = (at + 1) & mask
	}
	return at
}

// Probability turns a weight in bits into a probability.
func Probability(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

// Bits turns a probability into a weight in bits.
func Bits(p float64) float64 { return math.Log2(p / (1 - p)) }
