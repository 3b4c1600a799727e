package roi

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/stages/roi/stat"
)

// deal outcomes: n deals of a group, of which won are won, closing after days, with revenue.
func addDeals(t *totals, influenced bool, n, won, open int, days int64, revenue float64) {
	for i := range n {
		f := fact{influenced: influenced, quarter: "2026-Q1", hasRevenue: true, revenue: revenue + float64(i)}
		f.closed, f.won = i >= open, i >= open && i < open+won
		f.life = stat.Lifetime{Days: days + int64(i%5), Ended: f.closed}
		t.add(f)
	}
}

func TestComparison(t *testing.T) {
	sums := newTotals()
	addDeals(sums, true, 70, 56, 0, 20, 1000)
	addDeals(sums, false, 80, 48, 0, 40, 500)
	got := map[string]comparison{}
	for _, c := range sums.compare() {
		got[c.measure] = c
	}
	// Contrast (a) of Newcombe (1998), table II.
	w := got["win_rate"]
	if *w.influenced.value != 0.8 || *w.other.value != 0.6 || *w.difference < 0.19999 || *w.difference > 0.20001 ||
		w.interval.Low < 0.05235 || w.interval.Low > 0.05245 || w.interval.High < 0.33385 || w.interval.High > 0.33395 {
		t.Errorf("win rate %v %v: difference %v, interval %v", *w.influenced.value, *w.other.value, *w.difference, *w.interval)
	}
	m := got["median_revenue"]
	if *m.influenced.value != 1027.5 || *m.other.value != 523.5 || *m.difference != 504 || m.interval.Low > 504 || m.interval.High < 504 {
		t.Errorf("median revenue %v %v, interval %v", *m.influenced.value, *m.other.value, *m.interval)
	}
	d := got["median_days_to_close"]
	if *d.influenced.value != 22 || *d.other.value != 42 || *d.difference != -20 || d.interval.Low > -20 || d.interval.High < -20 {
		t.Errorf("median days %v %v, interval %v", *d.influenced.value, *d.other.value, *d.interval)
	}
}

func TestSmallGroupsSaySo(t *testing.T) {
	sums := newTotals()
	addDeals(sums, true, 9, 5, 0, 20, 1000)
	addDeals(sums, false, 40, 20, 0, 40, 500)
	for _, c := range sums.compare() {
		if c.influenced.value != nil || c.difference != nil || c.interval != nil || c.other.value == nil || !strings.HasPrefix(c.method, "too few influenced: ") {
			t.Errorf("%s: %+v", c.measure, c)
		}
	}
	for _, c := range newTotals().compare() {
		if c.other.value != nil || c.influenced.value != nil || c.interval != nil {
			t.Errorf("%s of nothing: %+v", c.measure, c)
		}
	}
}

func TestMedianThatOpenDealsHide(t *testing.T) {
	sums := newTotals()
	addDeals(sums, true, 40, 5, 30, 20, 1000)
	addDeals(sums, false, 40, 20, 0, 40, 500)
	d := sums.compare()[2]
	if d.influenced.value != nil || d.other.value == nil || d.difference != nil || !strings.Contains(d.method, "more than half") {
		t.Errorf("got %+v", d)
	}
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
