package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// ErrNotPublished says that a data set is wanted which no run has published.
var ErrNotPublished = errors.New("data set not published")

// Run is what a stage sees of the run it works for. Its methods may be called from several goroutines.
type Run struct {
	ID       string
	Contract string
	Job      string
	// AsOf is the instant that the run describes, by the org's clock, in UTC.
	AsOf     time.Time
	Log      *slog.Logger
	Progress Progress
	// Budget is the memory that a stage may use for its working data, in bytes.
	Budget int64
	// Workers is how many goroutines a stage should keep busy.
	Workers int

	home     Home
	store    *snapshot.Store
	manifest *Manifest
	stage    string

	mu     sync.Mutex
	counts map[string]int64
	staged map[string]snapshot.Entry
}

// Has reports whether the data set is visible to the run.
func (r *Run) Has(ds *schemas.Dataset) bool {
	_, ok := r.Entry(ds)
	return ok
}

// Entry returns the data set as the run sees it now: staged by the current stage, published by an earlier one, or inherited.
func (r *Run) Entry(ds *schemas.Dataset) (snapshot.Entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.staged[ds.Name]; ok {
		return e, true
	}
	return r.manifest.Entry(ds.Name)
}

// Previous returns the data set as it was before this run.
func (r *Run) Previous(ds *schemas.Dataset) (snapshot.Entry, bool) {
	e, ok := r.manifest.Inherited[ds.Name]
	return e, ok
}

// Read streams the named columns (none: all) of a data set as of this run, sorted by its key. The caller closes the reader and
// releases its records.
func (r *Run) Read(ctx context.Context, ds *schemas.Dataset, columns ...string) (columnar.RecordReader, error) {
	e, ok := r.Entry(ds)
	if !ok {
		return nil, fmt.Errorf("read %s: %w; run the stage that writes it first", ds.Name, ErrNotPublished)
	}
	reader, err := r.store.Read(ctx, ds, e, columns...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ds.Name, err)
	}
	return reader, nil
}

// Store is the snapshot store that the run's entries refer to.
func (r *Run) Store() *snapshot.Store { return r.store }

// Create begins a new version of a data set.
func (r *Run) Create(ctx context.Context, ds *schemas.Dataset) (*snapshot.Writer, error) {
	w, err := r.store.Create(ctx, ds, r.ID)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", ds.Name, err)
	}
	return w, nil
}

// EntryOption sets a fact about the source of a published entry.
type EntryOption func(*snapshot.Entry)

// WithWatermark sets the server instant up to which a chain has read its source.
func WithWatermark(t time.Time) EntryOption {
	return func(e *snapshot.Entry) { e.Watermark = t.UTC() }
}

// WithFingerprint sets the fingerprint of the source, by which a later run sees that nothing changed.
func WithFingerprint(f string) EntryOption {
	return func(e *snapshot.Entry) { e.Fingerprint = f }
}

// Publish ends a writer and stages its entry: a delta on the previous entry for chains that have one, else the whole. The entry
// becomes visible to others, atomically with the stage's other data sets, when the stage ends.
func (r *Run) Publish(ctx context.Context, ds *schemas.Dataset, w *snapshot.Writer, opts ...EntryOption) (snapshot.Entry, error) {
	var prev *snapshot.Entry
	if e, ok := r.Previous(ds); ok && ds.Chain {
		prev = &e
	}
	return r.publish(ctx, ds, w, prev, opts)
}

// PublishBase ends a writer and stages its entry as a new base, whatever the chain held before.
func (r *Run) PublishBase(ctx context.Context, ds *schemas.Dataset, w *snapshot.Writer, opts ...EntryOption) (snapshot.Entry, error) {
	return r.publish(ctx, ds, w, nil, opts)
}

func (r *Run) publish(ctx context.Context, ds *schemas.Dataset, w *snapshot.Writer, prev *snapshot.Entry, opts []EntryOption) (snapshot.Entry, error) {
	e, err := w.Publish(ctx, prev)
	if err != nil {
		return snapshot.Entry{}, fmt.Errorf("publish %s: %w", ds.Name, err)
	}
	for _, o := range opts {
		o(&e)
	}
	r.PublishEntry(ds, e)
	return e, nil
}

// PublishEntry stages an entry whose files exist already, such as the previous run's when its source did not change.
func (r *Run) PublishEntry(ds *schemas.Dataset, e snapshot.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.staged[ds.Name] = e
}

// Count adds to one of the stage's counts, kept in the manifest and in run_stages.
func (r *Run) Count(key string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[key] += n
}

// Checkpoint durably stores v as JSON under the key, for the current stage to find after a kill.
func (r *Run) Checkpoint(key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", key, err)
	}
	path := r.checkpointPath(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("checkpoint %s: %w", key, err)
	}
	if err := renameio.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("checkpoint %s: %w", key, err)
	}
	return syncDir(filepath.Dir(path))
}

// LoadCheckpoint reads what Checkpoint stored; false when there is nothing.
func (r *Run) LoadCheckpoint(key string, v any) (bool, error) {
	b, err := os.ReadFile(r.checkpointPath(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return false, fmt.Errorf("load checkpoint %s: %w", key, err)
	}
	return true, nil
}

func (r *Run) checkpointPath(key string) string {
	return filepath.Join(r.home.RunDir(r.ID), "state", r.stage, key+".json")
}

// Scratch returns a folder for the stage's temporary files. It outlives a kill and is deleted when the run ends.
func (r *Run) Scratch() (string, error) {
	dir := filepath.Join(r.home.RunDir(r.ID), "scratch", r.stage)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make scratch folder: %w", err)
	}
	return dir, nil
}

// Cache returns a folder of the contract for what any run can make again, such as a prepared directory. It outlives runs, and goes
// with the contract's other files. Only one run writes at a time (see Home.TryLock).
func (r *Run) Cache() (string, error) {
	dir := r.home.CacheDir
	if dir == "" {
		dir = filepath.Join(r.home.Dir, "cache")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make cache folder: %w", err)
	}
	return dir, nil
}

// SaveFile keeps a file with the run, such as the model that it used.
func (r *Run) SaveFile(name string, data []byte) error {
	dir := filepath.Join(r.home.RunDir(r.ID), "files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return syncDir(dir)
}
