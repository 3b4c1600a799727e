package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// Retain drops runs whose as_of is before the given instant, and the files that no remaining run refers to. The latest
// successful run of each job and every unfinished run are kept whatever their age, and so are those that a backfill still needs and what
// backfills made. The caller holds the contract's lock, since a
// running job's files are not named by any manifest yet.
func (h Home) Retain(ctx context.Context, store *snapshot.Store, before time.Time) (runs, files int, err error) {
	ids, err := h.Runs()
	if err != nil {
		return 0, 0, err
	}
	wanted, err := h.wanted()
	if err != nil {
		return 0, 0, err
	}
	latest := map[string]string{}
	manifests := make([]*Manifest, len(ids))
	for i, id := range ids {
		if manifests[i], err = h.Load(id); err != nil {
			return 0, 0, err
		}
		if manifests[i].State == StateSucceeded {
			latest[manifests[i].Job] = id
		}
	}
	var keep []snapshot.Entry
	for _, m := range manifests {
		unfinished := m.State == StateRunning || m.State == StateFailed
		if !unfinished && !wanted[m.RunID] && latest[m.Job] != m.RunID && m.AsOf.Before(before) {
			if err := h.drop(m.RunID); err != nil {
				return runs, 0, err
			}
			runs++
			continue
		}
		for _, e := range m.Visible() {
			keep = append(keep, e)
		}
	}
	made, err := h.backfilled()
	if err != nil {
		return runs, 0, err
	}
	files, err = store.Sweep(ctx, append(keep, made...))
	if err != nil {
		return runs, files, fmt.Errorf("sweep snapshots: %w", err)
	}
	return runs, files, nil
}

// backfilled are the data sets that the runs of backfills published, and what unfinished ones read besides.
func (h Home) backfilled() ([]snapshot.Entry, error) {
	names, err := h.Backfills()
	if err != nil {
		return nil, err
	}
	var keep []snapshot.Entry
	for _, name := range names {
		home := h.Backfill(name)
		ids, err := home.Runs()
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			m, err := home.Load(id)
			if err != nil {
				return nil, err
			}
			sets := m.Datasets
			if m.State != StateSucceeded {
				sets = m.Visible()
			}
			for _, e := range sets {
				keep = append(keep, e)
			}
		}
	}
	return keep, nil
}

// forget drops a job's earlier runs that published nothing: a job that runs every few minutes would leave thousands. What they did is in
// the tables.
func (h Home) forget(job, except string) error {
	ids, err := h.Runs()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == except || !strings.HasSuffix(id, "-"+job) {
			continue
		}
		m, err := h.Load(id)
		if err != nil {
			return err
		}
		if len(m.Datasets) > 0 {
			continue
		}
		if err := h.drop(id); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a run. The manifest goes first: without it nothing refers to the folder, whatever happens next.
func (h Home) drop(id string) error {
	if err := os.Remove(filepath.Join(h.RunDir(id), manifestName)); err != nil {
		return fmt.Errorf("drop run %s: %w", id, err)
	}
	if err := os.RemoveAll(h.RunDir(id)); err != nil {
		return fmt.Errorf("drop run %s: %w", id, err)
	}
	return nil
}
