package fakeforce

import (
	"sync"
	"time"
)

// Clock is the org's time. It runs with real time, stands still, or takes a step at every reading; it can be set and moved
// at any moment. The zero value is not usable: see RealClock, FixedClock, SteppingClock.
type Clock struct {
	mu     sync.Mutex
	runs   bool
	offset time.Duration // running clocks: added to real time
	now    time.Time     // standing clocks
	step   time.Duration
}

// RealClock runs with real time.
func RealClock() *Clock { return &Clock{runs: true} }

// FixedClock stands at t until it is moved.
func FixedClock(t time.Time) *Clock { return &Clock{now: t.UTC()} }

// SteppingClock starts at t and moves on by step after every reading.
func SteppingClock(t time.Time, step time.Duration) *Clock { return &Clock{now: t.UTC(), step: step} }

// Now returns the org's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs {
		return time.Now().UTC().Add(c.offset)
	}
	t := c.now
	c.now = c.now.Add(c.step)
	return t
}

// Set moves the clock to t, forwards or back. A running clock runs on from there.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs {
		c.offset = time.Until(t)
		return
	}
	c.now = t.UTC()
}

// Advance moves the clock by d, which may be negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	c.now = c.now.Add(d)
}
