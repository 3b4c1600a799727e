package fakeforce

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// usage counts what the org's daily limits are about. The day is a window of 24 hours from its first call on.
type usage struct {
	mu                sync.Mutex
	maxCalls, maxJobs int
	calls, jobs       int
	resultBytes       int64
	since             time.Time
}

func (u *usage) init(opts Options) {
	u.maxCalls, u.maxJobs = opts.DailyAPIRequests, opts.DailyQueryJobs
}

// roll starts a new day when the old one is over. The lock is held.
func (u *usage) roll(now time.Time) {
	if u.since.IsZero() || now.Sub(u.since) >= 24*time.Hour || now.Before(u.since.Add(-time.Hour)) {
		u.since, u.calls, u.jobs, u.resultBytes = now, 0, 0, 0
	}
}

// call counts an API call; it fails when the day's allowance is used up.
func (u *usage) call(now time.Time) *apiError {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.roll(now)
	if u.calls >= u.maxCalls {
		return failf(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	u.calls++
	return nil
}

// job counts a query job.
func (u *usage) job(now time.Time) *apiError {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.roll(now)
	if u.jobs >= u.maxJobs {
		return failf(http.StatusBadRequest, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (%d) per 24 hrs has been reached for the org", u.maxJobs)
	}
	u.jobs++
	return nil
}

func (u *usage) results(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.resultBytes += int64(n)
}

// header is the value of Sforce-Limit-Info.
func (u *usage) header() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return fmt.Sprintf("api-usage=%d/%d", u.calls, u.maxCalls)
}

type limit struct {
	Max       int
	Remaining int
}

// limits is the answer of the limits resource.
func (u *usage) limits(now time.Time) map[string]limit {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.roll(now)
	left := func(most, used int) limit { return limit{most, max(0, most-used)} }
	const resultMB = 1_048_576
	return map[string]limit{
		"DailyApiRequests":              left(u.maxCalls, u.calls),
		"DailyBulkV2QueryJobs":          left(u.maxJobs, u.jobs),
		"DailyBulkV2QueryFileStorageMB": left(resultMB, int(u.resultBytes>>20)),
		"DailyBulkApiBatches":           left(15_000, 0),
		"DailyAsyncApexExecutions":      left(250_000, 0),
		"DataStorageMB":                 left(10_240, 0),
		"FileStorageMB":                 left(10_240, 0),
		"HourlyODataCallout":            left(20_000, 0),
	}
}

// SetDailyAPIRequests changes the org's allowance of API calls a day, and says how many of them are used up.
func (o *Org) SetDailyAPIRequests(allowance, used int) {
	o.usage.mu.Lock()
	defer o.usage.mu.Unlock()
	now := o.now()
	o.usage.roll(now)
	o.usage.maxCalls, o.usage.calls = allowance, used
}

// APIUsage returns how many API calls of the day's allowance are used.
func (o *Org) APIUsage() (used, allowance int) {
	o.usage.mu.Lock()
	defer o.usage.mu.Unlock()
	return o.usage.calls, o.usage.maxCalls
}
