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

// loaded is a database after two runs over the twelve opportunities.
func loaded(t *testing.T) *postgres.DB {
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

// asAnalyst runs a query as somebody who is only a member of crmsync_analyst, and returns a line for each row below one of names.
func asAnalyst(ctx context.Context, db *postgres.DB, sql string) (lines []string, err error) {
	err = pgx.BeginTxFunc(ctx, db.Pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL ROLE crmsync_analyst"); err != nil {
			return err
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
