package roi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// fewest is the smallest group of which a number is told.
const fewest = 10

// seed makes the bootstrap give the same intervals for the same data.
const seed = 0x20c0de

// comparison is one measure of the influenced deals and of the others.
type comparison struct {
	measure, unit, method string
	influenced, other     side
	difference            *float64
	interval              *stat.Interval
}

type side struct {
	n     int64
	value *float64
}

// compare computes the measures; those of groups below ten are left out.
func (t *totals) compare() []comparison {
	for i := range t.groups {
		slices.Sort(t.groups[i].revenue)
	}
	influenced, other := &t.groups[1], &t.groups[0]
	return []comparison{winRate(influenced, other), medianRevenue(influenced, other), medianDays(influenced, other)}
}

func winRate(influenced, other *group) comparison {
	c := comparison{
		measure: "win_rate", unit: "share of closed opportunities", method: "Newcombe (1998), method 10",
		influenced: side{n: influenced.closed}, other: side{n: other.closed},
	}
	value := func(g *group) (float64, bool) { return float64(g.won) / float64(g.closed), true }
	if c.fill(influenced, other, value) {
		_, i := stat.Newcombe(influenced.won, influenced.closed, other.won, other.closed)
		c.interval = &i
	}
	return c
}

func medianRevenue(influenced, other *group) comparison {
	c := comparison{
		measure: "median_revenue", unit: "org currency, won opportunities", method: bootstrapMethod("median"),
		influenced: side{n: int64(len(influenced.revenue))}, other: side{n: int64(len(other.revenue))},
	}
	value := func(g *group) (float64, bool) { return stat.Median(g.revenue), true }
	if c.fill(influenced, other, value) {
		i := stat.MedianDifference(seed, influenced.revenue, other.revenue)
		c.interval = &i
	}
	return c
}

func medianDays(influenced, other *group) comparison {
	c := comparison{
		measure: "median_days_to_close", unit: "days from creation, open ones censored", method: bootstrapMethod("Kaplan-Meier median"),
		influenced: side{n: int64(len(influenced.lives))}, other: side{n: int64(len(other.lives))},
	}
	lives := map[*group]stat.Lifetimes{influenced: stat.CountLifetimes(influenced.lives), other: stat.CountLifetimes(other.lives)}
	value := func(g *group) (float64, bool) {
		days, ok := lives[g].Median()
		return float64(days), ok
	}
	if c.fill(influenced, other, value) {
		if i, ok := stat.LifetimeDifference(seed, lives[influenced], lives[other]); ok {
			c.interval = &i
		} else {
			c.method += "; no interval: too many samples leave more than half open"
		}
	}
	return c
}

func bootstrapMethod(of string) string {
	return fmt.Sprintf("%s; bootstrap percentile interval, %d samples", of, stat.Replicates)
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

func publishComparison(ctx context.Context, run *pipeline.Run, t *totals) error {
	out, err := newOutput(ctx, run, schemas.ROIComparison)
	if err != nil {
		return err
	}
	for _, c := range t.compare() {
		out.String(0, c.measure)
		out.String(1, c.unit)
		out.Int(2, c.influenced.n)
		out.optional(3, c.influenced.value)
		out.Int(4, c.other.n)
		out.optional(5, c.other.value)
		out.optional(6, c.difference)
		if c.interval != nil {
			out.Float(7, c.interval.Low)
			out.Float(8, c.interval.High)
		}
		out.String(9, c.method)
		if err := out.endRow(ctx); err != nil {
			return out.abort(err)
		}
	}
	return out.publish(ctx, run)
}

func (o *output) optional(i int, v *float64) {
	if v != nil {
		o.Float(i, *v)
	}
}
