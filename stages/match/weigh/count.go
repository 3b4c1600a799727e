package weigh

import "github.com/crmsync/crmsync/stages/match/feature"

// Counts says how many pairs have each pattern.
type Counts map[feature.Pattern]int64

// Merge adds the counts of another.
func (n Counts) Merge(other Counts) {
	for p, c := range other {
		n[p] += c
	}
}

// Counter counts patterns for one goroutine.
type Counter struct {
	slots []counter
	used  int
}

type counter struct {
	pattern feature.Pattern
	n       int64
}

// NewCounter returns a counter.
func NewCounter() *Counter { return &Counter{slots: make([]counter, 1<<10)} }

// Add counts patterns.
func (c *Counter) Add(patterns []feature.Pattern) {
	for _, p := range patterns {
		at := c.slot(p)
		if c.slots[at].n == 0 {
			if c.used++; 2*c.used > len(c.slots) {
				c.grow()
				at = c.slot(p)
			}
			c.slots[at].pattern = p
		}
		c.slots[at].n++
	}
}

// Into adds what was counted to counts.
func (c *Counter) Into(n Counts) {
	for _, s := range c.slots {
		if s.n > 0 {
			n[s.pattern] += s.n
		}
	}
}

func (c *Counter) slot(p feature.Pattern) int {
	mask := len(c.slots) - 1
	at := int(uint64(p)*0x9E3779B97F4A7C15>>40) & mask
	for c.slots[at].n > 0 && c.slots[at].pattern != p {
		at = (at + 1) & mask
	}
	return at
}

func (c *Counter) grow() {
	old := c.slots
	c.slots = make([]counter, 2*len(old))
	for _, s := range old {
		if s.n > 0 {
			c.slots[c.slot(s.pattern)] = s
		}
	}
}
