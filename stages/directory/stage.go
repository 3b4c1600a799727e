package directory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// DefaultMaxRejected is the share of a data set's rows that may be refused when nothing else is configured.
const DefaultMaxRejected = 0.05

// ErrNoExport says that the export folder is missing or holds no file of any data set.
var ErrNoExport = errors.New("no export found")

// Stage reads the export folder.
type Stage struct {
	// Dir is the export folder.
	Dir string
	// Mapping gives, per data set (people, companies, seats, activities, usage), the export's column for a canonical one. A column
	// inside a nested object is named with dots: company.name.
	Mapping map[string]map[string]string
	// MaxRejected is the share of a data set's rows that may be refused before the stage fails, 0 to 1; 0 allows none.
	MaxRejected float64
}

var _ pipeline.Stage = Stage{}

// Name implements pipeline.Stage.
func (Stage) Name() string { return "directory" }

// Reads implements pipeline.Stage.
func (Stage) Reads() []*schemas.Dataset { return nil }

// Writes implements pipeline.Stage.
func (Stage) Writes() []*schemas.Dataset {
	return append(slices.Clone(schemas.NavigatorDatasets), schemas.Rejects)
}

// ShortName is the name of a data set in file names and in the configuration.
func ShortName(ds *schemas.Dataset) string { return strings.TrimPrefix(ds.Name, "nav_") }

// Validate reports every mistake of the mapping and the limit.
func (s Stage) Validate() error {
	var errs []error
	known := map[string]*schemas.Dataset{}
	for _, ds := range schemas.NavigatorDatasets {
		known[ShortName(ds)] = ds
	}
	for name, columns := range s.Mapping {
		ds, ok := known[name]
		if !ok {
			errs = append(errs, fmt.Errorf("navigator.mapping.%s: no such data set; use people, companies, seats, activities or usage", name))
			continue
		}
		for field, column := range columns {
			if ds.Index(field) < 0 {
				errs = append(errs, fmt.Errorf("navigator.mapping.%s.%s: no such column; use one of %s", name, field, strings.Join(ds.Names(), ", ")))
			} else if fold(column) == "" {
				errs = append(errs, fmt.Errorf("navigator.mapping.%s.%s: name the export's column", name, field))
			}
		}
	}
	if s.MaxRejected < 0 || s.MaxRejected > 1 {
		errs = append(errs, fmt.Errorf("navigator.max_rejected: %v is no share; use 0 to 1", s.MaxRejected))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// Run implements pipeline.Stage.
func (s Stage) Run(ctx context.Context, run *pipeline.Run) (err error) {
	if err := s.Validate(); err != nil {
		return err
	}
	files, err := s.discover(run)
	if err != nil {
		return err
	}
	plan, err := s.plan(ctx, run, files)
	if err != nil {
		return err
	}
	rejects, err := newRejects(ctx, run, plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rejects.abort()) }()
	for _, p := range plan {
		if p.reuse != nil {
			run.PublishEntry(p.ds, *p.reuse)
			run.Count("rows."+p.ds.Name, p.reuse.Rows)
			run.Count("reused."+p.ds.Name, 1)
			run.Log.Info("files did not change", "dataset", p.ds.Name, "rows", p.reuse.Rows)
			continue
		}
		if err := s.read(ctx, run, p, rejects); err != nil {
			return fmt.Errorf("read %s: %w", ShortName(p.ds), err)
		}
	}
	return rejects.publish(ctx)
}

// step is what is to be done for one data set.
type step struct {
	ds          *schemas.Dataset
	files       []file
	fingerprint string
	reuse       *snapshot.Entry // the earlier entry, when nothing changed
}

// plan fingerprints the files and decides which data sets are read.
func (s Stage) plan(ctx context.Context, run *pipeline.Run, files map[string][]file) ([]step, error) {
	var total int64
	for _, of := range files {
		for _, f := range of {
			total += f.size
		}
	}
	task := run.Progress.Start("compare export with the last", total, "bytes")
	defer task.Done()
	_, haveRejects := run.Previous(schemas.Rejects)
	var plan []step
	for _, ds := range schemas.NavigatorDatasets {
		p := step{ds: ds, files: files[ds.Name]}
		var err error
		if p.fingerprint, err = s.fingerprint(ctx, p, task); err != nil {
			return nil, fmt.Errorf("fingerprint %s: %w", ShortName(ds), err)
		}
		if e, ok := run.Previous(ds); ok && haveRejects && e.Fingerprint == p.fingerprint {
			p.reuse = &e
		}
		plan = append(plan, p)
	}
	return plan, nil
}

// discover lists the folder's files per data set, in the order of their names.
func (s Stage) discover(run *pipeline.Run) (map[string][]file, error) {
	info, err := os.Stat(s.Dir)
	if errors.Is(err, fs.ErrNotExist) || s.Dir == "" {
		return nil, fmt.Errorf("export folder %q is missing; set navigator.dir to the folder that holds people.csv and so on: %w", s.Dir, ErrNoExport)
	}
	if err != nil {
		return nil, fmt.Errorf("open export folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; set navigator.dir to the folder that holds it: %w", s.Dir, ErrNoExport)
	}
	found, ignored, err := find(s.Dir)
	if err != nil {
		return nil, fmt.Errorf("list export folder: %w", err)
	}
	if len(ignored) > 0 {
		run.Log.Warn("files of the export folder are not used", "files", ignored)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no file of any data set (people*.csv, companies*.parquet, seats*.ndjson, …): %w", s.Dir, ErrNoExport)
	}
	return found, nil
}
