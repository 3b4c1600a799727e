package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// kind is how a file is written.
type kind string

const (
	csvFile     kind = "csv"
	ndjsonFile  kind = "ndjson"
	parquetFile kind = "parquet"
)

// file is one file of the export folder.
type file struct {
	path    string // to open
	name    string // relative to the folder, with slashes: what people are shown
	kind    kind
	gzipped bool
	size    int64
	modTime time.Time
}

// find lists the files of the folder by data set, in the order of their names, and those that belong to none.
func find(dir string) (found map[string][]file, ignored []string, err error) {
	found = map[string][]file{}
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") // also the marks that Spark leaves
		switch {
		case rel == ".":
			return nil
		case d.IsDir() && (hidden || datasetOf(filepath.ToSlash(rel)+"/") == nil):
			return filepath.SkipDir
		case d.IsDir() || hidden:
			return nil
		}
		f := file{path: p, name: filepath.ToSlash(rel)}
		ds := datasetOf(f.name)
		if ds == nil || !f.recognise() {
			ignored = append(ignored, f.name)
			return nil
		}
		info, err := os.Stat(p) // follows a link
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			ignored = append(ignored, f.name)
			return nil
		}
		f.size, f.modTime = info.Size(), info.ModTime()
		found[ds.Name] = append(found[ds.Name], f)
		return nil
	})
	for _, files := range found {
		slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	}
	return found, ignored, err
}

// datasetOf tells the data set by the start of the first part of a name: people.csv, people-2.csv, people/part-0.csv.
func datasetOf(name string) *schemas.Dataset {
	first, _, nested := strings.Cut(strings.ToLower(name), "/")
	for _, ds := range schemas.NavigatorDatasets {
		switch {
		case nested && first == ShortName(ds), !nested && strings.HasPrefix(first, ShortName(ds)):
			return ds
		}
	}
	return nil
}

func (f *file) recognise() bool {
	name := strings.ToLower(f.name)
	if plain, ok := strings.CutSuffix(name, ".gz"); ok {
		f.gzipped, name = true, plain
	}
	switch path.Ext(name) {
	case ".csv":
		f.kind = csvFile
	case ".ndjson", ".jsonl":
		f.kind = ndjsonFile
	case ".parquet":
		f.kind = parquetFile
		return !f.gzipped // Parquet compresses by itself
	default:
		return false
	}
	return true
}

// unchanged makes sure that a file is still what it was when the folder was listed.
func (f *file) unchanged() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.modTime) {
		return fmt.Errorf("%s changed while it was read; run again when the export is complete", f.name)
	}
	return nil
}

// reading counts as a further version of the fingerprint when rows are read in another way.
const reading = "1"

// fingerprint identifies what the data set will hold: the files' names, sizes and contents, the mapping and the columns.
func (s Stage) fingerprint(ctx context.Context, p step, task pipeline.Task) (string, error) {
	all := sha256.New()
	fmt.Fprintf(all, "%s\x00%q\x00", reading, p.ds.Names())
	mapping := s.Mapping[ShortName(p.ds)]
	for _, field := range slices.Sorted(maps.Keys(mapping)) {
		fmt.Fprintf(all, "%q=%q\x00", field, mapping[field])
	}
	for _, f := range p.files {
		sum, err := f.hash(ctx, task)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "%q %d %x\x00", f.name, f.size, sum)
	}
	return "sha256:" + hex.EncodeToString(all.Sum(nil)), nil
}

func (f *file) hash(ctx context.Context, task pipeline.Task) ([]byte, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, &meter{ctx: ctx, r: in, task: task}, make([]byte, 256<<10)); err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return h.Sum(nil), f.unchanged()
}

// meter reports what is read as progress, and ends the reading when the run is cancelled.
type meter struct {
	ctx  context.Context
	r    io.Reader
	task pipeline.Task
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.task.Add(int64(n))
	return n, err
}
