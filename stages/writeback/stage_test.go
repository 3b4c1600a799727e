package writeback

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
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
	urls map[string]string // of profiles
}

func (g *giver) Name() string              { return "give" }
func (g *giver) Reads() []*schemas.Dataset { return nil }
func (g *giver) Writes() []*schemas.Dataset {
	if g.urls == nil {
		return []*schemas.Dataset{schemas.Activities}
	}
	return []*schemas.Dataset{schemas.Activities, schemas.People}
}

func (g *giver) Run(ctx context.Context, run *pipeline.Run) error {
	w, err := run.Create(ctx, schemas.Activities)
	if err != nil {
		return err
	}
	if err := columnar.Each(ctx, export(g.t, g.list), func(rec arrow.Record) error { return w.Write(ctx, rec) }); err != nil {
		return err
	}
	if _, err = run.Publish(ctx, schemas.Activities, w); err != nil || g.urls == nil {
		return err
	}
	if w, err = run.Create(ctx, schemas.People); err != nil {
		return err
	}
	rows := columnar.NewBuilder(memory.DefaultAllocator, schemas.People)
	defer rows.Release()
	for _, id := range slices.Sorted(maps.Keys(g.urls)) {
		rows.String(0, id)
		rows.String(1, g.urls[id])
		rows.String(schemas.People.Index("last_name"), "Lee")
		if err := rows.EndRow(); err != nil {
			return err
		}
	}
	rec := rows.NewRecord()
	defer rec.Release()
	if err := w.Write(ctx, rec); err != nil {
		return err
	}
	_, err = run.Publish(ctx, schemas.People, w)
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
	give := &giver{t: t, list: []activity{mail("a1")}}
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

	// A text that is too long says where the whole is.
	long := mail("long")
	long.Body = strings.Repeat("word ", 8000)
	give.list, give.urls = append(give.list, long), map[string]string{"p-contact": "https://www.example.com/in/lee", "p-other": "https://www.example.com/in/other"}
	run(sync)
	if m := run(job); m.Count("cut") != 1 {
		t.Errorf("the manifest counts %d cut", m.Count("cut"))
	}
	got, err := b.org.Get("Task", b.state("long", "written", "").SalesforceID)
	if err != nil || !strings.HasSuffix(got["Description"], "word […]\nThe whole text: https://www.example.com/in/lee") {
		t.Errorf("the cut text ends %q, %v", got["Description"][len(got["Description"])-80:], err)
	}
	var runID string
	if err := b.db.QueryRow(t.Context(), `SELECT run_id FROM crmsync.writebacks WHERE activity_id = 'a1'`).Scan(&runID); err != nil || runID != m.RunID {
		t.Errorf("a1 was written by run %q, %v, want %s", runID, err, m.RunID)
	}
}
