package roi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi"
)

// row is a row by field name; absent fields are null.
type row map[string]any

// world is what the stage reads.
type world map[*schemas.Dataset][]row

// setting adds a setting, its value in JSON.
func (w world) setting(key, value string) {
	w[schemas.Settings] = append(w[schemas.Settings], row{"key": key, "value": value})
}

// giver is a stage that publishes a world.
type giver struct{ world world }

func (g giver) Name() string               { return "give" }
func (g giver) Reads() []*schemas.Dataset  { return nil }
func (g giver) Writes() []*schemas.Dataset { return (&roi.Stage{}).Reads() }
func (g giver) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range g.Writes() {
		for extended := range g.world { // with fields that an org has besides
			if extended.Name == ds.Name {
				ds = extended
			}
		}
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		b := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for _, r := range g.world[ds] {
			if err := setRow(b, ds, r); err != nil {
				return err
			}
		}
		rec := b.NewRecord()
		err = w.Write(ctx, rec)
		rec.Release()
		b.Release()
		if err != nil {
			return err
		}
		if _, err := run.PublishBase(ctx, ds, w); err != nil { // what is not in the world is gone
			return err
		}
	}
	return nil
}

// setRow appends a row to a builder of all columns.
func setRow(b *columnar.Builder, ds *schemas.Dataset, r row) error {
	for i, f := range ds.Fields {
		switch v := r[f.Name].(type) {
		case string:
			b.String(i, v)
		case bool:
			b.Bool(i, v)
		case int64:
			b.Int(i, v)
		case float64:
			b.Float(i, v)
		case time.Time:
			b.Time(i, v)
		}
	}
	return b.EndRow()
}

var asOf = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// bench runs the stage over worlds, one run each.
type bench struct {
	t      testing.TB
	runner *pipeline.Runner
	last   *pipeline.Manifest
}

func newBench(t testing.TB) *bench {
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, runner: &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Progress: pipeline.NoProgress{}, Budget: 64 << 20, Workers: 2, Fresh: true,
		Now: func(context.Context) (time.Time, error) { return asOf, nil },
	}}
}

func (b *bench) run(w world) error {
	m, err := b.runner.Run(b.t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{giver{w}, &roi.Stage{}}})
	b.last = m
	return err
}

// rows reads a data set of the last run.
func (b *bench) rows(ds *schemas.Dataset) []row {
	b.t.Helper()
	e, ok := b.last.Entry(ds.Name)
	if !ok {
		b.t.Fatalf("%s was not published", ds.Name)
	}
	reader, err := b.runner.Store.Read(b.t.Context(), ds, e)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []row
	err = columnar.Each(b.t.Context(), reader, func(rec arrow.Record) error {
		for i := range int(rec.NumRows()) {
			r := row{}
			for _, f := range ds.Fields {
				switch f.Type {
				case schemas.Bool:
					put(r, f.Name, i, columnar.Bools(rec, f.Name))
				case schemas.Int64:
					put(r, f.Name, i, columnar.Ints(rec, f.Name))
				case schemas.Float64:
					put(r, f.Name, i, columnar.Floats(rec, f.Name))
				case schemas.Date, schemas.Timestamp:
					put(r, f.Name, i, columnar.Times(rec, f.Name))
				default:
					put(r, f.Name, i, columnar.Strings(rec, f.Name))
				}
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func put[T any](r row, name string, i int, col interface {
	IsNull(i int) bool
	Value(i int) T
},
) {
	if !col.IsNull(i) {
		r[name] = any(col.Value(i))
		if s, ok := r[name].(string); ok {
			r[name] = strings.Clone(s)
		}
	}
}

func opportunity(id, account string, created, closes time.Time, state string, amount float64) row {
	return row{
		"Id": id, "AccountId": account, "CreatedDate": created, "CloseDate": closes, "LastModifiedDate": created, "Name": "Deal " + id,
		"IsClosed": state != "open", "IsWon": state == "won", "StageName": state, "OwnerId": "owner", "Amount": amount,
	}
}

func contact(id, account string) row {
	return row{"Id": id, "AccountId": account, "LastName": "Doe", "CreatedDate": asOf, "LastModifiedDate": asOf}
}

func role(contact, opportunity string) row {
	return row{"Id": contact + "-" + opportunity, "ContactId": contact, "OpportunityId": opportunity, "IsPrimary": false, "CreatedDate": asOf, "LastModifiedDate": asOf}
}

func link(object, record, kind, target, decision string) row {
	return row{
		"object": object, "record_id": record, "target_kind": kind, "target_id": target, "decision": decision, "origin": "model",
		"probability": 0.99, "weight": 20.0, "model": "m", "evidence": "[]",
	}
}

func usage(id, member, company string, at time.Time) row {
	r := row{"usage_id": id, "seat_id": "s1", "kind": "profile_view", "occurred_at": at}
	if member != "" {
		r["member_id"] = member
	}
	if company != "" {
		r["company_id"] = company
	}
	return r
}

func TestNothingWithoutAuthorisation(t *testing.T) {
	w := world{}
	day := asOf.AddDate(0, -1, 0)
	w[schemas.Opportunity] = []row{opportunity("o1", "a1", day, day, "open", 1)}
	w[schemas.Links] = []row{link("Account", "a1", "company", "c1", "link")}
	w[schemas.Usage] = []row{usage("u1", "", "c1", day)}
	b := newBench(t)
	states := []struct {
		authorised string
		rows       int
	}{{"", 0}, {"true", 1}, {"false", 0}} // withdrawn: nothing is left
	for _, s := range states {
		w[schemas.Settings] = nil
		if s.authorised != "" {
			w.setting("roi.authorised", s.authorised)
		}
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
		for _, ds := range []*schemas.Dataset{schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIQuarters} {
			if got := len(b.rows(ds)); got != s.rows {
				t.Errorf("authorised %q: %d rows of %s, want %d", s.authorised, got, ds.Name, s.rows)
			}
		}
	}
}

func TestRevenueFieldMustBeImported(t *testing.T) {
	for _, field := range []string{"Total__c", "StageName"} {
		w := world{}
		w.setting("roi.authorised", "true")
		w.setting("roi.revenue_field", `"`+field+`"`)
		if err := newBench(t).run(w); !errors.Is(err, roi.ErrRevenueField) {
			t.Errorf("%s: error %v, want %v", field, err, roi.ErrRevenueField)
		}
	}
}

func TestWindow(t *testing.T) {
	created := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	closed := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name             string
		state            string
		closes           time.Time
		at               time.Time
		touched, sourced bool
	}{
		{name: "91 days before", state: "won", closes: closed, at: created.AddDate(0, 0, -91)},
		{name: "a millisecond early", state: "won", closes: closed, at: created.Add(-90*24*time.Hour - time.Millisecond)},
		{name: "90 days before", state: "won", closes: closed, at: created.AddDate(0, 0, -90), touched: true, sourced: true},
		{name: "just before creation", state: "won", closes: closed, at: created.Add(-time.Millisecond), touched: true, sourced: true},
		{name: "at creation", state: "won", closes: closed, at: created, touched: true},
		{name: "late on the closing day", state: "lost", closes: closed, at: closed.Add(24*time.Hour - time.Millisecond), touched: true},
		{name: "the day after", state: "lost", closes: closed, at: closed.Add(24 * time.Hour)},
		{name: "open, past its expected close", state: "open", closes: closed, at: asOf, touched: true},
		{name: "open, after as_of", state: "open", closes: closed, at: asOf.Add(time.Millisecond)},
		{name: "closed before its creation", state: "won", closes: created.AddDate(-1, 0, 0), at: created.Add(time.Hour), touched: true},
		{name: "closing in the future", state: "won", closes: asOf.AddDate(1, 0, 0), at: asOf.Add(time.Hour)},
	} {
		w := world{}
		w.setting("roi.authorised", "true")
		w[schemas.Opportunity] = []row{opportunity("o1", "a1", created, c.closes, c.state, 1)}
		w[schemas.Links] = []row{link("Account", "a1", "company", "c1", "link")}
		w[schemas.Usage] = []row{usage("u1", "", "c1", c.at)}
		b := newBench(t)
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
		facts, touches := b.rows(schemas.ROIOpportunities), b.rows(schemas.ROITouches)
		if len(facts) != 1 {
			t.Fatalf("%s: %d facts", c.name, len(facts))
		}
		if f := facts[0]; f["influenced"] != c.touched || f["sourced"] != c.sourced || f["influenced_strict"] != false || (len(touches) == 1) != c.touched {
			t.Errorf("%s: fact %v, %d touches", c.name, f, len(touches))
		}
	}
}

// TestStagesThatNobodyMeets: a stage of the pipeline in which no opportunity is, is counted, so that a misspelt one is told of.
func TestStagesThatNobodyMeets(t *testing.T) {
	w := world{}
	w.setting("roi.authorised", "true")
	w.setting("roi.pipeline_stages", `["Offer","Ofer","Late"]`)
	for i, stage := range []string{"Offer", "Early"} {
		o := opportunity(fmt.Sprint("o", i), "a1", asOf.AddDate(0, -1, 0), asOf, "open", 1)
		o["StageName"] = stage
		w[schemas.Opportunity] = append(w[schemas.Opportunity], o)
	}
	b := newBench(t)
	if err := b.run(w); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for name, n := range b.last.Stage("roi").Counts {
		if stage, ok := strings.CutPrefix(name, "roi.unseen_stage."); ok {
			got[stage] = n
		}
	}
	if want := map[string]int64{"Ofer": 1, "Late": 1}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
