package normalise

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestMayHoldAlias: what the expression matches is never ruled out beforehand.
func TestMayHoldAlias(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := strings.Split("d b a D. B. A. d/b/a f k F/K/A aka a.k.a. doing business as AS formerly known also previously dba: x . / : Acme as", " ")
	matched := 0
	for range 50_000 {
		var b strings.Builder
		for range 1 + rnd.IntN(6) {
			b.WriteString(parts[rnd.IntN(len(parts))])
			b.WriteString([]string{"", "", " ", "\t", ": "}[rnd.IntN(5)])
		}
		s := b.String()
		if alias.MatchString(s) {
			matched++
			if !mayHoldAlias(s) {
				t.Fatalf("%q holds %q", s, alias.FindString(s))
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d texts matched", matched)
	}
}
