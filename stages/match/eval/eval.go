// Package eval compares links with the truth.
//
// A truth file is CSV or Parquet with a header: left id, right id, and optionally a kind. Pairs of kinds that are set aside count
// neither way: finding them is no error, and neither is missing them. Every other link that the truth does not hold is wrong, also
// when its record does not occur in the truth at all.
//
// Precision, recall and F1 judge the links. The best F1 judges the order of the scores, whatever the threshold. Reliability judges
// the probabilities themselves: of the pairs said to match with probability 0.8, 80% should.
package eval

import (
	"cmp"
	"slices"
)

// Pair is a left and a right id.
type Pair struct{ Left, Right string }

// Truth holds the true pairs with their kind, "" when the file has none.
type Truth map[Pair]string

// Scored is a pair with its weight or probability: for the best threshold only the order matters.
type Scored struct {
	Pair
	Score float64
	// Probability is that of a match, 0 when it is not known.
	Probability float64
}

// Figures are precision, recall and F1 with the counts they come from.
type Figures struct {
	True      int     `json:"true"`     // links that are true
	Links     int     `json:"links"`    // links, without those set aside
	Expected  int     `json:"expected"` // true pairs, without those set aside
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Report is the outcome of Compare.
type Report struct {
	Figures
	// Found and Expected count the true pairs per kind, those set aside included.
	Kinds map[string]Kind `json:"kinds"`
	// Best are the figures at the score threshold with the best F1, and that threshold.
	Best          Figures `json:"best"`
	BestThreshold float64 `json:"best_threshold"`
	// Wrong and Missed are the links that are not true and the true pairs that are no link, sorted.
	Wrong  []Pair `json:"-"`
	Missed []Pair `json:"-"`
}

// Kind counts the true pairs of one kind.
type Kind struct {
	Found    int     `json:"found"`
	Expected int     `json:"expected"`
	Recall   float64 `json:"recall"`
	Aside    bool    `json:"aside,omitempty"`
}

// figures completes the ratios of counts.
func figures(right, links, expected int) Figures {
	f := Figures{True: right, Links: links, Expected: expected}
	if links > 0 {
		f.Precision = float64(right) / float64(links)
	}
	if expected > 0 {
		f.Recall = float64(right) / float64(expected)
	}
	if f.True > 0 {
		f.F1 = 2 * f.Precision * f.Recall / (f.Precision + f.Recall)
	}
	return f
}

// Compare compares links with the truth. The best threshold is searched among the links, and among the candidates: links and pairs
// that are none for another reason than their score, or for a threshold that may be too high. nil means the links. Kinds named
// aside count neither way.
func Compare(truth Truth, links []Scored, candidates []Scored, aside ...string) Report {
	r := Report{Kinds: map[string]Kind{}}
	expected := 0
	for _, kind := range truth {
		k := r.Kinds[kind]
		k.Expected++
		k.Aside = slices.Contains(aside, kind)
		r.Kinds[kind] = k
		if !k.Aside {
			expected++
		}
	}
	found := map[Pair]bool{}
	counted, right := 0, 0
	for _, l := range links {
		kind, ok := truth[l.Pair]
		if found[l.Pair] {
			continue
		}
		found[l.Pair] = true
		if ok {
			k := r.Kinds[kind]
			k.Found++
			r.Kinds[kind] = k
			if k.Aside {
				continue
			}
			right++
		} else {
			r.Wrong = append(r.Wrong, l.Pair)
		}
		counted++
	}
	r.Figures = figures(right, counted, expected)
	for kind, k := range r.Kinds {
		k.Recall = float64(k.Found) / float64(k.Expected)
		r.Kinds[kind] = k
	}
	for p, kind := range truth {
		if !found[p] && !r.Kinds[kind].Aside {
			r.Missed = append(r.Missed, p)
		}
	}
	for _, list := range [][]Pair{r.Wrong, r.Missed} {
		slices.SortFunc(list, func(a, b Pair) int {
			return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Right, b.Right))
		})
	}
	r.Best, r.BestThreshold = best(truth, links, expected, aside)
	if top, threshold := best(truth, candidates, expected, aside); top.F1 > r.Best.F1 {
		r.Best, r.BestThreshold = top, threshold
	}
	return r
}

// best tries every threshold.
func best(truth Truth, candidates []Scored, expected int, aside []string) (Figures, float64) {
	order := slices.Clone(candidates)
	slices.SortStableFunc(order, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	var top Figures
	threshold := 0.0
	right, counted := 0, 0
	seen := make(map[Pair]bool, len(order))
	for i, c := range order {
		kind, ok := truth[c.Pair]
		if !(ok && slices.Contains(aside, kind)) && !seen[c.Pair] {
			seen[c.Pair] = true
			counted++
			if ok {
				right++
			}
		}
		if i+1 < len(order) && order[i+1].Score == c.Score {
			continue
		}
		if f := figures(right, counted, expected); f.F1 > top.F1 {
			top, threshold = f, c.Score
		}
	}
	return top, threshold
}
