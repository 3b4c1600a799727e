package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MinVersion is the oldest PostgreSQL that serves: the first one with MERGE.
const MinVersion = 15

// ErrNoBinaries says that no PostgreSQL of version 15 or newer was found to run a private server with.
var ErrNoBinaries = errors.New("no PostgreSQL found")

// binaries is one installation.
type binaries struct {
	dir   string // holds postgres and initdb
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// searchPlaces lists the folders that may hold postgres and initdb, best first. A named folder is the only place.
func searchPlaces(named string) []string {
	if named != "" {
		return []string{named, filepath.Join(named, "bin"), filepath.Join(named, "native", "bin")}
	}
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // Red Hat
		"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on ARM
		"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.SortFunc(found, func(a, b string) int { return cmp.Compare(versionIn(b), versionIn(a)) })
		dirs = append(dirs, found...)
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		dirs = append(dirs, filepath.Join(data, "crmsync", "postgres", "native", "bin"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "share", "crmsync", "postgres", "native", "bin"))
	}
	return dirs
}

var lastNumber = regexp.MustCompile(`(\d+)[^0-9/]*/bin$`)

// versionIn reads the version from the name of an installation's folder, so that 16 comes before 9.
func versionIn(dir string) int {
	m := lastNumber.FindStringSubmatch(dir)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits by the pattern; too many of them sort last
	return n
}

// findBinaries returns the first installation that serves. An existing cluster needs its own major version, wanted; 0 takes any.
func findBinaries(ctx context.Context, named string, run account, wanted int) (binaries, error) {
	var passed []string
	for _, dir := range searchPlaces(named) {
		b, err := inspect(ctx, dir, run)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			passed = append(passed, fmt.Sprintf("%s: %v", dir, err))
		case b.major < MinVersion:
			passed = append(passed, fmt.Sprintf("%s: version %d is too old", dir, b.major))
		case wanted != 0 && b.major != wanted:
			passed = append(passed, fmt.Sprintf("%s: version %d, but the data are of version %d", dir, b.major, wanted))
		default:
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("%w: %s", ErrNoBinaries, advice(named, wanted, passed))
}

func advice(named string, wanted int, passed []string) string {
	var s strings.Builder
	version := fmt.Sprintf("version %d or newer", MinVersion)
	if wanted != 0 {
		version = fmt.Sprintf("version %d", wanted)
	}
	fmt.Fprintf(&s, "%s is needed", version)
	if named != "" {
		fmt.Fprintf(&s, " in %s", named)
	}
	for _, p := range passed {
		fmt.Fprintf(&s, "; passed over %s", p)
	}
	install := "apt-get install -y --no-install-recommends postgresql"
	if runtime.GOOS == "darwin" {
		install = "brew install postgresql@17"
	}
	if wanted != 0 {
		install = strings.TrimSuffix(install, "@17")
		install += map[bool]string{true: "@", false: "-"}[runtime.GOOS == "darwin"] + strconv.Itoa(wanted)
	}
	fmt.Fprintf(&s, ". Install it with `%s`, or set CRMSYNC_DATABASE_URL to a server of your own", install)
	return s.String()
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// inspect checks that a folder holds an installation that the account can run, and asks for its version.
func inspect(ctx context.Context, dir string, run account) (binaries, error) {
	b := binaries{dir: dir}
	for _, name := range []string{"postgres", "initdb"} {
		real, err := filepath.EvalSymlinks(b.path(name))
		if err != nil {
			return b, err
		}
		for _, p := range []string{dir, filepath.Dir(real)} {
			if err := run.reach(p); err != nil {
				return b, err
			}
		}
	}
	if err := restoreLinks(filepath.Dir(dir)); err != nil {
		return b, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return b, fmt.Errorf("postgres --version: %w", err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return b, fmt.Errorf("postgres --version says %q", strings.TrimSpace(string(out)))
	}
	b.major, err = strconv.Atoi(string(m[1]))
	return b, err
}
