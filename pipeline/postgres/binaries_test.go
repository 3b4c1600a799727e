package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// install makes a folder with programs that say they are of a version.
func install(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindBinaries(t *testing.T) {
	root := serverFolder(t)
	t.Setenv("XDG_DATA_HOME", filepath.Join(root, "share"))
	npm := install(t, filepath.Join(root, "share", "crmsync", "postgres", "native", "bin"), "99.1")
	onPath := install(t, filepath.Join(root, "path"), "98.2")
	old := install(t, filepath.Join(root, "old"), "14.11")
	t.Setenv("PATH", onPath+":"+os.Getenv("PATH"))
	run, err := accountFor(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		named  string
		wanted int
		dir    string
		err    string
	}{
		{"", 0, onPath, ""},
		{"", 99, npm, ""},
		{"", 97, "", "postgresql-97"},
		{filepath.Join(root, "share", "crmsync", "postgres"), 0, npm, ""},
		{filepath.Dir(npm), 0, npm, ""},
		{old, 0, "", "version 14 is too old"},
		{filepath.Join(root, "nowhere"), 0, "", "apt-get install"},
	} {
		b, err := findBinaries(t.Context(), tc.named, run, tc.wanted)
		if tc.err == "" && (err != nil || b.dir != tc.dir) || tc.err != "" && (!errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("named %q, wanted %d: %s, %v", tc.named, tc.wanted, b.dir, err)
		}
	}
	t.Setenv("PATH", old+":"+os.Getenv("PATH"))
	if b, err := findBinaries(t.Context(), "", run, 0); err != nil || b.dir == old {
		t.Errorf("an old one on PATH: %s, %v", b.dir, err)
	}
}

func TestClosedInstallationIsPassedOver(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	closed := closedFolder(t)
	install(t, filepath.Join(closed, "bin"), "99.1")
	_, err := Start(t.Context(), ServerConfig{Dir: serverFolder(t), BinDir: closed})
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "keeps out the user") {
		t.Errorf("got %v", err)
	}
}

func TestVersionsSortByNumber(t *testing.T) {
	t.Parallel()
	dirs := []string{"/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/16/bin", "/usr/pgsql-15/bin", "/opt/homebrew/opt/postgresql@17/bin"}
	var got []int
	for _, d := range dirs {
		got = append(got, versionIn(d))
	}
	if !slices.Equal(got, []int{6, 16, 15, 17}) {
		t.Error(got)
	}
}

func TestFailedStartSaysWhy(t *testing.T) {
	t.Parallel()
	cfg := quick(serverFolder(t))
	cfg.Settings = map[string]string{"shared_buffers": "many"}
	_, err := Start(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Errorf("got %v", err)
	}
}

func TestRestoreLinks(t *testing.T) {
	t.Parallel()
	native := t.TempDir()
	if err := os.MkdirAll(filepath.Join(native, "lib", "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(native, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lib/libpq.so.5.15", "library")
	write("pg-symlinks.json", `[{"source":"native/lib/libpq.so.5.15","target":"native/lib/libpq.so.5"},
		{"source":"native/lib/libpq.so.5.15","target":"native/lib/sub/libpq.so"}]`)
	for range 2 {
		if err := restoreLinks(native); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"lib/libpq.so.5", "lib/sub/libpq.so"} {
		if b, err := os.ReadFile(filepath.Join(native, name)); err != nil || string(b) != "library" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	for _, bad := range []string{`[{"source":"native/lib/x","target":"native/../../y"}]`, `[{"source":"/etc/passwd","target":"native/y"}]`, `{`} {
		write("pg-symlinks.json", bad)
		if err := restoreLinks(native); err == nil {
			t.Errorf("took %s", bad)
		}
	}
}

func FuzzPidFile(f *testing.F) {
	f.Add("123\n/data\n1700000000\n5432\n/run\n\n  5432001         3\nready   \n")
	f.Add("-5\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parsePidFile(text)
		if ok != (p.pid > 0) || p.ready && !ok {
			t.Errorf("%q: %+v, %v", text, p, ok)
		}
	})
}

func TestPidFile(t *testing.T) {
	t.Parallel()
	p, ok := parsePidFile("123\n/data\n1700000000\n5432\n/run/s p\n\n  5432001         3\nready   \n")
	if want := (pidFile{123, "5432", "/run/s p", true}); !ok || p != want {
		t.Errorf("%+v", p)
	}
	for _, status := range []string{"starting", "stopping", "standby", ""} {
		if p, _ := parsePidFile("1\n\n\n\n\n\n\n" + status); p.ready {
			t.Errorf("%q counts as ready", status)
		}
	}
}
