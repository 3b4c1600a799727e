package writeback

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// childEnv makes the test program run one cycle and die at a point of it.
const childEnv = "CRMSYNC_WRITEBACK_DIE_AT"

func TestMain(m *testing.M) {
	if at := os.Getenv(childEnv); at != "" {
		fmt.Println(child(point(at)))
		os.Exit(1) // it should have died
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/exec.(*Cmd).Wait"), goleak.IgnoreAnyFunction("os.(*Process).Wait"))
}

func child(at point) error {
	ctx := context.Background()
	db, err := postgres.Open(ctx, os.Getenv("CRMSYNC_WRITEBACK_DSN"))
	if err != nil {
		return err
	}
	client, err := newClient(os.Getenv("CRMSYNC_WRITEBACK_ORG"))
	if err != nil {
		return err
	}
	j := Job{DB: db, Client: client, Contract: "acme", RunID: "r000001", AsOf: epoch, Policy: all, UniqueField: DefaultUniqueField}
	j.at = func(p point) {
		if p == at {
			os.Exit(137) // nothing is closed, rolled back or said
		}
	}
	_, err = j.Run(ctx)
	return err
}

var points = []point{
	pointImported, pointAsked, pointRecovered, pointDecided, pointMarking, pointMarked, pointCalled, pointRecording, pointRecorded,
}

var modes = map[string]fakeforce.Options{"with a unique field": {CustomFields: uniqueField}, "without": {}}

// TestKilledAtEveryPoint ends a process at each point of the protocol; the next cycles bring each activity into the org once.
func TestKilledAtEveryPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	for mode, opts := range modes {
		for _, p := range points[1:] { // importing is a transaction of its own, and is crashed below
			t.Run(mode+" at "+string(p), func(t *testing.T) {
				dsn := postgrestest.DSN(t, migrations.Migrations)
				db, err := postgres.Open(t.Context(), dsn)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(db.Close)
				b := benchOn(t, db, "acme", opts)
				before := b.existing()
				list := work()
				b.run(list, func(j *Job) { j.Policy = Policy{} }) // into the outbox
				if p == pointAsked {                              // there must be something to ask about
					b.crash(pointCalled, 1, list)
				}
				cmd := exec.CommandContext(t.Context(), os.Args[0])
				cmd.Env = append(os.Environ(), childEnv+"="+string(p), "CRMSYNC_WRITEBACK_DSN="+dsn, "CRMSYNC_WRITEBACK_ORG="+b.url)
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.ExitCode() != 137 {
					t.Fatalf("the process did not die at the point: %v\n%s", err, out)
				}
				// The server takes a moment to see that its client is gone, and with it the lock.
				if err := db.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
					_, err := c.Exec(t.Context(), `SELECT pg_advisory_lock($1), pg_advisory_unlock($1)`, lockKey("acme"))
					return err
				}); err != nil {
					t.Fatal(err)
				}
				b.settle(nil)
				b.wantWritten(list...)
				b.wantDone(list)
				if b.existing() != before {
					t.Error("something that existed was changed")
				}
			})
		}
	}
}

// work is a mix of kinds, with two activities of the same content.
func work() []activity {
	list := []activity{mail("a1"), mail("a2"), mail("twin1"), mail("twin2"), mail("a3"), mail("n1"), mail("n2"), mail("c1")}
	list[3].Subject, list[3].Body = list[2].Subject, list[2].Body
	list[1].MemberID = "p-lead"
	list[4].MemberID = "p-unknown"
	list[5].Kind, list[6].Kind, list[7].Kind = kindNote, kindNote, kindCall
	list[6].Subject, list[6].Body = list[5].Subject, list[5].Body
	return list
}

// crashed is thrown where a test ends a cycle.
type crashed struct{ at point }

// crash runs a cycle that ends at the n-th time that it comes to a point; it may end before.
func (b *bench) crash(at point, n int, activities []activity) {
	b.t.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crashed); !ok {
				panic(r)
			}
		}
	}()
	_, err := b.try(activities, func(j *Job) {
		j.Client = b.client()
		j.at = func(p point) {
			if p == at {
				if n--; n == 0 {
					panic(crashed{p})
				}
			}
		}
	})
	if err != nil && b.t.Context().Err() != nil {
		b.t.Fatal(err)
	}
}

// settle runs undisturbed cycles until every call that may be at work has ended.
func (b *bench) settle(activities []activity) {
	b.t.Helper()
	b.run(activities)
	for range 3 {
		b.org.Clock().Advance(16 * time.Minute)
		b.run(nil)
	}
}

// wantDone checks that the outbox names a record of the org for every activity, each another one.
func (b *bench) wantDone(activities []activity) {
	b.t.Helper()
	entries := b.entries()
	if len(entries) != len(activities) {
		b.t.Errorf("%d rows in the outbox for %d activities", len(entries), len(activities))
	}
	for _, a := range activities {
		e := entries[a.ActivityID]
		if e.State != "written" && e.State != "unassigned" {
			b.t.Errorf("%s is %s: %s", a.ActivityID, e.State, e.Reason)
			continue
		}
		object := "Task"
		if a.Kind == kindNote {
			object = "Note"
		}
		if got, err := b.org.Get(object, e.SalesforceID); err != nil || got["Description"]+got["Body"] != a.Body {
			b.t.Errorf("%s is said to be %s, which is %v, %v", a.ActivityID, e.SalesforceID, got, err)
		}
	}
}

// TestReassignedMeanwhile: the answer is lost, and a seller gives the task to somebody else before the org is asked.
func TestReassignedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	a, same := mail("a"), mail("same")
	same.Subject, same.Body, same.MemberID = a.Subject, a.Body, "p-lead"
	b.crash(pointCalled, 1, []activity{a, same})
	ids, err := b.org.Rows("SELECT Id, WhoId FROM Task ORDER BY Id")
	if err != nil || len(ids) != 2 {
		t.Fatalf("%v, %v", ids, err)
	}
	other := b.insert("Contact", map[string]any{"LastName": "Other"})
	if err := b.org.Update("Task", ids[0][0], map[string]any{"WhoId": other}); err != nil {
		t.Fatal(err)
	}
	if err := b.org.Delete("Task", ids[1][0]); err != nil {
		t.Fatal(err)
	}
	b.settle(nil)
	b.wantWritten(a, same)
	b.wantDone([]activity{a, same})
}

// TestUnclearOutcomesWaitForAPerson: what can't be told is neither sent again nor forgotten.
func TestUnclearOutcomesWaitForAPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	a, same := mail("a"), mail("same")
	same.Subject, same.Body, same.MemberID = a.Subject, a.Body, "p-lead"
	b.crash(pointMarked, 1, []activity{a, same}) // neither is in the org
	e, err := b.org.Rows("SELECT Id FROM RecordType WHERE DeveloperName = 'LinkedIn_InMail'")
	if err != nil {
		t.Fatal(err)
	}
	lookalike := b.insert("Task", map[string]any{"Subject": a.Subject, "Description": a.Body, "ActivityDate": "2026-03-01", "RecordTypeId": e[0][0], "OwnerId": b.ann, "Status": "Completed"})
	b.settle(nil)
	b.state("a", "sending", lookalike)
	b.state("same", "sending", lookalike)
	if n, err := Retry(t.Context(), b.db, b.contract); err != nil || n != 0 {
		t.Errorf("a general retry touched %d unclear rows, %v", n, err)
	}
	if n, err := Retry(t.Context(), b.db, b.contract, "a", "same"); err != nil || n != 2 {
		t.Errorf("retry by name: %d, %v", n, err)
	}
	b.run(nil)
	b.state("a", "written", "")
	b.state("same", "written", "")
}

// TestSchedules runs cycles under random faults, and then undisturbed ones: each marked activity is in the org exactly once, and nothing
// else is.
func TestSchedules(t *testing.T) {
	t.Parallel()
	schedules := 300
	if testing.Short() {
		schedules = 20
	}
	db := postgrestest.New(t, migrations.Migrations)
	for seed := range schedules {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { schedule(t, db, uint64(seed)) }) {
			t.Fatalf("schedule %d failed", seed)
		}
	}
}

func schedule(t *testing.T, db *postgres.DB, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	var opts fakeforce.Options
	if r.IntN(2) == 0 {
		opts.CustomFields = uniqueField
	}
	b := benchOn(t, db, fmt.Sprint("schedule", seed), opts)
	var n network
	b.org.AddHook(n.hook)
	before := b.existing()

	var marked []activity
	for i := range 1 + r.IntN(7) {
		a := mail(fmt.Sprint("a", i))
		a.Kind = all.Kinds[r.IntN(len(all.Kinds))]
		a.Subject, a.Body = "Hello", fmt.Sprint("text ", r.IntN(3)) // contents repeat
		a.MemberID = []string{"p-contact", "p-lead", "p-unknown"}[r.IntN(3)]
		marked = append(marked, a)
	}
	var did []string
	note := func(format string, args ...any) { did = append(did, fmt.Sprintf(format, args...)) }
	for range r.IntN(6) {
		fault := []faults{{before: true}, {after: true}, {delay: true}, {queries: 1 + r.IntN(4)}, {after: true, queries: 2}, {}}[r.IntN(6)]
		n.fail(fault)
		note("faults %+v", fault)
		some := marked[:r.IntN(len(marked)+1)]
		p, times := points[r.IntN(len(points))], 1+r.IntN(2)
		if r.IntN(3) == 0 {
			times = 99 // no crash
		}
		note("%d activities, crash at %s, time %d", len(some), p, times)
		b.crash(p, times, slices.Clone(some))
		if r.IntN(2) == 0 {
			// A call ends within the time that is waited for it.
			n.arrive()
			minutes := r.IntN(20)
			note("arrive, %d minutes", minutes)
			b.org.Clock().Advance(time.Duration(minutes) * time.Minute)
		}
	}
	n.arrive()
	n.fail(faults{})
	b.settle(marked)
	b.wantWritten(marked...)
	b.wantDone(marked)
	if b.existing() != before {
		t.Error("something that existed was changed")
	}
	if t.Failed() {
		t.Logf("what happened: %s", strings.Join(did, "; "))
	}
}
