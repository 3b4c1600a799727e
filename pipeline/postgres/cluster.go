package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// role is the superuser of a private cluster and the name of its database.
const role = "crmsync"

// cluster is the data folder of a private server and who runs it.
type cluster struct {
	dir string // the server's folder
	run account
	bin binaries
}

func (c cluster) data() string { return filepath.Join(c.dir, "data") }

// majorOf is the version of the data; 0 when there are none yet.
func majorOf(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("version of the data: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("version of the data in %s: %w", data, err)
	}
	return n, nil
}

// childEnv is the environment of PostgreSQL's programs: none of ours, so that no PG… variable of the user changes anything.
func childEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// create makes the cluster aside and renames it, so that a killed Start leaves no half of one. The caller holds server.lock.
func (c *cluster) create(ctx context.Context, sync bool) error {
	if err := c.clearAside(); err != nil {
		return fmt.Errorf("make a database cluster: %w", err)
	}
	aside := fmt.Sprintf("%s.new-%d", c.data(), os.Getpid())
	if err := c.run.makeOwn(aside); err != nil {
		return fmt.Errorf("make a database cluster: %w", err)
	}
	ctype := "C.UTF-8"
	if runtime.GOOS == "darwin" {
		ctype = "en_US.UTF-8"
	}
	args := []string{
		"-D", aside, "-U", role, "--encoding=UTF8", "--locale=C", "--lc-ctype=" + ctype,
		"--auth-local=trust", "--auth-host=reject", "--no-instructions",
	}
	if !sync {
		args = append(args, "--no-sync")
	}
	if out, err := runChild(ctx, c.run, c.bin.path("initdb"), args...); err != nil {
		return errors.Join(fmt.Errorf("make a database cluster: initdb in %s: %w: %s", aside, err, lastLines(out, 3)), os.RemoveAll(aside))
	}
	if err := os.Rename(aside, c.data()); err != nil {
		return errors.Join(fmt.Errorf("make a database cluster: %w", err), os.RemoveAll(aside))
	}
	return nil
}

// clearAside removes what killed Starts left. A last child of theirs may still be writing, so this is tried more than once.
func (c *cluster) clearAside() error {
	left, err := filepath.Glob(escapeGlob(c.data()) + ".new-*")
	if err != nil {
		return err
	}
	for _, dir := range left {
		err := os.RemoveAll(dir)
		for range 3 {
			if err == nil {
				break
			}
			err = os.RemoveAll(dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var globSpecial = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func escapeGlob(path string) string { return globSpecial.Replace(path) }

// runChild runs a program of PostgreSQL as the account and returns what it printed. The child dies with us.
func runChild(ctx context.Context, run account, name string, args ...string) (string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = "/", childEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: run.credential(), Setpgid: true}
	dieWithParent(cmd.SysProcAttr, syscall.SIGKILL)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return string(out), err
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, " / ")
}

// settings are the command line settings of a private server, the caller's last.
func settings(socket string, extra map[string]string) []string {
	quoted := `"` + strings.ReplaceAll(socket, `"`, `""`) + `"`
	all := [][2]string{
		{"listen_addresses", ""},
		{"unix_socket_directories", quoted},
		{"unix_socket_permissions", "0700"},
		{"port", "5432"},
		// A run may be short: tables are vacuumed and analysed soon, not a minute after the start.
		{"autovacuum_naptime", "10s"},
		// Bulk loads write much at once; checkpoints further apart write it once.
		{"max_wal_size", "4GB"},
		{"checkpoint_timeout", "15min"},
		// The log holds no values of rows and no statements: they are personal data.
		{"log_statement", "none"},
		{"log_min_error_statement", "panic"},
		{"log_error_verbosity", "terse"},
		{"log_parameter_max_length", "0"},
		{"log_timezone", "UTC"},
	}
	var args []string
	for _, s := range all {
		args = append(args, "-c", s[0]+"="+s[1])
	}
	for name, value := range extra {
		args = append(args, "-c", name+"="+value)
	}
	return args
}
