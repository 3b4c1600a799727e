package load

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// Backfill loads what a backfill found for a sync, into the tables beside the live ones. The whole of it becomes visible at once, and
// loading it again changes nothing.
type Backfill struct {
	DB *postgres.DB
	// Of is the backfill's name, Source the sync whose data was used.
	Of, Source string
	// Stages were run again; Model is the fingerprint of the model that all syncs were given, empty for those of their days.
	Stages []string
	Model  string
	// Settings is now or then: which were in force.
	Settings string
	// Sets are the data sets to load; others stay out.
	Sets []*schemas.Dataset
}

// backfillTables are where data sets of a backfill go. Touches stay in the snapshots.
var backfillTables = []table{
	{name: "backfill_links", ds: schemas.Links},
	{name: "backfill_match_rates", ds: schemas.MatchRates},
	{name: "backfill_link_changes", ds: schemas.LinkChanges},
	{name: "backfill_roi_moves", ds: schemas.Moves},
	{name: "backfill_roi_opportunities", ds: schemas.ROIOpportunities},
	{name: "backfill_roi_attribution", ds: schemas.ROIAttribution},
	{name: "backfill_roi_quarters", ds: schemas.ROIQuarters},
	{name: "backfill_roi_comparison", ds: schemas.ROIComparison},
	{name: "backfill_roi_sellers", ds: schemas.ROISellers},
}

// Name implements pipeline.Stage.
func (*Backfill) Name() string { return "load" }

// Reads implements pipeline.Stage.
func (b *Backfill) Reads() []*schemas.Dataset {
	return append([]*schemas.Dataset{schemas.Org}, b.Sets...)
}

// Writes implements pipeline.Stage.
func (*Backfill) Writes() []*schemas.Dataset { return nil }

// Run implements pipeline.Stage.
func (b *Backfill) Run(ctx context.Context, run *pipeline.Run) error {
	org, err := readOrg(ctx, run)
	if err != nil {
		return err
	}
	var merges []postgres.Merge
	for _, t := range backfillTables {
		if !slices.Contains(b.Sets, t.ds) {
			continue
		}
		fields := slices.Clone(t.ds.Key)
		for _, f := range t.ds.Names() {
			if !slices.Contains(fields, f) {
				fields = append(fields, f)
			}
		}
		names := columnsOf(fields)
		open := func(ctx context.Context) (columnar.RecordReader, error) { return run.Read(ctx, t.ds, fields...) }
		merges = append(merges, postgres.Merge{
			Table: t.name, Scope: map[string]any{"contract": run.Contract, "backfill": b.Of, "run_id": b.Source},
			Key: names[:len(t.ds.Key)], Columns: append(names[len(t.ds.Key):len(names):len(names)], "sandbox"), Always: []string{"as_of"},
			Source: postgres.FromSeq(rows(ctx, t.ds, open, fields, org.sandbox, run.AsOf)), DeleteMissing: true,
		})
	}
	results, err := postgres.LoadAll(ctx, b.DB, run.Contract+" "+b.Of, merges, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO crmsync.backfill_runs (contract, backfill, run_id, as_of, stages, model, settings, sandbox)
			VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8)
			ON CONFLICT (contract, backfill, run_id) DO UPDATE SET stages = excluded.stages, model = excluded.model, settings = excluded.settings`,
			run.Contract, b.Of, b.Source, run.AsOf, b.Stages, b.Model, b.Settings, org.sandbox); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlWithdrawn, run.Contract)
		return err
	})
	if err != nil {
		return fmt.Errorf("contract %s, backfill %s, run %s: %w", run.Contract, b.Of, b.Source, err)
	}
	for _, r := range results {
		run.Count("changed."+r.Table, r.Inserted+r.Updated+r.Deleted)
	}
	return nil
}

// Loaded reports whether the tables have what was loaded. They lose it when ROI is withdrawn, and when the database is another one.
func (b *Backfill) Loaded(ctx context.Context, contract string) (yes bool, err error) {
	err = b.DB.QueryRow(ctx, `SELECT EXISTS (SELECT FROM crmsync.backfill_runs WHERE contract = $1 AND backfill = $2 AND run_id = $3)`, contract, b.Of, b.Source).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for backfill %s of run %s: %w", b.Of, b.Source, err)
	}
	return yes, nil
}

// Drop removes a backfill's rows and returns their number.
func Drop(ctx context.Context, db *postgres.DB, contract, backfill string) (int64, error) {
	var n int64
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		names := []string{"backfill_runs"}
		for _, t := range backfillTables {
			names = append(names, t.name)
		}
		for _, name := range names {
			tag, err := tx.Exec(ctx, "DELETE FROM crmsync."+name+" WHERE contract = $1 AND backfill = $2", contract, backfill)
			if err != nil {
				return err
			}
			n += tag.RowsAffected()
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("drop backfill %s of %s: %w", backfill, contract, err)
	}
	return n, nil
}
