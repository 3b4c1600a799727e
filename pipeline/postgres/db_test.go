package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
)

var migrations = fstest.MapFS{
	"00001_first.sql": {Data: []byte(`-- +goose Up
CREATE TABLE crmsync.links (
	contract_id text NOT NULL, record_id text NOT NULL, target text, weight double precision, run_id text,
	PRIMARY KEY (contract_id, record_id));
-- +goose Down
DROP TABLE crmsync.links;
`)},
	"00002_second.sql": {Data: []byte(`-- +goose Up
CREATE TABLE crmsync.kinds (
	id bigint PRIMARY KEY, "Odd ""name" text, names text[], at timestamptz, day date, amount numeric(18,4), doc jsonb, ok boolean, n integer);
-- +goose Down
DROP TABLE crmsync.kinds;
`)},
}

func TestMigrateRacesAndRepeats(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 5 {
		wg.Go(func() {
			n, err := db.Migrate(t.Context(), migrations)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			total += n
			mu.Unlock()
		})
	}
	wg.Wait()
	if total != len(migrations) {
		t.Errorf("%d migrations were applied, want %d", total, len(migrations))
	}
	older := fstest.MapFS{"00001_first.sql": migrations["00001_first.sql"]}
	if _, err := db.Migrate(t.Context(), older); !errors.Is(err, postgres.ErrNewerSchema) {
		t.Errorf("an older program: %v", err)
	}
	var timeout string
	if err := db.QueryRow(t.Context(), "SHOW statement_timeout").Scan(&timeout); err != nil || timeout != "10min" {
		t.Errorf("afterwards statement_timeout is %s, %v", timeout, err)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	next := fstest.MapFS{"00003_bad.sql": {Data: []byte("-- +goose Up\nCREATE TABLE crmsync.half (n int);\nSELECT 1/0;\n")}}
	for name, f := range migrations {
		next[name] = f
	}
	if _, err := db.Migrate(t.Context(), next); err == nil || !strings.Contains(err.Error(), "version:3") {
		t.Errorf("got %v", err)
	}
	var exists bool
	if err := db.QueryRow(t.Context(), "SELECT to_regclass('crmsync.half') IS NOT NULL").Scan(&exists); err != nil || exists {
		t.Errorf("half a migration stays: %v, %v", exists, err)
	}
}

func TestSessionDefaultsYieldToTheConnectionString(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.DSN(t, nil)
	sep := "?"
	if strings.Contains(dsn, "?") {
		sep = "&"
	}
	db, err := postgres.Open(t.Context(), dsn+sep+"statement_timeout=7s&pool_max_conns=2")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var timeout, zone string
	if err := db.QueryRow(t.Context(), "SELECT current_setting('statement_timeout'), current_setting('timezone')").Scan(&timeout, &zone); err != nil {
		t.Fatal(err)
	}
	if timeout != "7s" || zone != "UTC" || db.Config().MaxConns != 2 {
		t.Errorf("statement_timeout %s, timezone %s, %d connections", timeout, zone, db.Config().MaxConns)
	}
	if _, err := db.Migrate(t.Context(), migrations); err != nil { // two connections are enough
		t.Error(err)
	}
}

func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-pw"
	for _, dsn := range []string{
		"postgres://u:" + secret + "@127.0.0.1:1/db",
		"postgres://u:" + secret + "@127.0.0.1:port/db",
		"postgres://u:" + secret + " @x%zz/db",
		"postgres://u:p@" + secret + ":x@h/db",
		"host=127.0.0.1 port=1 user=u password=" + secret,
		"host=127.0.0.1 port=1 user=u password='" + secret,
		"host=127.0.0.1 port=" + secret,
		"postgres://u@127.0.0.1:1/db?password=" + secret + "&sslmode=bogus",
		"postgres://u:" + secret + "@/db?host=/nowhere/" + secret,
	} {
		_, err := postgres.Open(t.Context(), dsn)
		if err == nil {
			t.Errorf("opened %s", dsn)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("shown: %v", err)
		}
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ctx, postgrestest.DSN(t, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
