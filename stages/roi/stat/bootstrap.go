package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Replicates is how many bootstrap samples make an interval: with 1999, the 2.5 % and 97.5 % points are the 50th and 1950th.
const Replicates = 1999

// Median returns the median of sorted values, at least one.
func Median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// medianReplicate draws the median of one bootstrap sample. The k-th smallest of n draws from n sorted values is the value at the
// place of the k-th smallest of n uniform numbers, which has the beta distribution (k, n+1-k); so no sample needs to be made.
func medianReplicate(r *rand.Rand, sorted []float64) float64 {
	n := int64(len(sorted))
	at := func(u float64) float64 { return sorted[min(int(u*float64(n)), len(sorted)-1)] }
	if n%2 == 1 {
		k := n/2 + 1
		return at(beta(r, k, n+1-k))
	}
	k := n / 2
	low := beta(r, k, n+1-k)
	// Given it, the next one is the smallest of n-k uniform numbers above it.
	high := low + (1-low)*(1-math.Pow(r.Float64(), 1/float64(n-k)))
	return (at(low) + at(high)) / 2
}

// lifetimeReplicate draws the median of one bootstrap sample of lifetimes. How many of the n draws fall on each day, ended or
// censored, is multinomial, and is drawn day by day until the sample's curve has come down to one half; later days do not matter.
func lifetimeReplicate(r *rand.Rand, l Lifetimes) (int64, bool) {
	left, draws := l.n, l.n
	take := func(count int64) int64 {
		if count == 0 || draws == 0 {
			return 0
		}
		got := draws
		if count < left {
			got = binomial(r, draws, float64(count)/float64(left))
		}
		left, draws = left-count, draws-got
		return got
	}
	risk, survival := l.n, 1.0
	for _, d := range l.days {
		ended := take(d.ended)
		if ended > 0 {
			if survival *= float64(risk-ended) / float64(risk); survival <= half {
				return d.at, true
			}
		}
		risk -= ended + take(d.censored)
	}
	return 0, false
}

// MedianDifference returns the percentile interval of median(a) - median(b) for sorted values, at least one each, from so many
// replicates: at least 39, and one less than a multiple of 40.
func MedianDifference(seed uint64, replicates int, a, b []float64) Interval {
	r := rand.New(rand.NewPCG(seed, 1))
	diffs := make([]float64, replicates)
	for i := range diffs {
		diffs[i] = medianReplicate(r, a) - medianReplicate(r, b)
	}
	return percentiles(diffs)
}

// LifetimeDifference returns the percentile interval of the difference of two Kaplan-Meier medians in days. It is false when an end
// cannot be told because too many replicates have no median. replicates is as for MedianDifference.
func LifetimeDifference(seed uint64, replicates int, a, b Lifetimes) (Interval, bool) {
	r := rand.New(rand.NewPCG(seed, 2))
	diffs := make([]float64, 0, replicates)
	// What has no median lies beyond all that have one: above them without the first, below without the second, and on an unknown side
	// without both.
	var below, unknown int
	for range replicates {
		x, okA := lifetimeReplicate(r, a)
		y, okB := lifetimeReplicate(r, b)
		switch {
		case okA && okB:
			diffs = append(diffs, float64(x-y))
		case okA:
			below++
		case !okB:
			unknown++
		}
	}
	if len(diffs) < replicates*39/40 {
		return Interval{}, false
	}
	slices.Sort(diffs)
	tail := (replicates + 1) / 40
	low, high := tail-1-below-unknown, replicates-tail-below
	if low < 0 || high >= len(diffs) {
		return Interval{}, false
	}
	return Interval{diffs[low], diffs[high]}, true
}

// percentiles returns the 2.5 % and 97.5 % points of the values, which it sorts.
func percentiles(values []float64) Interval {
	slices.Sort(values)
	n := len(values) + 1
	return Interval{values[n/40-1], values[n-n/40-1]}
}
