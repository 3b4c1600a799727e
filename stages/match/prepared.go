package match

import (
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
	var d *feature.Directory
	if seal == nil {
		d, err = index.Open(path)
	} else {
		d, err = index.OpenSealed(path, seal)
	}
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
	stale, err := filepath.Glob(filepath.Join(dir, cfg.Entity+"-*.index"))
	if err != nil {
		return nil, fmt.Errorf("look for prepared directories: %w", err)
	}
	for _, old := range stale {
		if err := os.Remove(old); err != nil {
			return nil, fmt.Errorf("remove an old prepared directory: %w", err)
		}
	}
	return d, index.Write(path, d, source, seal)
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
