package writeback

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// faults are ways in which a line fails. The first three are for calls that change something in the org: Collections, and the steps of a
// Bulk job. Each happens times times (at least once), after skip such calls.
type faults struct {
	before, after bool // the line is cut before or after the org has done what it was told
	delay         bool // the call is kept until arrive is called: the caller is gone by then
	skip, times   int
	queries       int // so many questions fail: queries, and those about Bulk jobs
}

// network is a line to the org.
type network struct {
	mu   sync.Mutex
	next faults
	late []func()
}

// fail has the line fail in these ways from now on, and in no other.
func (n *network) fail(f faults) {
	f.times = max(1, f.times)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = f
}

// take says what happens to a call, and forgets it.
func (n *network) take(r *http.Request, kind fakeforce.Kind) (f faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	asks := kind == fakeforce.KindQuery || kind == fakeforce.KindIngest && r.Method == http.MethodGet
	changes := kind == fakeforce.KindCollections || kind == fakeforce.KindIngest && !asks
	switch {
	case asks && n.next.queries > 0:
		n.next.queries--
		f.queries = 1
	case !changes || n.next.times == 0 || !n.next.before && !n.next.after && !n.next.delay:
	case n.next.skip > 0:
		n.next.skip--
	default:
		n.next.times--
		f.before, f.after, f.delay = n.next.before, n.next.after, n.next.delay
	}
	return f
}

func (n *network) hook(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
	switch f := n.take(r, call.Kind); {
	case f == faults{}:
		next.ServeHTTP(w, r)
		return
	case f.after:
		next.ServeHTTP(httptest.NewRecorder(), r)
	case f.delay:
		if body, err := io.ReadAll(r.Body); err == nil {
			again := r.Clone(context.Background())
			again.Body = io.NopCloser(bytes.NewReader(body))
			n.later(func() { next.ServeHTTP(httptest.NewRecorder(), again) })
		}
	}
	panic(http.ErrAbortHandler)
}

// later has something happen with the delayed calls.
func (n *network) later(do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = append(n.late, do)
}

// arrive lets delayed calls come to the org.
func (n *network) arrive() {
	n.mu.Lock()
	late := n.late
	n.late = nil
	n.mu.Unlock()
	for _, call := range late {
		call()
	}
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for mode, opts := range modes {
		for name, fault := range map[string]faults{
			"cut before": {before: true}, "cut after": {after: true}, "delayed": {delay: true},
			"cut after, and the line stays dead": {after: true, queries: 4},
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, opts)
				var n network
				b.org.AddHook(n.hook)
				n.fail(fault)
				list := work()
				r, err := b.try(list)
				switch {
				case fault.queries > 0:
					if err == nil {
						t.Errorf("a dead line is no error: %+v", r)
					}
				case err != nil:
					t.Error(err)
				case name == "cut after" && (r.Found != len(list) || r.Uncertain != 0):
					t.Errorf("asked at once, the org had them all: %+v", r)
				case name != "cut after" && len(opts.CustomFields) == 0 && r.Uncertain != len(list):
					t.Errorf("nothing is known for certain yet: %+v", r)
				}
				n.fail(faults{})
				b.run(nil)
				n.arrive()
				b.settle(nil)
				b.wantWritten(list...)
				b.wantDone(list)
			})
		}
	}
}
