package backfill

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
)

var (
	// ErrRange says that the instants that were asked for make no sense.
	ErrRange = errors.New("not a range of instants")
	// ErrNothing says that no kept sync lies at or before any of the instants.
	ErrNothing = errors.New("no kept sync is as old as these instants; snapshots.keep_for says how long syncs are kept")
)

// mostInstants bounds a backfill: a mistyped interval would ask for millions.
const mostInstants = 20_000

// Plan is what a backfill is to compute.
type Plan struct {
	Sources []Source
	// Missing are instants before the first kept sync.
	Missing []time.Time
	// syncs are all kept syncs that succeeded, in order, up to the last source.
	syncs []*pipeline.Manifest
}

// Source is a past sync, and the instants that it answers for.
type Source struct {
	*pipeline.Manifest
	Instants []time.Time
}

// Instants are from, from + every, and so on until to.
func Instants(from, to time.Time, every time.Duration) ([]time.Time, error) {
	switch {
	case every <= 0:
		return nil, fmt.Errorf("the interval %v is not positive: %w", every, ErrRange)
	case to.Before(from):
		return nil, fmt.Errorf("%s lies before %s: %w", to.Format(time.RFC3339), from.Format(time.RFC3339), ErrRange)
	case to.Sub(from)/every >= mostInstants:
		return nil, fmt.Errorf("more than %d instants: %w", mostInstants, ErrRange)
	}
	var all []time.Time
	for at := from; !at.After(to); at = at.Add(every) {
		all = append(all, at.UTC())
	}
	return all, nil
}

// NewPlan finds the sources of instants, which ascend, among the contract's kept syncs.
func NewPlan(home pipeline.Home, instants []time.Time) (*Plan, error) {
	ids, err := home.Runs()
	if err != nil {
		return nil, err
	}
	var syncs []*pipeline.Manifest
	for _, id := range ids {
		if !strings.HasSuffix(id, "-"+jobs.SyncName) {
			continue
		}
		m, err := home.Load(id)
		if err != nil {
			return nil, err
		}
		if pipeline.Succeeded(m) {
			syncs = append(syncs, m)
		}
	}
	// Runs are numbered in the order in which they began; an org's clock that moved back does not make the later one the older.
	p := &Plan{}
	for _, at := range instants {
		n := -1
		for i, m := range syncs {
			if !m.AsOf.After(at) {
				n = i
			}
		}
		if n < 0 {
			p.Missing = append(p.Missing, at)
			continue
		}
		k := slices.IndexFunc(p.Sources, func(s Source) bool { return s.RunID == syncs[n].RunID })
		if k < 0 {
			k = len(p.Sources)
			p.Sources = append(p.Sources, Source{Manifest: syncs[n]})
		}
		p.Sources[k].Instants = append(p.Sources[k].Instants, at)
		p.syncs = syncs[:max(len(p.syncs), n+1)]
	}
	if len(p.Sources) == 0 {
		return p, ErrNothing
	}
	return p, nil
}
