package load

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// table shows a data set.
type table struct {
	name string
	ds   *schemas.Dataset
	// grows says that rows are added and never changed or deleted.
	grows bool
	// history says that rows of earlier runs stay; the key holds run_id.
	history bool
	// optional data sets may be missing: then the table stays as it is.
	optional bool
	// roi tables are emptied while ROI is not authorised.
	roi bool
}

// tables are all that show a data set, in the order of loading.
var tables = []table{
	{name: "user_roles", ds: schemas.UserRole},
	{name: "users", ds: schemas.User},
	{name: "opportunities", ds: schemas.Opportunity},
	{name: "seats", ds: schemas.Seats},
	{name: "activities", ds: schemas.Activities, optional: true},
	{name: "links", ds: schemas.Links},
	{name: "match_rates", ds: schemas.MatchRates, history: true},
	{name: "match_scores", ds: schemas.MatchScores},
	{name: "seat_users", ds: schemas.SeatUsers},
	{name: "saves", ds: schemas.Saves, grows: true},
	{name: "roi_touches", ds: schemas.ROITouches, roi: true, optional: true},
	{name: "roi_opportunities", ds: schemas.ROIOpportunities, roi: true, optional: true},
	{name: "roi_attribution", ds: schemas.ROIAttribution, roi: true, optional: true},
	{name: "roi_quarters", ds: schemas.ROIQuarters, roi: true, optional: true, history: true},
	{name: "roi_comparison", ds: schemas.ROIComparison, roi: true, optional: true, history: true},
	{name: "roi_sellers", ds: schemas.ROISellers, roi: true, optional: true, history: true},
}

// job is one load: a run, and what it says about its contract.
type job struct {
	run      *pipeline.Run
	org      org
	settings schemas.SettingValues
}

// merges are the table's and contact_info's parts of the load.
func (j *job) merges(ctx context.Context) ([]postgres.Merge, error) {
	var out []postgres.Merge
	for _, t := range tables {
		switch {
		case t.roi && !j.settings.Bool("roi.authorised"):
			out = append(out, j.empty(t))
		case t.optional && !j.run.Has(t.ds):
		default:
			out = append(out, j.merge(ctx, t))
		}
	}
	return append(out, j.contactInfo(ctx)), nil
}

func (j *job) merge(ctx context.Context, t table) postgres.Merge {
	m := postgres.Merge{Table: t.name, Scope: map[string]any{"contract": j.run.Contract}, Always: []string{"run_id", "as_of"}}
	last := []any{j.org.sandbox, j.run.ID, j.run.AsOf}
	ds, fields := t.ds, slices.Clone(t.ds.Key)
	for _, f := range ds.Names() {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	names := columnsOf(fields)
	if ds == schemas.Opportunity {
		// The field that holds the revenue has a column of its own, besides the one that it may have as a field of R8.
		field := j.settings.Text("roi.revenue_field")
		ds = ds.Extend(schemas.Field{Name: field, Type: schemas.Float64, Flags: schemas.Nullable})
		if ds.Field(field).Type == schemas.Float64 {
			fields, names = append(fields, field), append(names, "revenue")
		}
	}
	open := func(ctx context.Context) (columnar.RecordReader, error) {
		r, err := j.run.Read(ctx, ds, distinct(fields)...)
		if err != nil {
			return nil, err
		}
		entry, _ := j.run.Entry(t.ds)
		return &counted{r, j.run.Progress.Start("load "+t.name, max(entry.Rows, 0), "rows")}, nil
	}
	m.Key, m.Columns = names[:len(ds.Key)], append(names[len(ds.Key):len(names):len(names)], "sandbox")
	switch {
	case t.grows:
		m.Always, m.Columns = append(m.Columns, m.Always...), nil
	case t.history:
		// run_id is part of the scope: other runs' rows are out of reach.
		m.Scope["run_id"], m.Always, m.DeleteMissing = j.run.ID, []string{"as_of"}, true
		last = []any{j.org.sandbox, j.run.AsOf}
	default:
		m.DeleteMissing = true
	}
	m.Source = postgres.FromSeq(rows(ctx, ds, open, fields, last...))
	return m
}

// counted shows the progress of a stream.
type counted struct {
	columnar.RecordReader
	task pipeline.Task
}

func (c *counted) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := c.RecordReader.Next(ctx)
	if err == nil {
		c.task.Add(rec.NumRows())
	}
	return rec, err
}

func (c *counted) Close() error {
	c.task.Done()
	return c.RecordReader.Close()
}

// empty takes a contract's rows out of a table.
func (j *job) empty(t table) postgres.Merge {
	key := columnsOf(t.ds.Key)
	if t.history {
		key = append(key, "run_id")
	}
	return postgres.Merge{
		Table: t.name, Scope: map[string]any{"contract": j.run.Contract}, Key: key,
		Source: postgres.FromSeq(func(func([]any, error) bool) {}), DeleteMissing: true,
	}
}

func distinct(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// org is the one row of the data set Org.
type org struct {
	id, name, edition, instance, url string
	sandbox                          bool
}

func readOrg(ctx context.Context, run *pipeline.Run) (o org, err error) {
	fields := []string{"Id", "Name", "OrganizationType", "InstanceName", "InstanceUrl", "IsSandbox"}
	open := func(ctx context.Context) (columnar.RecordReader, error) { return run.Read(ctx, schemas.Org, fields...) }
	n := 0
	for row, err := range rows(ctx, schemas.Org, open, fields) {
		if err != nil {
			return o, err
		}
		n++
		for i, p := range []*string{&o.id, &o.name, &o.edition, &o.instance, &o.url} {
			*p, _ = row[i].(string)
		}
		o.sandbox, _ = row[5].(bool)
	}
	if n != 1 {
		return o, fmt.Errorf("%s has %d rows instead of one", schemas.Org.Name, n)
	}
	return o, nil
}

// readSettings returns the settings that were in force when the run began.
func readSettings(ctx context.Context, run *pipeline.Run) (schemas.SettingValues, error) {
	fields := []string{"key", "value"}
	open := func(ctx context.Context) (columnar.RecordReader, error) {
		return run.Read(ctx, schemas.Settings, fields...)
	}
	v := schemas.SettingValues{}
	for row, err := range rows(ctx, schemas.Settings, open, fields) {
		if err != nil {
			return nil, err
		}
		if err := v.Set(row[0].(string), row[1].(string)); err != nil {
			return nil, fmt.Errorf("settings of the run: %w", err)
		}
	}
	return v, nil
}
