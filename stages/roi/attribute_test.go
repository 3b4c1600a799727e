package roi

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"
)

const dayMS = dayMillis

// parts are the integer parts of each touch under a model.
func partsOf(at []int64, created int64, model int) []int64 {
	w := weigh(nil, at, created, 7*dayMS)
	column := make([]float64, len(w))
	for i := range w {
		column[i] = w[i][model]
	}
	parts := make([]int64, len(w))
	apportion(parts, column, whole)
	return parts
}

func TestModels(t *testing.T) {
	day := func(days ...int64) []int64 {
		for i := range days {
			days[i] *= dayMS
		}
		return days
	}
	for _, c := range []struct {
		name    string
		at      []int64
		created int64
		model   int
		want    []int64 // parts per mille, or exact when larger
	}{
		{"first", day(1, 2, 3), 0, modelFirst, []int64{1e9, 0, 0}},
		{"last", day(1, 2, 3), 0, modelLast, []int64{0, 0, 1e9}},
		{"linear of three leaves one part to the first", day(1, 2, 3), 0, modelLinear, []int64{333333334, 333333333, 333333333}},
		{"position", day(1, 2, 3, 4), 0, modelPosition, []int64{4e8, 1e8, 1e8, 4e8}},
		{"position of two", day(1, 2), 0, modelPosition, []int64{5e8, 5e8}},
		{"position of one", day(1), 0, modelPosition, []int64{1e9}},
		{"decay: a week is a half", day(0, 7, 14), 0, modelDecay, []int64{142857143, 285714286, 571428571}},
		{"decay of equal instants", day(5, 5), 0, modelDecay, []int64{5e8, 5e8}},
		{"W: first, last before creation, last", day(1, 2, 3, 10, 11), 3 * dayMS, modelWShaped, []int64{3e8, 5e7, 3e8, 5e7, 3e8}},
		{"W: a touch at creation is before it", day(1, 3, 9), 3 * dayMS, modelWShaped, []int64{333333334, 333333333, 333333333}},
		{"W: all after creation", day(4, 5, 6), 3 * dayMS, modelWShaped, []int64{6e8, 1e8, 3e8}},
		{"W: all before creation", day(1, 2, 3), 9 * dayMS, modelWShaped, []int64{3e8, 1e8, 6e8}},
		{"W of two", day(1, 5), 3 * dayMS, modelWShaped, []int64{666666667, 333333333}},
		{"W of one", day(1), 0, modelWShaped, []int64{1e9}},
	} {
		if got := partsOf(c.at, c.created, c.model); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestAttributionAddsUp is the law of all models: the parts of a deal make up the whole, and the cents its revenue.
func TestAttributionAddsUp(t *testing.T) {
	law := func(seed uint64, many bool) bool {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(12)
		if many {
			n = 1 + r.IntN(2000)
		}
		at := make([]int64, n)
		for i := range at {
			at[i] = r.Int64N(400) * dayMS * r.Int64N(2) // many at the same instant
		}
		slices.Sort(at)
		for model := range models {
			parts := partsOf(at, r.Int64N(400*dayMS), model)
			cents := make([]int64, n)
			amount := r.Int64N(1e18)
			if r.IntN(3) == 0 {
				amount = r.Int64N(300) - 150
			}
			divide(cents, parts, amount)
			var sum, money int64
			for i := range parts {
				sum += parts[i]
				money += cents[i]
				if parts[i] < 0 || parts[i] == 0 && cents[i] != 0 && amount > 1e9 {
					return false
				}
				// Nobody is a cent away from the exact share.
				if exact := float64(amount) / whole * float64(parts[i]); math.Abs(float64(cents[i])-exact) > 1+math.Abs(exact)*1e-12 {
					return false
				}
			}
			if sum != whole || money != amount {
				t.Logf("model %d of %d touches: %d parts, %d of %d cents", model, n, sum, money, amount)
				return false
			}
		}
		return true
	}
	if err := quick.Check(law, &quick.Config{MaxCount: 600}); err != nil {
		t.Error(err)
	}
}

func TestApportionWithdrawsWhatFloatsGiveTooMuch(t *testing.T) {
	parts := make([]int64, 3)
	apportion(parts, []float64{0.5, 0.5, 1e-8}, whole)
	if parts[0]+parts[1]+parts[2] != whole {
		t.Errorf("parts %v", parts)
	}
}

func TestCents(t *testing.T) {
	for _, c := range []struct {
		revenue float64
		want    int64
		ok      bool
	}{{0, 0, true}, {12.34, 1234, true}, {-0.01, -1, true}, {1e15 + 0.25, 100000000000000025, true}, {0.125, 13, true}, {-0.125, -13, true}, {math.NaN(), 0, false}, {1e18, 0, false}} {
		if got, ok := centsOf(c.revenue); got != c.want || ok != c.ok {
			t.Errorf("%v: %d, %v, want %d, %v", c.revenue, got, ok, c.want, c.ok)
		}
	}
}
