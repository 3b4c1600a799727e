package extract_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// TestIncrementalEqualsFull plays random histories of edits over 30 runs: after each, the snapshot is the org as it was at the run's
// instant, row by row and field by field. In every third run somebody goes on working while pages are read; records that were touched
// then may be as they were before or after, and are right after the next run. Odd seeds have a log of deletions that knows nothing, so
// that only sweeps find what was deleted for good. A failing seed can be run alone:
//
//	go test ./stages/extract -run 'TestIncrementalEqualsFull/3$'
func TestIncrementalEqualsFull(t *testing.T) {
	seeds, runs := uint64(8), 30
	if testing.Short() {
		seeds, runs = 2, 12
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fakeforce.Options{PageSize: 7, QueryBatchSize: 5})
			b.stage.RESTRows, b.stage.Overlap = int64(4+seed), time.Duration(seed/2)*time.Minute
			b.stage.PagesAtOnce, b.stage.MaxConcurrent = 1+int(seed)%3, 1+int(seed/2)%4
			if seed%2 == 1 {
				b.stage.SweepEvery = time.Second
				defer b.blindLog()()
			}
			h := &history{b: b, r: rand.New(rand.NewPCG(seed, 1)), done: map[string]int{}}
			b.fill(14)
			for n := range runs {
				b.later(time.Second)
				if n%3 == 2 {
					h.runWhileEditing(n)
				} else {
					b.equal(b.run())
				}
				if t.Failed() {
					t.Fatalf("run %d differs", n)
				}
				for range h.r.IntN(25) {
					b.later(time.Duration(h.r.IntN(3)) * time.Second)
					h.edit()
				}
				b.later(time.Duration(h.r.IntN(40)) * time.Hour)
			}
			b.later(time.Second)
			b.equal(b.run())
			for _, op := range []string{"insert", "update", "owner", "delete", "undelete", "harddelete"} {
				if h.done[op] == 0 && !testing.Short() {
					t.Errorf("nothing was done of %s", op)
				}
			}
			t.Logf("edits: %v", h.done)
		})
	}
}

// history makes edits at random.
type history struct {
	b       *bench
	r       *rand.Rand
	deleted [][2]string
	done    map[string]int
}

func (h *history) edit() {
	b, r := h.b, h.r
	b.t.Helper()
	ds := schemas.CRMObjects[r.IntN(len(schemas.CRMObjects))]
	ids := slices.Sorted(maps.Keys(b.inOrg(ds)))
	if len(ids) == 0 {
		return
	}
	id, op := ids[r.IntN(len(ids))], ""
	recycled := ds != schemas.User && ds != schemas.UserRole
	switch n := r.IntN(12); {
	case n < 2:
		op = "insert"
		h.insert(ds, ids)
	case n == 2 && len(h.deleted) > 0:
		op = "undelete"
		k := r.IntN(len(h.deleted))
		if b.org.Undelete(h.deleted[k][0], h.deleted[k][1]) != nil {
			op = "" // it was deleted for good, or is back already
		}
	case n < 6 && recycled && len(ids) > 2:
		op = "delete"
		b.must(b.org.Delete(ds.Object, id))
		h.deleted = append(h.deleted, [2]string{ds.Object, id})
	case n == 6 && len(ids) > 2 && id != b.org.UserID():
		op = "harddelete"
		b.must(b.org.HardDelete(ds.Object, id))
	case n == 7 && len(h.deleted) > 0: // the recycle bin is emptied
		op = "harddelete"
		k := r.IntN(len(h.deleted))
		if b.org.HardDelete(h.deleted[k][0], h.deleted[k][1]) != nil {
			op = ""
		}
	case n == 8 && ds.Index("OwnerId") >= 0:
		op = "owner"
		users := slices.Sorted(maps.Keys(b.inOrg(schemas.User)))
		b.must(b.org.Update(ds.Object, id, map[string]any{"OwnerId": users[r.IntN(len(users))]}))
	default:
		op = "update"
		b.must(b.org.Update(ds.Object, id, h.change(ds)))
	}
	h.done[op]++
}

func (h *history) change(ds *schemas.Dataset) map[string]any {
	n := h.r.IntN(1000)
	return map[string]map[string]any{
		"Account":     {"Name": fmt.Sprint("Edited ", n), "AnnualRevenue": nil},
		"Contact":     {"LastName": fmt.Sprint("Edited ", n), "Description": "x\r\n\"y\", \x00z"},
		"Lead":        {"Title": fmt.Sprint("Title ", n)},
		"Opportunity": {"Amount": h.r.Float64() * 1e9, "StageName": []string{"Prospecting", "Closed Won"}[n%2]},
		"User":        {"Department": fmt.Sprint("Department ", n)},
		"UserRole":    {"Name": fmt.Sprint("Role ", n)},

		"OpportunityContactRole": {"Role": []string{"Influencer", "Evaluator"}[n%2], "IsPrimary": n%3 == 0},
	}[ds.Object]
}

func (h *history) insert(ds *schemas.Dataset, ids []string) {
	n := h.r.IntN(1000)
	fields := map[string]map[string]any{
		"Account":     {"Name": fmt.Sprint("New ", n)},
		"Contact":     {"LastName": fmt.Sprint("New ", n)},
		"Lead":        {"LastName": fmt.Sprint("New ", n), "Company": "Prospect", "Status": "Open - Not Contacted"},
		"Opportunity": {"Name": fmt.Sprint("New ", n), "StageName": "Prospecting", "CloseDate": "2026-06-30"},
		"User":        {"Username": fmt.Sprint("u", n, "@example.com"), "LastName": "New", "IsActive": true},
		"UserRole":    {"Name": fmt.Sprint("New ", n)},
	}[ds.Object]
	if ds == schemas.OpportunityContactRole {
		row, err := h.b.org.Get(ds.Object, ids[0])
		h.b.must(err)
		fields = map[string]any{"OpportunityId": row["OpportunityId"], "ContactId": row["ContactId"], "Role": "New"}
	}
	h.b.insert(ds.Object, fields)
}

// runWhileEditing runs while every few calls something is edited, and compares what nobody touched.
func (h *history) runWhileEditing(n int) {
	b := h.b
	b.t.Helper()
	before, rows := h.stamps(), map[string]map[string][]string{}
	for _, ds := range schemas.CRMObjects {
		rows[ds.Name] = b.inOrg(ds)
	}
	var calls atomic.Int64
	edits := make(chan struct{}, 1) // one at a time: edits are made by several calls' goroutines
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if data := call.Kind == fakeforce.KindQuery || call.Kind == fakeforce.KindQueryResults; data && calls.Add(1)%4 == 0 {
			func() {
				edits <- struct{}{}
				defer func() { <-edits }()
				b.org.Clock().Advance(time.Second)
				h.edit()
			}()
		}
		next.ServeHTTP(w, r)
	})
	m := b.run()
	remove()
	after := h.stamps()
	for _, ds := range schemas.CRMObjects {
		want, got := rows[ds.Name], b.inSnapshot(m, ds)
		for key := range union(before, after) {
			if before[key] != after[key] {
				delete(want, key)
				delete(got, key)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			b.t.Errorf("run %d: %s differs from the org in what nobody touched (-org +snapshot):\n%s", n, ds.Object, diff)
		}
	}
}

// stamps tells of every live record when it was last touched.
func (h *history) stamps() map[string]string {
	all := map[string]string{}
	for _, ds := range schemas.CRMObjects {
		rows, err := h.b.org.Rows("SELECT Id, SystemModstamp FROM " + ds.Object)
		h.b.must(err)
		for _, r := range rows {
			all[r[0]] = r[1]
		}
	}
	return all
}

func union(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for k := range m {
			all[k] = true
		}
	}
	return all
}
