package weigh

import (
	"cmp"
	"math"
	"slices"

	"github.com/crmsync/crmsync/stages/match/feature"
)

// Sample is what a model is trained from.
type Sample struct {
	// Candidates are the patterns of the candidate pairs of some left rows, of which together Total pairs are possible.
	Candidates Counts
	Total      float64
	// Rows is how many left rows that are.
	Rows int
	// Random are the patterns of pairs drawn at random.
	Random Counts
	// Within are the patterns of pairs drawn at random among those that agree on a comparison that others depend on, by its
	// position. Such pairs are few among random ones. Without it those few must do.
	Within map[int]Counts
}

// How much the shipped defaults weigh: as many matches, and as many other pairs.
const (
	priorMatches = 20
	smallest     = 1e-9
)

// priorOthers is by context: pairs that agree on the parent are few among random ones, so they need to outweigh less.
var priorOthers = [2]float64{2000, 100}

// counted is a pattern with its count, the level and context of each comparison unpacked.
type counted struct {
	n       float64
	level   []uint8
	context []uint8
	rarity  float64 // natural logarithm
}

// Train estimates a model by expectation maximisation over distinct patterns, so that it costs by patterns, not by pairs.
//
// u is estimated from the random pairs (for pairs that agree on a comparison's parent: from pairs drawn among those), each counted
// with the probability that it is no match: in small data the matches among random pairs would otherwise hide how rare a chance
// agreement is. m and the prior are estimated from the candidate pairs; whether a pair became a candidate follows from its levels,
// so given the levels the probability of a match is the same as among all pairs. Patterns are taken in a fixed order, so the same
// counts give the same model, bit for bit.
func Train(s *feature.Set, sample Sample) *Model {
	m := Defaults(s)
	defaults := Defaults(s)
	candidates, random := unpack(s, sample.Candidates), unpack(s, sample.Random)
	m.Training = Training{Patterns: len(candidates)}
	for _, p := range candidates {
		m.Training.Candidates += int64(p.n)
	}
	for _, p := range random {
		m.Training.RandomPairs += int64(p.n)
	}
	within := make([][]counted, len(s.Comparisons)) // by child
	for c, f := range s.Comparisons {
		if counts := sample.Within[s.Index(f.Parent)]; f.Parent != "" && len(counts) > 0 {
			within[c] = unpack(s, counts)
		}
	}
	if len(candidates) == 0 {
		return m
	}
	share := float64(sample.Rows) / sample.Total // a match for every row
	posts := make([]float64, max(len(candidates), len(random)))
	const rounds = 300
	for round := 1; round <= rounds; round++ {
		before := parameters(m)
		t := logOdds(m)
		matches := 0.0
		for i, p := range candidates {
			posts[i] = t.posterior(p)
			matches += posts[i] * p.n
		}
		countM := tally(m, candidates, posts[:len(candidates)])
		for i := range candidates {
			posts[i] = 1 - posts[i]
		}
		least := tally(m, candidates, posts[:len(candidates)])
		for i, p := range random {
			posts[i] = 1 - t.posterior(p)
		}
		countU := tally(m, random, posts[:len(random)])
		for c, list := range within {
			if list != nil {
				countU[c][1] = others(t, list, c, len(m.Comparisons[c].Levels))
			}
		}
		for c := range m.Comparisons {
			for k := range 2 {
				update(m.Comparisons[c].Levels, defaults.Comparisons[c].Levels, countM[c][k], countU[c][k], k)
				if k == 0 {
					atLeast(m.Comparisons[c].Levels, least[c][k], sample.Total)
				}
				if s.Comparisons[c].Ordered {
					pool(m.Comparisons[c].Levels, k)
				}
			}
		}
		m.Prior = max(share*0.01, min(share*0.98, matches/sample.Total))
		m.Training.Iterations = round
		if distance(before, parameters(m)) < 1e-6 {
			m.Training.Converged = true
			break
		}
	}
	return m
}

func unpack(s *feature.Set, counts Counts) []counted {
	keys := make([]feature.Pattern, 0, len(counts))
	for p := range counts {
		keys = append(keys, p)
	}
	slices.SortFunc(keys, cmp.Compare[feature.Pattern])
	contexts := NewContexts(s)
	list := make([]counted, len(keys))
	for i, p := range keys {
		x := counted{float64(counts[p]), make([]uint8, len(s.Comparisons)), make([]uint8, len(s.Comparisons)), p.Rarity() * math.Ln2}
		for c := range s.Comparisons {
			x.level[c], x.context[c] = p.Level(c), uint8(contexts.of(c, p))
		}
		list[i] = x
	}
	return list
}

// odds holds natural logarithms of m/u.
type odds struct {
	prior float64
	parts [][2][]float64
}

func logOdds(m *Model) odds {
	t := odds{math.Log(m.Prior / (1 - m.Prior)), make([][2][]float64, len(m.Comparisons))}
	for c, p := range m.Comparisons {
		for k := range 2 {
			t.parts[c][k] = make([]float64, len(p.Levels))
			for l := 1; l < len(p.Levels); l++ {
				t.parts[c][k][l] = math.Log(p.Levels[l].M[k] / p.Levels[l].U[k])
			}
		}
	}
	return t
}

func (t odds) posterior(p counted) float64 {
	x := t.prior + p.rarity
	for c, l := range p.level {
		x += t.parts[c][p.context[c]][l]
	}
	return 1 / (1 + math.Exp(-x))
}

// tally adds up the patterns, weighted, by comparison, context and level.
func tally(m *Model, list []counted, weights []float64) [][2][]float64 {
	sums := make([][2][]float64, len(m.Comparisons))
	for c, p := range m.Comparisons {
		for k := range 2 {
			sums[c][k] = make([]float64, len(p.Levels))
		}
	}
	for i, p := range list {
		w := p.n * weights[i]
		for c, l := range p.level {
			sums[c][p.context[c]][l] += w
		}
	}
	return sums
}

// others adds up the levels of one comparison over pairs that agree on its parent, each counted with the probability that it is no
// match.
func others(t odds, list []counted, c, levels int) []float64 {
	sums := make([]float64, levels)
	for _, p := range list {
		if p.context[c] == 1 {
			sums[p.level[c]] += p.n * (1 - t.posterior(p))
		}
	}
	return sums
}

// update sets m and u of one context from weighted counts, blended with the defaults.
func update(levels, defaults []Level, m, u []float64, k int) {
	var sumM, sumU float64
	for l := 1; l < len(levels); l++ {
		sumM, sumU = sumM+m[l], sumU+u[l]
	}
	for l := 1; l < len(levels); l++ {
		levels[l].M[k] = max(smallest, (m[l]+priorMatches*defaults[l].M[k])/(sumM+priorMatches))
		levels[l].U[k] = max(smallest, (u[l]+priorOthers[k]*defaults[l].U[k])/(sumU+priorOthers[k]))
	}
}

// atLeast raises u where the candidates show that it is larger: those that are no match are among all pairs that are none. It is
// what is known of agreements too rare to be met among random pairs, such as two names in each other's place.
func atLeast(levels []Level, others []float64, total float64) {
	for l := 1; l < len(levels); l++ {
		levels[l].U[0] = max(levels[l].U[0], others[l]/total)
	}
}

// pool makes m/u fall from level to level: neighbours that break the order get the ratio of their sums, by changing u (isotonic
// regression by pooling adjacent violators). The sum of u stays.
func pool(levels []Level, k int) {
	type block struct {
		m, u float64
		end  int // of its levels
	}
	var blocks []block
	for l := 1; l < len(levels); l++ {
		b := block{levels[l].M[k], levels[l].U[k], l + 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.m*b.u >= b.m*last.u {
				break
			}
			b.m, b.u = b.m+last.m, b.u+last.u
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	begin := 1
	for _, b := range blocks {
		for l := begin; l < b.end && b.end-begin > 1; l++ {
			levels[l].U[k] = max(smallest, levels[l].M[k]*b.u/b.m)
		}
		begin = b.end
	}
}

func parameters(m *Model) []float64 {
	list := []float64{math.Log(m.Prior)}
	for _, c := range m.Comparisons {
		for _, l := range c.Levels {
			list = append(list, l.M[0], l.M[1], l.U[0], l.U[1])
		}
	}
	return list
}

func distance(a, b []float64) (d float64) {
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i]))
	}
	return d
}
