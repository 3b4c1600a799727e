package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCalibrate(t *testing.T) {
	truth := Truth{{"a", "1"}: "", {"b", "2"}: "", {"d", "4"}: "odd"}
	candidates := []Scored{
		{Pair{"a", "1"}, 0, 0.8}, {Pair{"b", "9"}, 0, 0.8}, // 0.8 said, 0.5 true
		{Pair{"b", "2"}, 0, 1}, {Pair{"b", "2"}, 0, 1}, // once
		{Pair{"c", "3"}, 0, 0.1}, // an edge belongs to the bin above
		{Pair{"d", "4"}, 0, 0.3}, // set aside
		{Pair{"e", "5"}, 7, 0},   // not known
	}
	want := Reliability{Pairs: 4, Bins: []Bin{{0.1, 0.2, 1, 0.1, 0}, {0.8, 0.9, 2, 0.8, 0.5}, {0.999, 1, 1, 1, 1}}, ECE: (0.1 + 2*0.3) / 4}
	got := Calibrate(truth, candidates, "odd")
	if math.Abs(got.ECE-want.ECE) > 1e-12 {
		t.Errorf("ECE %v, want %v", got.ECE, want.ECE)
	}
	got.ECE = want.ECE
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if r := Calibrate(truth, nil); r.Pairs != 0 || r.ECE != 0 {
		t.Errorf("no candidates: %+v", r)
	}
}

// TestHonestProbabilitiesHaveNoError draws the truth by the probabilities themselves, and then by others.
func TestHonestProbabilitiesHaveNoError(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	honest, bold := Truth{}, Truth{}
	var candidates []Scored
	for i := range 100_000 {
		p := Pair{fmt.Sprint(i), fmt.Sprint(i)}
		c := Scored{p, 0, 1 - r.Float64()}
		candidates = append(candidates, c)
		if r.Float64() < c.Probability {
			honest[p] = ""
		}
		if r.Float64() < c.Probability*c.Probability {
			bold[p] = ""
		}
	}
	if e := Calibrate(honest, candidates).ECE; e > 0.01 {
		t.Errorf("honest probabilities have an error of %v", e)
	}
	// The mean of p - p^2 over [0, 1] is 1/6.
	if e := Calibrate(bold, candidates).ECE; math.Abs(e-1./6) > 0.01 {
		t.Errorf("probabilities of which the square is true have an error of %v, want 1/6", e)
	}
}
