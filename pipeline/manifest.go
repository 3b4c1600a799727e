package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// State is how far a run or a stage got.
type State string

// The states. A run found in StateRunning whose lock nobody holds has crashed.
const (
	StateRunning   State = "running"
	StateSucceeded State = "succeeded"
	StateFailed    State = "failed"
	// StateAbandoned is a run that was not finished and will not be resumed.
	StateAbandoned State = "abandoned"
)

const manifestVersion = 1

// StageRecord tells what a stage of a run did.
type StageRecord struct {
	Name    string           `json:"name"`
	State   State            `json:"state"`
	Started time.Time        `json:"started"`
	Ended   time.Time        `json:"ended,omitzero"`
	Counts  map[string]int64 `json:"counts,omitempty"`
	// Datasets are the names of the data sets that the stage published.
	Datasets []string `json:"datasets,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// Duration is how long the stage ran; zero while it is running.
func (s StageRecord) Duration() time.Duration {
	if s.Ended.IsZero() {
		return 0
	}
	return s.Ended.Sub(s.Started)
}

// Manifest is the durable record of a run. Times other than AsOf are local wall clock and only inform people.
type Manifest struct {
	Version  int       `json:"version"`
	RunID    string    `json:"run_id"`
	Contract string    `json:"contract"`
	Job      string    `json:"job"`
	AsOf     time.Time `json:"as_of"`
	// Base is the run whose data sets this one builds on; empty for the first.
	Base    string        `json:"base,omitempty"`
	State   State         `json:"state"`
	Started time.Time     `json:"started"`
	Ended   time.Time     `json:"ended,omitzero"`
	Resumed int           `json:"resumed,omitempty"`
	Stages  []StageRecord `json:"stages"`
	Error   string        `json:"error,omitempty"`
	// Inherited are the data sets visible when the run began; Datasets those it published.
	Inherited map[string]snapshot.Entry `json:"inherited,omitempty"`
	Datasets  map[string]snapshot.Entry `json:"datasets,omitempty"`
}

// Entry returns the data set as this run sees it: published by it, else inherited.
func (m *Manifest) Entry(dataset string) (snapshot.Entry, bool) {
	if e, ok := m.Datasets[dataset]; ok {
		return e, true
	}
	e, ok := m.Inherited[dataset]
	return e, ok
}

// Visible returns every data set that a run built on this one inherits.
func (m *Manifest) Visible() map[string]snapshot.Entry {
	all := maps.Clone(m.Inherited)
	if all == nil {
		all = map[string]snapshot.Entry{}
	}
	maps.Copy(all, m.Datasets)
	return all
}

// Stage returns the record of the named stage, or nil when it has not begun.
func (m *Manifest) Stage(name string) *StageRecord {
	for i := range m.Stages {
		if m.Stages[i].Name == name {
			return &m.Stages[i]
		}
	}
	return nil
}

// Count adds up a count over all stages.
func (m *Manifest) Count(key string) int64 {
	var n int64
	for _, s := range m.Stages {
		n += s.Counts[key]
	}
	return n
}

const manifestName = "manifest.json"

// ErrNoRun says that a contract has no such run.
var ErrNoRun = errors.New("no such run")

// Home is the folder of one contract: its runs and its data sets.
//
//	HOME/data/<dataset>/…            files of the snapshot store
//	HOME/runs/<run>/manifest.json    what the run published
//	HOME/runs/<run>/state/, scratch/ checkpoints and temporary files, gone when the run ends
//	HOME/runs/<run>/files/           further files kept with the run, such as the model
//	HOME/cache/                      what any run can make again
//	HOME/backfills/<name>/           a home within: the runs of a backfill, whose data sets lie in the same store
//	HOME/backfills/<name>/wanted.json    runs of HOME that it still needs; gone when it has ended
type Home struct {
	Dir string
	// CacheDir replaces the cache folder, for runs that go on at the same time.
	CacheDir string
}

// Backfill is the home of a backfill's runs.
func (h Home) Backfill(name string) Home { return Home{Dir: filepath.Join(h.Dir, "backfills", name)} }

const wantedName = "wanted.json"

// Want keeps runs of the home around it from being dropped (see Retain), as long as the backfill whose home this is needs them.
func (h Home) Want(runs []string) error {
	b, err := json.Marshal(runs)
	if err != nil {
		return fmt.Errorf("note what a backfill needs: %w", err)
	}
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return fmt.Errorf("note what a backfill needs: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(h.Dir, wantedName), b, 0o600); err != nil {
		return fmt.Errorf("note what a backfill needs: %w", err)
	}
	return syncDir(h.Dir)
}

// WantNothing takes back what Want said.
func (h Home) WantNothing() error {
	if err := os.Remove(filepath.Join(h.Dir, wantedName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what a backfill needed: %w", err)
	}
	return nil
}

// wanted are the runs that backfills still need.
func (h Home) wanted() (map[string]bool, error) {
	names, err := h.Backfills()
	if err != nil {
		return nil, err
	}
	runs := map[string]bool{}
	for _, name := range names {
		path := filepath.Join(h.Backfill(name).Dir, wantedName)
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read what a backfill needs: %w", err)
		}
		var ids []string
		if err := json.Unmarshal(b, &ids); err != nil {
			return nil, fmt.Errorf("%s is damaged: %w", path, err)
		}
		for _, id := range ids {
			runs[id] = true
		}
	}
	return runs, nil
}

// Backfills are the names of the contract's backfills, in order.
func (h Home) Backfills() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(h.Dir, "backfills"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list backfills: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// DataDir is the root of the snapshot store.
func (h Home) DataDir() string { return filepath.Join(h.Dir, "data") }

// RunDir is the folder of one run.
func (h Home) RunDir(id string) string { return filepath.Join(h.Dir, "runs", id) }

// Runs returns the ids of all runs that have a manifest, oldest first.
func (h Home) Runs() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(h.Dir, "runs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(h.RunDir(e.Name()), manifestName)); err == nil {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Load reads the manifest of a run.
func (h Home) Load(id string) (*Manifest, error) {
	path := filepath.Join(h.RunDir(id), manifestName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s: %w", id, ErrNoRun)
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("manifest %s is damaged: %w", path, err)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("manifest %s has version %d; this program reads version %d", path, m.Version, manifestVersion)
	}
	return &m, nil
}

// Latest returns the newest run of the job that satisfies keep (nil keeps all), or ErrNoRun.
func (h Home) Latest(job string, keep func(*Manifest) bool) (*Manifest, error) {
	ids, err := h.Runs()
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(ids) {
		if !strings.HasSuffix(id, "-"+job) {
			continue
		}
		m, err := h.Load(id)
		if err != nil {
			return nil, err
		}
		if keep == nil || keep(m) {
			return m, nil
		}
	}
	return nil, fmt.Errorf("job %s: %w", job, ErrNoRun)
}

// Succeeded keeps runs that finished.
func Succeeded(m *Manifest) bool { return m.State == StateSucceeded }

func (h Home) save(m *Manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest %s: %w", m.RunID, err)
	}
	dir := h.RunDir(m.RunID)
	if err := renameio.WriteFile(filepath.Join(dir, manifestName), append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write manifest %s: %w", m.RunID, err)
	}
	return syncDir(dir)
}

// create makes the folder of a new run. Ids count up, so that they sort in the order of the runs even when a clock moves back.
func (h Home) create(job string, asOf time.Time) (string, error) {
	runs := filepath.Join(h.Dir, "runs")
	if err := os.MkdirAll(runs, 0o700); err != nil {
		return "", fmt.Errorf("make runs folder: %w", err)
	}
	entries, err := os.ReadDir(runs)
	if err != nil {
		return "", fmt.Errorf("list runs: %w", err)
	}
	next := 1
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "r%06d-", &n); err == nil && n >= next {
			next = n + 1
		}
	}
	for ; ; next++ {
		id := fmt.Sprintf("r%06d-%s-%s", next, asOf.UTC().Format("20060102T150405Z"), job)
		err := os.Mkdir(filepath.Join(runs, id), 0o700)
		if err == nil {
			return id, syncDir(runs)
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make run folder: %w", err)
		}
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
