package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"filippo.io/age"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// Options tune a store; the zero value keeps plain files.
type Options struct {
	// Key is an age identity (AGE-SECRET-KEY-1…, see NewKey). New files are encrypted for it, and only it reads them.
	Key string
	// Budget is the memory that a writer takes for sorting, in bytes; 0 means columnar.DefaultSortBudget.
	Budget int64
	// MaxFileBytes is the size at which a file is continued in another part; 0 means 1 GiB.
	MaxFileBytes int64
	// Allocator is for records; nil means the Go heap.
	Allocator memory.Allocator
}

// Store is a folder of data sets. Its methods may be called from several goroutines.
type Store struct {
	root     string
	o        Options
	identity *age.X25519Identity // nil: plain files
	disk     disk

	mu    sync.Mutex
	tasks map[task]bool // under way
}

// Open opens the store in a folder, which is made when missing.
func Open(root string, o Options) (*Store, error) {
	s := &Store{root: root, o: o, tasks: map[task]bool{}}
	if o.Key != "" {
		var err error
		if s.identity, err = parseKey(o.Key); err != nil {
			return nil, fmt.Errorf("open snapshot store: %w", err)
		}
	}
	if s.o.MaxFileBytes == 0 {
		s.o.MaxFileBytes = 1 << 30
	}
	if s.o.Allocator == nil {
		s.o.Allocator = memory.DefaultAllocator
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("open snapshot store: %w", err)
	}
	return s, nil
}

// Root is the folder of the store.
func (s *Store) Root() string { return s.root }

// Path is where a file lies.
func (s *Store) Path(f File) string { return filepath.Join(s.root, filepath.FromSlash(f.Path)) }

var safeName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// task is something that makes files in the store: a run's writer or compaction of a data set.
type task struct{ dataset, runID, what string }

const (
	writing    = "write"
	compacting = "compact"
)

// claim notes that a task is under way; one of a kind at a time.
func (s *Store) claim(ds *schemas.Dataset, runID, what string) (release func(), err error) {
	if !safeName.MatchString(ds.Name) || !safeName.MatchString(runID) {
		return nil, fmt.Errorf("names %q and %q cannot be file names", ds.Name, runID)
	}
	t := task{ds.Name, runID, what}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks[t] {
		return nil, errors.New("another writer is at work on it")
	}
	s.tasks[t] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.tasks, t)
	}, nil
}

// claimed reports whether a name in a data set's folder belongs to a task under way.
func (s *Store) claimed(dataset, name string) bool {
	runID, _, ok := parseName(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.tasks {
		if t.dataset == dataset && (name == t.aside() || ok && runID == t.runID) {
			return true
		}
	}
	return false
}

// aside is the name of the folder in which a task's files lie until they are complete.
func (t task) aside() string { return "." + t.runID + "-" + t.what + asideSuffix }

func (s *Store) dir(ds *schemas.Dataset) string { return filepath.Join(s.root, ds.Name) }

const (
	asideSuffix  = ".tmp"
	plainSuffix  = ".parquet"
	sealedSuffix = ".parquet.age"
)

// fileName names a part of a layer: <run>-base.parquet, <run>-base-2.parquet, …
func (s *Store) fileName(runID, what string, part int) string {
	name := runID + "-" + what
	if part > 1 {
		name += fmt.Sprintf("-%d", part)
	}
	if s.identity != nil {
		return name + sealedSuffix
	}
	return name + plainSuffix
}
