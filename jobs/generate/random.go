package generate

import (
	"math"
	"math/rand/v2"
	"sort"
)

// kind names the random numbers of one kind of thing, so that changing how one kind is made leaves the others as they are.
type kind uint64

const (
	ofBrand kind = iota + 1
	ofOffice
	ofPerson
	ofProfile
	ofMove
	ofPlan
	ofAccount
	ofAccountName
	ofAccountRow
	ofContact
	ofContactRow
	ofLead
	ofLeadRow
)

// source returns the random numbers of thing i of a kind.
func source(seed uint64, k kind, i int) *rand.Rand {
	return rand.New(rand.NewPCG(seed+uint64(k)*0x9E3779B97F4A7C15, uint64(i)))
}

// chance is true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// one draws an element.
func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// weighted draws values in proportion to their weights.
type weighted[T any] struct {
	values []T
	sums   []float64
}

func (w *weighted[T]) add(v T, weight float64) {
	sum := weight
	if n := len(w.sums); n > 0 {
		sum += w.sums[n-1]
	}
	w.values, w.sums = append(w.values, v), append(w.sums, sum)
}

func (w *weighted[T]) draw(r *rand.Rand) *T {
	x := r.Float64() * w.sums[len(w.sums)-1]
	return &w.values[min(len(w.values)-1, sort.SearchFloat64s(w.sums, x))]
}

// zipf draws numbers below n so that number i is drawn in proportion to (i+zipfOffset)^-0.9, nearly: the integral of that density is
// inverted, which costs neither memory nor a search.
type zipf struct {
	n       int
	low, up float64
}

const zipfOffset = 20

func newZipf(n int) zipf {
	return zipf{n: n, low: math.Pow(zipfOffset, 0.1), up: math.Pow(float64(n+zipfOffset), 0.1)}
}

func (z zipf) draw(r *rand.Rand) int {
	x := z.low + r.Float64()*(z.up-z.low)
	square := x * x
	fourth := square * square
	return min(z.n-1, max(0, int(fourth*fourth*square)-zipfOffset))
}

// share is the probability of i.
func (z zipf) share(i int) float64 {
	from := math.Pow(float64(i+zipfOffset), 0.1)
	return (math.Pow(float64(i+1+zipfOffset), 0.1) - from) / (z.up - z.low)
}

// permutation visits the numbers below n in an order that has nothing to do with them: k*step+shift mod n takes each once, since n
// and step have no factor in common.
type permutation struct{ n, step, shift int }

func newPermutation(n int, r *rand.Rand) permutation {
	step := int(float64(n)*0.618) | 1
	for common(step, n) != 1 {
		step += 2
	}
	return permutation{n, step, r.IntN(n)}
}

func (p permutation) at(k int) int { return (k*p.step + p.shift) % p.n }

// common is the greatest common divisor.
func common(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
