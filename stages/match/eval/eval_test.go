package eval

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompare(t *testing.T) {
	truth, err := ReadTruth(strings.NewReader("left,right,kind\na,1,same\nb,2,same\nc,3,same\nd,4,odd\ne,5,odd\n"))
	if err != nil {
		t.Fatal(err)
	}
	links, candidates, err := ReadLinks(strings.NewReader("left_id,right_id,weight,decision\na,1,9,link\nb,9,8,link\nd,4,7,link\nx,7,5,link\nc,3,4,review\nq,q,3,duplicate\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := Compare(truth, links, candidates, "odd")
	// a-1 is right; b-9 and x-7 are wrong; d-4 is set aside; c-3 is missed, b-2 too.
	if want := (Figures{1, 3, 3, 1. / 3, 1. / 3, 1. / 3}); math.Abs(r.F1-want.F1) > 1e-9 || r.True != 1 || r.Links != 3 || r.Expected != 3 || r.Precision != want.Precision {
		t.Errorf("figures %+v, want %+v", r.Figures, want)
	}
	if d := cmp.Diff([]Pair{{"b", "9"}, {"x", "7"}}, r.Wrong); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Pair{{"b", "2"}, {"c", "3"}}, r.Missed); d != "" {
		t.Error(d)
	}
	if k := r.Kinds["odd"]; k.Found != 1 || k.Expected != 2 || !k.Aside {
		t.Errorf("odd: %+v", k)
	}
	// At 4 bits: a and c right of four, three expected: F1 4/7. At 9 bits: 1 of 1, F1 1/2.
	if math.Abs(r.Best.F1-4./7) > 1e-9 || r.BestThreshold != 4 {
		t.Errorf("best %+v at %v", r.Best, r.BestThreshold)
	}
	if r := Compare(truth, nil, nil); r.F1 != 0 || r.Precision != 0 || r.Expected != 5 {
		t.Errorf("no links: %+v", r.Figures)
	}
	// A link that is listed twice counts once.
	if r := Compare(truth, append(links, links[0]), nil, "odd"); r.Links != 3 {
		t.Errorf("%d links, want 3", r.Links)
	}
}

func TestReadErrors(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "one id": "a,b\nx\n", "blank id": "a,b\nx,\n"} {
		if _, err := ReadTruth(strings.NewReader(text)); err == nil {
			t.Errorf("truth, %s: no error", name)
		}
		if _, _, err := ReadLinks(strings.NewReader(text)); err == nil {
			t.Errorf("links, %s: no error", name)
		}
	}
	if _, _, err := ReadLinks(strings.NewReader("left_id,right_id,weight\na,b,heavy\n")); err == nil {
		t.Error("a score that is no number: no error")
	}
	links, _, err := ReadLinks(strings.NewReader("record_id,object,target_id,probability\na,Lead,1,0.5\n"))
	if err != nil || len(links) != 1 || links[0] != (Scored{Pair{"a", "1"}, 0.5}) {
		t.Errorf("links of the data set: %v, %v", links, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("left_id,right_id,weight,decision\na,1,9,link\n")
	f.Fuzz(func(t *testing.T, text string) {
		links, candidates, err := ReadLinks(strings.NewReader(text))
		truth, err2 := ReadTruth(strings.NewReader(text))
		if err != nil || err2 != nil {
			return
		}
		r := Compare(truth, links, candidates)
		if r.Precision < 0 || r.Precision > 1 || r.Recall < 0 || r.Recall > 1 || r.F1 > 1 {
			t.Errorf("%q: %+v", text, r.Figures)
		}
	})
}
