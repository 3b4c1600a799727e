package roi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/roi/stat"
)

// fewest is the smallest group of which a number is told.
const fewest = 10

// seed makes the bootstrap give the same intervals for the same data.
const seed = 0x20c0de

// The measures of a comparison.
const (
	winRate      = "win_rate"
	medianAmount = "median_revenue"
	medianDays   = "median_days_to_close"
)

// group is one side of a comparison.
type group struct {
	closed, won int64
	revenue     []float64 // of deals won, in one currency
	lives       []stat.Lifetime
}

// comparison is one measure of two groups: the influenced deals and the others.
type comparison struct {
	kind, dimension, segment        string
	measure, currency, unit, method string
	influenced, other               side
	difference                      *float64
	interval                        *stat.Interval
}

type side struct {
	n     int64
	value *float64
}

// compareRates compares the shares won of those closed.
func compareRates(influenced, other *group) comparison {
	c := comparison{
		measure: winRate, unit: "share of closed opportunities", method: "Newcombe (1998), method 10",
		influenced: side{n: influenced.closed}, other: side{n: other.closed},
	}
	value := func(g *group) (float64, bool) { return float64(g.won) / float64(g.closed), true }
	if c.fill(influenced, other, value) {
		_, i := stat.Newcombe(influenced.won, influenced.closed, other.won, other.closed)
		c.interval = &i
	}
	return c
}

// compareRevenue compares the median revenues of those won; it sorts them.
func compareRevenue(influenced, other *group, currency string, samples int) comparison {
	c := comparison{
		measure: medianAmount, currency: currency, unit: "org currency, won opportunities", method: bootstrapMethod("median", samples),
		influenced: side{n: int64(len(influenced.revenue))}, other: side{n: int64(len(other.revenue))},
	}
	if currency != "" {
		c.unit = currency + ", won opportunities"
	}
	slices.Sort(influenced.revenue)
	slices.Sort(other.revenue)
	value := func(g *group) (float64, bool) { return stat.Median(g.revenue), true }
	if c.fill(influenced, other, value) {
		i := stat.MedianDifference(seed, samples, influenced.revenue, other.revenue)
		c.interval = &i
	}
	return c
}

// compareDays compares the days to close, open deals being censored.
func compareDays(influenced, other *group, samples int) comparison {
	c := comparison{
		measure: medianDays, unit: "days from creation, open ones censored", method: bootstrapMethod("Kaplan-Meier median", samples),
		influenced: side{n: int64(len(influenced.lives))}, other: side{n: int64(len(other.lives))},
	}
	lives := map[*group]stat.Lifetimes{influenced: stat.CountLifetimes(influenced.lives), other: stat.CountLifetimes(other.lives)}
	value := func(g *group) (float64, bool) {
		days, ok := lives[g].Median()
		return float64(days), ok
	}
	if c.fill(influenced, other, value) {
		if i, ok := stat.LifetimeDifference(seed, samples, lives[influenced], lives[other]); ok {
			c.interval = &i
		} else {
			c.method += "; no interval: too many samples leave more than half open"
		}
	}
	return c
}

func bootstrapMethod(of string, samples int) string {
	return fmt.Sprintf("%s; bootstrap percentile interval, %d samples", of, samples)
}

// fill sets the values of groups that are large enough, and the difference if both are; it reports whether it did.
func (c *comparison) fill(influenced, other *group, value func(*group) (float64, bool)) bool {
	var notes []string
	set := func(name string, s *side, g *group) {
		if s.n < fewest {
			notes = append(notes, fmt.Sprintf("too few %s: %d of at least %d", name, s.n, fewest))
			return
		}
		v, ok := value(g)
		if !ok {
			notes = append(notes, fmt.Sprintf("more than half of the %s are open", name))
			return
		}
		s.value = &v
	}
	set("influenced", &c.influenced, influenced)
	set("others", &c.other, other)
	if notes != nil {
		c.method = strings.Join(notes, "; ")
		return false
	}
	d := *c.influenced.value - *c.other.value
	c.difference = &d
	return true
}
