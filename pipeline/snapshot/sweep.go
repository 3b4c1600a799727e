package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var namePattern = regexp.MustCompile(`^(.+)-(base|delta|tombstones)(-[0-9]+)?\.parquet(\.age)?$`)

// parseName returns the run and the kind of a file that a store wrote.
func parseName(name string) (runID, what string, ok bool) {
	m := namePattern.FindStringSubmatch(name)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// Sweep removes the files that none of the entries names: those of dropped runs, and what killed runs left aside. Files that the
// store does not know by their names, and those of its own writers at work, stay. The caller holds the lock under which runs write:
// files of a run whose manifest is not written yet are not named by any entry.
func (s *Store) Sweep(ctx context.Context, keep []Entry) (removed int, err error) {
	named := map[string]bool{}
	for _, e := range keep {
		e.name(named)
	}
	sets, err := os.ReadDir(s.root)
	if err != nil {
		return 0, fmt.Errorf("sweep snapshots: %w", err)
	}
	for _, set := range sets {
		if !set.IsDir() {
			continue
		}
		n, err := s.sweepDataset(ctx, set.Name(), named)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweep snapshots of %s: %w", set.Name(), err)
		}
	}
	return removed, nil
}

func (s *Store) sweepDataset(ctx context.Context, dataset string, named map[string]bool) (removed int, err error) {
	dir := filepath.Join(s.root, dataset)
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		if named[dataset+"/"+f.Name()] || !s.sweepable(dataset, f) {
			continue
		}
		if err := s.disk.remove(filepath.Join(dir, f.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	if err := os.Remove(dir); err == nil { // succeeds when nothing is left in it
		return removed, s.disk.syncDir(s.root)
	} else if errors.Is(err, fs.ErrNotExist) {
		return removed, nil
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, s.disk.syncDir(dir)
}

// sweepable reports whether a name is one that a store gives, and of no task under way.
func (s *Store) sweepable(dataset string, f fs.DirEntry) bool {
	known := strings.HasPrefix(f.Name(), ".") && strings.HasSuffix(f.Name(), asideSuffix)
	if !f.IsDir() {
		_, _, known = parseName(f.Name())
	}
	return known && !s.claimed(dataset, f.Name())
}
