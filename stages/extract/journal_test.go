package extract_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

func (b *bench) journal() string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.runner.Home.Dir, "cache", "query-jobs.json"))
	b.must(err)
	return string(text)
}

func (b *bench) writeJournal(text string) {
	b.t.Helper()
	b.must(os.WriteFile(filepath.Join(b.runner.Home.Dir, "cache", "query-jobs.json"), []byte(text), 0o600))
}

// killAt has the run's process stop when the n-th page of results is asked for, as a kill would: nothing is tidied up.
func (b *bench) killAt(n int) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	defer b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryResults && call.N == n {
			cancel()
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})()
	if _, err := b.try(ctx); err == nil {
		b.t.Fatal("the run was not killed")
	}
	b.connect()
}

// TestOrphansAreEnded abandons a run that was killed. The next one ends its jobs, and no others.
func TestOrphansAreEnded(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10, JobPolls: 1})
	b.stage.Objects = []*schemas.Dataset{schemas.Account, schemas.Contact}
	b.fill(35)
	theirs, err := b.client.CreateQueryJob(t.Context(), "SELECT Id FROM Lead", false) // another tool of the same user
	b.must(err)
	b.killAt(3)
	if n := len(b.org.Jobs()); n < 2 {
		t.Fatalf("%d jobs are in the org", n)
	}
	b.runner.Fresh = true
	orphans := int64(len(b.org.Jobs()) - 1)
	b.org.ResetCalls()
	m := b.run()
	b.equalObjects(m)
	jobs := b.org.Jobs()
	if len(jobs) != 1 || jobs[0].ID != theirs.ID || m.Count("orphans") != orphans {
		t.Errorf("%d of %d orphans were ended, left %+v", m.Count("orphans"), orphans, jobs)
	}
	if got := b.journal(); got != "[]" {
		t.Errorf("the journal holds %s", got)
	}
	// With nothing in the journal, nothing is listed.
	b.later(time.Hour)
	b.org.ResetCalls()
	b.run()
	if n := b.org.Calls()[fakeforce.KindQueryStatus]; n != 0 {
		t.Errorf("%d calls about jobs", n)
	}
}

// TestResumedRunKeepsItsJobs takes no job of the run's own for an orphan.
func TestResumedRunKeepsItsJobs(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.stage.Objects, b.stage.PagesAtOnce = []*schemas.Dataset{schemas.Account}, 1
	b.fill(45)
	b.killAt(3)
	m := b.run()
	b.equalObjects(m)
	if n := b.org.Calls()[fakeforce.KindQueryCreate]; n != 1 || m.Count("orphans") != 0 {
		t.Errorf("%d jobs were made, %d orphans", n, m.Count("orphans"))
	}
}

// TestJournalNamesOnlyOurJobs has journal entries whose jobs are another's now: of another object, of another user, gone, running.
func TestJournalNamesOnlyOurJobs(t *testing.T) {
	b := newBench(t, fakeforce.Options{JobPolls: 3})
	b.fill(2)
	b.run()
	job := func(object string) string {
		j, err := b.client.CreateQueryJob(t.Context(), "SELECT Id FROM "+object, false)
		b.must(err)
		return j.ID
	}
	otherObject, otherUser, running := job("Lead"), job("Account"), job("Contact")
	user := b.org.UserID()
	entry := func(id, object, by string) string {
		return `{"id":"` + id + `","object":"` + object + `","created_by":"` + by + `","run":"r000000"}`
	}
	b.writeJournal("[" + strings.Join([]string{
		entry(otherObject, "Account", user), entry(otherUser, "Account", "005000000000001AAA"), entry(running, "Contact", user),
		entry("750000000000001AAA", "Account", user),
	}, ",") + "]")
	b.later(time.Hour)
	b.org.ResetCalls()
	m := b.run()
	var left []string
	for _, j := range b.org.Jobs() {
		left = append(left, j.ID)
	}
	if !slices.Equal(left, []string{otherObject, otherUser}) || m.Count("orphans") != 1 || b.journal() != "[]" {
		t.Errorf("left %v, orphans %d, journal %s", left, m.Count("orphans"), b.journal())
	}
	if c := b.org.Calls(); c[fakeforce.KindQueryStatus] != 1 || c[fakeforce.KindQueryEnd] != 2 { // one list; one abort and one delete
		t.Errorf("calls %v", c)
	}
}

// TestDamagedJournal is begun anew, and said.
func TestDamagedJournal(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.fill(2)
	b.run()
	b.writeJournal("{half")
	b.later(time.Hour)
	b.equal(b.run())
	if !strings.Contains(b.log.String(), "the journal of query jobs is damaged") {
		t.Errorf("log:\n%s", b.log)
	}
}

// TestOrphansThatStay are no reason to fail.
func TestOrphansThatStay(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.fill(2)
	b.run()
	const entries = `[{"id":"750000000000001AAA","object":"Account","created_by":"x","run":"r000000"}]`
	b.writeJournal(entries)
	b.later(time.Hour)
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryStatus {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`))
			return
		}
		next.ServeHTTP(w, r)
	})
	b.equal(b.run())
	remove()
	if b.journal() != entries || !strings.Contains(b.log.String(), "were not deleted") {
		t.Errorf("journal %s, log:\n%s", b.journal(), b.log)
	}
}
