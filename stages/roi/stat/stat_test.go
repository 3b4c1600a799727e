package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNewcombe checks Table II of Newcombe (1998), method 10, contrasts (a) to (h).
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		x1, n1, x2, n2  int64
		diff, low, high float64
	}{
		{56, 70, 48, 80, 0.2000, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.6000, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.5714, 0.0582, 0.8062},
		{5, 56, 0, 29, 0.0893, -0.0381, 0.1926},
		{0, 10, 0, 20, 0.0000, -0.1611, 0.2775},
		{0, 10, 0, 10, 0.0000, -0.2775, 0.2775},
		{10, 10, 0, 20, 1.0000, 0.6791, 1.0000},
		{10, 10, 0, 10, 1.0000, 0.6075, 1.0000},
	} {
		d, i := Newcombe(c.x1, c.n1, c.x2, c.n2)
		if !near(d, c.diff, 5e-5) || !near(i.Low, c.low, 5e-5) || !near(i.High, c.high, 5e-5) {
			t.Errorf("%d/%d - %d/%d: got %.4f (%.4f, %.4f), published %.4f (%.4f, %.4f)", c.x1, c.n1, c.x2, c.n2, d, i.Low, i.High, c.diff, c.low, c.high)
		}
	}
}

// The remission times in weeks of Freireich et al., Blood 21 (1963) 699-716; as C. T. Le, Introductory Biostatistics
// (2003), example 11.1, lists them; curves and medians as in Kleinbaum and Klein, Survival
// Analysis, chapter 2, and Cox and Oakes, Analysis of Survival Data (1984), table 1.1.
var (
	sixMP = append(ended(6, 6, 6, 7, 10, 13, 16, 22, 23), open(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)...)
	place = ended(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
)

func ended(days ...int64) []Lifetime { return lifetimes(true, days) }
func open(days ...int64) []Lifetime  { return lifetimes(false, days) }

func lifetimes(ended bool, days []int64) []Lifetime {
	var l []Lifetime
	for _, d := range days {
		l = append(l, Lifetime{d, ended})
	}
	return l
}

func TestKaplanMeier(t *testing.T) {
	want := []Step{{6, .8571}, {7, .8067}, {10, .7529}, {13, .6902}, {16, .6275}, {22, .5378}, {23, .4482}}
	got := CountLifetimes(sixMP).KaplanMeier()
	if len(got) != len(want) {
		t.Fatalf("got %v, published %v", got, want)
	}
	for i, s := range got {
		if s.Days != want[i].Days || !near(s.Survival, want[i].Survival, 5e-5) {
			t.Errorf("step %d: got %v, published %v", i, s, want[i])
		}
	}
}

func TestKaplanMeierMedian(t *testing.T) {
	for _, c := range []struct {
		name string
		l    []Lifetime
		want int64
		ok   bool
	}{
		{"6-MP", sixMP, 23, true},
		{"placebo", place, 8, true},
		{"none", nil, 0, false},
		{"all open", open(1, 2, 3), 0, false},
		{"exactly half", ended(4, 8), 4, true},
		{"too many open", append(ended(1), open(5, 6)...), 0, false},
		{"censored on the day of an end is at risk", append(ended(3), open(3)...), 3, true},
	} {
		if got, ok := CountLifetimes(c.l).Median(); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v, want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

// TestMedianReplicates checks the treated mice of Efron and Tibshirani (1993), table 2.1, against the exact distribution of their
// bootstrap median: it is at most the i-th of n = 2m-1 values when at least m of n draws are among the first i, B. Efron, Bootstrap
// methods: another look at the jackknife, Annals of Statistics 7 (1979), section 3. Its standard error is 37.83 days, as published.
func TestMedianReplicates(t *testing.T) {
	mice := []float64{16, 23, 38, 94, 99, 141, 197}
	exact := make([]float64, len(mice))
	var mean, square, below float64
	for i := range mice {
		p, atMost := float64(i+1)/7, 0.0
		for k := 4; k <= 7; k++ {
			atMost += choose(7, k) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(7-k))
		}
		exact[i], below = atMost-below, atMost
		mean += exact[i] * mice[i]
		square += exact[i] * mice[i] * mice[i]
	}
	if se := math.Sqrt(square - mean*mean); !near(se, 37.83, 0.005) {
		t.Errorf("exact standard error %.3f, published 37.83", se)
	}
	r := rand.New(rand.NewPCG(1, 1))
	const draws = 200_000
	seen := map[float64]float64{}
	for range draws {
		seen[medianReplicate(r, mice)]++
	}
	for i, m := range mice {
		// Five standard errors of a share.
		if got := seen[m] / draws; !near(got, exact[i], 5*math.Sqrt(exact[i]*(1-exact[i])/draws)) {
			t.Errorf("%v is the median of %.4f of the samples, exactly %.4f", m, got, exact[i])
		}
	}
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

// TestReplicatesAreThoseOfSamples compares the shortcuts with samples that are really drawn.
func TestReplicatesAreThoseOfSamples(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const rounds = 40_000
	for _, n := range []int{1, 2, 3, 10, 41, 60} {
		var values []float64
		var lives []Lifetime
		for range n {
			values = append(values, math.Floor(r.ExpFloat64()*50))
			lives = append(lives, Lifetime{int64(r.ExpFloat64() * 30), r.IntN(5) > 0})
		}
		slices.Sort(values)
		counted := CountLifetimes(lives)
		var fast, slow, fastLife, slowLife []float64
		sample, lifeSample := make([]float64, n), make([]Lifetime, n)
		for range rounds {
			for i := range n {
				sample[i], lifeSample[i] = values[r.IntN(n)], lives[r.IntN(n)]
			}
			slices.Sort(sample)
			slow = append(slow, Median(sample))
			fast = append(fast, medianReplicate(r, values))
			slowLife = append(slowLife, orFar(CountLifetimes(lifeSample).Median()))
			fastLife = append(fastLife, orFar(lifetimeReplicate(r, counted)))
		}
		for name, pair := range map[string][2][]float64{"median": {fast, slow}, "lifetime": {fastLife, slowLife}} {
			// The Kolmogorov-Smirnov distance of equal distributions exceeds 1.95 sqrt(2/n) once in a thousand times.
			if d := distance(pair[0], pair[1]); d > 1.95*math.Sqrt(2.0/rounds) {
				t.Errorf("%s, n %d: distributions differ by %.4f", name, n, d)
			}
		}
	}
}

func orFar(days int64, ok bool) float64 {
	if !ok {
		return math.MaxInt32
	}
	return float64(days)
}

func TestBinomialMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, c := range []struct {
		n int64
		p float64
	}{{5, .3}, {13, .5}, {100, .02}, {1000, .7}, {1_000_000, .25}} {
		const rounds = 50_000
		values := make([]float64, rounds)
		for i := range values {
			values[i] = float64(binomial(r, c.n, c.p))
		}
		mean := float64(c.n) * c.p
		sd := math.Sqrt(mean * (1 - c.p))
		if got := average(values); !near(got, mean, 4*sd/math.Sqrt(rounds)) {
			t.Errorf("binomial(%d, %v): mean %.3f, want %.3f", c.n, c.p, got, mean)
		}
		if got := deviation(values); !near(got, sd, 0.03*sd) {
			t.Errorf("binomial(%d, %v): deviation %.3f, want %.3f", c.n, c.p, got, sd)
		}
	}
}

func TestIntervals(t *testing.T) {
	i, ok := LifetimeDifference(1, Replicates, CountLifetimes(sixMP), CountLifetimes(place))
	if ok {
		t.Errorf("6-MP's median is not reached by many replicates, yet the interval is %v", i)
	}
	a, b := CountLifetimes(ended(10, 12, 14, 15, 15, 16, 20, 21, 22, 25)), CountLifetimes(place)
	i, ok = LifetimeDifference(1, Replicates, a, b)
	if again, _ := LifetimeDifference(1, Replicates, a, b); again != i || !ok {
		t.Errorf("the same seed gave %v and %v, %v", i, again, ok)
	}
	if i.Low > 7 || i.High < 7 || i.Low >= i.High {
		t.Errorf("interval %v does not hold the difference 7", i)
	}
	values := make([]float64, 1_000_000)
	for k := range values {
		values[k] = float64(k)
	}
	m := MedianDifference(1, Replicates, values, values[:500_000])
	// The standard error of a uniform sample's median is range / (2 sqrt(n)).
	half := 1.96 * math.Hypot(1e6/(2*math.Sqrt(1e6)), 5e5/(2*math.Sqrt(5e5)))
	if !near(m.Low, 250_000-half, 0.1*half) || !near(m.High, 250_000+half, 0.1*half) {
		t.Errorf("interval %v, expected 250000 +- %.0f", m, half)
	}
}

// TestReplicatesWithoutMedian sorts all replicates, those without a median beyond the others, and looks up the 50th and the 1950th.
func TestReplicatesWithoutMedian(t *testing.T) {
	far := make([]int64, 26)
	for i := range far {
		far[i] = int64(i + 1)
	}
	mostlyOpen := append(ended(far...), open(slices.Repeat([]int64{99}, 14)...)...)
	for _, c := range []struct {
		name string
		a, b []Lifetime
	}{{"of the first", mostlyOpen, place}, {"of the second", place, mostlyOpen}, {"of both", mostlyOpen, mostlyOpen}} {
		a, b := CountLifetimes(c.a), CountLifetimes(c.b)
		r := rand.New(rand.NewPCG(7, 2))
		var low, high []float64
		missing := 0
		for range Replicates {
			x, okA := lifetimeReplicate(r, a)
			y, okB := lifetimeReplicate(r, b)
			d, e := float64(x-y), float64(x-y)
			switch {
			case !okA && !okB: // on an unknown side
				d, e = math.Inf(-1), math.Inf(1)
			case !okA:
				d, e = math.Inf(1), math.Inf(1)
			case !okB:
				d, e = math.Inf(-1), math.Inf(-1)
			}
			if !okA || !okB {
				missing++
			}
			low, high = append(low, d), append(high, e)
		}
		slices.Sort(low)
		slices.Sort(high)
		want := Interval{low[49], high[1949]}
		got, ok := LifetimeDifference(7, Replicates, a, b)
		if wanted := missing*40 <= Replicates+1 && !math.IsInf(want.Low, 0) && !math.IsInf(want.High, 0); ok != wanted || ok && got != want {
			t.Errorf("%s, %d without: %v, %v, want %v, %v", c.name, missing, got, ok, want, wanted)
		}
		if missing == 0 {
			t.Errorf("%s: all replicates have a median: the case tests nothing", c.name)
		}
	}
}

// TestKaplanMeierAgainstRisk compares the curve and its median with the plain product over random lifetimes with many ties.
func TestKaplanMeierAgainstRisk(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		var all []Lifetime
		for range 1 + r.IntN(40) {
			all = append(all, Lifetime{r.Int64N(12), r.IntN(3) > 0})
		}
		survival, median, found := 1.0, int64(0), false
		var want []Step
		for day := range int64(12) {
			var risk, gone float64
			for _, l := range all {
				if l.Days >= day {
					risk++
				}
				if l.Days == day && l.Ended {
					gone++
				}
			}
			if gone == 0 {
				continue
			}
			survival *= 1 - gone/risk
			want = append(want, Step{day, survival})
			if !found && survival <= 0.5+1e-9 {
				median, found = day, true
			}
		}
		l := CountLifetimes(all)
		got := l.KaplanMeier()
		same := slices.EqualFunc(want, got, func(a, b Step) bool { return a.Days == b.Days && near(a.Survival, b.Survival, 1e-9) })
		if at, ok := l.Median(); !same || at != median || ok != found {
			t.Fatalf("%v: curve %v and median %d, %v; want %v and %d, %v", all, got, at, ok, want, median, found)
		}
	}
}

// TestNewcombeHoldsTheDifference tries all small tables: the interval lies within -1 to 1 and holds the difference.
func TestNewcombeHoldsTheDifference(t *testing.T) {
	for n := range int64(12) {
		for m := range int64(12) {
			for x := range n + 2 {
				for y := range m + 2 {
					d, i := Newcombe(x, n+1, y, m+1)
					if !(i.Low <= d && d <= i.High && i.Low >= -1-1e-12 && i.High <= 1+1e-12) {
						t.Fatalf("%d/%d - %d/%d = %v: %v", x, n+1, y, m+1, d, i)
					}
				}
			}
		}
	}
}

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

func average(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func deviation(v []float64) float64 {
	mean, sum := average(v), 0.0
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(len(v)-1))
}

// distance is the largest difference of two empirical distribution functions.
func distance(a, b []float64) float64 {
	slices.Sort(a)
	slices.Sort(b)
	var i, j int
	var d float64
	for i < len(a) && j < len(b) {
		x := min(a[i], b[j])
		for i < len(a) && a[i] == x {
			i++
		}
		for j < len(b) && b[j] == x {
			j++
		}
		d = max(d, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return d
}
