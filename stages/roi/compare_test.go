package roi

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
)

// sample holds deals for comparisons, and the names of their segments.
type sample struct {
	*totals
	places     *places
	currencies *table
}

func newSample() *sample {
	s := &sample{newTotals(), &places{sizes: newTable(), industries: newTable(), regions: newTable()}, newTable()}
	s.places.sizes.add(unknown)
	s.places.industries.add(unknown)
	s.places.regions.add(unknown)
	s.currencies.add("")
	s.owners.add("u1")
	s.quarters.add("2026-Q1")
	return s
}

// add makes n deals of a group, of which won are won and open open, closing after days, with revenue; change may alter them.
func (s *sample) add(influenced bool, n, won, open int, days int32, revenue float64, change ...func(f *fact)) {
	for i := range n {
		f := fact{influenced: influenced, hasRevenue: true, revenue: revenue + float64(i), lot: xxh3.HashString(fmt.Sprint(len(s.facts)))}
		f.closed, f.won = i >= open, i >= open && i < open+won
		f.days = days + int32(i%5)
		for _, c := range change {
			c(&f)
		}
		s.facts = append(s.facts, f)
	}
}

func (s *sample) compare() map[string]comparison {
	got := map[string]comparison{}
	for _, c := range s.totals.compare(s.places, s.currencies, 2) {
		key := c.measure
		if c.dimension != overall || c.kind != plain {
			key = strings.Join([]string{c.kind, c.dimension, c.segment, c.measure}, " ")
		}
		if c.currency != "" {
			key += " " + c.currency
		}
		if _, twice := got[key]; twice {
			panic("two comparisons " + key)
		}
		got[key] = c
	}
	return got
}

func TestComparison(t *testing.T) {
	s := newSample()
	s.add(true, 70, 56, 0, 20, 1000)
	s.add(false, 80, 48, 0, 40, 500)
	got := s.compare()
	// Contrast (a) of Newcombe (1998), table II.
	w := got[winRate]
	if *w.influenced.value != 0.8 || *w.other.value != 0.6 || *w.difference < 0.19999 || *w.difference > 0.20001 ||
		w.interval.Low < 0.05235 || w.interval.Low > 0.05245 || w.interval.High < 0.33385 || w.interval.High > 0.33395 {
		t.Errorf("win rate %v %v: difference %v, interval %v", *w.influenced.value, *w.other.value, *w.difference, *w.interval)
	}
	m := got[medianAmount]
	if *m.influenced.value != 1027.5 || *m.other.value != 523.5 || *m.difference != 504 || m.interval.Low > 504 || m.interval.High < 504 {
		t.Errorf("median revenue %v %v, interval %v", *m.influenced.value, *m.other.value, *m.interval)
	}
	d := got[medianDays]
	if *d.influenced.value != 22 || *d.other.value != 42 || *d.difference != -20 || d.interval.Low > -20 || d.interval.High < -20 {
		t.Errorf("median days %v %v, interval %v", *d.influenced.value, *d.other.value, *d.interval)
	}
}

func TestSmallGroupsSaySo(t *testing.T) {
	s := newSample()
	s.add(true, 9, 5, 0, 20, 1000)
	s.add(false, 40, 20, 0, 40, 500)
	for key, c := range s.compare() {
		if c.influenced.value != nil || c.difference != nil || c.interval != nil || !strings.Contains(c.method, "too few influenced: ") {
			t.Errorf("%s: %+v", key, c)
		}
	}
	for key, c := range newSample().compare() {
		if c.other.value != nil || c.influenced.value != nil || c.interval != nil {
			t.Errorf("%s of nothing: %+v", key, c)
		}
	}
}

func TestMedianThatOpenDealsHide(t *testing.T) {
	s := newSample()
	s.add(true, 40, 5, 30, 20, 1000)
	s.add(false, 40, 20, 0, 40, 500)
	d := s.compare()[medianDays]
	if d.influenced.value != nil || d.other.value == nil || d.difference != nil || !strings.Contains(d.method, "more than half") {
		t.Errorf("got %+v", d)
	}
}

func TestSegmentsAndCurrencies(t *testing.T) {
	s := newSample()
	s.currencies.add("EUR")
	big := s.places.sizes.add("5001+")
	s.add(true, 20, 15, 0, 20, 1000, func(f *fact) { f.size = big })
	s.add(false, 20, 5, 0, 20, 1000, func(f *fact) { f.size = big; f.currency = 1 })
	s.add(false, 50, 40, 0, 20, 100)
	got := s.compare()
	if c := got["plain size_band 5001+ win_rate"]; c.influenced.n != 20 || c.other.n != 20 || *c.difference != 0.5 {
		t.Errorf("large accounts: %+v", c)
	}
	if c := got["plain size_band unknown win_rate"]; c.influenced.n != 0 || c.other.n != 50 || c.difference != nil {
		t.Errorf("accounts of unknown size: %+v", c)
	}
	if c := got[medianAmount+" EUR"]; c.influenced.n != 0 || c.other.n != 5 || c.unit != "EUR, won opportunities" {
		t.Errorf("euros: %+v", c)
	}
	if c := got[medianAmount]; c.influenced.n != 15 || c.other.n != 40 {
		t.Errorf("the other currency: %+v", c)
	}
	if _, ok := got["plain size_band unknown median_revenue EUR"]; ok {
		t.Error("a comparison of amounts that no deal has")
	}
}

// TestMatchingTakesAwayWhatSegmentsExplain: sellers with a high win rate touch most of their deals, the others few. Within each
// seller touches change nothing, so the plain comparison misleads and the matched one does not.
func TestMatchingTakesAwayWhatSegmentsExplain(t *testing.T) {
	s := newSample()
	weak := s.owners.add("u2")
	s.add(true, 400, 320, 0, 20, 1000)
	s.add(false, 100, 80, 0, 20, 1000)
	s.add(true, 100, 20, 0, 20, 1000, func(f *fact) { f.owner = weak })
	s.add(false, 400, 80, 0, 20, 1000, func(f *fact) { f.owner = weak })
	got := s.compare()
	if c := got[winRate]; *c.difference < 0.35 {
		t.Errorf("plain: %+v", c)
	}
	c := got["matched all all win_rate"]
	if c.influenced.n != 200 || c.other.n != 200 || c.interval.Low > 0 || c.interval.High < 0 {
		t.Errorf("matched: %d and %d deals, difference %v, interval %v", c.influenced.n, c.other.n, *c.difference, c.interval)
	}
}

// TestPlaceboLooksAtDealsWithoutInfluence: those touched long before their creation against those never touched.
// TestMatchedAreAlikeAndDrawnOnce: in each stratum as many of either side, all that fit, nobody twice, whatever the order of the deals.
func TestMatchedAreAlikeAndDrawnOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	treated, eligible := func(f *fact) bool { return f.influenced }, func(f *fact) bool { return f.closed }
	for range 200 {
		var all []*fact
		for i := range r.IntN(120) {
			all = append(all, &fact{
				influenced: r.IntN(3) == 0, closed: r.IntN(4) > 0, owner: r.Int32N(3), lot: xxh3.HashString(fmt.Sprint(i)),
				place: place{size: r.Int32N(2), industry: r.Int32N(2), region: r.Int32N(4)},
			})
		}
		type stratum struct{ size, industry, owner int32 }
		have, got := map[stratum][2]int{}, map[stratum][2]int{}
		count := func(m map[stratum][2]int, f *fact) {
			k := stratum{f.size, f.industry, f.owner}
			n := m[k]
			if f.influenced {
				n[0]++
			} else {
				n[1]++
			}
			m[k] = n
		}
		for _, f := range all {
			if f.closed {
				count(have, f)
			}
		}
		drawn := map[*fact]bool{}
		for _, f := range match(all, treated, eligible) {
			if drawn[f] || !f.closed {
				t.Fatalf("%+v was drawn twice, or is not eligible", *f)
			}
			drawn[f] = true
			count(got, f)
		}
		for k, n := range have {
			if pairs := min(n[0], n[1]); got[k] != [2]int{pairs, pairs} {
				t.Fatalf("stratum %v: %v of %v were drawn", k, got[k], n)
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, f := range match(all, treated, eligible) {
			if !drawn[f] {
				t.Fatal("another order of the deals draws others")
			}
		}
	}
}

func TestPlaceboLooksAtDealsWithoutInfluence(t *testing.T) {
	s := newSample()
	s.add(true, 30, 30, 0, 20, 1000, func(f *fact) { f.early = true })
	s.add(false, 40, 30, 0, 20, 1000, func(f *fact) { f.early = true })
	s.add(false, 40, 20, 0, 20, 1000)
	if c := s.compare()["placebo all all win_rate"]; c.influenced.n != 40 || c.other.n != 40 || *c.difference != 0.25 {
		t.Errorf("got %+v", c)
	}
}

// TestWorkersDoNotMatter is the law that makes a run repeatable.
func TestWorkersDoNotMatter(t *testing.T) {
	s := newSample()
	r := rand.New(rand.NewPCG(5, 5))
	for range 12 {
		s.add(r.IntN(2) == 0, 30, r.IntN(20), r.IntN(10), r.Int32N(90), 100, func(f *fact) { f.owner, f.early = s.owners.add(fmt.Sprint(r.IntN(4))), r.IntN(3) == 0 })
	}
	one, four := fmt.Sprint(flat(s.totals.compare(s.places, s.currencies, 1))), fmt.Sprint(flat(s.totals.compare(s.places, s.currencies, 4)))
	if one != four {
		t.Errorf("one worker:\n%s\nfour:\n%s", one, four)
	}
}

func flat(all []comparison) []string {
	var out []string
	for _, c := range all {
		line := fmt.Sprint(c.kind, c.dimension, c.segment, c.measure, c.influenced.n, c.other.n, c.method)
		if c.interval != nil {
			line += fmt.Sprint(*c.difference, *c.interval)
		}
		out = append(out, line)
	}
	return out
}

func TestSumKeepsCents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var s sum
	var cents int64
	for range 1_000_000 {
		x := r.Int64N(1e9)
		cents += x
		s.add(float64(x) / 100)
	}
	if got := int64(s.value()*100 + 0.5); got != cents {
		t.Errorf("sum %d cents, want %d", got, cents)
	}
}
