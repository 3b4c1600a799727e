package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

func newDB(t *testing.T) *postgres.DB {
	t.Parallel()
	return postgrestest.New(t, migrations.Migrations)
}

func exec(t *testing.T, db *postgres.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func texts(t *testing.T, db *postgres.DB, sql string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEverythingIsCommented(t *testing.T) {
	db := newDB(t)
	all := texts(t, db, `SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')`)
	if len(all) < 25 {
		t.Errorf("only %d tables and views: %v", len(all), all)
	}
	for what, sql := range map[string]string{
		"tables and views": `SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')
			AND coalesce(obj_description(oid, 'pg_class'), '') = ''`,
		"columns": `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND coalesce(col_description(c.oid, a.attnum), '') NOT LIKE '%.'`,
		"functions": `SELECT proname::text FROM pg_proc WHERE pronamespace = 'crmsync'::regnamespace AND coalesce(obj_description(oid, 'pg_proc'), '') = ''`,
	} {
		if missing := texts(t, db, sql); len(missing) > 0 {
			t.Errorf("%s without a comment that is a sentence: %v", what, missing)
		}
	}
}

// TestEveryRowSaysWhoseItIs checks the columns that every result has: contract, sandbox, run_id, as_of (R5).
func TestEveryRowSaysWhoseItIs(t *testing.T) {
	db := newDB(t)
	lacks := func(column string, but ...string) {
		t.Helper()
		missing := texts(t, db, `SELECT relname::text FROM pg_class c WHERE relnamespace = 'crmsync'::regnamespace AND relkind IN ('r', 'v')
			AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $1) ORDER BY 1`, column)
		if diff := cmp.Diff(but, missing); diff != "" {
			t.Errorf("tables without %s (-want +got):\n%s", column, diff)
		}
	}
	lacks("contract", "contracts", "schema_versions")
	// What people decide is not fed by an org; the contract's row tells.
	lacks("sandbox", "decisions", "decisions_audit", "schema_versions", "seat_mappings", "settings", "settings_audit", "writeback_audit")
	// The views of ROI show the current run and leave it out.
	lacks("run_id", "contracts", "decisions", "decisions_audit", "links_history", "roi_attribution_current", "roi_comparison_current",
		"roi_opportunities_current", "roi_quarters_current", "roi_sellers_current", "roi_touches_current", "schema_versions", "seat_mappings", "settings", "settings_audit", "writeback_audit")
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return fmt.Sprint(err)
}

// fill puts one row for the contract into every table, with made-up values of the right types.
func fill(t *testing.T, db *postgres.DB, contract string) (tables []string) {
	t.Helper()
	given := map[string]string{
		"state": "'waiting'", "runs.state": "'succeeded'", "run_stages.state": "'succeeded'", "kind": "'Note'", "object": "'Contact'", "verdict": "'link'",
		"writebacks.object": "'Note'", "decisions_audit.kind": "'decisions'", "run_id": "'r1'",
	}
	byType := map[string]string{
		"text": "'x'", "boolean": "true", "bigint": "1", "integer": "1", "double precision": "1", "date": "'2026-01-01'",
		"timestamp with time zone": "'2026-01-01Z'", "jsonb": "'{}'", "ARRAY": "'{}'",
	}
	tables = texts(t, db, `SELECT relname::text FROM pg_class c WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r'
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'contract') ORDER BY relname <> 'runs', 1`)
	for _, table := range tables {
		rows, err := db.Query(t.Context(), `SELECT column_name::text, data_type::text FROM information_schema.columns
			WHERE table_schema = 'crmsync' AND table_name = $1 AND is_nullable = 'NO' AND column_name <> 'contract' AND is_identity = 'NO' AND is_generated = 'NEVER'`, table)
		if err != nil {
			t.Fatal(err)
		}
		names, values := []string{"contract"}, []string{"$1"}
		var name, kind string
		if _, err := pgx.ForEachRow(rows, []any{&name, &kind}, func() error {
			v := given[table+"."+name]
			if v == "" {
				v = given[name]
			}
			if v == "" {
				v = byType[kind]
			}
			names, values = append(names, `"`+name+`"`), append(values, v)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		exec(t, db, fmt.Sprintf("INSERT INTO crmsync.%s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", ")), contract)
	}
	exec(t, db, `INSERT INTO crmsync.contracts (id, instance_url) VALUES ($1, 'https://acme.my.salesforce.com')`, contract)
	return append(tables, "contracts")
}

func TestEraseContractLeavesNothingOfItAndAllOfOthers(t *testing.T) {
	db := newDB(t)
	tables := fill(t, db, "acme")
	fill(t, db, "other")
	left := func(contract string) map[string]int64 {
		t.Helper()
		rows, err := db.Query(t.Context(), `SELECT relation, number FROM crmsync.rows_of_contract($1)`, contract)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		var name string
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { counts[name] = n; return nil }); err != nil {
			t.Fatal(err)
		}
		return counts
	}
	before := left("other")
	for _, table := range tables {
		if before[table] == 0 {
			t.Errorf("%s was not filled, or is not counted", table)
		}
	}
	exec(t, db, `SELECT * FROM crmsync.erase_contract('acme')`)
	for table, n := range left("acme") {
		if n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if diff := cmp.Diff(before, left("other")); diff != "" {
		t.Errorf("another contract lost rows:\n%s", diff)
	}
}

// TestWhatIsKeptIsKept tries to change or delete what must stay.
func TestWhatIsKeptIsKept(t *testing.T) {
	db := newDB(t)
	fill(t, db, "acme")
	exec(t, db, `UPDATE crmsync.writebacks SET state = 'written', salesforce_id = '002x'`)
	for _, sql := range []string{
		`UPDATE crmsync.saves SET user_id = 'y'`, `DELETE FROM crmsync.saves`, `TRUNCATE crmsync.saves`,
		`UPDATE crmsync.settings_audit SET to_value = 'true'`, `DELETE FROM crmsync.settings_audit`, `DELETE FROM crmsync.decisions_audit`,
		`DELETE FROM crmsync.writebacks`, `UPDATE crmsync.writebacks SET state = 'waiting', salesforce_id = NULL`,
	} {
		if _, err := db.Exec(t.Context(), sql); code(err) != "23001" {
			t.Errorf("%s: %v, want a restrict violation", sql, err)
		}
	}
	if _, err := db.Exec(t.Context(), `INSERT INTO crmsync.writebacks (contract, activity_id, kind, seat_id, occurred_at, state, run_id, as_of)
		VALUES ('acme', 'a2', 'Note', 's', now(), 'written', 'r', now())`); code(err) != "23514" {
		t.Errorf("written without an id: %v", err)
	}
}

func TestOneLinkPerTarget(t *testing.T) {
	db := newDB(t)
	insert := `INSERT INTO crmsync.links (contract, object, record_id, target_kind, target_id, decision, origin, probability, weight, model, evidence, run_id, as_of)
		VALUES ($1, 'Contact', $2, 'person', $3, $4, 'model', 1, 10, 'm', '[]', 'r', now())`
	exec(t, db, insert, "acme", "c1", "p1", "link")
	exec(t, db, insert, "acme", "c2", "p1", "duplicate")
	exec(t, db, insert, "other", "c1", "p1", "link")
	if _, err := db.Exec(t.Context(), insert, "acme", "c3", "p1", "link"); code(err) != "23P01" {
		t.Errorf("a second link to a profile: %v", err)
	}
	// Within a transaction a link may move from one record to another, in any order.
	if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE crmsync.links SET decision = 'link' WHERE contract = 'acme' AND record_id = 'c2'`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE crmsync.links SET decision = 'duplicate' WHERE contract = 'acme' AND record_id = 'c1'`)
		return err
	}); err != nil {
		t.Error(err)
	}
	got := texts(t, db, `SELECT target_id || ' ' || in_crm FROM crmsync.in_crm('acme', 'person', ARRAY['p9', 'p1', 'p9'])`)
	if diff := cmp.Diff([]string{"p9 false", "p1 true", "p9 false"}, got); diff != "" {
		t.Errorf("in CRM:\n%s", diff)
	}
	if got := texts(t, db, `SELECT in_crm::text FROM crmsync.in_crm('acme', 'company', ARRAY['p1'])`); got[0] != "false" {
		t.Error("a person's id is taken for a company's")
	}
}

func TestRoleTreeEndsAtCyclesAndOrphans(t *testing.T) {
	db := newDB(t)
	for _, r := range [][3]any{
		{"top", "CEO", nil},
		{"mid", "Sales", "top"},
		{"low", "EMEA Sales", "mid"},
		{"a", "A", "b"},
		{"b", "B", "c"},
		{"c", "C", "a"},
		{"d", "D", "a"},
		{"self", "Self", "self"},
		{"orphan", "Orphan", "gone"},
		{"under", "Under", "orphan"},
	} {
		exec(t, db, `INSERT INTO crmsync.user_roles (contract, id, name, parent_role_id, last_modified_date, run_id, as_of) VALUES ('acme', $1, $2, $3, now(), 'r', now())`, r[0], r[1], r[2])
	}
	for _, u := range [][3]any{{"u1", "low", true}, {"u2", "mid", true}, {"u3", "low", false}, {"u4", "d", true}, {"u5", nil, true}} {
		exec(t, db, `INSERT INTO crmsync.users (contract, id, user_role_id, is_active, created_date, last_modified_date, run_id, as_of) VALUES ('acme', $1, $2, $3, now(), now(), 'r', now())`, u[0], u[1], u[2])
	}
	exec(t, db, `INSERT INTO crmsync.seat_users (contract, seat_id, user_id, method, licensed, active, run_id, as_of) VALUES
		('acme', 's1', 'u2', 'email', true, true, 'r', now()), ('acme', 's0', 'u2', 'manual', false, true, 'r', now()), ('acme', 's2', 'u1', 'email', true, false, 'r', now())`)
	got := texts(t, db, `SELECT role_id || ' ' || array_to_string(path, '>') || ' ' || depth || ' ' || coalesce(problem, '-') FROM crmsync.user_role_tree ORDER BY 1`)
	if diff := cmp.Diff([]string{
		"a c>b>a 2 cycle", "b a>c>b 2 cycle", "c b>a>c 2 cycle", "d c>b>a>d 3 cycle", "low top>mid>low 2 -", "mid top>mid 1 -",
		"orphan orphan 0 orphan", "self self 0 cycle", "top top 0 -", "under orphan>under 1 orphan",
	}, got); diff != "" {
		t.Errorf("tree:\n%s", diff)
	}
	candidates := `SELECT user_id || ' ' || has_seat || ' ' || coalesce(seat_id, '-') FROM crmsync.licence_candidates WHERE contract = 'acme' `
	for what, c := range map[string]struct {
		where string
		want  []string
	}{
		"role alone":               {"AND role_name = 'Sales'", []string{"u2 true s1"}},
		"role with those below":    {"AND 'mid' = ANY (role_path)", []string{"u1 false -", "u2 true s1"}},
		"all, inactive left out":   {"", []string{"u1 false -", "u2 true s1", "u4 false -", "u5 false -"}},
		"role that is in a circle": {"AND 'c' = ANY (role_path)", []string{"u4 false -"}},
	} {
		if diff := cmp.Diff(c.want, texts(t, db, candidates+c.where+" ORDER BY 1")); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
}

func TestAnalystsReadNoPersonalData(t *testing.T) {
	db := newDB(t)
	fill(t, db, "acme")
	var role string
	if err := db.QueryRow(t.Context(), `SELECT 'analyst_of_' || current_database()`).Scan(&role); err != nil {
		t.Fatal(err)
	}
	quoted := pgx.Identifier{role}.Sanitize()
	exec(t, db, "CREATE ROLE "+quoted)
	t.Cleanup(func() {
		if _, err := db.Exec(context.Background(), "DROP OWNED BY "+quoted+"; DROP ROLE "+quoted); err != nil {
			t.Error(err)
		}
	})
	exec(t, db, `SELECT crmsync.grant_read($1::text::regrole)`, role)
	readable := func(personal bool) []string {
		return texts(t, db, `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind IN ('r', 'v') AND col_description(c.oid, a.attnum) LIKE 'Personal data.%' = $2
			  AND has_column_privilege($1::text, c.oid, a.attnum, 'SELECT') ORDER BY 1`, role, personal)
	}
	if got := readable(true); len(got) > 0 {
		t.Errorf("personal data can be read: %v", got)
	}
	if got := readable(false); len(got) < 100 {
		t.Errorf("only %d columns can be read", len(got))
	}
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SET LOCAL ROLE "+quoted); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `SELECT contract, lightning_url FROM crmsync.badges`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `SELECT email FROM crmsync.contact_info`)
		return err
	})
	if code(err) != "42501" {
		t.Errorf("reading an e-mail address: %v, want permission denied", err)
	}
}
