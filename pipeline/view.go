package pipeline

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"

	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// View opens a finished run for reading: its data sets are those that the run saw when it ended. What is counted or staged with the
// view is kept nowhere. Budget and Workers are the caller's to set.
func (h Home) View(store *snapshot.Store, m *Manifest, log *slog.Logger) *Run {
	end := *m // with maps of its own
	end.Inherited, end.Datasets = maps.Clone(m.Inherited), maps.Clone(m.Datasets)
	return &Run{
		ID: m.RunID, Contract: m.Contract, Job: m.Job, AsOf: m.AsOf, Log: log, Progress: NoProgress{}, Workers: 1,
		home: h, store: store, manifest: &end, stage: "view",
		counts: map[string]int64{}, staged: map[string]snapshot.Entry{},
	}
}

// File reads a file that was kept with a run; see Run.SaveFile. An error that wraps fs.ErrNotExist says that the run kept none.
func (h Home) File(runID, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(h.RunDir(runID), "files", name))
	if err != nil {
		return nil, fmt.Errorf("read %s of run %s: %w", name, runID, err)
	}
	return b, nil
}
