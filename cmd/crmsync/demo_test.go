package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// TestDemoShowsCases runs the whole demonstration, and looks up in its tables each case that it tells of.
func TestDemoShowsCases(t *testing.T) {
	dsn := postgrestest.DSN(t, migrations.Migrations)
	t.Setenv("CRMSYNC_DATABASE_URL", dsn)
	var out, log bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--dir", filepath.Join(t.TempDir(), "demo"), "--json", "--quiet"}, &out, &log); code != exitDone {
		t.Fatalf("exit code %d:\n%s", code, &log)
	}
	var summary report.Summary
	if err := json.Unmarshal(out.Bytes(), &summary); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	want := []struct{ kind, says, sql string }{
		{report.Unassigned, " without a person: ", `SELECT count(*) FROM crmsync.writebacks WHERE activity_id = $1 AND state = 'unassigned' AND who_id IS NULL
			AND salesforce_id IS NOT NULL AND strpos($2, salesforce_id) > 0 AND strpos($2, reason) > 0`},
		{report.Refused, " was refused: ", `SELECT count(*) FROM crmsync.writebacks WHERE activity_id = $1 AND state = 'refused' AND salesforce_id IS NULL
			AND reason ~ '^[A-Z_]+: ' AND strpos($2, reason) > 0`},
		{report.SaveKept, ", who has the save too, and ", `SELECT count(*) FROM crmsync.saves v JOIN crmsync.opportunities o ON o.id = v.opportunity_id
			JOIN crmsync.users b ON b.id = v.user_id JOIN crmsync.users a ON a.id = o.owner_id
			WHERE v.target_id = $1 AND o.owner_id <> v.user_id AND strpos($2, o.name) > 0 AND strpos($2, b.name) > 0 AND strpos($2, a.name) > 0
			AND v.run_id < (SELECT current_run FROM crmsync.contracts)`},
	}
	if len(summary.Cases) != len(want) {
		t.Fatalf("cases: %+v", summary.Cases)
	}
	for i, w := range want {
		c := summary.Cases[i]
		var n int
		if err := db.QueryRow(t.Context(), w.sql, c.About, c.Says).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if c.Kind != w.kind || n != 1 || !strings.Contains(c.Says, w.says) {
			t.Errorf("%s: %+v is in the tables %d times", w.kind, c, n)
		}
	}
}
