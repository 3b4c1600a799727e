package extract_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// TestCallsOfAnUnchangedOrg holds a run of an unchanged org to four calls an object, and the org's count of them to ours.
func TestCallsOfAnUnchangedOrg(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.stage.SweepEvery, b.stage.Overlap, b.stage.Lag = 7*24*time.Hour, 10*time.Minute, 5*time.Minute
	b.fill(30)
	b.later(time.Hour)
	b.run()
	for range 3 {
		b.later(12 * time.Hour)
		b.connect() // every run is a process of its own
		before, _ := b.org.APIUsage()
		m := b.run()
		after, _ := b.org.APIUsage()
		b.equal(m)
		used := int64(after - before)
		if used < 0 { // the org's day is over
			used = int64(after)
		}
		if m.Count("api_calls") != used {
			t.Errorf("%d calls counted, the org counted %d", m.Count("api_calls"), used)
		}
		var sum int64
		for _, ds := range schemas.CRMObjects {
			n := m.Count("calls." + ds.Object)
			sum += n
			if n < 2 || n > 4 {
				t.Errorf("%s took %d calls", ds.Object, n)
			}
		}
		if used-sum != 2 { // the org's own record, and its limits
			t.Errorf("%d calls about no object", used-sum)
		}
		t.Logf("%d calls, %d of them for %d objects", used, sum, len(schemas.CRMObjects))
	}
}

// TestCallsByObject counts the calls about jobs under their objects, also those of a resumed run.
func TestCallsByObject(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10, JobPolls: 2})
	b.stage.Objects, b.stage.PagesAtOnce = []*schemas.Dataset{schemas.Account}, 1
	b.fill(45)
	b.killAt(3)
	before, _ := b.org.APIUsage()
	m := b.run()
	after, _ := b.org.APIUsage()
	// Organization and limits; describe, three pages or one more, the job looked at once, and deleted.
	if n := m.Count("calls.Account"); n != int64(after-before)-2 || n < 6 {
		t.Errorf("%d calls about Account of %d", n, after-before)
	}
}

// TestQuotaEndsDuringADownload stops when the reserve is reached between two pages; the run that goes on the next day reads none twice.
func TestQuotaEndsDuringADownload(t *testing.T) {
	for _, side := range []int{1, 3} {
		t.Run(fmt.Sprint(side), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 10, DailyAPIRequests: 200})
			b.stage.Objects, b.stage.PagesAtOnce = []*schemas.Dataset{schemas.Account}, side
			b.cfg.Reserve = 150
			b.connect()
			b.fill(95)
			var mu sync.Mutex
			asked := map[string]int{}
			defer b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
				if call.Kind == fakeforce.KindQueryResults {
					mu.Lock()
					asked[r.URL.RawQuery]++
					n := len(asked)
					mu.Unlock()
					if n == 4 { // others use up what is left
						b.org.SetDailyAPIRequests(200, 49)
					}
				}
				next.ServeHTTP(w, r)
			})()
			m, err := b.try(t.Context())
			if !errors.Is(err, salesforce.ErrQuota) || len(m.Datasets) != 0 {
				t.Fatalf("error %v, published %v", err, m.Datasets)
			}
			mu.Lock()
			first := len(asked)
			mu.Unlock()
			used, allowed := b.org.APIUsage()
			// Pages that were on their way when the reserve was reached are read to their end.
			if first < 4 || first >= 10 || allowed-used < 150-side {
				t.Errorf("%d pages were read, %d of %d calls used", first, used, allowed)
			}
			// Within the same day, nothing is started.
			b.connect()
			if _, err := b.try(t.Context()); !errors.Is(err, salesforce.ErrQuota) || !strings.Contains(err.Error(), "reserve") {
				t.Fatalf("error %v", err)
			}
			b.later(25 * time.Hour)
			b.connect()
			m = b.run()
			b.equalObjects(m)
			for ref, n := range asked {
				if n != 1 {
					t.Errorf("page %q was read %d times", ref, n)
				}
			}
			if len(asked) != 10 || b.org.Calls()[fakeforce.KindQueryCreate] != 1 {
				t.Errorf("%d pages, calls %v", len(asked), b.org.Calls())
			}
		})
	}
}
