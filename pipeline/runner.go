package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// Job is an ordered list of stages under a name.
type Job struct {
	Name   string
	Stages []Stage
	// BaseJob names the job whose latest successful run is built on; empty means the job itself.
	BaseJob string
	// Base, when set, is the run that is built on instead of the latest one: the job sees what is visible in it.
	Base *Manifest
	// Lock names the contract's lock that the job needs; empty means "sync".
	Lock string
	// NoResume makes every start a new run: the job keeps its progress elsewhere.
	NoResume bool
}

// Runner runs jobs for one contract.
type Runner struct {
	Contract string
	Home     Home
	Store    *snapshot.Store
	Log      *slog.Logger
	Progress Progress
	Recorder Recorder // optional
	Budget   int64
	Workers  int
	// Now tells the org's time; it is asked once, when a new run begins.
	Now func(ctx context.Context) (time.Time, error)
	// ResumeWithin is how old an unfinished run may be, by the local clock, and still be resumed; zero resumes any.
	ResumeWithin time.Duration
	// Fresh abandons an unfinished run instead of resuming it.
	Fresh bool
}

// Run runs the job: it resumes the job's latest run if that was not finished, else begins a new one. The manifest is returned
// also with an error, when the run had begun. A *LockedError says that another process holds the contract.
func (r *Runner) Run(ctx context.Context, job Job) (_ *Manifest, err error) {
	name := job.Lock
	if name == "" {
		name = "sync"
	}
	lock, err := r.Home.TryLock(name, job.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()

	m, err := r.begin(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("begin %s: %w", job.Name, err)
	}
	log := r.Log.With("contract", r.Contract, "run_id", m.RunID)
	runErr := r.stages(ctx, job, m, log)

	// The end is recorded also when the caller gave up, so that the tables never show a finished run as running.
	ctx = context.WithoutCancel(ctx)
	m.Ended = time.Now().UTC()
	if runErr != nil {
		m.State, m.Error = StateFailed, runErr.Error()
		return m, errors.Join(fmt.Errorf("run %s: %w", m.RunID, runErr), r.save(ctx, m))
	}
	m.State, m.Error = StateSucceeded, ""
	if err := r.save(ctx, m); err != nil {
		return m, err
	}
	if err := r.tidy(m); err != nil || !job.NoResume {
		return m, err
	}
	return m, r.Home.forget(job.Name, m.RunID)
}

func (r *Runner) begin(ctx context.Context, job Job) (*Manifest, error) {
	if m, err := r.unfinished(ctx, job); err != nil || m != nil {
		return m, err
	}
	baseJob := job.BaseJob
	if baseJob == "" {
		baseJob = job.Name
	}
	base := job.Base
	if base == nil {
		var err error
		if base, err = r.Home.Latest(baseJob, Succeeded); err != nil && !errors.Is(err, ErrNoRun) {
			return nil, err
		}
	}
	asOf, err := r.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the org for its time: %w", err)
	}
	m := &Manifest{
		Version: manifestVersion, Contract: r.Contract, Job: job.Name, AsOf: asOf.UTC(), State: StateRunning,
		Started: time.Now().UTC(), Datasets: map[string]snapshot.Entry{},
	}
	if base != nil {
		m.Base, m.Inherited = base.RunID, base.Visible()
	}
	if m.RunID, err = r.Home.create(job.Name, m.AsOf); err != nil {
		return nil, err
	}
	return m, r.save(ctx, m)
}

// unfinished returns the job's latest run if it is to be resumed, or nil.
func (r *Runner) unfinished(ctx context.Context, job Job) (*Manifest, error) {
	m, err := r.Home.Latest(job.Name, nil)
	if errors.Is(err, ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if m.State != StateRunning && (m.State != StateFailed || job.NoResume) {
		return nil, nil
	}
	age := time.Since(m.Started)
	if job.NoResume || r.Fresh || (r.ResumeWithin > 0 && age > r.ResumeWithin) {
		r.Log.Warn("unfinished run is abandoned", "run_id", m.RunID, "state", string(m.State), "age", age.Round(time.Second))
		m.State, m.Ended = StateAbandoned, time.Now().UTC()
		return nil, errors.Join(r.save(ctx, m), r.tidy(m))
	}
	r.Log.Info("resuming unfinished run", "run_id", m.RunID, "state", string(m.State), "as_of", m.AsOf)
	m.State, m.Ended, m.Error = StateRunning, time.Time{}, ""
	m.Resumed++
	if m.Datasets == nil {
		m.Datasets = map[string]snapshot.Entry{}
	}
	return m, r.save(ctx, m)
}

func (r *Runner) stages(ctx context.Context, job Job, m *Manifest, log *slog.Logger) error {
	for _, s := range job.Stages {
		if rec := m.Stage(s.Name()); rec != nil && rec.State == StateSucceeded {
			log.Info("stage was done before", "stage", s.Name())
			continue
		}
		if err := r.stage(ctx, s, m, log.With("stage", s.Name())); err != nil {
			return fmt.Errorf("stage %s: %w", s.Name(), err)
		}
	}
	return nil
}

func (r *Runner) stage(ctx context.Context, s Stage, m *Manifest, log *slog.Logger) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rec := m.Stage(s.Name())
	if rec == nil {
		m.Stages = append(m.Stages, StageRecord{Name: s.Name()})
		rec = &m.Stages[len(m.Stages)-1]
	}
	*rec = StageRecord{Name: s.Name(), State: StateRunning, Started: time.Now().UTC()}
	if err := r.save(ctx, m); err != nil {
		return err
	}
	run := &Run{
		ID: m.RunID, Contract: r.Contract, Job: m.Job, AsOf: m.AsOf, Log: log, Progress: r.Progress, Budget: r.Budget, Workers: r.Workers,
		home: r.Home, store: r.Store, manifest: m, stage: s.Name(),
		counts: map[string]int64{}, staged: map[string]snapshot.Entry{},
	}
	log.Info("stage starts")
	err := r.compact(ctx, s, m, log)
	if err == nil {
		err = missing(s.Reads(), func(name string) bool { _, ok := m.Entry(name); return ok })
	}
	if err == nil {
		err = s.Run(ctx, run)
	}
	if err == nil {
		err = missing(s.Writes(), func(name string) bool { _, ok := run.staged[name]; return ok })
	}
	rec.Ended, rec.Counts = time.Now().UTC(), run.counts
	if err != nil {
		rec.State, rec.Error = StateFailed, err.Error()
		return err // the caller saves the manifest with the run's end
	}
	rec.State = StateSucceeded
	rec.Datasets = slices.Sorted(maps.Keys(run.staged))
	maps.Copy(m.Datasets, run.staged)
	attrs := []any{"dur_ms", rec.Duration().Milliseconds()}
	for _, k := range slices.Sorted(maps.Keys(rec.Counts)) {
		attrs = append(attrs, k, rec.Counts[k])
	}
	log.Info("stage ends", attrs...)
	return r.save(ctx, m)
}

// Compacted ends the name, in place of a run's id, of the bases that chains were given before the run.
const Compacted = "-compacted"

// compact gives the chains that a stage is about to add to a new base when they have grown long, so that reading them stays cheap. The
// rows are the same; earlier runs keep their own files.
func (r *Runner) compact(ctx context.Context, s Stage, m *Manifest, log *slog.Logger) error {
	done := false
	for _, ds := range s.Writes() {
		e, ok := m.Inherited[ds.Name]
		if !ok || !ds.Chain || !e.NeedsCompaction() {
			continue
		}
		// A name of its own, since the stage may publish a base of this run besides.
		compacted, err := r.Store.Compact(ctx, ds, e, m.RunID+Compacted)
		if err != nil {
			return fmt.Errorf("compact %s: %w", ds.Name, err)
		}
		log.Info("chain was compacted", "dataset", ds.Name, "rows", compacted.Rows, "bytes", compacted.Bytes())
		m.Inherited[ds.Name], done = compacted, true
	}
	if !done {
		return nil
	}
	return r.save(ctx, m)
}

func missing(sets []*schemas.Dataset, have func(name string) bool) error {
	var names []string
	for _, ds := range sets {
		if !have(ds.Name) {
			names = append(names, ds.Name)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("%v: %w", names, ErrNotPublished)
}

// save publishes the manifest; the tables follow it, so a crash between the two leaves the truth in the manifest.
func (r *Runner) save(ctx context.Context, m *Manifest) error {
	if err := r.Home.save(m); err != nil {
		return err
	}
	if r.Recorder == nil {
		return nil
	}
	if err := r.Recorder.Record(ctx, m); err != nil {
		return fmt.Errorf("record run %s: %w", m.RunID, err)
	}
	return nil
}

// tidy removes what only a resumed run would need.
func (r *Runner) tidy(m *Manifest) error {
	var errs []error
	for _, sub := range []string{"state", "scratch"} {
		if err := os.RemoveAll(filepath.Join(r.Home.RunDir(m.RunID), sub)); err != nil {
			errs = append(errs, fmt.Errorf("tidy run %s: %w", m.RunID, err))
		}
	}
	return errors.Join(errs...)
}
