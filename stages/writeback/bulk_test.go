package writeback

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// backlog is a list of activities of all kinds.
func backlog(n int) []activity {
	list := make([]activity, n)
	for i := range list {
		list[i] = mail(fmt.Sprintf("a%05d", i))
		list[i].Kind = all.Kinds[i%len(all.Kinds)]
	}
	return list
}

func (b *bench) jobs() []fakeforce.Job {
	return slices.DeleteFunc(b.org.Jobs(), func(j fakeforce.Job) bool { return !j.Ingest })
}

// TestBacklogsGoInBulk: above the setting Tasks and Notes go in jobs of their own; what can't be said in an upload goes with a call.
func TestBacklogsGoInBulk(t *testing.T) {
	t.Parallel()
	for mode, opts := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, opts)
			before := b.existing()
			list := backlog(50)
			list[0].Body, list[1].Body, list[2].MemberID = salesforce.IngestNull, "lines, of \"text\"\r\nand = so on", "p-unknown"
			set := func(j *Job) { j.Policy.BulkAbove = 9 }
			r := b.run(list, set)
			if r.Written != 50 || r.Unassigned != 1 || r.BulkJobs != 2 || r.Uncertain+r.Delayed+r.Refused != 0 {
				t.Errorf("result %+v", r)
			}
			objects := ""
			for _, j := range b.jobs() {
				objects += j.Object + " " + string(j.State) + ";"
			}
			if objects != "Note JobComplete;Task JobComplete;" || len(b.bodies) != 1 {
				t.Errorf("jobs %s, and %d records with calls", objects, len(b.bodies))
			}
			list[1].Body = "lines, of \"text\"\nand = so on"
			b.wantWritten(list...)
			b.wantDone(list)
			if b.existing() != before {
				t.Error("something that existed was changed")
			}
			// A backlog is counted by object and cycle.
			few := backlog(60)[50:]
			if r := b.run(few, set); r.Written != 10 || r.BulkJobs != 0 {
				t.Errorf("few: %+v", r)
			}
		})
	}
}

// TestBulkRefusals: each row of a job has its own outcome, in Salesforce's words.
func TestBulkRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	remove := b.org.AddRule(fakeforce.ValidationRule("Task", "No calls on Sundays: ask", func(field func(string) string) bool {
		return strings.HasSuffix(field("Description"), "3")
	}))
	list := backlog(20)
	for i := range list {
		list[i].Kind = kindInMail
	}
	r := b.run(list, inBulk)
	if r.Written != 18 || r.Refused != 2 || r.BulkJobs != 7 {
		t.Errorf("result %+v", r)
	}
	b.state("a00013", "refused", "FIELD_CUSTOM_VALIDATION_EXCEPTION: No calls on Sundays: ask")
	remove()
	if r := b.run(nil, inBulk); r.Written+r.Refused != 0 {
		t.Errorf("refused ones were tried again: %+v", r)
	}
	if n, err := b.retry("a00013", "a00003"); err != nil || n != 2 {
		t.Errorf("retry: %d, %v", n, err)
	}
	b.run(nil, inBulk)
	b.wantWritten(list...)
}

// TestBulkJobsThatTakeTheirTime: a cycle does not wait for ever, other activities go out meanwhile, and the job is asked first later.
func TestBulkJobsThatTakeTheirTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{JobPolls: 4})
	set := func(j *Job) { j.Policy.BulkAbove, j.Patience = 3, 1 }
	list := backlog(5)
	for i := range list {
		list[i].Kind = kindMessage
	}
	if r := b.run(list, set); r.Uncertain != 5 || r.Written != 0 {
		t.Errorf("while it is at work: %+v", r)
	}
	b.state("a00000", "sending", "Bulk job "+b.jobs()[0].ID)
	// Long after the time that calls may take, the job still counts.
	b.org.Clock().Advance(24 * time.Hour)
	late := mail("late")
	if r := b.run([]activity{late}, set); r.Written != 1 || r.Uncertain != 5 {
		t.Errorf("meanwhile: %+v", r)
	}
	for range 4 {
		b.run(nil, set)
	}
	b.wantWritten(append(list, late)...)
	b.wantDone(append(list, late))
}

// TestBulkJobsThatEndBadly: aborted, failed in the middle and gone ones; what they made is found, what not is written.
func TestBulkJobsThatEndBadly(t *testing.T) {
	t.Parallel()
	for mode, opts := range modes {
		for name, end := range map[string]func(b *bench, id string) error{
			"aborted":           func(b *bench, id string) error { return b.org.AbortJobAfter(id, 2) },
			"failed":            func(b *bench, id string) error { return b.org.FailJobAfter(id, 2, "InternalServerError") },
			"aborted, and gone": func(b *bench, id string) error { return errors.Join(b.org.AbortJobAfter(id, 2), b.org.RemoveJob(id)) },
			"expired":           func(b *bench, _ string) error { b.org.Clock().Advance(8 * 24 * time.Hour); return nil },
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, opts)
				list := work()
				set := func(j *Job) { j.Policy.BulkAbove = 1 }
				b.crash(pointClosed, 1, list, set)
				if err := end(b, b.jobs()[0].ID); err != nil {
					t.Fatal(err)
				}
				b.settle(nil, set)
				b.wantWritten(list...)
				b.wantDone(list)
			})
		}
	}
}

// TestBulkThatIsNotServed: the org refuses jobs for an object, or a job as a whole; the records go with calls.
func TestBulkThatIsNotServed(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindIngest && r.Method == http.MethodPost {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `[{"errorCode":"INVALIDENTITY","message":"Entity 'Task' is not supported by the Bulk API."}]`)
			return
		}
		next.ServeHTTP(w, r)
	})
	list := backlog(20)
	if r := b.run(list, inBulk); r.Written != 20 || r.BulkJobs != 0 {
		t.Errorf("result %+v", r)
	}
	b.wantWritten(list...)

	// Every job fails: after two, the rows go with calls.
	b = newBench(t, fakeforce.Options{})
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindIngest && r.Method == http.MethodGet {
			_ = b.org.FailJob(call.JobID, "InvalidBatch : Field name not found : Status") // an error says that it has failed before
		}
		next.ServeHTTP(w, r)
	})
	set := func(j *Job) { j.Policy.BulkAbove = 3 }
	if r := b.run(list, set); r.Delayed != 20 || r.BulkJobs != 2 {
		t.Errorf("result %+v", r)
	}
	b.state("a00000", "waiting", "Field name not found : Status")
	for range 2 {
		b.org.Clock().Advance(time.Hour)
		b.run(nil, set)
	}
	b.wantWritten(list...)
}

// TestBulkUploadThatFails leaves everything waiting, and nothing in the org.
func TestBulkUploadThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	dead := true
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if dead && call.Kind == fakeforce.KindIngest && r.Method == http.MethodPut {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	list := backlog(20)
	if r, err := b.try(list, inBulk); err == nil || r.Delayed == 0 {
		t.Errorf("result %+v, %v", r, err)
	}
	if j := b.jobs(); len(j) != 1 || j[0].State != fakeforce.StateAborted {
		t.Errorf("jobs %+v", j)
	}
	if e := b.state("a00000", "waiting", ""); e.Attempts != 0 {
		t.Errorf("%d attempts counted that the org had no part in", e.Attempts)
	}
	dead = false
	b.org.Clock().Advance(2 * time.Minute)
	b.run(nil, inBulk)
	b.wantWritten(list...)
}
