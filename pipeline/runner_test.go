package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

var (
	numbers = &schemas.Dataset{
		Name: "numbers", Source: schemas.FromStage, Key: []string{"id"}, Chain: true, Doc: "Test.",
		Fields: []schemas.Field{{Name: "id", Type: schemas.String}, {Name: "n", Type: schemas.Int64}},
	}
	sums = &schemas.Dataset{
		Name: "sums", Source: schemas.FromStage, Key: []string{"id"}, Doc: "Test.",
		Fields: []schemas.Field{{Name: "id", Type: schemas.String}, {Name: "n", Type: schemas.Int64}},
	}
)

var errCrash = errors.New("crash")

// step is a stage made of a function, with a switch that makes it fail at its end, when its work is done but not published.
type step struct {
	name          string
	reads, writes []*schemas.Dataset
	do            func(ctx context.Context, run *pipeline.Run) error
	calls         int
	failures      int
}

func (s *step) Name() string               { return s.name }
func (s *step) Reads() []*schemas.Dataset  { return s.reads }
func (s *step) Writes() []*schemas.Dataset { return s.writes }
func (s *step) Run(ctx context.Context, run *pipeline.Run) error {
	s.calls++
	if err := s.do(ctx, run); err != nil {
		return err
	}
	if s.failures > 0 {
		s.failures--
		return errCrash
	}
	return nil
}

func put(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, rows map[string]int64) error {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return err
	}
	b := columnar.NewBuilder(memory.DefaultAllocator, ds)
	defer b.Release()
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		b.String(0, id)
		b.Int(1, rows[id])
		if err := b.EndRow(); err != nil {
			return err
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	if err := w.Write(ctx, rec); err != nil {
		return err
	}
	_, err = run.Publish(ctx, ds, w)
	return err
}

func get(ctx context.Context, r columnar.RecordReader) (map[string]int64, error) {
	rows := map[string]int64{}
	err := columnar.Each(ctx, r, func(rec arrow.Record) error {
		ids, ns := columnar.Strings(rec, "id"), columnar.Ints(rec, "n")
		for i := range int(rec.NumRows()) {
			rows[ids.Value(i)] = ns.Value(i)
		}
		return nil
	})
	return rows, err
}

// job is two stages: one adds a number per run to a chain, the other publishes the sum.
func job(runNumber func() int64) (pipeline.Job, *step, *step) {
	first := &step{name: "first", writes: []*schemas.Dataset{numbers}, do: func(ctx context.Context, run *pipeline.Run) error {
		n := runNumber()
		run.Count("rows.numbers", 1)
		return put(ctx, run, numbers, map[string]int64{fmt.Sprintf("id%03d", n): n})
	}}
	second := &step{name: "second", reads: []*schemas.Dataset{numbers}, writes: []*schemas.Dataset{sums}, do: func(ctx context.Context, run *pipeline.Run) error {
		r, err := run.Read(ctx, numbers)
		if err != nil {
			return err
		}
		rows, err := get(ctx, r)
		if err != nil {
			return err
		}
		var sum int64
		for _, n := range rows {
			sum += n
		}
		return put(ctx, run, sums, map[string]int64{"sum": sum})
	}}
	return pipeline.Job{Name: "sync", Stages: []pipeline.Stage{first, second}}, first, second
}

func newRunner(t *testing.T) *pipeline.Runner {
	t.Helper()
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Progress: pipeline.NoProgress{}, Budget: 64 << 20, Workers: 2,
		Now: func(context.Context) (time.Time, error) { clock = clock.Add(time.Hour); return clock, nil },
	}
}

func contents(t *testing.T, r *pipeline.Runner, m *pipeline.Manifest, ds *schemas.Dataset) map[string]int64 {
	t.Helper()
	e, ok := m.Entry(ds.Name)
	if !ok {
		t.Fatalf("run %s has no %s", m.RunID, ds.Name)
	}
	reader, err := r.Store.Read(t.Context(), ds, e)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := get(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRunsBuildOnEachOther(t *testing.T) {
	r := newRunner(t)
	var n int64
	j, _, _ := job(func() int64 { return n })
	var last *pipeline.Manifest
	for n = 1; n <= 4; n++ {
		m, err := r.Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil && m.Base != last.RunID {
			t.Errorf("run %s builds on %q, want %s", m.RunID, m.Base, last.RunID)
		}
		last = m
	}
	if diff := cmp.Diff(map[string]int64{"id001": 1, "id002": 2, "id003": 3, "id004": 4}, contents(t, r, last, numbers)); diff != "" {
		t.Error(diff)
	}
	if got := contents(t, r, last, sums)["sum"]; got != 10 {
		t.Errorf("sum %d, want 10", got)
	}
	if got := last.Count("rows.numbers"); got != 1 {
		t.Errorf("count %d, want 1", got)
	}
	ids, err := r.Home.Runs()
	if err != nil || len(ids) != 4 {
		t.Fatalf("runs %v, %v", ids, err)
	}
	// Any past state can still be read (R11).
	past, err := r.Home.Load(ids[1])
	if err != nil {
		t.Fatal(err)
	}
	if got := contents(t, r, past, sums)["sum"]; got != 3 {
		t.Errorf("sum as of the second run: %d, want 3", got)
	}
	if left, err := filepath.Glob(filepath.Join(r.Home.Dir, "runs", "*", "scratch")); err != nil || left != nil {
		t.Errorf("scratch left: %v, %v", left, err)
	}
}

func TestResumeEqualsUninterrupted(t *testing.T) {
	for _, failing := range []string{"first", "second"} {
		for _, times := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s fails %d times", failing, times), func(t *testing.T) {
				r := newRunner(t)
				j, first, second := job(func() int64 { return 7 })
				failed := map[string]*step{"first": first, "second": second}[failing]
				failed.failures = times
				var id string
				for range times {
					m, err := r.Run(t.Context(), j)
					if !errors.Is(err, errCrash) {
						t.Fatalf("error %v, want the crash", err)
					}
					if m.State != pipeline.StateFailed || m.Error == "" {
						t.Errorf("state %s, error %q", m.State, m.Error)
					}
					if id != "" && id != m.RunID {
						t.Errorf("run %s, want %s resumed", m.RunID, id)
					}
					id = m.RunID
					if _, ok := m.Datasets[sums.Name]; ok {
						t.Error("a failed stage's data set is visible")
					}
				}
				m, err := r.Run(t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				if m.RunID != id || m.Resumed != times || m.State != pipeline.StateSucceeded || m.Error != "" {
					t.Errorf("run %s resumed %d, state %s, error %q", m.RunID, m.Resumed, m.State, m.Error)
				}
				if failing == "second" && first.calls != 1 {
					t.Errorf("a finished stage ran %d times", first.calls)
				}
				if diff := cmp.Diff(map[string]int64{"id007": 7}, contents(t, r, m, numbers)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// TestKilledRunIsResumed leaves what a kill leaves: a manifest that says running, and no lock.
func TestKilledRunIsResumed(t *testing.T) {
	r := newRunner(t)
	j, first, second := job(func() int64 { return 5 })
	second.do = func(context.Context, *pipeline.Run) error { panic(errCrash) }
	func() {
		defer func() { _ = recover() }()
		_, _ = r.Run(t.Context(), j)
	}()
	m, err := r.Home.Latest("sync", nil)
	if err != nil || m.State != pipeline.StateRunning {
		t.Fatalf("left %+v, %v", m, err)
	}
	j, _, _ = job(func() int64 { return 5 })
	again, err := r.Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if again.RunID != m.RunID || again.Resumed != 1 {
		t.Errorf("run %s resumed %d, want %s once", again.RunID, again.Resumed, m.RunID)
	}
	if first.calls != 1 {
		t.Errorf("first ran %d times", first.calls)
	}
}

func TestFreshAbandons(t *testing.T) {
	r := newRunner(t)
	j, first, _ := job(func() int64 { return 1 })
	first.failures = 1
	failed, err := r.Run(t.Context(), j)
	if !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	r.Fresh = true
	m, err := r.Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if m.RunID == failed.RunID || m.Base != "" {
		t.Errorf("run %s on %q is not a fresh one", m.RunID, m.Base)
	}
	if old, err := r.Home.Load(failed.RunID); err != nil || old.State != pipeline.StateAbandoned {
		t.Errorf("old run: %+v, %v", old, err)
	}
}

func TestOneRunAtATime(t *testing.T) {
	r := newRunner(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	wait := &step{name: "wait", do: func(context.Context, *pipeline.Run) error { close(inside); <-leave; return nil }}
	done := make(chan error)
	go func() {
		_, err := r.Run(context.Background(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{wait}})
		done <- err
	}()
	<-inside
	_, err := r.Run(t.Context(), pipeline.Job{Name: "backfill"})
	var locked *pipeline.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("error %v, want a LockedError", err)
	}
	if locked.Holder.PID != os.Getpid() || locked.Holder.Job != "sync" {
		t.Errorf("holder %+v", locked.Holder)
	}
	if _, err := r.Run(t.Context(), pipeline.Job{Name: "writeback", Lock: "writeback"}); err != nil {
		t.Errorf("another lock is refused: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), pipeline.Job{Name: "backfill"}); err != nil {
		t.Errorf("the lock was not given back: %v", err)
	}
}

func TestStagesKeepTheirWord(t *testing.T) {
	nothing := func(context.Context, *pipeline.Run) error { return nil }
	tests := []struct {
		name  string
		stage *step
	}{
		{"reads what nobody published", &step{name: "s", reads: []*schemas.Dataset{numbers}, do: nothing}},
		{"does not publish what it writes", &step{name: "s", writes: []*schemas.Dataset{numbers}, do: nothing}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := newRunner(t).Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{tt.stage}})
			if !errors.Is(err, pipeline.ErrNotPublished) || m.State != pipeline.StateFailed {
				t.Errorf("state %s, error %v", m.State, err)
			}
		})
	}
}

func TestCheckpointsSurviveUntilTheRunEnds(t *testing.T) {
	r := newRunner(t)
	var found []int
	s := &step{name: "s", failures: 2}
	s.do = func(_ context.Context, run *pipeline.Run) error {
		var page int
		ok, err := run.LoadCheckpoint("page", &page)
		if err != nil {
			return err
		}
		if !ok {
			page = 10
		}
		found = append(found, page)
		dir, err := run.Scratch()
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, "part")); ok != (err == nil) {
			return fmt.Errorf("scratch and checkpoint disagree: %t, %w", ok, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "part"), nil, 0o600); err != nil {
			return err
		}
		return run.Checkpoint("page", page+1)
	}
	j := pipeline.Job{Name: "sync", Stages: []pipeline.Stage{s}}
	for range 2 {
		if _, err := r.Run(t.Context(), j); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := r.Run(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{10, 11, 12, 10}; !slices.Equal(found, want) {
		t.Errorf("checkpoints %v, want %v", found, want)
	}
}
