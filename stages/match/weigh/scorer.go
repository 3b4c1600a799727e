package weigh

import (
	"fmt"
	"math"

	"github.com/crmsync/crmsync/stages/match/feature"
)

// Scorer weighs pairs of a set by a model.
type Scorer struct {
	set      *feature.Set
	PriorBit float64        // log2 of the prior odds
	bits     [][2][]float64 // per comparison, by context and level
	parents  []int
	agrees   [][]bool
	required []int
}

// NewScorer ties a model to a set. A comparison that the model does not know weighs what the shipped defaults say.
func NewScorer(s *feature.Set, m *Model) (*Scorer, error) {
	if m.Entity != s.Entity {
		return nil, fmt.Errorf("model of a %s for a %s: %w", m.Entity, s.Entity, ErrModel)
	}
	c := &Scorer{set: s, PriorBit: math.Log2(m.Prior / (1 - m.Prior))}
	fallback := Defaults(s)
	for i, f := range s.Comparisons {
		p := fallback.Comparisons[i]
		for _, known := range m.Comparisons {
			if known.Name == f.Name {
				if len(known.Levels) != len(f.Levels) {
					return nil, fmt.Errorf("model has %d levels of %s, there are %d: %w", len(known.Levels), f.Name, len(f.Levels), ErrModel)
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
		agrees := make([]bool, len(f.Levels))
		for l := range f.Levels {
			agrees[l] = f.Levels[l].Agrees
		}
		c.bits = append(c.bits, bits)
		c.parents, c.agrees = append(c.parents, s.Index(f.Parent)), append(c.agrees, agrees)
	}
	for _, name := range s.Required {
		if i := s.Index(name); i >= 0 {
			c.required = append(c.required, i)
		}
	}
	return c, nil
}

// MaxAdjust bounds, in bits, what the frequency of a value may add to or take from a level's weight.
const MaxAdjust = 10

// context says whether pair i agrees on the parent of comparison c.
func (s *Scorer) context(c int, level func(c int) uint8) int {
	if p := s.parents[c]; p >= 0 && s.agrees[p][level(p)] {
		return 1
	}
	return 0
}

// Part returns what comparison c adds to the weight of a pair of rows, in bits.
func (s *Scorer) Part(c, l, r int, level func(c int) uint8) float64 {
	at := level(c)
	if at == 0 {
		return 0
	}
	k := s.context(c, level)
	bits := s.bits[c][k][at]
	if k == 0 && s.set.Comparisons[c].Levels[at].Frequency {
		bits += max(-MaxAdjust, min(MaxAdjust, s.set.Comparisons[c].Surprise(l, r, at)))
	}
	return bits
}

// Possible reports whether the pair agrees, somewhat at least, on one of the required comparisons, or lacks all of them.
func (s *Scorer) Possible(level func(c int) uint8) bool {
	known := false
	for _, c := range s.required {
		switch l := level(c); {
		case l == 0:
		case int(l) < len(s.bits[c][0])-1:
			return true
		default:
			known = true
		}
	}
	return !known
}

// Probability turns a weight in bits into a probability.
func Probability(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

// Bits turns a probability into a weight in bits.
func Bits(p float64) float64 { return math.Log2(p / (1 - p)) }
