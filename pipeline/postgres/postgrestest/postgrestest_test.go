package postgrestest_test

import (
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
)

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	migrations := fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE crmsync.t (n int);\n")}}
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t, migrations)
			if _, err := db.Exec(t.Context(), "INSERT INTO crmsync.t VALUES (1)"); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRow(t.Context(), "SELECT count(*) FROM crmsync.t").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows, %v", n, err)
			}
			if applied, err := db.Migrate(t.Context(), migrations); err != nil || applied != 0 {
				t.Errorf("%d migrations were missing, %v", applied, err)
			}
		})
	}
}

func TestWithDatabase(t *testing.T) {
	t.Parallel()
	for dsn, host := range map[string]string{
		"postgres://u@/old?host=/run/a%20b&sslmode=disable": "/run/a b",
		"host=db.example user=u dbname=old":                 "db.example",
	} {
		changed, err := postgrestest.WithDatabase(dsn, "new")
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := pgx.ParseConfig(changed)
		if err != nil || cfg.Database != "new" || cfg.Host != host {
			t.Errorf("%s: %v", changed, err)
		}
	}
}
