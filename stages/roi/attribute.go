package roi

import (
	"math"
	"math/bits"
	"slices"
)

// The attribution models, in the order of the columns of roi_attribution.
const (
	modelFirst = iota
	modelLast
	modelLinear
	modelPosition
	modelDecay
	modelWShaped
	models
)

// whole is how many parts make up an opportunity.
const whole = 1_000_000_000

// weigh gives each touch of a deal its weight under each model. at are the touches' instants, in ascending order and at least one;
// created is the deal's creation and halfLife that of the time decay, all in milliseconds. A model's weights add up to one, as nearly
// as floats do. The result is appended to weights.
func weigh(weights [][models]float64, at []int64, created, halfLife int64) [][models]float64 {
	base, n := len(weights), len(at)
	weights = append(weights, make([][models]float64, n)...)
	w := weights[base:]
	last := n - 1
	w[0][modelFirst], w[last][modelLast] = 1, 1
	var sum float64
	for i := range w {
		w[i][modelLinear] = 1 / float64(n)
		w[i][modelDecay] = math.Exp2(-float64(at[last]-at[i]) / float64(halfLife))
		sum += w[i][modelDecay]
	}
	for i := range w {
		w[i][modelDecay] /= sum
	}
	share(w, modelPosition, 0.2, []int{0, last}, 0.4)
	share(w, modelWShaped, 0.1, []int{0, turning(at, created), last}, 0.3)
	return weights
}

// turning is the touch that led to the creation: the last one until then, or else the first one after.
func turning(at []int64, created int64) int {
	after, _ := slices.BinarySearch(at, created+1)
	return max(0, after-1)
}

// share gives each key touch its weight, twice if it is named twice, and the rest to the others in equal parts; without others the
// rest goes to the key touches in proportion.
func share(w [][models]float64, model int, rest float64, keys []int, each float64) {
	for _, k := range keys {
		w[k][model] += each
	}
	others := 0
	for i := range w {
		if w[i][model] == 0 {
			others++
		}
	}
	for i := range w {
		switch {
		case others == 0:
			w[i][model] /= each * float64(len(keys))
		case w[i][model] == 0:
			w[i][model] = rest / float64(others)
		}
	}
}

// apportion divides a whole number by weights that add up to one, by the method of largest remainders: each gets the floor of its
// quota, and what is left goes one by one to the largest remainders, the earlier of equal ones first. The parts add up to total.
func apportion(parts []int64, weights []float64, total int64) {
	var few [fewParts]float64
	remainders := few[:0]
	left := total
	for i, w := range weights {
		quota := w * float64(total)
		parts[i] = int64(quota)
		remainders = append(remainders, quota-float64(parts[i]))
		left -= parts[i]
	}
	if left == 0 {
		return
	}
	settle(parts, left, func(i, j int) bool { return remainders[i] > remainders[j] })
}

// divide divides an amount by parts of the whole in the same way, without floats. An amount below zero is divided as its opposite.
func divide(cents []int64, parts []int64, amount int64) {
	negative := amount < 0
	size := uint64(amount)
	if negative {
		size = -size
	}
	var few [fewParts]uint64
	remainders := few[:0]
	left := int64(size)
	for i, p := range parts {
		high, low := bits.Mul64(size, uint64(p))
		quotient, remainder := bits.Div64(high, low, whole)
		cents[i], remainders = int64(quotient), append(remainders, remainder)
		left -= cents[i]
	}
	settle(cents, left, func(i, j int) bool { return remainders[i] > remainders[j] })
	if negative {
		for i := range cents {
			cents[i] = -cents[i]
		}
	}
}

// fewParts is up to how many parts it is cheaper to look for the largest remainder again and again than to sort.
const fewParts = 24

// settle gives what is left, one each, to those that come first. Floats can also leave less than nothing: then those that come last
// and have something give it back.
func settle(parts []int64, left int64, before func(i, j int) bool) {
	if left > 0 && left <= int64(len(parts)) && len(parts) <= fewParts {
		settleFew(parts, left, before)
		return
	}
	if left == 0 {
		return
	}
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case before(i, j):
			return -1
		case before(j, i):
			return 1
		}
		return 0
	})
	for k := 0; left > 0; k = (k + 1) % len(order) {
		parts[order[k]]++
		left--
	}
	for k := len(order) - 1; left < 0; k = (k + len(order) - 1) % len(order) {
		if i := order[k]; parts[i] > 0 {
			parts[i]--
			left++
		}
	}
}

// settleFew does the same for few parts of which each gets one at most.
func settleFew(parts []int64, left int64, before func(i, j int) bool) {
	var given uint32
	for ; left > 0; left-- {
		next := -1
		for i := range parts {
			if given&(1<<i) == 0 && (next < 0 || before(i, next)) {
				next = i
			}
		}
		given |= 1 << next
		parts[next]++
	}
}

// mostAmount is more than any currency field holds, in hundredths little enough for 64 bits.
const mostAmount = 9e16

// centsOf rounds an amount to hundredths, half away from zero; false when there is no such number.
func centsOf(revenue float64) (int64, bool) {
	if !(math.Abs(revenue) < mostAmount) { // NaN neither
		return 0, false
	}
	units, rest := math.Modf(revenue)
	return int64(units)*100 + int64(math.Round(rest*100)), true
}
