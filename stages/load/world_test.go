package load_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/load"
)

type row map[string]any

// world is what a run's earlier stages published.
type world map[*schemas.Dataset][]row

// with returns a world with other rows for some data sets.
func (w world) with(other world) world {
	c := maps.Clone(w)
	maps.Copy(c, other)
	return c
}

var (
	day0     = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	optional = []*schemas.Dataset{schemas.Activities, schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIAttribution, schemas.ROIQuarters, schemas.ROIComparison, schemas.ROISellers}
)

// giver publishes a world, each data set as a new base. Fields that a row leaves out get the zero value of their type, or null.
type giver struct{ world world }

func (g giver) Name() string              { return "give" }
func (g giver) Reads() []*schemas.Dataset { return nil }
func (g giver) Writes() []*schemas.Dataset {
	return append((&load.Stage{}).Reads(), optional...)
}

func (g giver) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range g.Writes() {
		columns, rows := ds, g.world[ds]
		for other := range g.world {
			if other.Name == ds.Name && len(other.Fields) > len(columns.Fields) { // an extended data set stands for its original
				columns, rows = other, g.world[other]
			}
		}
		if err := publish(ctx, run, columns, rows); err != nil {
			return fmt.Errorf("%s: %w", ds.Name, err)
		}
	}
	return nil
}

func publish(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, rows []row) error {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return err
	}
	b := columnar.NewBuilder(memory.DefaultAllocator, ds)
	defer b.Release()
	for _, r := range rows {
		for i, f := range ds.Fields {
			set(b, i, f, r[f.Name])
		}
		if err := b.EndRow(); err != nil {
			return err
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	if err := w.Write(ctx, rec); err != nil {
		return err
	}
	_, err = run.PublishBase(ctx, ds, w)
	return err
}

func set(b *columnar.Builder, i int, f schemas.Field, v any) {
	switch v := v.(type) {
	case string:
		b.String(i, v)
	case bool:
		b.Bool(i, v)
	case int:
		b.Int(i, int64(v))
	case float64:
		b.Float(i, v)
	case time.Time:
		b.Time(i, v)
	case nil:
		if f.Nullable() {
			return
		}
		switch f.Type {
		case schemas.String:
			b.String(i, "-")
		case schemas.JSON:
			b.String(i, "{}")
		case schemas.Bool:
			b.Bool(i, false)
		case schemas.Int64:
			b.Int(i, 0)
		case schemas.Float64:
			b.Float(i, 0)
		default:
			b.Time(i, day0)
		}
	}
}

func setting(key, value string) row { return row{"key": key, "value": value} }

func link(object, record, target, decision string) row {
	kind := "person"
	if object == "Account" {
		kind = "company"
	}
	return row{
		"object": object, "record_id": record, "target_kind": kind, "target_id": target, "decision": decision, "origin": "model",
		"probability": 0.99, "weight": 17.5, "model": "m1", "evidence": `[{"feature":"name","level":"exact","bits":9.5}]`,
	}
}

// base is a small contract with a bit of everything.
func base() world {
	return world{
		schemas.Org: {{"Id": "00D1", "Name": "Acme", "OrganizationType": "Enterprise Edition", "InstanceName": "EU1", "InstanceUrl": "https://acme.my.salesforce.com/"}},
		schemas.Settings: {
			setting("roi.authorised", "true"), setting("roi.revenue_field", `"Amount"`),
		},
		schemas.UserRole: {{"Id": "00E1", "Name": "Sales"}},
		schemas.User:     {{"Id": "0051", "Name": "Ann Seller", "Email": "ann@example.com", "IsActive": true, "UserRoleId": "00E1"}},
		schemas.Seats:    {{"seat_id": "s1", "name": "Ann", "active": true, "licence_type": "Enterprise"}},
		schemas.Opportunity: {
			{"Id": "0061", "Name": "Deal", "Amount": 1200.5, "OwnerId": "0051", "StageName": "Prospecting", "CloseDate": day0.AddDate(0, 1, 0)},
			{"Id": "0062", "Name": "Other deal", "OwnerId": "0051", "StageName": "Closed Won", "IsClosed": true, "IsWon": true},
		},
		schemas.Contact: {
			{"Id": "0031", "LastName": "Lee", "Phone": "+1 555 0100", "Email": "lee@example.com", "MailingStreet": "1 Main St", "MailingCity": "Springfield", "MailingCountry": "US"},
			{"Id": "0032", "LastName": "Not linked", "Email": "nobody@example.com"},
			{"Id": "0033", "LastName": "Kim", "Email": "kim\x00@example.com"},
		},
		schemas.Lead: {{"Id": "00Q1", "LastName": "Roe", "Phone": "+1 555 0101", "Street": "2 Main St", "State": "OR"}, {"Id": "00Q2", "LastName": "Lee"}},
		schemas.Links: {
			link("Account", "0011", "c1", "link"), link("Contact", "0031", "p1", "link"), link("Contact", "0033", "p3", "link"),
			link("Lead", "00Q1", "p2", "link"), link("Lead", "00Q2", "p1", "duplicate"), link("Contact", "0039", "p9", "link"),
		},
		schemas.MatchRates:  {{"object": "Contact", "records": 3, "eligible": 3, "linked": 2, "rate": 2.0 / 3}},
		schemas.MatchScores: {{"object": "Contact", "bin": 16, "records": 2, "linked": 2}},
		schemas.SeatUsers:   {{"seat_id": "s1", "user_id": "0051", "method": "email", "licensed": true, "active": true}},
		schemas.Saves:       {{"seat_id": "s1", "target_kind": "person", "target_id": "p1", "user_id": "0051", "object": "Contact", "record_id": "0031", "opportunity_id": "0061", "saved_at": day0}},
		schemas.Activities:  {{"activity_id": "a1", "type": "InMail", "seat_id": "s1", "member_id": "p1", "subject": "Hello", "log_to_crm": true}},
		schemas.ROITouches:  {{"opportunity_id": "0061", "touch_id": "usage:1", "kind": "search", "level": "a", "seat_id": "s1"}},
		schemas.ROIOpportunities: {
			{"opportunity_id": "0061", "owner_id": "0051", "stage": "Prospecting", "quarter": "2026-Q2", "revenue": 1200.5},
		},
		schemas.ROIQuarters:    {{"quarter": "2026-Q2", "influenced": true, "opportunities": 1}},
		schemas.ROIComparison:  {{"comparison": "plain", "dimension": "all", "segment": "all", "measure": "win_rate", "unit": "share", "method": "-"}},
		schemas.ROIAttribution: {{"opportunity_id": "0061", "seat_id": "s1", "kind": "search", "level": "a", "touches": 1, "linear_parts": 1_000_000_000, "linear_cents": 120050}},
		schemas.ROISellers:     {{"seller_id": "0051", "user_id": "0051", "opportunities": 1}},
	}
}

type bench struct {
	t      *testing.T
	db     *postgres.DB
	runner *pipeline.Runner
	clock  time.Time
}

func newBench(t *testing.T, contract string) *bench {
	t.Helper()
	return benchOn(t, postgrestest.New(t, migrations.Migrations), contract)
}

func benchOn(t *testing.T, db *postgres.DB, contract string) *bench {
	t.Helper()
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: day0, db: db}
	b.runner = &pipeline.Runner{
		Contract: contract, Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{},
		Budget: 64 << 20, Workers: 2, Recorder: &load.Recorder{DB: db},
		Now: func(context.Context) (time.Time, error) { b.clock = b.clock.Add(12 * time.Hour); return b.clock, nil },
	}
	return b
}

// try publishes a world in a run of its own, and loads it.
func (b *bench) try(w world, more ...pipeline.Stage) (*pipeline.Manifest, error) {
	b.runner.Fresh = true
	return b.runner.Run(b.t.Context(), pipeline.Job{Name: "sync", Stages: append([]pipeline.Stage{giver{w}, &load.Stage{DB: b.db}}, more...)})
}

func (b *bench) load(w world, more ...pipeline.Stage) *pipeline.Manifest {
	b.t.Helper()
	m, err := b.try(w, more...)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) texts(sql string, args ...any) []string {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), sql, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// dump returns every row of every table with the transaction that wrote it, by table.
func (b *bench) dump() map[string][]string {
	b.t.Helper()
	all := map[string][]string{}
	for _, table := range b.texts(`SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r' ORDER BY 1`) {
		all[table] = b.texts(fmt.Sprintf(`SELECT t.xmin || ' ' || t.ctid || ' ' || to_jsonb(t) FROM crmsync.%s t ORDER BY 1`, table))
	}
	return all
}

// changed names the tables that differ between two dumps.
func changed(before, after map[string][]string) string {
	var names []string
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if !slices.Equal(before[table], after[table]) {
			names = append(names, table)
		}
	}
	return strings.Join(names, " ")
}
