package eval

import (
	"math"
	"slices"
)

// edges bound the bins. Most pairs are near certain, so the last tenth is cut finer; finer bins never lower the error.
var edges = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1}

// Bin holds the pairs whose probability lies in [From, To), in the last bin also To itself.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Pairs int     `json:"pairs"`
	Mean  float64 `json:"mean"`  // probability
	Share float64 `json:"share"` // of pairs that are true
}

// Reliability says whether probabilities mean what they say.
type Reliability struct {
	Pairs int   `json:"pairs"`
	Bins  []Bin `json:"bins"` // those that hold pairs
	// ECE is the expected calibration error: the mean, over the pairs, of how far a bin's share of true pairs is from its mean
	// probability (Naeini, Cooper & Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015).
	ECE float64 `json:"ece"`
}

// Calibrate compares the probabilities of candidates with the truth; candidates without one are left out. Pairs that the candidates
// do not hold count nowhere: probabilities below the least that was written are not judged.
func Calibrate(truth Truth, candidates []Scored, aside ...string) Reliability {
	bins := make([]Bin, len(edges)-1)
	for i := range bins {
		bins[i].From, bins[i].To = edges[i], edges[i+1]
	}
	seen := make(map[Pair]bool, len(candidates))
	var r Reliability
	for _, c := range candidates {
		kind, ok := truth[c.Pair]
		if c.Probability == 0 || seen[c.Pair] || ok && slices.Contains(aside, kind) {
			continue
		}
		seen[c.Pair] = true
		at, exact := slices.BinarySearch(edges, c.Probability)
		if !exact {
			at--
		}
		b := &bins[min(at, len(bins)-1)]
		r.Pairs++
		b.Pairs++
		b.Mean += c.Probability
		if ok {
			b.Share++
		}
	}
	for _, b := range bins {
		if b.Pairs == 0 {
			continue
		}
		r.ECE += math.Abs(b.Share-b.Mean) / float64(r.Pairs)
		b.Mean, b.Share = b.Mean/float64(b.Pairs), b.Share/float64(b.Pairs)
		r.Bins = append(r.Bins, b)
	}
	return r
}
