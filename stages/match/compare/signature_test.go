package compare

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// checkUnlike fails when the bound rules out a pair that is alike.
func checkUnlike(t *testing.T, bound *Bound, similarity float64, s, u string) (ruled bool) {
	t.Helper()
	a, b := Sign(s), Sign(u)
	if !bound.Unlike(&a, &b) {
		return false
	}
	if jw := JaroWinkler(s, u); jw >= similarity {
		t.Errorf("%q and %q are ruled out at %v, similarity %v", s, u, similarity, jw)
	}
	if OneEdit(s, u) || strings.HasPrefix(s, u) || strings.HasPrefix(u, s) {
		t.Errorf("%q and %q are ruled out, but one edit or a beginning apart", s, u)
	}
	return true
}

func TestBoundRulesOutNothingAlike(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, 1+rnd.IntN(14))
		for i := range b {
			b[i] = "aaeeioulmnrst1"[rnd.IntN(14)]
		}
		return string(b)
	}
	for _, similarity := range []float64{0.7, 0.86, 0.92, 0.95} {
		bound := NewBound(similarity)
		ruled := 0
		for range 200_000 {
			s := word()
			u := word()
			if rnd.IntN(3) == 0 { // near ones
				i := rnd.IntN(len(s))
				u = s[:i] + string("aeinrst"[rnd.IntN(7)]) + s[i+rnd.IntN(min(2, len(s)-i)):]
			}
			if checkUnlike(t, bound, similarity, s, u) {
				ruled++
			}
		}
		if ruled == 0 {
			t.Errorf("the bound for %v rules out nothing", similarity)
		}
	}
}

func FuzzBound(f *testing.F) {
	bound := NewBound(0.86)
	f.Add("miller", "mueller")
	f.Add("ann", "annabella")
	f.Fuzz(func(t *testing.T, s, u string) {
		checkUnlike(t, bound, 0.86, s, u)
		checkUnlike(t, bound, 0.86, u, s)
	})
}
