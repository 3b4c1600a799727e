package match

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/index"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// directory returns the prepared directory of an entity: that of an earlier run when the export and the settings are the same, else
// one made of what read returns, which is kept for later runs. It is encrypted when snapshots are.
func directory(run *pipeline.Run, cfg linkage.Config, read func() (*record.Table, error)) (*feature.Directory, error) {
	dir, err := run.Cache()
	if err != nil {
		return nil, err
	}
	source, seal := sourceOf(run, cfg), run.Store().Seal()
	path := filepath.Join(dir, cfg.Entity+"-"+source+".index")
	d, err := index.Open(path, seal)
	switch {
	case err == nil:
		return d, nil
	case errors.Is(err, arrays.ErrFormat):
		run.Log.Warn("the prepared directory cannot be used and is made anew", "dataset", cfg.Entity, "err", err)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	t, err := read()
	if err != nil {
		return nil, err
	}
	d = feature.Prepare(cfg.Entity, t, feature.Options{Country: cfg.Country, Workers: cfg.Workers, BlockLimit: cfg.BlockLimit})
	run.Count("directories_prepared", 1)
	if err := index.Write(path, d, source, seal); err != nil {
		return nil, err
	}
	stale, err := filepath.Glob(filepath.Join(dir, cfg.Entity+"-*.index"))
	if err != nil {
		return nil, fmt.Errorf("look for prepared directories: %w", err)
	}
	for _, old := range stale {
		if old == path {
			continue
		}
		if err := os.Remove(old); err != nil {
			return nil, fmt.Errorf("remove an old prepared directory: %w", err)
		}
	}
	return d, nil
}

// linkTo links a table's records to a prepared directory, with the scores that the run before left, and leaves its own to the next one.
func linkTo(ctx context.Context, run *pipeline.Run, left *record.Table, d *feature.Directory, cfg linkage.Config) (*linkage.Result, error) {
	dir, err := run.Cache()
	if err != nil {
		return nil, err
	}
	path, seal := filepath.Join(dir, cfg.Entity+".scores"), run.Store().Seal()
	cfg.Source, cfg.KeepScores = sourceOf(run, cfg), true
	content, err := index.Content(path, seal)
	if err == nil {
		cfg.Before, err = linkage.LoadKept(content)
	}
	switch {
	case errors.Is(err, arrays.ErrFormat):
		run.Log.Info("scores of an earlier run can't be used, so all records are scored", "entity", cfg.Entity, "err", err)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	res, err := linkage.RunPrepared(ctx, left, d, cfg)
	if err != nil {
		return nil, err
	}
	run.Count("records_scored", int64(res.Scored))
	if res.Scored == 0 && cfg.Before != nil && left.Len() == cfg.Before.Len() {
		return res, nil // the file holds all there is to keep
	}
	return res, index.Keep(path, seal, res.Kept.Save)
}

// sourceOf identifies what a prepared directory is made of: the files of the data sets, and the settings that count.
func sourceOf(run *pipeline.Run, cfg linkage.Config) string {
	h := sha256.New()
	sets := []*schemas.Dataset{schemas.Companies}
	if cfg.Entity == feature.Person {
		sets = append(sets, schemas.People)
	}
	for _, ds := range sets {
		e, _ := run.Entry(ds)
		for _, layer := range e.Layers {
			for _, f := range layer.Files {
				fmt.Fprintln(h, ds.Name, layer.Kind, f.Kind, f.SHA256)
			}
		}
	}
	fmt.Fprintf(h, "%s %d", cfg.Country, cfg.BlockLimit)
	return hex.EncodeToString(h.Sum(nil)[:12])
}
