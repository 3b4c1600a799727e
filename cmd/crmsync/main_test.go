package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/jobs/demo"
	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/control"
)

var update = flag.Bool("update", false, "write the golden files anew")

// asProgram makes the test binary behave as crmsync itself, for tests that kill it.
const asProgram = "CRMSYNC_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program returns crmsync as a process of its own, which dies with the context.
func program(ctx context.Context, t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(ctx, exe, args...)
	c.Env = append(os.Environ(), append(env, asProgram+"=1")...)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	return c, &output
}

var demoTime = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// newWorld serves the demonstration's org.
func newWorld(t *testing.T) *demo.World {
	t.Helper()
	w, err := demo.Make(filepath.Join(t.TempDir(), "world"), demodata.DefaultSeed, demoTime)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// site is a place where crmsync runs against a world: a work directory and a database of its own.
type site struct {
	env  []string
	args []string
	db   *postgres.DB
	home pipeline.Home
}

func newSite(t *testing.T, w *demo.World) *site {
	t.Helper()
	dir := t.TempDir()
	dsn := postgrestest.DSN(t, migrations.Migrations)
	db, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	for _, s := range demodata.Settings() {
		text, err := json.Marshal(s.Value)
		if err != nil {
			t.Fatal(err)
		}
		if err := control.Set(t.Context(), db, demo.Contract, "test", s.Key, strings.Trim(string(text), `"`)); err != nil {
			t.Fatal(err)
		}
	}
	return &site{
		env: []string{"CRMSYNC_DATABASE_URL=" + dsn}, args: []string{"-c", w.ConfigFile(), "--set", "work_dir=" + dir},
		db: db, home: pipeline.Home{Dir: filepath.Join(dir, "contracts", demo.Contract)},
	}
}

func (s *site) run(ctx context.Context, t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	return program(ctx, t, s.env, append(args, s.args...)...)
}

func TestExitCodes(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	held, err := s.home.TryLock("sync", "sync")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"help", []string{"--help"}, exitDone, "Exit codes"},
		{"unknown verb", []string{"sink"}, exitUsage, "sink"},
		{"unknown flag", []string{"sync", "--frsh"}, exitUsage, "--frsh"},
		{"unknown key", []string{"sync", "--set", "run.memroy=1GiB"}, exitUsage, "run.memory"},
		{"unknown setting", append([]string{"settings", "set", "roi.autorised", "true"}, s.args...), exitUsage, "roi.authorised"},
		{"unknown data set", []string{"export", "contacts"}, exitUsage, "crm_contact"},
		{"no run yet", append([]string{"report"}, s.args...), exitFailed, "crmsync sync"},
		{"another run", append([]string{"sync"}, s.args...), exitLocked, "wait for it to end"},
		{"no key", []string{"status", "--set", "work_dir=" + t.TempDir()}, exitUsage, "snapshots.key_file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, out := program(t.Context(), t, s.env, tt.args...)
			_ = c.Run() // the exit code tells
			if got := c.ProcessState.ExitCode(); got != tt.code {
				t.Errorf("exit code %d, want %d:\n%s", got, tt.code, out)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("does not say %q:\n%s", tt.says, out)
			}
		})
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	t.Run("revoked access", func(t *testing.T) {
		w.Org.RevokeAccess()
		defer w.Org.RestoreAccess()
		c, out := s.run(t.Context(), t, "sync")
		_ = c.Run()
		if got := c.ProcessState.ExitCode(); got != exitStopped {
			t.Errorf("exit code %d, want %d:\n%s", got, exitStopped, out)
		}
	})
}

// TestHelpReadsWell keeps the help of every verb where a reviewer sees it change.
func TestHelpReadsWell(t *testing.T) {
	t.Setenv(config.FileVariable, "")
	var all bytes.Buffer
	a := newRoot(io.Discard, io.Discard)
	for _, c := range a.Commands() {
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Example == "" && !c.HasSubCommands() {
			t.Errorf("%s has no example", c.Name())
		}
		all.WriteString("== crmsync " + c.Name() + "\n" + c.Long + "\n" + c.UsageString() + "\n")
	}
	golden := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, all.Bytes()) {
		t.Errorf("help differs from %s; look at it and run with -update", golden)
	}
}
