package snapshot

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmsync/crmsync/schemas"
)

// Compact writes the merged rows of an entry as a new base of the given run and returns the entry that reads it; the rows are the
// same. The old files stay for older entries. An entry that is a single base is returned as it is.
//
// ReadChanges of the result gives all rows, so a run compacts what it builds on first and publishes its delta on that.
func (s *Store) Compact(ctx context.Context, ds *schemas.Dataset, e Entry, runID string) (_ Entry, err error) {
	if err := checkEntry(ds, e); err != nil {
		return Entry{}, fmt.Errorf("compact: %w", err)
	}
	if len(e.Layers) == 1 {
		return e, nil
	}
	release, err := s.claim(ds, runID, compacting)
	if err != nil {
		return Entry{}, fmt.Errorf("compact %s: %w", ds.Name, err)
	}
	defer release()
	defer func() {
		if err != nil {
			err = fmt.Errorf("compact %s: %w", ds.Name, err)
		}
	}()
	for _, l := range e.Layers {
		if l.RunID == runID && l.Kind == Base {
			return Entry{}, fmt.Errorf("run %s wrote the base that would be replaced", runID)
		}
	}
	dir, err := s.prepare(ds, runID, compacting)
	if err != nil {
		return Entry{}, err
	}
	defer func() { err = errors.Join(err, s.disk.remove(dir)) }()
	if err := s.clear(ds, runID, &e, Base); err != nil {
		return Entry{}, err
	}
	merged, err := s.Read(ctx, ds, e)
	if err != nil {
		return Entry{}, err
	}
	layer, err := s.writeLayer(ctx, ds, runID, dir, merged, true)
	if err != nil {
		return Entry{}, err
	}
	out, err := s.entry(ctx, ds, nil, layer)
	if err != nil {
		return Entry{}, err
	}
	if e.Rows >= 0 && out.Rows != e.Rows {
		return Entry{}, fmt.Errorf("merged %d rows, the entry says %d: %w", out.Rows, e.Rows, ErrCorrupt)
	}
	out.Watermark, out.Fingerprint, out.Swept, out.SetAside = e.Watermark, e.Fingerprint, e.Swept, e.SetAside
	return out, nil
}
