package salesforce

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind says what a call asks for; calls are counted by it.
type Kind string

// The kinds. Logins and KindVersions do not count against the org's allowance.
const (
	KindLogin       Kind = "login"
	KindVersions    Kind = "versions"
	KindLimits      Kind = "limits"
	KindDescribe    Kind = "describe"
	KindQuery       Kind = "query"
	KindJobCreate   Kind = "job_create"
	KindJobStatus   Kind = "job_status"
	KindJobPages    Kind = "job_pages"
	KindJobResults  Kind = "job_results"
	KindJobEnd      Kind = "job_end"
	KindCollections Kind = "collections"
)

func (k Kind) counted() bool { return k != KindLogin && k != KindVersions }

// Usage is what a client has asked of its org so far.
type Usage struct {
	// Calls counts requests by kind, those repeated included; Total those that count against the org's allowance.
	Calls map[Kind]int64
	Total int64
	// Objects counts those of Total by the object that they were about; "" are those about none.
	Objects map[string]int64
	// Used and Max are the org's API calls of the last 24 hours and their allowance, as the latest answer told; zero if none did.
	Used, Max int64
}

// ledger keeps the books. It is safe for concurrent use.
type ledger struct {
	mu    sync.Mutex
	usage Usage
	jobs  map[string]string // object of a job
	skew  time.Duration
	known bool // skew was observed
}

// allow counts a call about to be made, or refuses it when the org's allowance would be eaten into.
func (l *ledger) allow(k Kind, object, job string, reserve int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if u := l.usage; k.counted() && u.Max > 0 && u.Max-u.Used <= reserve {
		return fmt.Errorf("%d of %d API calls used, %d kept in reserve: %w", u.Used, u.Max, reserve, ErrQuota)
	}
	if l.usage.Calls == nil {
		l.usage.Calls = map[Kind]int64{}
	}
	l.usage.Calls[k]++
	if k.counted() {
		l.usage.Total++
		if object == "" {
			object = l.jobs[job]
		}
		if l.usage.Objects == nil {
			l.usage.Objects = map[string]int64{}
		}
		l.usage.Objects[object]++
	}
	return nil
}

// recall notes which object a job is about.
func (l *ledger) recall(j Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.jobs == nil {
		l.jobs = map[string]string{}
	}
	l.jobs[j.ID] = j.Object
}

// observe takes what every answer tells besides its body: the allowance, and the org's clock (whole seconds).
func (l *ledger) observe(h http.Header, sent, received time.Time) {
	used, most, ok := parseLimitInfo(h.Get("Sforce-Limit-Info"))
	date, err := http.ParseTime(h.Get("Date"))
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		l.usage.Used, l.usage.Max = used, most
	}
	if err == nil {
		// The header is cut to the second, so the middle of that second is the best guess.
		l.skew, l.known = date.Add(500*time.Millisecond).Sub(sent.Add(received.Sub(sent)/2)), true
	}
}

// parseLimitInfo reads "api-usage=10018/100000; api-bursts=1/750", with or without further parts.
func parseLimitInfo(s string) (used, most int64, ok bool) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ';' || r == ',' }) {
		numbers, found := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !found {
			continue
		}
		a, b, _ := strings.Cut(numbers, "/")
		used, err1 := strconv.ParseInt(a, 10, 64)
		most, err2 := strconv.ParseInt(b, 10, 64)
		return used, most, err1 == nil && err2 == nil && most > 0
	}
	return 0, 0, false
}

// Usage returns what the client has asked of the org so far.
func (c *Client) Usage() Usage {
	c.books.mu.Lock()
	defer c.books.mu.Unlock()
	u := c.books.usage
	u.Calls, u.Objects = maps.Clone(u.Calls), maps.Clone(u.Objects)
	return u
}

// Skew is how far the org's clock is ahead of the local one, within about a second; false until an answer told.
func (c *Client) Skew() (time.Duration, bool) {
	c.books.mu.Lock()
	defer c.books.mu.Unlock()
	return c.books.skew, c.books.known
}
