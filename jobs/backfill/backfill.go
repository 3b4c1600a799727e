package backfill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/compare"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/load"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/roi"
)

// The stages that can be run again, in their order.
const (
	Match = "match"
	ROI   = "roi"
)

// Stages are all of them.
var Stages = []string{Match, ROI}

// laneMemory is what a run needs at least to go on beside others.
const laneMemory = 256 << 20

// Backfill runs stages again over past syncs.
type Backfill struct {
	Name     string
	Contract string
	Home     pipeline.Home // the contract's
	Store    *snapshot.Store
	DB       *postgres.DB
	Log      *slog.Logger
	Progress pipeline.Progress
	Budget   int64
	Workers  int

	// Stages to run again, of Stages.
	Stages []string
	// Matcher has the contract's thresholds. Its model, when set, is given to all syncs; otherwise each has the model that it used.
	Matcher match.Stage
	// Then takes each day's settings and decisions instead of today's.
	Then bool
}

// Outcome is what became of one source.
type Outcome struct {
	Source   *pipeline.Manifest
	Instants []time.Time
	// Run is the source's run in the backfill; nil when it could not begin.
	Run *pipeline.Manifest
	// Before says that it had been done before.
	Before bool
	Err    error
}

// home is the home of the backfill's runs.
func (b *Backfill) home() pipeline.Home { return b.Home.Backfill(b.Name) }

// Run computes what is not computed yet. An error of one source does not keep the others from being computed; all are returned, together
// with the outcomes, which are in the order of the plan. A *pipeline.LockedError says that another backfill is at work.
func (b *Backfill) Run(ctx context.Context, p *Plan) (_ []Outcome, err error) {
	lock, err := b.Home.TryLock(jobs.BackfillName, b.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if err := b.want(p); err != nil {
		return nil, err
	}
	today, err := b.today(ctx)
	if err != nil {
		return nil, err
	}
	histories, err := b.histories(ctx, p)
	if err != nil {
		return nil, err
	}
	task := b.Progress.Start("backfill "+b.Name, int64(len(p.Sources)), "syncs")
	defer task.Done()
	lanes := b.lanes(len(p.Sources))
	out := make([]Outcome, len(p.Sources))
	var mu sync.Mutex
	var failed []error
	side := pool.New().WithMaxGoroutines(lanes)
	for lane := range lanes {
		// A lane takes syncs that follow one another, since these share the directory and most scores.
		from, to := lane*len(p.Sources)/lanes, (lane+1)*len(p.Sources)/lanes
		side.Go(func() {
			for i := from; i < to; i++ {
				out[i] = b.source(ctx, p.Sources[i], lane, lanes, today, histories[p.Sources[i].RunID])
				if out[i].Err != nil {
					mu.Lock()
					failed = append(failed, fmt.Errorf("sync %s: %w", p.Sources[i].RunID, out[i].Err))
					mu.Unlock()
					if ctx.Err() != nil {
						return
					}
				}
				task.Add(1)
			}
		})
	}
	side.Wait()
	if err := errors.Join(failed...); err != nil || ctx.Err() != nil {
		return out, errors.Join(ctx.Err(), err)
	}
	return out, b.tidy()
}

// want keeps the syncs that are needed, should the backfill be stopped and go on after they have grown old.
func (b *Backfill) want(p *Plan) error {
	ids := make([]string, len(p.syncs))
	for i, m := range p.syncs {
		ids[i] = m.RunID
	}
	return b.home().Want(ids)
}

// lanes is how many sources are computed at a time.
func (b *Backfill) lanes(sources int) int {
	return max(1, min(b.Workers, sources, int(b.Budget/laneMemory)))
}

// today publishes the settings and decisions in force, once for the whole backfill; nil when those of the days count.
func (b *Backfill) today(ctx context.Context) (*pipeline.Manifest, error) {
	if b.Then {
		return nil, nil
	}
	const name = "control"
	m, err := b.home().Latest(name, pipeline.Succeeded)
	if !errors.Is(err, pipeline.ErrNoRun) {
		return m, err
	}
	r := b.runner(0, 1)
	r.Now = func(context.Context) (time.Time, error) { return time.Now(), nil }
	m, err = r.Run(ctx, pipeline.Job{Name: name, Lock: name, Stages: []pipeline.Stage{&control.Stage{DB: b.DB}}})
	if err != nil {
		return nil, fmt.Errorf("keep today's settings: %w", err)
	}
	return m, nil
}

// runner is the engine of one lane of several.
func (b *Backfill) runner(lane, lanes int) *pipeline.Runner {
	home := b.home()
	home.CacheDir = filepath.Join(home.Dir, fmt.Sprintf("cache-%d", lane))
	return &pipeline.Runner{
		Contract: b.Contract, Home: home, Store: b.Store, Log: b.Log.With("backfill", b.Name), Progress: pipeline.NoProgress{},
		Budget: b.Budget / int64(lanes), Workers: max(1, b.Workers/lanes),
	}
}

// source computes one source, unless that was done before.
func (b *Backfill) source(ctx context.Context, s Source, lane, lanes int, today *pipeline.Manifest, histories map[string]snapshot.Entry) Outcome {
	o := Outcome{Source: s.Manifest, Instants: s.Instants}
	stages, loader, err := b.stages(s.Manifest)
	if err != nil {
		o.Err = err
		return o
	}
	name := "backfill." + s.RunID
	if o.Run, o.Err = b.home().Latest(name, pipeline.Succeeded); !errors.Is(o.Err, pipeline.ErrNoRun) {
		if o.Err == nil {
			o.Before, o.Err = true, b.reload(ctx, loader, o.Run)
		}
		return o
	}
	base := &pipeline.Manifest{RunID: s.RunID, Inherited: inherited(s.Manifest, stages, today, histories)}
	r := b.runner(lane, lanes)
	r.Now = func(context.Context) (time.Time, error) { return s.AsOf, nil }
	o.Run, o.Err = r.Run(ctx, pipeline.Job{Name: name, Lock: name, Base: base, Stages: stages})
	return o
}

// reload brings what was computed into tables that have lost it.
func (b *Backfill) reload(ctx context.Context, loader *load.Backfill, m *pipeline.Manifest) error {
	loaded, err := loader.Loaded(ctx, b.Contract)
	if err != nil || loaded {
		return err
	}
	return loader.Run(ctx, b.home().View(b.Store, m, b.Log))
}

// stages are those that a source goes through; the last of them is the loader.
func (b *Backfill) stages(s *pipeline.Manifest) ([]pipeline.Stage, *load.Backfill, error) {
	var stages []pipeline.Stage
	var compared, loaded []*schemas.Dataset
	fingerprint := ""
	if slices.Contains(b.Stages, Match) {
		m := b.Matcher
		if m.Model != nil {
			fingerprint = m.Model.Fingerprint()
		} else {
			data, err := b.Home.File(s.RunID, match.ModelFile)
			if err != nil {
				return nil, nil, fmt.Errorf("the model of its day: %w", err)
			}
			if m.Model, err = match.ReadModel(data); err == nil {
				err = m.Model.Check()
			}
			if err != nil {
				return nil, nil, fmt.Errorf("the model of its day can't be used by this version; name another with --model: %w", err)
			}
		}
		stages = append(stages, &m)
		compared = append(compared, schemas.Links, schemas.MatchRates)
		loaded = append(loaded, schemas.Links, schemas.MatchRates)
	}
	if slices.Contains(b.Stages, ROI) {
		stages = append(stages, &roi.Stage{})
		compared = append(compared, schemas.ROIQuarters)
		loaded = append(loaded, schemas.ROIOpportunities, schemas.ROIAttribution, schemas.ROIQuarters, schemas.ROIComparison, schemas.ROISellers)
	}
	settings := "now"
	if b.Then {
		settings = "then"
	}
	loader := &load.Backfill{
		DB: b.DB, Of: b.Name, Source: s.RunID, Stages: b.Stages, Model: fingerprint, Settings: settings,
		Sets: append(loaded, schemas.LinkChanges, schemas.Moves),
	}
	return append(stages, &compare.Stage{Before: s.Visible(), Sets: compared}, loader), loader, nil
}

// inherited are the data sets that the stages find: what the sync published, but what they write themselves as it was before the sync;
// settings and decisions of today when they count, and histories that were rebuilt.
func inherited(s *pipeline.Manifest, stages []pipeline.Stage, today *pipeline.Manifest, histories map[string]snapshot.Entry) map[string]snapshot.Entry {
	sets := s.Visible()
	for _, stage := range stages {
		for _, ds := range stage.Writes() {
			delete(sets, ds.Name)
			if e, ok := s.Inherited[ds.Name]; ok && ds.Chain {
				sets[ds.Name] = e
			}
		}
	}
	maps.Copy(sets, histories)
	if today != nil {
		for _, ds := range []*schemas.Dataset{schemas.Settings, schemas.Decisions} {
			sets[ds.Name] = today.Datasets[ds.Name]
		}
	}
	return sets
}

// Drop removes what the backfill made: its rows in the tables, its data sets and its runs. It returns the number of rows. A
// *pipeline.LockedError says that a backfill is at work.
func (b *Backfill) Drop(ctx context.Context) (rows int64, err error) {
	lock, err := b.Home.TryLock(jobs.BackfillName, "drop "+b.Name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if rows, err = load.Drop(ctx, b.DB, b.Contract, b.Name); err != nil {
		return 0, err
	}
	ids, err := b.home().Runs()
	if err != nil {
		return rows, err
	}
	for _, id := range ids {
		m, err := b.home().Load(id)
		if err != nil {
			return rows, err
		}
		for _, e := range m.Visible() {
			if err := b.remove(m.RunID, e); err != nil {
				return rows, err
			}
		}
	}
	if err := os.RemoveAll(b.home().Dir); err != nil {
		return rows, fmt.Errorf("drop backfill %s: %w", b.Name, err)
	}
	return rows, nil
}

// remove removes the files that a run of the backfill added to a data set; those before them are the syncs'.
func (b *Backfill) remove(runID string, e snapshot.Entry) error {
	for _, l := range e.Layers {
		if l.RunID != runID && l.RunID != runID+pipeline.Compacted {
			continue
		}
		for _, f := range l.Files {
			if err := os.Remove(b.Store.Path(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("drop backfill %s: %w", b.Name, err)
			}
		}
	}
	return nil
}

// tidy removes the caches and lets go of the syncs, which only a backfill that has not ended needs.
func (b *Backfill) tidy() error {
	dirs, err := filepath.Glob(filepath.Join(b.home().Dir, "cache-*"))
	err = errors.Join(err, b.home().WantNothing())
	for _, dir := range dirs {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}
