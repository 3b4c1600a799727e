package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// script answers with one step after the other, and the last one for ever.
type script struct {
	steps []http.HandlerFunc
	n     int
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	step := s.steps[min(s.n, len(s.steps)-1)]
	s.n++
	w.Header().Set("Content-Type", "application/json")
	step(w, r)
}

func say(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// cut announces more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"DailyApiRequests":`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

const limitsText = `{"DailyApiRequests":{"Max":1000,"Remaining":900},"DailyBulkV2QueryJobs":{"Max":10,"Remaining":1}}`

func TestPassingFailuresAreRepeated(t *testing.T) {
	good := say(200, limitsText)
	tests := map[string]http.HandlerFunc{
		"500":                     say(500, `[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred"}]`),
		"503 page":                say(503, "<html>down</html>", "Content-Type", "text/html"),
		"200 page":                say(200, "<html>maintenance</html>", "Content-Type", "text/html"),
		"404 page":                say(404, "<html>gone</html>", "Content-Type", "text/html"),
		"406":                     say(406, ""),
		"420":                     say(420, `[{"errorCode":"X","message":"slow down"}]`),
		"429":                     say(429, `[{"errorCode":"X","message":"slow down"}]`),
		"cut body":                cut,
		"dropped connection":      hangUp,
		"compression is damaged":  say(200, "no gzip", "Content-Encoding", "gzip"),
		"unexpected shape of 200": say(200, `[1,2]`),
	}
	for name, bad := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []http.HandlerFunc{bad, bad, good}}
			c, waited := answer(t, s.ServeHTTP, nil)
			l, err := c.Limits(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if l.APIRequests != (salesforce.Limit{Max: 1000, Remaining: 900}) {
				t.Errorf("limits %+v", l)
			}
			// Go's own transport repeats a request at once when a connection that it used again turns out to be closed.
			own := 0
			if name == "dropped connection" {
				own = 1
			}
			if s.n != 3 || len(waited.list) != 2-own || c.Usage().Calls[salesforce.KindLimits] != int64(3-own) {
				t.Errorf("%d requests, %d pauses, usage %+v", s.n, len(waited.list), c.Usage())
			}
			for i, d := range waited.list {
				base := 500 * time.Millisecond << i
				if d < base/2 || d > base*3/2 {
					t.Errorf("pause %d is %s, not about %s", i, d, base)
				}
			}
		})
	}
}

func TestFailuresEnd(t *testing.T) {
	tests := []struct {
		name  string
		step  http.HandlerFunc
		tries int
		want  error
		says  []string
	}{
		{"for ever down", say(503, "<html>"), 6, nil, []string{"limits: 503", "tried 6 times"}},
		{"asks for too long", say(503, "", "Retry-After", "3600"), 1, nil, []string{"1h0m0s"}},
		{"quota", say(403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`), 1, salesforce.ErrQuota, []string{"24 hours"}},
		{"quota in other words", say(400, `[{"errorCode":"ExceededQuota","message":"x"}]`), 1, salesforce.ErrQuota, nil},
		{"edition", say(403, `[{"errorCode":"API_DISABLED_FOR_ORG","message":"API is not enabled for this Organization or Partner"}]`), 1, salesforce.ErrEdition, []string{"Professional"}},
		{"not found", say(404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`), 1, salesforce.ErrNotFound, nil},
		{"policy", say(400, `[{"errorCode":"TXN_SECURITY_METERING_ERROR","message":"x"}]`), 1, salesforce.ErrPermission, nil},
		{"session never good", say(401, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`), 2, salesforce.ErrRevoked, []string{"administrator"}},
		{"two errors", say(400, `[{"errorCode":"A","message":"one","fields":["F"]},{"errorCode":"B","message":"two"}]`), 1, nil, []string{"400 A: one; B: two (fields F)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{steps: []http.HandlerFunc{tt.step}}
			c, _ := answer(t, s.ServeHTTP, nil)
			_, err := c.Limits(t.Context())
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if s.n != tt.tries {
				t.Errorf("%d requests, want %d", s.n, tt.tries)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "Sun, 01 Mar 2026 12:00:40 GMT": 40 * time.Second} {
		s := &script{steps: []http.HandlerFunc{say(503, "", "Retry-After", header, "Date", epoch.Format(http.TimeFormat)), say(200, limitsText)}}
		c, waited := answer(t, s.ServeHTTP, nil)
		if _, err := c.Limits(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(waited.list) != 1 || waited.list[0] != want {
			t.Errorf("%s: waited %v, want %s", header, waited.list, want)
		}
	}
}

func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { cancel(); say(503, "")(w, r) }}}
	c, _ := answer(t, s.ServeHTTP, nil)
	if _, err := c.Limits(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestSilentOrgIsNotWaitedFor has an org that accepts a call and never answers.
func TestSilentOrgIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	c, _ := answer(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, func(c *salesforce.Config) { c.Timeout, c.Attempts = 20*time.Millisecond, 2 })
	defer close(release)
	_, err := c.Limits(t.Context())
	if err == nil || !strings.Contains(err.Error(), "tried 2 times") {
		t.Errorf("error %v", err)
	}
}

func TestReserveIsLeftAlone(t *testing.T) {
	b := newBench(t, fakeforce.Options{DailyAPIRequests: 105}, func(c *salesforce.Config) { c.Reserve = 100 })
	var err error
	calls := 0
	for ; err == nil && calls < 50; calls++ {
		_, err = b.Describe(t.Context(), "Lead")
	}
	if !errors.Is(err, salesforce.ErrQuota) {
		t.Fatalf("error %v after %d calls", err, calls)
	}
	if used, _ := b.org.APIUsage(); used != 5 {
		t.Errorf("%d calls reached the org, want 5", used)
	}
	u := b.Usage()
	if u.Total != 5 || u.Used != 5 || u.Max != 105 || u.Calls[salesforce.KindLogin] != 1 {
		t.Errorf("usage %+v", u)
	}
	if err := b.Afford(salesforce.Limits{APIRequests: salesforce.Limit{Max: 200, Remaining: 130}}, 31, 0); !errors.Is(err, salesforce.ErrQuota) {
		t.Errorf("31 calls of 30 that are free: %v", err)
	}
	if err := b.Afford(salesforce.Limits{QueryJobs: salesforce.Limit{Max: 200, Remaining: 3}}, 0, 4); !errors.Is(err, salesforce.ErrQuota) {
		t.Errorf("4 jobs of 3 that are left: %v", err)
	}
	if err := b.Afford(salesforce.Limits{APIRequests: salesforce.Limit{Max: 200, Remaining: 130}}, 30, 4); err != nil {
		t.Error(err)
	}
}

func TestServerTimeIsTheOrgs(t *testing.T) {
	b := newBench(t, fakeforce.Options{Clock: fakeforce.FixedClock(epoch.Add(700 * time.Millisecond))}, nil)
	got, err := b.ServerTime(t.Context())
	if err != nil || !got.Equal(epoch) {
		t.Errorf("time %s, %v; want %s", got, err, epoch)
	}
	if skew, ok := b.Skew(); !ok || time.Until(epoch.Add(500*time.Millisecond))-skew > time.Minute {
		t.Errorf("skew %s", skew)
	}
	if b.Usage().Total != 0 {
		t.Errorf("asking for the time cost %+v", b.Usage())
	}
}

func TestAddressesOfOtherHostsAreRefused(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{say(200, `{"totalSize":2,"done":false,"nextRecordsUrl":"https://elsewhere.example/q","records":[{}]}`)}}
	c, _ := answer(t, s.ServeHTTP, nil)
	cur, err := c.Query(t.Context(), "SELECT Id FROM Lead")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cur.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "another host") {
		t.Errorf("error %v", err)
	}
	redirect := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
	}}}
	c, _ = answer(t, redirect.ServeHTTP, nil)
	if _, err := c.Limits(t.Context()); !errors.Is(err, salesforce.ErrInsecure) {
		t.Errorf("error %v", err)
	}
}

func TestGuard(t *testing.T) {
	tests := []struct {
		edition string
		sandbox bool
		allow   bool
		want    error
	}{
		{"Enterprise Edition", false, false, nil},
		{"Unlimited Edition", false, false, nil},
		{"Developer Edition", false, false, nil},
		{"Performance Edition", false, false, nil},
		{"Professional Edition", false, false, nil},
		{"Team Edition", false, false, salesforce.ErrEdition},
		{"Base Edition", false, false, salesforce.ErrEdition},
		{"Enterprise Edition", true, false, salesforce.ErrSandbox},
		{"Enterprise Edition", true, true, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s/%t/%t", tt.edition, tt.sandbox, tt.allow), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{Edition: tt.edition, Sandbox: tt.sandbox}, func(c *salesforce.Config) { c.AllowSandbox = tt.allow })
			o, err := b.Organization(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Guard(o); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	b := newBench(t, fakeforce.Options{APIDisabled: true}, nil)
	if _, err := b.Organization(t.Context()); !errors.Is(err, salesforce.ErrEdition) {
		t.Errorf("without API: error %v", err)
	}
}
