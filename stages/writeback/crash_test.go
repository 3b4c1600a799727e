package writeback

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
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
	if os.Getenv("CRMSYNC_WRITEBACK_WAY") == "bulk" {
		inBulk(&j)
	}
	j.at = func(p point) {
		if p == at {
			// kill -9: nothing is closed, rolled back or said.
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	_, err = j.Run(ctx)
	return err
}

var modes = map[string]fakeforce.Options{"with a unique field": {CustomFields: uniqueField}, "without": {}}

// inBulk has a job write everything in Bulk jobs of a few rows.
func inBulk(j *Job) { j.Policy.BulkAbove, j.partRows = 1, 3 }

// ways are the two ways in which records go out, with the points that a cycle comes to then, given that something is to be asked about.
var ways = map[string]struct {
	set    func(*Job)
	points []point
}{
	"collections": {
		func(*Job) {},
		[]point{pointImported, pointAsked, pointRecovered, pointDecided, pointMarking, pointMarked, pointCalled, pointRecording, pointRecorded},
	},
	"bulk": {inBulk, []point{
		pointImported, pointCollected, pointEnded, pointRecovered, pointDecided, pointOpened, pointMarking, pointMarked, pointUploaded, pointClosed,
		pointRecording, pointRecorded,
	}},
}

// TestEveryPointIsPassed: each point of the protocol is on one of the ways, so that killing there is tried.
func TestEveryPointIsPassed(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	passed := map[point]bool{}
	for name, way := range ways {
		list := work()
		for i := range list {
			list[i].ActivityID += name
		}
		b.crash(pointCalled, 1, list[:4])
		b.run(list, way.set, func(j *Job) { j.at = func(p point) { passed[p] = true } })
		b.settle(nil, way.set)
		for _, p := range way.points {
			if !slices.Contains(points, p) {
				t.Errorf("%s is no point", p)
			}
		}
	}
	for _, p := range points {
		if !passed[p] && p != pointCalled || !slices.Contains(slices.Concat(ways["bulk"].points, ways["collections"].points), p) {
			t.Errorf("point %s is not tried", p)
		}
	}
}

// TestKilledAtEveryPoint kills a process at each point of the protocol; the next cycles bring each activity into the org once.
func TestKilledAtEveryPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	for mode, opts := range modes {
		for name, way := range ways {
			for _, p := range way.points[1:] { // importing is a transaction of its own, and is crashed below
				t.Run(mode+"/"+name+"/"+string(p), func(t *testing.T) {
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
					cmd.Env = append(os.Environ(), childEnv+"="+string(p), "CRMSYNC_WRITEBACK_DSN="+dsn, "CRMSYNC_WRITEBACK_ORG="+b.url, "CRMSYNC_WRITEBACK_WAY="+name)
					out, err := cmd.CombinedOutput()
					var exit *exec.ExitError
					if status, ok := syscall.WaitStatus(0), errors.As(err, &exit); ok {
						status, _ = exit.Sys().(syscall.WaitStatus)
						ok = status.Signaled() && status.Signal() == syscall.SIGKILL
						err = fmt.Errorf("%w, killed: %t", err, ok)
						if !ok {
							t.Fatalf("the process did not die at the point: %v\n%s", err, out)
						}
					} else {
						t.Fatalf("the process did not die: %v\n%s", err, out)
					}
					// The server takes a moment to see that its client is gone, and with it the lock.
					if err := db.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
						_, err := c.Exec(t.Context(), `SELECT pg_advisory_lock($1), pg_advisory_unlock($1)`, lockKey("acme"))
						return err
					}); err != nil {
						t.Fatal(err)
					}
					b.settle(nil, way.set)
					b.wantWritten(list...)
					b.wantDone(list)
					if b.existing() != before {
						t.Error("something that existed was changed")
					}
				})
			}
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
func (b *bench) crash(at point, n int, activities []activity, set ...func(*Job)) {
	b.t.Helper()
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(crashed)
			if !ok {
				panic(r)
			}
			b.crashes[c.at]++
		}
	}()
	_, err := b.try(activities, append(slices.Clone(set), func(j *Job) {
		j.Client = b.client()
		j.at = func(p point) {
			if p == at {
				if n--; n == 0 {
					panic(crashed{p})
				}
			}
		}
	})...)
	if err != nil && b.t.Context().Err() != nil {
		b.t.Fatal(err)
	}
}

// settle runs undisturbed cycles until every call that may be at work has ended, and what waits for another attempt had it.
func (b *bench) settle(activities []activity, set ...func(*Job)) {
	b.t.Helper()
	b.run(activities, set...)
	for cycle := range 14 {
		b.org.Clock().Advance(time.Duration(16+4*cycle) * time.Minute)
		b.run(nil, set...)
		queue, err := Queue(b.t.Context(), b.db, b.contract)
		if err != nil {
			b.t.Fatal(err)
		}
		if cycle > 1 && queue["sending"]+queue["waiting"] == 0 {
			return
		}
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
	ids, err := b.org.Rows("SELECT Id, WhoId FROM Task WHERE Status = 'Completed' AND RecordTypeId != null ORDER BY Id")
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
	if n, err := b.retry(); err != nil || n != 0 {
		t.Errorf("a general retry touched %d unclear rows, %v", n, err)
	}
	if n, err := b.retry("a", "same"); err != nil || n != 2 {
		t.Errorf("retry by name: %d, %v", n, err)
	}
	b.run(nil)
	b.state("a", "written", "")
	b.state("same", "written", "")
}
