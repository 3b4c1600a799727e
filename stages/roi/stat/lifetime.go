package stat

import (
	"cmp"
	"slices"
)

// Lifetime is how long something lasted in whole days, and whether it ended; if not, it was seen to last at least so long.
type Lifetime struct {
	Days  int64
	Ended bool
}

// Lifetimes are lifetimes counted per day; the zero value is empty.
type Lifetimes struct {
	days []day
	n    int64
}

// day counts the lifetimes of one length.
type day struct{ at, ended, censored int64 }

// CountLifetimes counts lifetimes per day.
func CountLifetimes(all []Lifetime) Lifetimes {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Lifetime) int { return cmp.Compare(a.Days, b.Days) })
	l := Lifetimes{n: int64(len(all))}
	for i, t := range sorted {
		if i == 0 || t.Days != sorted[i-1].Days {
			l.days = append(l.days, day{at: t.Days})
		}
		if last := &l.days[len(l.days)-1]; t.Ended {
			last.ended++
		} else {
			last.censored++
		}
	}
	return l
}

// Len is the number of lifetimes.
func (l Lifetimes) Len() int64 { return l.n }

// Step is a step of a survival curve: from this day on, the given share lasts longer.
type Step struct {
	Days     int64
	Survival float64
}

// KaplanMeier returns the product-limit estimate of the survival curve, one step per day on which something ended. Those censored on
// a day are still at risk on it.
func (l Lifetimes) KaplanMeier() []Step {
	var steps []Step
	risk, s := l.n, 1.0
	for _, d := range l.days {
		if d.ended > 0 {
			s *= float64(risk-d.ended) / float64(risk)
			steps = append(steps, Step{d.at, s})
		}
		risk -= d.ended + d.censored
	}
	return steps
}

// half is one half with room for rounding: a curve of 2 then 1 then 0 lifetimes must meet it exactly.
const half = 0.5 + 1e-12

// Median returns the first day at which the survival curve is at most one half; false when it never comes so low.
func (l Lifetimes) Median() (int64, bool) {
	risk, s := l.n, 1.0
	for _, d := range l.days {
		if d.ended > 0 {
			if s *= float64(risk-d.ended) / float64(risk); s <= half {
				return d.at, true
			}
		}
		risk -= d.ended + d.censored
	}
	return 0, false
}
