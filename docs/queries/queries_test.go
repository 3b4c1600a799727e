package queries_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crmsync/crmsync/docs/queries"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/load"
	"github.com/crmsync/crmsync/stages/roi"
)

var update = flag.Bool("update", false, "write what the queries answer to testdata")

// giver publishes the twelve opportunities of docs/roi.md.
type giver struct{ file map[string][]map[string]any }

func (giver) Name() string              { return "give" }
func (giver) Reads() []*schemas.Dataset { return nil }
func (giver) Writes() []*schemas.Dataset {
	sets := (&roi.Stage{}).Reads()
	for _, ds := range (&load.Stage{}).Reads() {
		if !slices.Contains(sets, ds) {
			sets = append(sets, ds)
		}
	}
	return sets
}

func (g giver) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range g.Writes() {
		if rows := g.file[ds.Name]; ds == schemas.Opportunity && rows[0]["CurrencyIsoCode"] != nil {
			ds = ds.Extend(schemas.OpportunityCurrency)
		}
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		b := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for _, r := range g.file[ds.Name] {
			for name, value := range r {
				b.Text(ds.Index(name), fmt.Sprint(value))
			}
			if err := b.EndRow(); err != nil {
				return fmt.Errorf("%s: %w", ds.Name, err)
			}
		}
		rec := b.NewRecord()
		err = w.Write(ctx, rec)
		rec.Release()
		b.Release()
		if err != nil {
			return err
		}
		if _, err := run.Publish(ctx, ds, w); err != nil {
			return err
		}
	}
	return nil
}

// loaded is a database after two runs over the twelve opportunities, and what changes add.
func loaded(t *testing.T, changes ...func(file map[string][]map[string]any)) *postgres.DB {
	t.Helper()
	text, err := os.ReadFile("../../stages/roi/testdata/twelve.json")
	if err != nil {
		t.Fatal(err)
	}
	g := giver{}
	if err := json.Unmarshal(text, &g.file); err != nil {
		t.Fatal(err)
	}
	g.file[schemas.Org.Name] = []map[string]any{{"Id": "00D1", "OrganizationType": "Enterprise Edition", "IsSandbox": false, "InstanceUrl": "https://acme.my.salesforce.com"}}
	for _, change := range changes {
		change(g.file)
	}
	db := postgrestest.New(t, migrations.Migrations)
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	runner := &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{},
		Recorder: &load.Recorder{DB: db}, Budget: 64 << 20, Workers: 2, Fresh: true,
		Now: func(context.Context) (time.Time, error) { clock = clock.Add(12 * time.Hour); return clock, nil },
	}
	for range 2 {
		if _, err := runner.Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{g, &roi.Stage{}, &load.Stage{DB: db}}}); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// asAnalyst runs a query, after what sets the session, as somebody who is only a member of crmsync_analyst, and returns a line for each row below one of names.
func asAnalyst(ctx context.Context, db *postgres.DB, sql string, before ...string) (lines []string, err error) {
	err = pgx.BeginTxFunc(ctx, db.Pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, set := range append(before, "SET LOCAL ROLE crmsync_analyst") {
			if _, err := tx.Exec(ctx, set); err != nil {
				return err
			}
		}
		rows, err := tx.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var cells, names []string
			for i, v := range rows.RawValues() {
				cells, names = append(cells, string(v)), append(names, rows.FieldDescriptions()[i].Name)
			}
			if lines == nil {
				lines = append(lines, strings.Join(names, " | "))
			}
			lines = append(lines, strings.Join(cells, " | "))
		}
		return rows.Err()
	})
	return lines, err
}

// TestQueries runs each question as an analyst over the twelve opportunities of docs/roi.md.
func TestQueries(t *testing.T) {
	db := loaded(t)
	files, err := queries.Files.ReadDir(".")
	if err != nil || len(files) != 10 {
		t.Fatalf("%d questions, %v", len(files), err)
	}
	for _, f := range files {
		sql, err := queries.Files.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(sql), "-- ") {
			t.Errorf("%s does not say what it answers", f.Name())
		}
		lines, err := asAnalyst(t.Context(), db, string(sql))
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		got := strings.Join(lines, "\n") + "\n"
		golden := filepath.Join("testdata", strings.TrimSuffix(f.Name(), ".sql")+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name(), diff)
		}
	}
}

// TestQueriesOverCurrencies asks over an org with two currencies, of which one has many large deals and the other a small one, and a third
// in which nothing is influenced; in a session far from UTC.
func TestQueriesOverCurrencies(t *testing.T) {
	db := loaded(t, func(file map[string][]map[string]any) {
		deals := file[schemas.Opportunity.Name]
		for _, o := range deals {
			o["CurrencyIsoCode"] = "EUR"
		}
		more := func(like int, id, currency string, amount int) {
			o := map[string]any{}
			for k, v := range deals[like] {
				o[k] = v
			}
			o["Id"], o["CurrencyIsoCode"], o["Amount"] = id, currency, amount
			file[schemas.Opportunity.Name] = append(file[schemas.Opportunity.Name], o)
		}
		for i := range 30 {
			more(1, fmt.Sprintf("P%02d", i), "EUR", 50_000+i)
		}
		more(1, "Q1", "USD", 70)
		more(3, "Q2", "USD", 90) // won by its touches
		more(5, "Q3", "CHF", 80) // won without
	})
	for _, c := range []struct {
		file       string
		want, none []string
	}{
		{"01_headline.sql", []string{"acme | CHF | 0 | 0 | 1 | 0 | 0 | 80 | 0.0 | "}, nil},
		{"02_open_deals.sql", []string{"acme | P29 | ", "acme | Q1 | Proposal | 2026-08-15 | USD | 70 | 3 | 2026-02-28 | "}, []string{"acme | P09 | "}},
		{"03_trend.sql", []string{"| CHF | 0 | 1 | 0 | 80 | 0"}, nil},
		{"10_from_run_to_run.sql", []string{"acme | 2026-07-01 | CHF | 0 | 1 | 0 | 80", "acme | 2026-07-02 | CHF | 0 | 1 | 0 | 80"}, nil},
	} {
		sql, err := queries.Files.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := asAnalyst(t.Context(), db, string(sql), "SET LOCAL timezone = 'Pacific/Kiritimati'")
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(lines, "\n")
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", c.file, want, got)
			}
		}
		for _, bad := range c.none {
			if strings.Contains(got, bad) {
				t.Errorf("%s has %q:\n%s", c.file, bad, got)
			}
		}
	}
	for _, file := range []string{"07_attribution_by_seat.sql", "08_attribution_by_kind.sql"} {
		sql, err := queries.Files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := asAnalyst(t.Context(), db, string(sql))
		if err != nil {
			t.Fatal(err)
		}
		var currencies []string
		at := slices.Index(strings.Split(lines[0], " | "), "currency")
		for _, line := range lines[1:] {
			currencies = append(currencies, strings.Split(line, " | ")[at])
		}
		if !slices.IsSorted(currencies) || len(slices.Compact(currencies)) != 2 {
			t.Errorf("%s puts amounts of different currencies into one order:\n%s", file, strings.Join(lines, "\n"))
		}
	}
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return fmt.Sprint(err)
}

// TestAnalystSeesNothingElse asks for every column of every relation of the database.
func TestAnalystSeesNothingElse(t *testing.T) {
	db := loaded(t)
	rows, err := db.Query(t.Context(), `SELECT c.relname::text, a.attname::text, c.relname LIKE ANY (ARRAY['roi\_%', 'backfill\_roi\_%']) AND coalesce(col_description(c.oid, a.attnum), '') NOT LIKE 'Personal data.%'
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct {
		Relation, Name string
		Open           bool
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, c := range columns {
		want := "42501" // insufficient privilege
		if c.Open {
			want = "<nil>"
			open++
		}
		_, err := asAnalyst(t.Context(), db, fmt.Sprintf("SELECT %s FROM crmsync.%s LIMIT 1", pgx.Identifier{c.Name}.Sanitize(), c.Relation))
		if got := code(err); got != want {
			t.Errorf("%s.%s: %s, want %s", c.Relation, c.Name, got, want)
		}
	}
	t.Logf("%d columns are open to analysts, %d are not", open, len(columns)-open)
	if open < 100 || len(columns)-open < 100 {
		t.Errorf("%d columns are open and %d are not: the test does not test much", open, len(columns)-open)
	}
	for _, sql := range []string{
		"DELETE FROM crmsync.roi_quarters", "SELECT * FROM crmsync.erase_contract('acme')", "SELECT * FROM crmsync.rows_of_contract('acme')",
		"SELECT * FROM crmsync.in_crm('acme', 'person', ARRAY['m1'])", "SELECT crmsync.grant_analyst()", "SELECT member_id FROM crmsync.roi_touches_current",
	} {
		if _, err := asAnalyst(t.Context(), db, sql); err == nil {
			t.Errorf("an analyst may %s", sql)
		}
	}
}
