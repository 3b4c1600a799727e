package feature

import (
	"math"
	"slices"
)

// shares are the shares of right rows that bear a value, by word.
type shares struct {
	share []float32
	bits  []float32 // -log2 of the share; -1 where the share is not known
}

func newShares(share []float32) shares {
	s := shares{share, make([]float32, len(share))}
	for i, v := range share {
		s.bits[i] = -1
		if v > 0 {
			s.bits[i] = max(0, float32(-math.Log2(float64(v))))
		}
	}
	return s
}

// of returns the share of a word, 0 for one that no right row bears.
func (s shares) of(n word) float64 {
	if int(n) < len(s.share) {
		return float64(s.share[n])
	}
	return 0
}

// surprise returns how much rarer than usual a word is, in bits: log2(usual/share); 0 when its share is not known. usual is a
// logarithm (see logOf).
func (s shares) surprise(n word, usual float64) float64 {
	if int(n) < len(s.bits) && s.bits[n] >= 0 {
		return usual + float64(s.bits[n])
	}
	return 0
}

// surpriseIn is surprise among the people of a country.
func (s shares) surpriseIn(local *local, country, n word, usual float64) float64 {
	if int(n) < len(s.bits) && s.bits[n] >= 0 {
		return usual + float64(local.in(country, n, s.bits[n]))
	}
	return 0
}

// Usual holds, by kind of value, the logarithm of the mean share of the left rows' values: what a surprise is measured against.
type Usual map[string]*float64

// set keeps a mean share and returns where its logarithm is.
func (u Usual) set(kind string, share float64) *float64 {
	log := logOf(share)
	u[kind] = &log
	return &log
}

// Usual returns the logarithms of usual shares, by kind of value.
func (s *Set) Usual() map[string]float64 {
	out := make(map[string]float64, len(s.usual))
	for kind, log := range s.usual {
		out[kind] = *log
	}
	return out
}

// Expect sets usual shares in the place of those of the left rows, so that what a pair weighs does not depend on other rows. Kinds
// that are not named stay as they are.
func (s *Set) Expect(usual map[string]float64) {
	for kind, log := range usual {
		if own := s.usual[kind]; own != nil {
			*own = log
		}
	}
}

// logOf is the logarithm of a usual share. A usual share of 0 comes with no share that is known.
func logOf(usual float64) float64 {
	if usual <= 0 {
		return 0
	}
	return math.Log2(usual)
}

// plain turns counts of values among rows into shares.
func plain(counts []float64, rows float64) []float32 {
	out := make([]float32, len(counts))
	for v, n := range counts {
		out[v] = float32(n / max(rows, 1))
	}
	return out
}

// discounted turns counts of values among rows into the chance that a row which is no match bears the value all the same, for
// values that tell records apart, such as names. A count includes the row of the match itself, and a value that occurs once is
// rarer than one row in the list, so every count is lowered by the discount n1/(n1+2*n2) of Ney, Essen and Kneser (1994), where n1
// and n2 are how many values occur once and twice: among distinct company names it is 1, among surnames about a half. What is
// taken away goes to the chance of the value in the population at large, by known, as if prior rows had been drawn from it; where
// known is 0 a fiftieth of a row stays. A value that no row bears keeps 0, which means no adjustment.
func discounted(counts []float64, rows, prior float64, known func(value int) float64) []float32 {
	var once, twice float64
	for _, n := range counts {
		switch n {
		case 1:
			once++
		case 2:
			twice++
		}
	}
	discount := 0.0
	if once > 0 {
		discount = once / (once + 2*twice)
	}
	const least = 0.02 // rows
	out := make([]float32, len(counts))
	for v, n := range counts {
		if n > 0 {
			out[v] = float32((max(n-discount, 0) + max(prior*known(v), least)) / (max(rows, 1) + prior))
		}
	}
	return out
}

// usual is the mean of a share over the left rows that have a value.
func usual[V any](left *column[V], share func(v *V) float64) float64 {
	terms := make([]float64, 0, len(left.values))
	rows := 0.0
	for i := 1; i < len(left.values); i++ {
		n := float64(left.counts[i])
		rows += n
		terms = append(terms, n*share(&left.values[i]))
	}
	slices.Sort(terms) // codes depend on the order of rows, a sum must not
	sum := 0.0
	for _, t := range terms {
		sum += t
	}
	return sum / max(rows, 1)
}
