package stat

import "math"

// z is the 97.5 % point of the normal distribution.
const z = 1.959963984540054

// Interval is a 95 % confidence interval.
type Interval struct{ Low, High float64 }

// Wilson returns Wilson's score interval for a proportion of hits among n, without continuity correction. n must be positive.
func Wilson(hits, n int64) Interval {
	size, p := float64(n), float64(hits)/float64(n)
	centre := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	return Interval{max(0, (centre-half)/scale), min(1, (centre+half)/scale)}
}

// Newcombe returns the difference of two proportions, hits1/n1 - hits2/n2, and its interval by Newcombe's method 10, which joins
// the two score intervals. n1 and n2 must be positive.
func Newcombe(hits1, n1, hits2, n2 int64) (float64, Interval) {
	p1, p2 := float64(hits1)/float64(n1), float64(hits2)/float64(n2)
	w1, w2 := Wilson(hits1, n1), Wilson(hits2, n2)
	d := p1 - p2
	return d, Interval{
		Low:  d - math.Hypot(p1-w1.Low, w2.High-p2),
		High: d + math.Hypot(w1.High-p1, p2-w2.Low),
	}
}
