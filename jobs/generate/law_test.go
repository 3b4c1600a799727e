package generate

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestEveryNumberingPlan makes sure that every pattern of every country gives valid numbers, written either way.
func TestEveryNumberingPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range theWorld().countries.values {
		bad := map[string]string{}
		for i := range 600 {
			p := c.dial(r, i%2 == 0)
			for _, text := range []string{p.international(), p.national(r)} {
				n, err := phonenumbers.Parse(text, c.code)
				if err != nil || !phonenumbers.IsValidNumber(n) {
					bad[p.parts[:min(4, len(p.parts))]] = text
				} else if got := phonenumbers.Format(n, phonenumbers.E164); got != strings.ReplaceAll(p.international(), " ", "") {
					t.Errorf("%s: %s is read as %s", c.code, text, got)
				}
			}
		}
		if len(bad) > 0 {
			t.Errorf("%s: not valid: %v", c.code, bad)
		}
	}
}

// TestCountriesAreComplete makes sure that every country has names, places and forms.
func TestCountriesAreComplete(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, c := range theWorld().countries.values {
		if len(c.given[women].values) < 15 || len(c.given[men].values) < 15 || len(c.family.values) < 25 || len(c.places.values) < 20 || len(c.forms) == 0 || len(c.also) == 0 {
			t.Errorf("%s: %d and %d given names, %d surnames, %d places", c.code, len(c.given[women].values), len(c.given[men].values), len(c.family.values), len(c.places.values))
		}
		for range 2000 {
			for _, n := range []name{*c.given[r.IntN(2)].draw(r), c.surname(r, r.IntN(2)), c.places.draw(r).name} {
				if n.local == "" || n.roman == "" || strings.ContainsFunc(n.roman, func(r rune) bool { return r >= 0x80 }) {
					t.Fatalf("%s: name %q is %q in ASCII", c.code, n.local, n.roman)
				}
			}
			if s := c.street(r); s == "" || strings.ContainsAny(s, "#*") {
				t.Fatalf("%s: street %q", c.code, s)
			}
			if s := c.postcode(r, c.places.draw(r)); len(s) != len(c.postal) || strings.ContainsAny(s, "c") {
				t.Fatalf("%s: postal code %q", c.code, s)
			}
		}
	}
}

// TestNamesAndEmployersAreHeavyTailed compares shares with what is known of them.
func TestNamesAndEmployersAreHeavyTailed(t *testing.T) {
	people := read(t, small(t, 3, 2), "directory/people.csv")
	surnames, employers, cities := map[string]int{}, map[string]int{}, map[string]int{}
	us := 0
	for _, p := range people {
		if p["country"] == "United States" {
			us++
			surnames[p["last_name"]]++
			cities[p["city"]]++
		}
		employers[p["company_id"]]++
	}
	within := func(what string, got, low, high float64) {
		if !(got >= low && got <= high) {
			t.Errorf("%s: %.4f, want %.4f to %.4f", what, got, low, high)
		}
	}
	within("people of the United States", float64(us)/float64(len(people)), 0.25, 0.42)
	within("Smith", float64(surnames["Smith"])/float64(us), 0.004, 0.02) // 0.8% of the census, 1.1% of the 10,000 names
	within("surnames", float64(len(surnames))/float64(us), 0.3, 0.7)     // most are rare
	within("New York", float64(cities["New York City"])/float64(us), 0.01, 0.12)
	counts := make([]int, 0, len(employers))
	for id, n := range employers {
		if id != "" {
			counts = append(counts, n)
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(counts)))
	within("the largest employer", float64(counts[0])/float64(len(people)), 0.004, 0.03)
	tenth := 0
	for _, n := range counts[:100] {
		tenth += n
	}
	within("the largest tenth of the employers", float64(tenth)/float64(len(people)), 0.25, 0.65)
}

// TestZipfDrawsItsShares compares draws with the shares that are said.
func TestZipfDrawsItsShares(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, n := range []int{1, 2, 30, 5000} {
		z := newZipf(n)
		const draws = 200_000
		counts, sum := make([]int, n), 0.0
		for range draws {
			counts[z.draw(r)]++
		}
		for i := range n {
			want := z.share(i)
			sum += want
			if got := float64(counts[i]) / draws; math.Abs(got-want) > 6*math.Sqrt(want/draws)+1e-9 {
				t.Errorf("of %d, %d: %.5f, want %.5f", n, i, got, want)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("shares of %d sum to %v", n, sum)
		}
	}
}

// TestPermutationTakesEachOnce also makes sure that neighbours are not drawn one after the other.
func TestPermutationTakesEachOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, n := range []int{1, 2, 3, 10, 997, 1000, 4096} {
		p := newPermutation(n, r)
		seen := make([]bool, n)
		for k := range n {
			seen[p.at(k)] = true
		}
		if slices.Contains(seen, false) {
			t.Errorf("of %d some are never visited", n)
		}
	}
}

// TestFirstDrawsAreEven makes sure that sources of consecutive things are not alike.
func TestFirstDrawsAreEven(t *testing.T) {
	var tens [10][10]int
	last := 0
	const n = 100_000
	for i := range n {
		d := int(source(7, ofPerson, i).Float64() * 10)
		tens[last][d]++
		last = d
	}
	for a := range tens {
		for b, count := range tens[a] {
			if math.Abs(float64(count)-n/100) > 6*math.Sqrt(n/100) {
				t.Errorf("%d after %d: %d times of %d, want about %d", b, a, count, n, n/100)
			}
		}
	}
}
