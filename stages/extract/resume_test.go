package extract_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// TestResumeReadsNoPageTwice stops the run at each result page in turn, as a kill would, and resumes it in what stands for a new
// process. Pages side by side may be on their way when one of them is stopped; those are read again, others never.
func TestResumeReadsNoPageTwice(t *testing.T) {
	for _, listed := range []bool{false, true} {
		t.Run(fmt.Sprintf("listed %t", listed), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 10})
			b.stage.Objects = []*schemas.Dataset{schemas.Account, schemas.Contact}
			b.stage.MaxConcurrent, b.stage.PagesAtOnce = 1, 1
			if listed {
				b.stage.PagesAtOnce = 2
			}
			b.fill(45)
			var mu sync.Mutex
			asked, served := map[string]int{}, 0
			var kill context.CancelFunc
			b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
				if call.Kind != fakeforce.KindQueryResults {
					next.ServeHTTP(w, r)
					return
				}
				mu.Lock()
				served++
				stop := served%3 == 0
				if !stop {
					asked[call.JobID+"?"+r.URL.RawQuery]++
				}
				mu.Unlock()
				if stop {
					kill()
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
			var m *pipeline.Manifest
			kills := 0
			for {
				var ctx context.Context
				ctx, kill = context.WithCancel(t.Context())
				var err error
				m, err = b.try(ctx)
				kill()
				if err == nil {
					break
				}
				if kills++; !errors.Is(err, context.Canceled) || kills > 20 {
					t.Fatal(err)
				}
				b.connect()
			}
			if kills < 3 || m.Resumed != kills {
				t.Errorf("killed %d times, resumed %d times", kills, m.Resumed)
			}
			again := 0
			for _, n := range asked {
				again += n - 1
			}
			// Two jobs of five pages. Side by side, the page next to a killed one is lost with it.
			if len(asked) != 10 || !listed && again > 0 || again > kills {
				t.Errorf("%d pages, %d of them read again after %d kills", len(asked), again, kills)
			}
			if n := b.org.Calls()[fakeforce.KindQueryCreate]; n != 2 {
				t.Errorf("%d jobs were made, want 2", n)
			}
			for _, ds := range b.stage.Objects {
				if diff := cmp.Diff(b.inOrg(ds), b.inSnapshot(m, ds)); diff != "" {
					t.Error(diff)
				}
			}
			if m.Count("rows.crm_account") != 45 {
				t.Errorf("counts %v", m.Stage("extract").Counts)
			}
		})
	}
}

// TestFaults has something go wrong once; the run ends right, or stops with the error and ends right when it is run again.
func TestFaults(t *testing.T) {
	ofAccounts := func(call fakeforce.Call, b *bench) bool {
		for _, j := range b.org.Jobs() {
			if j.ID == call.JobID {
				return j.Object == "Account"
			}
		}
		return false
	}
	type hook func(b *bench, w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) (done bool)
	third := func(kind fakeforce.Kind, do func(b *bench, call fakeforce.Call)) hook {
		return func(b *bench, _ http.ResponseWriter, _ *http.Request, call fakeforce.Call, _ http.Handler) bool {
			if call.Kind == kind && ofAccounts(call, b) && b.calls.Add(1) == 3 {
				do(b, call)
			}
			return false
		}
	}
	tests := []struct {
		name string
		hook hook
		want error
		jobs int64 // made for Account, over both runs
		mend func(*bench)
	}{
		{
			name: "session ends during a download", jobs: 1,
			hook: third(fakeforce.KindQueryResults, func(b *bench, _ fakeforce.Call) { b.org.ExpireTokens() }),
		},
		{
			name: "access is revoked during a download", jobs: 1, want: salesforce.ErrRevoked,
			hook: third(fakeforce.KindQueryResults, func(b *bench, _ fakeforce.Call) { b.org.RevokeAccess() }),
			mend: func(b *bench) { b.org.RestoreAccess() },
		},
		{
			name: "quota is used up by somebody else", jobs: 1, want: salesforce.ErrQuota,
			hook: third(fakeforce.KindQueryResults, func(b *bench, _ fakeforce.Call) { b.org.SetDailyAPIRequests(1000, 1000) }),
			mend: func(b *bench) { b.org.SetDailyAPIRequests(1000, 0) },
		},
		{
			name: "job is deleted by somebody else", jobs: 2,
			hook: third(fakeforce.KindQueryResults, func(b *bench, call fakeforce.Call) { b.deleteJob(call.JobID) }),
		},
		{
			name: "job fails", jobs: 2,
			hook: third(fakeforce.KindQueryStatus, func(b *bench, call fakeforce.Call) { b.must(b.org.FailJob(call.JobID, "no reason")) }),
		},
		{
			name: "job is aborted by somebody else", jobs: 2, want: salesforce.ErrJobAborted,
			hook: third(fakeforce.KindQueryStatus, func(b *bench, call fakeforce.Call) { b.must(b.org.AbortJob(call.JobID)) }),
		},
		{
			name: "job is stuck", jobs: 2, want: salesforce.ErrJobStuck,
			hook: third(fakeforce.KindQueryStatus, func(b *bench, call fakeforce.Call) { b.must(b.org.HoldJob(call.JobID)) }),
		},
		{
			name: "job tells a wrong number of rows", jobs: 3, want: salesforce.ErrRowCount,
			hook: func(b *bench, w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) bool {
				if call.Kind != fakeforce.KindQueryStatus || !ofAccounts(call, b) {
					return false
				}
				rec := httptest.NewRecorder()
				r.Header.Del("Accept-Encoding")
				next.ServeHTTP(rec, r)
				w.WriteHeader(rec.Code)
				_, _ = w.Write(bytes.ReplaceAll(rec.Body.Bytes(), []byte(`"numberRecordsProcessed":45`), []byte(`"numberRecordsProcessed":46`)))
				return true
			},
		},
	}
	for _, tt := range tests {
		for _, side := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, side), func(t *testing.T) {
				b := newBench(t, fakeforce.Options{PageSize: 10, JobPolls: 4})
				b.stage.PagesAtOnce = side
				b.fill(45)
				var jobs atomic.Int64
				remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
					if !tt.hook(b, w, r, call, next) {
						next.ServeHTTP(w, r)
					}
				})
				removeCount := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
					rec := w
					if call.Kind == fakeforce.KindQueryCreate {
						body := new(bytes.Buffer)
						_, err := body.ReadFrom(r.Body)
						if err != nil {
							t.Error(err)
						}
						if strings.Contains(body.String(), "FROM Account") {
							jobs.Add(1)
						}
						r.Body = readCloser{body}
					}
					next.ServeHTTP(rec, r)
				})
				defer removeCount()
				m, err := b.try(t.Context())
				if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
					t.Fatalf("error %v, want %v", err, tt.want)
				}
				if err != nil {
					if len(m.Datasets) != 0 {
						t.Errorf("a failed run published %v", m.Datasets)
					}
					remove()
					if tt.mend != nil {
						tt.mend(b)
					}
					b.connect()
					if m = b.run(); m.Resumed != 1 {
						t.Errorf("resumed %d times", m.Resumed)
					}
				}
				b.equal(m)
				if jobs.Load() != tt.jobs {
					t.Errorf("%d jobs were made for Account, want %d", jobs.Load(), tt.jobs)
				}
				if left := b.org.Jobs(); len(left) != 0 {
					t.Errorf("jobs are left: %v", left)
				}
			})
		}
	}
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// deleteJob deletes a job as somebody else would, with a client of their own.
func (b *bench) deleteJob(id string) {
	c, err := salesforce.New(b.cfg)
	b.must(err)
	defer c.Close()
	b.must(c.DeleteQueryJob(b.t.Context(), id))
}

func TestJobExpiresBeforeResume(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.fill(45)
	pages := 0
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryResults {
			if pages++; pages == 9 {
				kill()
			}
		}
		next.ServeHTTP(w, r)
	})
	b.stage.MaxConcurrent, b.stage.PagesAtOnce = 1, 1
	if _, err := b.try(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	remove()
	b.later(8 * 24 * time.Hour) // results are kept for seven days
	b.connect()
	b.equal(b.run())
}

func TestDamagedPartIsReadAgain(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.stage.Objects = []*schemas.Dataset{schemas.Account}
	b.stage.PagesAtOnce = 1
	b.fill(45)
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	pages := 0
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryResults {
			if pages++; pages == 4 {
				kill()
			}
		}
		next.ServeHTTP(w, r)
	})
	m, err := b.try(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	remove()
	parts, err := filepath.Glob(filepath.Join(scratchOf(b, m), "extract", "*.arrow"))
	b.must(err)
	if len(parts) < 2 {
		t.Fatalf("parts %v", parts)
	}
	b.must(os.Truncate(parts[1], 100))
	b.connect()
	if _, err := b.try(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("error %v", err)
	}
	m = b.run()
	if diff := cmp.Diff(b.inOrg(schemas.Account), b.inSnapshot(m, schemas.Account)); diff != "" {
		t.Error(diff)
	}
}

func TestObjectsThatBulkRefuses(t *testing.T) {
	b := newBench(t, fakeforce.Options{NoBulk: []string{"UserRole", "Account"}, QueryBatchSize: 200})
	b.fill(250)
	b.stage.RESTRows = 10
	b.equal(b.run())
	b.insert("UserRole", map[string]any{"Name": "More"})
	b.later(time.Hour)
	b.equal(b.run())
}

// TestConcurrencyChangesNothing compares the files of runs with one and with several workers.
func TestConcurrencyChangesNothing(t *testing.T) {
	var want map[string]string
	for _, n := range []int{1, 4} {
		b := newBench(t, fakeforce.Options{PageSize: 10})
		b.stage.MaxConcurrent, b.stage.PagesAtOnce = n, n
		b.runner.Budget = 2 << 30
		b.fill(45)
		m := b.run()
		got := map[string]string{}
		for name, e := range m.Datasets {
			if name != schemas.Org.Name { // it names the port of the server
				got[name] = e.Layers[0].Files[0].SHA256
			}
		}
		if want == nil {
			want = got
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// peak is an allocator that remembers how much was in use at most.
type peak struct {
	memory.Allocator
	mu      sync.Mutex
	now, at int
}

func (p *peak) note(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now += n
	p.at = max(p.at, p.now)
}

func (p *peak) Allocate(n int) []byte { p.note(n); return p.Allocator.Allocate(n) }

func (p *peak) Reallocate(n int, b []byte) []byte {
	p.note(n - len(b))
	return p.Allocator.Reallocate(n, b)
}
func (p *peak) Free(b []byte) { p.note(-len(b)); p.Allocator.Free(b) }

// TestMemoryIsBounded reads many more rows than fit into the bound.
func TestMemoryIsBounded(t *testing.T) {
	const rows, bound = 120_000, 24 << 20
	b := newBench(t, fakeforce.Options{PageSize: 20_000})
	b.must(b.org.Generate("Contact", fakeforce.SyntheticContacts(rows, 1, epoch, 0)))
	mem := &peak{Allocator: memory.NewGoAllocator()}
	b.stage.Allocator, b.stage.PagesAtOnce, b.stage.PageRows = mem, 1, 20_000
	b.stage.Objects = []*schemas.Dataset{schemas.Contact}
	store, err := snapshot.Open(b.runner.Home.DataDir(), snapshot.Options{Budget: 16 << 20, Allocator: mem})
	b.must(err)
	b.runner.Store = store
	m := b.run()
	if n := m.Count("rows.crm_contact"); n != rows {
		t.Errorf("%d rows", n)
	}
	e, _ := m.Entry(schemas.Contact.Name)
	t.Logf("%d rows, %d bytes on disk, at most %d bytes of records in memory", e.Rows, e.Bytes(), mem.at)
	if mem.at > bound || mem.now != 0 {
		t.Errorf("at most %d bytes of records in memory, want %d; %d are left", mem.at, bound, mem.now)
	}
}

// TestPartsAreSealed stops an encrypted run and looks at what lies in its folder.
func TestPartsAreSealed(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	key, err := snapshot.NewKey()
	b.must(err)
	b.runner.Store, err = snapshot.Open(b.runner.Home.DataDir(), snapshot.Options{Key: key})
	b.must(err)
	b.stage.Seal, b.stage.MaxConcurrent, b.stage.PagesAtOnce = b.runner.Store.Seal(), 1, 1
	b.fill(45)
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	pages := 0
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryResults {
			if pages++; pages == 6 {
				kill()
			}
		}
		next.ServeHTTP(w, r)
	})
	m, err := b.try(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	remove()
	parts, err := filepath.Glob(filepath.Join(scratchOf(b, m), "extract", "*.arrow"))
	b.must(err)
	if len(parts) < 4 {
		t.Fatalf("parts %v", parts)
	}
	for _, p := range parts {
		text, err := os.ReadFile(p)
		b.must(err)
		if bytes.Contains(text, []byte("Company")) || bytes.Contains(text, []byte("Sales")) || bytes.Contains(text, []byte("seller@")) {
			t.Errorf("%s can be read", filepath.Base(p))
		}
	}
	b.connect()
	b.equal(b.run())
}
