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
	file, err := ReadLinks(strings.NewReader("left_id,right_id,weight,decision\na,1,9,link\nb,9,8,link\nd,4,7,link\nx,7,5,link\nc,3,4,review\nq,q,3,duplicate\n"))
	if err != nil {
		t.Fatal(err)
	}
	links, candidates := file.Links, file.Candidates
	if file.Score != "weight" || file.Other != 1 {
		t.Errorf("scores from %q, %d other rows", file.Score, file.Other)
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
		if _, err := ReadLinks(strings.NewReader(text)); err == nil {
			t.Errorf("links, %s: no error", name)
		}
	}
	for _, tt := range []struct{ text, says string }{
		{"left_id,right_id,weight\na,b,1\na,c,heavy\n", `line 3: weight "heavy"`},
		{"left_id,right_id,weight\na,b,NaN\n", "no number"},
		{"left_id,right_id,weight,probability\na,b,1,1.5\n", "from 0 to 1"},
		{"left_id,right_id,probability,decision\na,b,0.5\n", "line 2: fields are missing"},
		{"", "empty"},
	} {
		if _, err := ReadLinks(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v, want %s", tt.text, err, tt.says)
		}
	}
	links, err := ReadLinks(strings.NewReader("record_id,object,target_id,probability\na,Lead,1,0.5\n"))
	if err != nil || len(links.Links) != 1 || links.Links[0] != (Scored{Pair{"a", "1"}, 0.5, 0.5}) {
		t.Errorf("links of the data set: %v, %v", links, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("left_id,right_id,weight,decision\na,1,9,link\n")
	f.Add("left_id,right_id,probability,decision\na,1,0.5,review\n1,a,1,link\na,a,0,duplicate\n")
	f.Add("a,b,kind\nx,y,same\ny,x,odd\ny,z,\n")
	f.Fuzz(func(t *testing.T, text string) {
		links, err := ReadLinks(strings.NewReader(text))
		truth, err2 := ReadTruth(strings.NewReader(text))
		if err != nil || err2 != nil {
			return
		}
		check := func(truth Truth, links *Links) {
			r := Compare(truth, links.Links, links.Candidates)
			if r.Precision < 0 || r.Precision > 1 || r.Recall < 0 || r.Recall > 1 || r.F1 > 1 || r.Best.F1 > 1 {
				t.Errorf("%q: %+v", text, r)
			}
			if c := Calibrate(truth, links.Candidates); c.ECE < 0 || c.ECE > 1+1e-9 || c.Pairs > len(links.Candidates) {
				t.Errorf("%q: %+v", text, c)
			}
		}
		check(truth, links)
		truth = truth.Unordered()
		check(truth, links.Unordered())
		all, err := truth.Transitive()
		if err != nil {
			return
		}
		check(all, links.Unordered())
		if again, err := all.Transitive(); err != nil || len(again) != len(all) {
			t.Errorf("%q: %d pairs follow from %d, %v", text, len(again), len(all), err)
		}
	})
}
