package stat

import (
	"math"
	"math/rand/v2"
)

// gamma draws from the gamma distribution with the given shape, at least 1, and scale 1, by rejection: G. Marsaglia, W. W. Tsang,
// A simple method for generating gamma variables, ACM TOMS 26 (2000) 363-372.
func gamma(r *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// beta draws from the beta distribution with whole parameters, at least 1 each.
func beta(r *rand.Rand, a, b int64) float64 {
	x := gamma(r, float64(a))
	return x / (x + gamma(r, float64(b)))
}

// few is the number of trials that are cheaper made one by one.
const few = 12

// binomial draws the number of successes among n trials of probability p. The middle one of n uniform numbers has a beta
// distribution; drawing it tells on which side of p half of them lie: J. H. Ahrens, U. Dieter, Computer methods for sampling from
// gamma, beta, Poisson and binomial distributions, Computing 12 (1974) 223-246.
func binomial(r *rand.Rand, n int64, p float64) int64 {
	var hits int64
	for n > few {
		a := 1 + n/2
		b := n + 1 - a
		if x := beta(r, a, b); x >= p {
			n, p = a-1, p/x
		} else {
			hits += a
			n, p = b-1, (p-x)/(1-x)
		}
	}
	for range n {
		if r.Float64() < p {
			hits++
		}
	}
	return hits
}
