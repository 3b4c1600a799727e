package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Schema holds everything of crmsync's in a database.
const Schema = "crmsync"

// ErrNewerSchema says that a newer crmsync has migrated the database.
var ErrNewerSchema = errors.New("the database was migrated by a newer crmsync")

// migrationLock is the advisory lock of migrations: "crmsync" in ASCII.
const migrationLock int64 = 0x63726d73796e63

// Migrate applies the migrations of a file system (NNNNN_name.sql in goose's form, at its root) that the database lacks, and
// returns how many those were. Each is one transaction. Several processes may call it at once: one works, the others wait.
func (db *DB) Migrate(ctx context.Context, migrations fs.FS) (applied int, err error) {
	cfg := db.Config().ConnConfig.Copy()
	// A migration takes as long as it takes, and so does waiting for one.
	cfg.RuntimeParams["statement_timeout"], cfg.RuntimeParams["lock_timeout"] = "0", "0"
	std := stdlib.OpenDB(*cfg)
	defer func() {
		if err = errors.Join(err, std.Close()); err != nil {
			err = fmt.Errorf("migrate the database: %w", redact(err, cfg.Password))
		}
	}()
	// The lock belongs to a connection of its own and goes with it. Goose's locker does not cover the making of its table.
	conn, err := std.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, closeForGood(conn)) }()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return 0, fmt.Errorf("wait for another process: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+Schema); err != nil {
		return 0, fmt.Errorf("make schema %s: %w", Schema, err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, std, migrations,
		goose.WithTableName(Schema+".schema_versions"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return 0, err
	}
	if sources := p.ListSources(); version > sources[len(sources)-1].Version {
		return 0, fmt.Errorf("%w: it is at %d, this program knows %d; install the newer one", ErrNewerSchema, version, sources[len(sources)-1].Version)
	}
	done, err := p.Up(ctx)
	return len(done), err
}

// closeForGood ends the connection, not only its use, and with it the lock.
func closeForGood(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	return err
}
