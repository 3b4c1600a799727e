// Package postgrestest gives each test a database of its own on a real PostgreSQL.
//
// The server is CRMSYNC_TEST_DATABASE_URL, or a private one that each test program starts when a test first needs it. It ends, and
// its folder goes, when the test program ends, in whatever way; nothing has to be called. A test's database is copied from a
// template that has the migrations, so it costs some hundredths of a second, and tests may run in parallel.
package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

const deadline = 2 * time.Minute

// running is a server, and this program's share of it: it must stay reachable until the program ends.
type running struct {
	dsn   string
	share *postgres.Server // nil for a server of somebody else's
}

var server = sync.OnceValues(func() (running, error) {
	if dsn := os.Getenv("CRMSYNC_TEST_DATABASE_URL"); dsn != "" {
		return running{dsn: dsn}, nil
	}
	dir, err := Dir()
	if err != nil {
		return running{}, err
	}
	s, err := postgres.Start(context.Background(), postgres.ServerConfig{
		Dir: dir, Ephemeral: true,
		Settings: map[string]string{"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"},
	})
	if err != nil {
		return running{}, err
	}
	return running{dsn: s.DSN(), share: s}, nil
})

// Dir makes a temporary folder that whoever runs PostgreSQL can reach, which t.TempDir's are not when root runs the tests.
func Dir() (string, error) {
	dir, err := os.MkdirTemp("", "crmsync-pg-")
	if err == nil && os.Geteuid() == 0 {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// New returns a database of the test's own that has the migrations, and drops it when the test ends. Nil migrations give an empty
// database.
func New(t testing.TB, migrations fs.FS) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), DSN(t, migrations))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// DSN is New for tests that open the database themselves: the connection string of a database of the test's own.
func DSN(t testing.TB, migrations fs.FS) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	srv, err := server()
	if err != nil {
		t.Fatalf("start a server for tests: %v", err)
	}
	base := srv.dsn
	template, err := templateFor(ctx, base, migrations)
	if err != nil {
		t.Fatalf("make a template database: %v", err)
	}
	name := "crmsync_test_" + strings.ToLower(rand.Text()[:12])
	if err := admin(ctx, base, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template)); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), deadline)
		defer cancel()
		if err := admin(ctx, base, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	dsn, err := WithDatabase(base, name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

var templates struct {
	sync.Mutex
	made map[string]bool
}

// templateFor returns a database with the migrations, made once per server and set of migrations. On a server that outlives the
// test program it is found again by the next one: its name is a digest of the migrations.
func templateFor(ctx context.Context, base string, migrations fs.FS) (string, error) {
	if migrations == nil {
		return "template0", nil
	}
	sum, err := digest(migrations)
	if err != nil {
		return "", err
	}
	name := "crmsync_template_" + sum
	templates.Lock()
	defer templates.Unlock()
	if templates.made[name] {
		return name, nil
	}
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // which also gives the lock back
	var exists bool
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return "", err
	}
	if !exists {
		if err := makeTemplate(ctx, conn, base, name, migrations); err != nil {
			return "", err
		}
	}
	if templates.made == nil {
		templates.made = map[string]bool{}
	}
	templates.made[name] = true
	return name, nil
}

// makeTemplate migrates a database under another name first, so that a template is whole or absent.
func makeTemplate(ctx context.Context, conn *pgx.Conn, base, name string, migrations fs.FS) error {
	aside := name + "_new"
	for _, q := range []string{"DROP DATABASE IF EXISTS " + quote(aside) + " WITH (FORCE)", "CREATE DATABASE " + quote(aside) + " TEMPLATE template0"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return err
		}
	}
	dsn, err := WithDatabase(base, aside)
	if err != nil {
		return err
	}
	db, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx, migrations)
	db.Close()
	if err != nil {
		return err
	}
	// A closed connection's backend may take a moment to go.
	if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", aside); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+quote(aside)+" RENAME TO "+quote(name))
	return err
}

func digest(migrations fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}

func admin(ctx context.Context, base, query string) error {
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, query)
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
