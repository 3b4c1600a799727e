package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrVersion says that a server is older than version 15.
var ErrVersion = errors.New("PostgreSQL is too old")

// Limits of a session, unless the connection string sets its own.
const (
	connectTimeout = 15 * time.Second
	maxConns       = 8
)

var sessionDefaults = map[string]string{
	"application_name":                    "crmsync",
	"statement_timeout":                   "10min",
	"lock_timeout":                        "1min",
	"idle_in_transaction_session_timeout": "10min",
	"timezone":                            "UTC",
	"client_min_messages":                 "warning",
}

// DB is a pool of connections to a server of version 15 or newer. It is safe for concurrent use.
type DB struct{ *pgxpool.Pool }

// Open connects to a server and checks its version. The connection string may be a URL or key=value pairs, and may set pool and
// session settings (pool_max_conns, statement_timeout, …).
func Open(ctx context.Context, dsn string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The cause may quote pieces of a password, so it is not passed on.
		return nil, errors.New("the database URL is not valid (not shown, as it may hold a password); it looks like postgres://user:password@host:5432/database")
	}
	for name, value := range sessionDefaults {
		if _, ok := cfg.ConnConfig.RuntimeParams[name]; !ok {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = connectTimeout
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = maxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", redact(err, cfg.ConnConfig.Password))
	}
	if err := checkVersion(ctx, pool); err != nil {
		pool.Close()
		err = fmt.Errorf("open database %s on %s: %w", cfg.ConnConfig.Database, cfg.ConnConfig.Host, err)
		return nil, redact(err, cfg.ConnConfig.Password)
	}
	return &DB{Pool: pool}, nil
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func checkVersion(ctx context.Context, q rowQuerier) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var num int
	var text string
	err := q.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version')`).Scan(&num, &text)
	if err != nil {
		return err
	}
	return versionError(num, text)
}

func versionError(num int, text string) error {
	if num < MinVersion*10000 {
		return fmt.Errorf("%w: the server is version %s, crmsync needs %d or newer", ErrVersion, text, MinVersion)
	}
	return nil
}

// redactedError hides a password in the text of an error and keeps its chain for errors.Is and errors.As.
type redactedError struct {
	err    error
	secret string
}

func (e redactedError) Error() string {
	return strings.ReplaceAll(e.err.Error(), e.secret, "[redacted]")
}
func (e redactedError) Unwrap() error { return e.err }

func redact(err error, secret string) error {
	if secret == "" || !strings.Contains(err.Error(), secret) {
		return err
	}
	return redactedError{err, secret}
}

// ensureDatabase makes the database of a private server when it is missing. While the server takes no
// connections it is not up, for a reason that may pass.
func ensureDatabase(ctx context.Context, socket string) (up bool, reason, err error) {
	conn, err := pgx.Connect(ctx, dsnOf(socket))
	switch {
	case err == nil:
		return true, nil, conn.Close(ctx)
	case sqlState(err) == "3D000": // no such database
		return true, nil, createDatabase(ctx, socket)
	case sqlState(err) == "57P03", sqlState(err) == "" && ctx.Err() == nil: // starting, stopping, or gone since
		return false, err, nil
	default:
		return false, nil, fmt.Errorf("connect: %w", err)
	}
}

func createDatabase(ctx context.Context, socket string) error {
	cfg, err := pgx.ParseConfig(dsnOf(socket))
	if err != nil {
		return err
	}
	cfg.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{role}.Sanitize())
	if sqlState(err) == "42P04" { // made meanwhile
		err = nil
	}
	return errors.Join(err, conn.Close(ctx))
}

// sqlState is the SQLSTATE of an error that came from the server, else empty.
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
