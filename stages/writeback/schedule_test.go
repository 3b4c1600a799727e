package writeback

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// TestSchedules runs cycles under random faults, and then undisturbed ones: each marked activity is in the org exactly once, and nothing
// else is, and what was there before is as it was. Schedules are shared out evenly among orgs with and without a unique field, and among
// writing with calls and in Bulk jobs.
func TestSchedules(t *testing.T) {
	t.Parallel()
	schedules := 320
	if testing.Short() {
		schedules = 40
	}
	db := postgrestest.New(t, migrations.Migrations)
	crashes := map[point]int{}
	for seed := range schedules {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { schedule(t, db, uint64(seed), crashes) }) {
			t.Fatalf("schedule %d failed", seed)
		}
	}
	t.Logf("%d schedules; cycles ended at a point: %v", schedules, crashes)
	for _, p := range points {
		if crashes[p] == 0 && !testing.Short() {
			t.Errorf("no schedule ended a cycle at point %s", p)
		}
	}
}

func schedule(t *testing.T, db *postgres.DB, seed uint64, crashes map[point]int) {
	r := rand.New(rand.NewPCG(seed, 1))
	opts := fakeforce.Options{JobPolls: 1 + r.IntN(3), Seed: seed}
	if seed%2 == 0 {
		opts.CustomFields = uniqueField
	}
	way := ways["collections"]
	if seed%4 >= 2 {
		way = ways["bulk"]
	}
	b := benchOn(t, db, fmt.Sprint("schedule", seed), opts)
	var n network
	b.org.AddHook(n.hook)
	before := b.existing()

	var marked []activity
	for i := range 2 + r.IntN(9) {
		a := mail(fmt.Sprint("a", i))
		a.Kind = all.Kinds[r.IntN(len(all.Kinds))]
		a.Subject, a.Body = "Hello", fmt.Sprint("text ", r.IntN(3)) // contents repeat
		a.MemberID = []string{"p-contact", "p-lead", "p-unknown"}[r.IntN(3)]
		marked = append(marked, a)
	}
	for i := range r.IntN(3) {
		b.unmarked = append(b.unmarked, mail(fmt.Sprint("unmarked", i)))
	}
	var did []string
	note := func(format string, args ...any) { did = append(did, fmt.Sprintf(format, args...)) }
	for range 2 + r.IntN(6) {
		fault := []faults{{before: true}, {after: true}, {delay: true}, {queries: 1 + r.IntN(4)}, {after: true, queries: 2}, {}}[r.IntN(6)]
		// A Bulk job takes three calls, each made twice when the line fails.
		fault.times = 1 + r.IntN(3)
		if len(way.points) > len(ways["collections"].points) {
			fault.skip = r.IntN(4)
		}
		n.fail(fault)
		note("faults %+v", fault)
		some := marked[:max(r.IntN(len(marked)+1), r.IntN(len(marked)+1))]
		p, times := way.points[r.IntN(len(way.points))], 1+r.IntN(2)
		if r.IntN(3) == 0 {
			times = 99 // as a rule no crash
		}
		patience := time.Duration(r.IntN(3)) * 300 * time.Millisecond
		note("%d activities, crash at %s, time %d, patience %s", len(some), p, times, patience)
		b.crash(p, times, slices.Clone(some), way.set, func(j *Job) { j.Patience = max(1, patience) })
		if r.IntN(2) == 0 {
			// A call ends within the time that is waited for it.
			n.arrive()
			minutes := r.IntN(20)
			note("arrive, %d minutes", minutes)
			b.org.Clock().Advance(time.Duration(minutes) * time.Minute)
		}
		for _, j := range b.org.Jobs() {
			open := j.State == fakeforce.StateOpen || j.State == fakeforce.StateUploadComplete || j.State == fakeforce.StateInProgress
			rows, what := r.IntN(4), r.IntN(10)
			var err error
			switch {
			case what == 0 && open:
				err = b.org.AbortJobAfter(j.ID, rows)
			case what == 1 && open:
				err = b.org.FailJobAfter(j.ID, rows, "InternalServerError")
			case what == 2 && !open:
				err = b.org.RemoveJob(j.ID)
			case what == 3 && open:
				var finish func()
				finish, err = b.org.AbortJobLate(j.ID, rows)
				n.later(finish)
			default:
				continue
			}
			note("job %s, %s: %d after %d rows", j.ID, j.State, what, rows)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for p, times := range b.crashes {
		crashes[p] += times
	}
	n.arrive()
	n.fail(faults{})
	b.settle(marked, way.set)
	b.wantWritten(marked...)
	b.wantDone(marked)
	if b.existing() != before {
		t.Error("something that existed was changed")
	}
	if t.Failed() {
		t.Logf("what happened: %s", strings.Join(did, "; "))
	}
}
