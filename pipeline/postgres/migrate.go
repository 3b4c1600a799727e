package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Schema holds everything of crmsync's in a database.
const Schema = "crmsync"

// ErrNewerSchema says that a newer crmsync has migrated the database.
var ErrNewerSchema = errors.New("the database was migrated by a newer crmsync")

// migrationLock is the advisory lock of migrations: "crmsync" in ASCII.
const migrationLock = 0x63726d73796e63

// Migrate applies the migrations of a file system (NNNNN_name.sql in goose's form, at its root) that the database lacks, and
// returns how many those were. Each is one transaction. Several processes may call it at once: one works, the others wait.
func (db *DB) Migrate(ctx context.Context, migrations fs.FS) (applied int, err error) {
	std := stdlib.OpenDBFromPool(db.Pool)
	defer func() { err = errors.Join(err, std.Close()) }()
	p, err := goose.NewProvider(goose.DialectPostgres, std, migrations,
		goose.WithTableName(Schema+".schema_versions"), goose.WithSessionLocker(schemaLock{}), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	if sources := p.ListSources(); len(sources) > 0 && version > sources[len(sources)-1].Version {
		return 0, fmt.Errorf("%w: it is at %d, this program knows %d; install the newer one", ErrNewerSchema, version, sources[len(sources)-1].Version)
	}
	return len(done), nil
}

// schemaLock makes migrations wait for each other, and makes the schema that holds their table.
type schemaLock struct{}

var _ lock.SessionLocker = schemaLock{}

func (schemaLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	// A migration takes as long as it takes, and so does waiting for one.
	for _, q := range []string{
		"SET statement_timeout = 0", "SET lock_timeout = 0",
		fmt.Sprintf("SELECT pg_advisory_lock(%d)", migrationLock),
		"CREATE SCHEMA IF NOT EXISTS " + Schema,
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("lock the schema: %w", err)
		}
	}
	return nil
}

func (schemaLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	for _, q := range []string{
		fmt.Sprintf("SELECT pg_advisory_unlock(%d)", migrationLock), "RESET statement_timeout", "RESET lock_timeout",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("unlock the schema: %w", err)
		}
	}
	return nil
}
