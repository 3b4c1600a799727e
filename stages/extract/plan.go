package extract

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// mode is how an object is read in a run.
type mode string

const (
	full    mode = "full"    // all rows, a new base
	changes mode = "changes" // the rows of a window, and what was deleted in it
	whole   mode = "whole"   // all rows, and what differs from the run before is published
	nothing mode = "nothing" // the window is empty
)

// binDays is how long a deleted record is sure to be seen: the recycle bin and the log of deleted records keep 15 days. A watermark that
// is older needs a full read.
const binDays = 14

// vanishing are objects whose rows are deleted without a trace.
var vanishing = []string{schemas.UserRole.Object}

// plan is how an object is read.
type plan struct {
	ds        *schemas.Dataset // with the revenue field, if it has one
	mode      mode
	prev      snapshot.Entry
	watermark time.Time
	// fingerprint names the fields that were read, with their types.
	fingerprint string
	rows        query
	// What was deleted: deletes asks the recycle bin; logged says that the log can be asked, and ids reads all ids. from and watermark
	// are the window.
	deletes *query
	logged  bool
	ids     query
	from    time.Time
}

// query is one statement and the columns that come of it.
type query struct {
	key     string // of its checkpoint and its parts
	ds      *schemas.Dataset
	columns []string
	soql    string
	all     bool // the recycle bin too
	bulk    bool // all rows are wanted, so a job is made at once
}

func (s *Stage) plan(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset) (*plan, error) {
	p := &plan{ds: ds, watermark: run.AsOf.Add(-s.Lag)}
	prev, had := run.Previous(ds)
	p.prev = prev
	p.rows.key = strings.ToLower(ds.Object) + "-rows"
	comes := slices.Contains(vanishing, ds.Object)
	if had && !comes && !p.watermark.After(prev.Watermark) {
		// Within the lag of the run before, or the org's clock moved back: there is nothing that could be read safely.
		p.mode = nothing
		return p, nil
	}
	object, err := s.Client.Describe(ctx, ds.Object)
	if err != nil {
		return nil, err
	}
	if err := s.fields(run, p, object); err != nil {
		return nil, err
	}
	_, recycled := object.Field("IsDeleted")
	p.logged = object.Replicateable
	drifted := had && s.reportDrift(run, p)
	switch {
	case !had, prev.Watermark.IsZero():
		p.mode = full
	case drifted:
		p.mode = full
	case comes:
		p.mode = whole
	case (recycled || p.logged) && p.watermark.Sub(prev.Watermark) > binDays*24*time.Hour:
		run.Log.Info("the last read is older than what is known of deletions, so the object is read in full", "object", ds.Object, "watermark", prev.Watermark)
		p.mode = full
	default:
		p.mode = changes
	}
	if had && p.watermark.Before(prev.Watermark) {
		p.watermark = prev.Watermark
	}
	p.queries(s.Overlap, recycled, prev.Rows > s.RESTRows)
	return p, nil
}

// fields decides which fields are read: those wanted that describe shows. Nothing is left out in silence.
func (s *Stage) fields(run *pipeline.Run, p *plan, object *salesforce.Object) error {
	if !object.Queryable {
		return fmt.Errorf("%s can't be queried: %w", object.Name, salesforce.ErrPermission)
	}
	if name := s.RevenueField; name != "" && p.ds.Object == schemas.Opportunity.Object && p.ds.Index(name) < 0 {
		if f, ok := object.Field(name); ok && !slices.Contains([]string{"currency", "double", "int", "long", "percent"}, f.Type) {
			return fmt.Errorf("revenue field %s is of type %s, not a number; name another one in the settings", name, f.Type)
		}
		p.ds = s.withRevenue(p.ds)
	}
	if _, ok := object.Field(schemas.OpportunityCurrency.Name); ok && p.ds.Object == schemas.Opportunity.Object {
		// Only an org with several currencies has the field, and there an amount means nothing without it.
		p.ds = p.ds.Extend(schemas.OpportunityCurrency)
	}
	for _, f := range p.ds.Fields {
		if _, ok := object.Field(f.Name); ok {
			p.rows.columns = append(p.rows.columns, f.Name)
			continue
		}
		if !f.Nullable() {
			return fmt.Errorf("field %s.%s: %w", object.Name, f.Name, salesforce.ErrNoField)
		}
		run.Count("hidden."+object.Name+"."+f.Name, 1)
		run.Log.Warn("field is hidden from the integration user, so its column is empty; grant read access by field-level security",
			"object", object.Name, "field", f.Name)
	}
	p.fingerprint = fingerprintOf(object, p.rows.columns)
	return nil
}

// timeForm is how SOQL writes an instant.
const timeForm = "2006-01-02T15:04:05.000Z"

// queries writes the statements. Of a large object all ids are read by a job at once.
func (p *plan) queries(overlap time.Duration, recycled, large bool) {
	p.rows.ds = p.ds
	condition := ""
	switch p.mode {
	case full:
		p.rows.bulk = true
	case changes:
		p.from = p.prev.Watermark.Add(-overlap)
		condition = fmt.Sprintf("SystemModstamp >= %s AND %s", p.from.UTC().Format(timeForm), p.before())
		ids := only(p.ds, []string{"Id"})
		p.ids = query{key: strings.ToLower(p.ds.Object) + "-ids", ds: ids, columns: []string{"Id"}, soql: ids.SOQL(""), bulk: large}
	}
	p.rows.soql = only(p.ds, p.rows.columns).SOQL(condition)
	if p.mode != changes || !recycled {
		return
	}
	ids := only(p.ds, []string{"Id"})
	p.deletes = &query{
		key: strings.ToLower(p.ds.Object) + "-deletes", ds: ids, columns: []string{"Id"}, all: true,
		soql: ids.SOQL("IsDeleted = true AND " + condition),
	}
}

// before is the condition that a row is not newer than the window.
func (p *plan) before() string { return "SystemModstamp < " + p.watermark.UTC().Format(timeForm) }

// missing is the statement that reads the rows of some ids, as the window saw them; n numbers it.
func (p *plan) missing(ids []string, n int) query {
	q := p.rows
	q.key = fmt.Sprintf("%s-missing-%03d", strings.ToLower(p.ds.Object), n)
	q.soql = only(p.ds, q.columns).SOQL(idIn(ids) + " AND " + p.before())
	return q
}

// everything is the statement that reads all rows, in the place of a window that turned out to be of no use.
func (p *plan) everything() query {
	q := p.rows
	q.key, q.bulk, q.soql = strings.ToLower(p.ds.Object)+"-all", true, only(p.ds, q.columns).SOQL("")
	return q
}

// idIn is the condition that a row has one of the ids.
func idIn(ids []string) string { return "Id IN ('" + strings.Join(ids, "','") + "')" }

// only is the data set with some of its fields.
func only(ds *schemas.Dataset, columns []string) *schemas.Dataset {
	c := *ds
	c.Fields = nil
	for _, name := range columns {
		c.Fields = append(c.Fields, ds.Field(name))
	}
	return &c
}
