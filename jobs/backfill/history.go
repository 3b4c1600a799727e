package backfill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi"
)

// histories rebuilds what syncs would have kept of the past while ROI was not authorised: for each source of such a time, the histories
// as they were before it. Those that were kept at the time stay as they are, so that a backfill finds what was published.
func (b *Backfill) histories(ctx context.Context, p *Plan) (map[string]map[string]snapshot.Entry, error) {
	out := map[string]map[string]snapshot.Entry{}
	if !slices.Contains(b.Stages, ROI) {
		return out, nil
	}
	last := -1 // of the syncs that matter
	for i, m := range p.syncs {
		if !authorised(m) && slices.ContainsFunc(p.Sources, func(s Source) bool { return s.RunID == m.RunID }) {
			last = i
		}
	}
	known := map[string]snapshot.Entry{}
	for _, m := range p.syncs[:last+1] {
		if authorised(m) {
			known = kept(m)
			continue
		}
		out[m.RunID] = known
		after, err := b.extend(ctx, m, known)
		if err != nil {
			return nil, fmt.Errorf("history up to sync %s: %w", m.RunID, err)
		}
		known = kept(after)
	}
	return out, nil
}

func authorised(m *pipeline.Manifest) bool {
	s := m.Stage((&roi.Stage{}).Name())
	return s != nil && s.Counts["roi.authorised"] == 1
}

// kept are the histories after a run.
func kept(m *pipeline.Manifest) map[string]snapshot.Entry {
	sets := map[string]snapshot.Entry{}
	for _, ds := range (&roi.Histories{}).Writes() {
		if e, ok := m.Entry(ds.Name); ok {
			sets[ds.Name] = e
		}
	}
	return sets
}

// extend adds what a sync saw to the histories before it, unless that was done before.
func (b *Backfill) extend(ctx context.Context, m *pipeline.Manifest, known map[string]snapshot.Entry) (*pipeline.Manifest, error) {
	name := "histories." + m.RunID
	done, err := b.home().Latest(name, pipeline.Succeeded)
	if !errors.Is(err, pipeline.ErrNoRun) {
		return done, err
	}
	sets := map[string]snapshot.Entry{}
	for _, ds := range []*schemas.Dataset{schemas.Opportunity, schemas.Contact, schemas.Lead} {
		if e, ok := m.Entry(ds.Name); ok {
			sets[ds.Name] = e
		}
	}
	for set, e := range known {
		sets[set] = e
	}
	r := b.runner(0, 1)
	r.Now = func(context.Context) (time.Time, error) { return m.AsOf, nil }
	return r.Run(ctx, pipeline.Job{Name: name, Lock: name, Base: &pipeline.Manifest{RunID: m.RunID, Inherited: sets}, Stages: []pipeline.Stage{&roi.Histories{}}})
}
