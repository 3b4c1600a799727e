package writeback

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// giver publishes activities, as the sync does.
type giver struct {
	t    *testing.T
	list []activity
}

func (g *giver) Name() string               { return "give" }
func (g *giver) Reads() []*schemas.Dataset  { return nil }
func (g *giver) Writes() []*schemas.Dataset { return []*schemas.Dataset{schemas.Activities} }
func (g *giver) Run(ctx context.Context, run *pipeline.Run) error {
	w, err := run.Create(ctx, schemas.Activities)
	if err != nil {
		return err
	}
	if err := columnar.Each(ctx, export(g.t, g.list), func(rec arrow.Record) error { return w.Write(ctx, rec) }); err != nil {
		return err
	}
	_, err = run.Publish(ctx, schemas.Activities, w)
	return err
}

// TestStage runs the job as it is run: on what the latest sync published, many times between two syncs.
func TestStage(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runner := &pipeline.Runner{
		Contract: b.contract, Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{},
		Now: func(context.Context) (time.Time, error) { return epoch, nil },
	}
	give := &giver{t, []activity{mail("a1")}}
	sync := pipeline.Job{Name: "sync", Stages: []pipeline.Stage{give}}
	var results []Result
	stage := &Stage{Job: Job{DB: b.db, Client: b.client(), Policy: all}, Done: func(r Result) { results = append(results, r) }}
	job := pipeline.Job{Name: "writeback", BaseJob: "sync", Lock: "writeback", NoResume: true, Stages: []pipeline.Stage{stage}}
	run := func(j pipeline.Job) *pipeline.Manifest {
		t.Helper()
		m, err := runner.Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	run(sync)
	m := run(job)
	run(job)
	give.list = append(give.list, mail("a2"))
	run(sync)
	run(job)
	if diff := cmp.Diff([]Result{{Imported: 1, Written: 1}, {}, {Imported: 1, Written: 1}}, results); diff != "" {
		t.Errorf("results:\n%s", diff)
	}
	if got := m.Count("written"); got != 1 {
		t.Errorf("the manifest counts %d written", got)
	}
	b.wantWritten(give.list...)
	var runID string
	if err := b.db.QueryRow(t.Context(), `SELECT run_id FROM crmsync.writebacks WHERE activity_id = 'a1'`).Scan(&runID); err != nil || runID != m.RunID {
		t.Errorf("a1 was written by run %q, %v, want %s", runID, err, m.RunID)
	}
}
