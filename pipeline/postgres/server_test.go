package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestServerKeepsDataAndStops(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(serverFolder(t), "pg")
	s := start(t, quick(dir))
	exec1(t, s, "CREATE TABLE kept AS SELECT 42 AS n")
	if got := query[string](t, s, "SHOW listen_addresses"); got != "" {
		t.Errorf("listens on %q", got)
	}
	if got := query[string](t, s, "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("encoding %s", got)
	}
	if got := query[string](t, s, "SELECT lower('ÉÀÖ')"); got != "éàö" {
		t.Errorf("lower gives %s", got)
	}
	socket := query[string](t, s, "SHOW unix_socket_directories")
	fi, err := os.Stat(strings.Trim(socket, `"`))
	if err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("folder of the socket %s: %v, %v", socket, fi.Mode(), err)
	}
	if uid, _ := ownerOf(filepath.Join(dir, "data")); uid == 0 {
		t.Error("the data belong to root")
	}
	stop(t, s)
	waitDown(t, s)
	if err := s.Check(); !errors.Is(err, ErrServerGone) {
		t.Errorf("Check of a stopped server: %v", err)
	}
	s = start(t, quick(dir))
	if got := query[int](t, s, "SELECT n FROM kept"); got != 42 || s.Attached() {
		t.Errorf("after a restart n = %d, attached %v", got, s.Attached())
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestSecondClientAttachesAndLastOneStops(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	first := startClient(t, quick(dir), nil)
	if got := first.line(t); got != "ready attached=false" {
		t.Fatal(got)
	}
	s := start(t, quick(dir))
	if !s.Attached() {
		t.Error("the second client did not attach")
	}
	exec1(t, s, "CREATE TABLE t (n int)")
	first.end(t) // it started the server, and leaves
	if got := query[int](t, s, "SELECT count(*) FROM t"); got != 0 {
		t.Error("unexpected rows")
	}
	stop(t, s)
	waitDown(t, s)
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	var clients []*client
	for range 6 {
		clients = append(clients, startClient(t, quick(dir), nil))
	}
	started := 0
	for _, c := range clients {
		switch got := c.line(t); got {
		case "ready attached=false":
			started++
		case "ready attached=true":
		default:
			t.Error(got)
		}
	}
	if started != 1 {
		t.Errorf("%d clients started the server", started)
	}
	for _, c := range clients {
		c.end(t)
	}
	s := &Server{}
	s.cluster.dir = dir
	waitDown(t, s)
}

// TestKilledAtAnyMoment kills a client at many points of its start and its life, and expects the next one to work, and no server to
// be left.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"server.lock", "clients.lock", "data.new-*", "data.new-*/base", "data.new-*/pg_wal", "data", "socket", "data/postmaster.pid", "socket/.s.PGSQL.5432", "ready"} {
		t.Run(strings.ReplaceAll(moment, "/", "_"), func(t *testing.T) {
			t.Parallel()
			dir := serverFolder(t)
			c := startClient(t, quick(dir), nil)
			if moment == "ready" {
				if got := c.line(t); !strings.HasPrefix(got, "ready") {
					t.Fatal(got)
				}
			} else if err := poll(t.Context(), func() (bool, error) {
				found, err := filepath.Glob(filepath.Join(dir, moment))
				return len(found) > 0, err
			}); err != nil {
				t.Fatal(err)
			}
			c.kill()
			s := start(t, quick(dir))
			exec1(t, s, "CREATE TABLE fine (n int)")
			if left, _ := filepath.Glob(filepath.Join(dir, "data.new-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			stop(t, s)
			waitDown(t, s)
		})
	}
}

func TestKilledClientLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	c := startClient(t, quick(dir), nil)
	if got := c.line(t); !strings.HasPrefix(got, "ready") {
		t.Fatal(got)
	}
	s := &Server{}
	s.cluster.dir = dir
	c.kill()
	waitDown(t, s)
}

func TestServerSurvivesTheKillOfItsStarter(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	c := startClient(t, quick(dir), nil)
	if got := c.line(t); !strings.HasPrefix(got, "ready") {
		t.Fatal(got)
	}
	s := start(t, quick(dir))
	pid := query[int](t, s, "SELECT pg_backend_pid()")
	c.kill()
	if query[int](t, s, "SELECT pg_backend_pid()") == 0 || pid == 0 {
		t.Error("no backend")
	}
}

// supervisorOf finds the supervisor as the parent of the postmaster.
func supervisorOf(t *testing.T, s *Server) (supervisor, postmaster int) {
	t.Helper()
	p, ok := readPidFile(s.cluster.data())
	if !ok {
		t.Fatal("no pid file")
	}
	state, supervisor := procStat(t, p.pid)
	if state == "" {
		t.Skip("this test reads /proc")
	}
	return supervisor, p.pid
}

// procStat is a process's state and parent; the state is empty when it is gone.
func procStat(t *testing.T, pid int) (state string, parent int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	if _, err := fmt.Sscanf(string(b[strings.LastIndexByte(string(b), ')')+2:]), "%s %d", &state, &parent); err != nil {
		t.Fatal(err)
	}
	return state, parent
}

// killNow kills a process and waits until it is dead, a zombie at most: its locks have fallen and its children have their signal.
func killNow(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := poll(t.Context(), func() (bool, error) {
		state, _ := procStat(t, pid)
		return state == "" || state == "Z", nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestKilledSupervisorAndPostmaster(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		victim func(supervisor, postmaster int) int
	}{
		{"supervisor", func(s, _ int) int { return s }},
		{"postmaster", func(_, p int) int { return p }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := serverFolder(t)
			s := start(t, quick(dir))
			exec1(t, s, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
			killNow(t, tc.victim(supervisorOf(t, s)))
			again := start(t, quick(dir)) // while the first client still has its share
			if got := query[int](t, again, "SELECT count(*) FROM kept"); got != 1000 {
				t.Errorf("%d rows after recovery", got)
			}
			stop(t, s)
			if err := again.Check(); err != nil {
				t.Error(err)
			}
			stop(t, again)
			waitDown(t, s)
		})
	}
}

func TestCheckTellsOfAServerEndedByForce(t *testing.T) {
	t.Parallel()
	s := start(t, quick(serverFolder(t)))
	supervisor, _ := supervisorOf(t, s)
	if err := syscall.Kill(supervisor, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitDown(t, s)
	if err := s.Check(); !errors.Is(err, ErrServerGone) {
		t.Errorf("got %v", err)
	}
}

// TestStalePidFileOfALiveProcess is what a container's restart looks like: the old process id belongs to something else now.
func TestStalePidFileOfALiveProcess(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	s := start(t, quick(dir))
	exec1(t, s, "CREATE TABLE kept AS SELECT 1 AS n")
	_, postmaster := supervisorOf(t, s)
	pidPath := filepath.Join(s.cluster.data(), "postmaster.pid")
	text, err := os.ReadFile(pidPath)
	if err != nil {
		t.Fatal(err)
	}
	killNow(t, postmaster)
	waitDown(t, s)
	sleeper := exec.Command("sleep", "600")
	sleeper.SysProcAttr = &syscall.SysProcAttr{Credential: s.cluster.run.credential()}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() }()
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(pidPath, fmt.Appendf(nil, "%d\n%s", sleeper.Process.Pid, rest), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, quick(dir))
	if got := query[int](t, again, "SELECT n FROM kept"); got != 1 {
		t.Errorf("n = %d", got)
	}
	if !alive(sleeper.Process.Pid) {
		t.Error("the process that had the old id was killed")
	}
}

func TestEphemeralServerLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(serverFolder(t), "gone")
	cfg := quick(dir)
	cfg.Ephemeral = true
	c := startClient(t, cfg, nil)
	if got := c.line(t); !strings.HasPrefix(got, "ready") {
		t.Fatal(got)
	}
	c.kill()
	if err := poll(t.Context(), func() (bool, error) {
		_, err := os.Stat(dir)
		return errors.Is(err, os.ErrNotExist), nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	s := start(t, quick(serverFolder(t)))
	db, err := Open(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec1(t, s, "CREATE TABLE u (email text PRIMARY KEY)")
	for range 2 {
		_, err = db.Exec(t.Context(), "INSERT INTO u VALUES ($1)", "jane@example.com")
	}
	if sqlState(err) != "23505" {
		t.Fatalf("got %v", err)
	}
	log, err := os.ReadFile(s.logPath())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "u_pkey") || strings.Contains(string(log), "jane") {
		t.Errorf("log:\n%s", log)
	}
}
