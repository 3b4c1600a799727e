package load

import (
	"context"
	"fmt"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// Stage loads the results of a run into the tables.
type Stage struct {
	DB *postgres.DB
}

var _ pipeline.Stage = (*Stage)(nil)

// Name implements pipeline.Stage.
func (s *Stage) Name() string { return "load" }

// Reads implements pipeline.Stage. Activities and ROI are loaded as well, where there are any.
func (s *Stage) Reads() []*schemas.Dataset {
	sets := []*schemas.Dataset{schemas.Org, schemas.Settings, schemas.Contact, schemas.Lead}
	for _, t := range tables {
		if !t.optional {
			sets = append(sets, t.ds)
		}
	}
	return sets
}

// Writes implements pipeline.Stage.
func (s *Stage) Writes() []*schemas.Dataset { return nil }

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) (err error) {
	j := &job{run: run}
	if j.org, err = readOrg(ctx, run); err != nil {
		return err
	}
	if j.settings, err = readSettings(ctx, run); err != nil {
		return err
	}
	if err := j.check(ctx, s.DB, ""); err != nil {
		return err
	}
	merges, err := j.merges(ctx)
	if err != nil {
		return err
	}
	results, err := postgres.LoadAll(ctx, s.DB, run.Contract, merges, j.finish)
	if err != nil {
		return fmt.Errorf("contract %s, run %s: %w", run.Contract, run.ID, err)
	}
	for _, r := range results {
		run.Count("rows."+r.Table, r.Inserted+r.Updated+r.Unchanged)
		run.Count("changed."+r.Table, r.Inserted+r.Updated+r.Deleted)
	}
	return nil
}
