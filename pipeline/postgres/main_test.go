package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// clientEnv makes this test program a client of a server instead: a second process for the tests about several of them.
const clientEnv = "CRMSYNC_TEST_CLIENT"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(clientEnv); ok {
		if err := clientMain(text); err != nil {
			fmt.Println("error: " + err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// clientMain starts a server, says so, and stops it when its standard input ends.
func clientMain(text string) error {
	var cfg ServerConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return err
	}
	ctx := context.Background()
	s, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Printf("ready attached=%v\n", s.Attached())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return s.Stop(ctx)
}

// client is this test program running clientMain.
type client struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

func startClient(t *testing.T, cfg ServerConfig, attr *syscall.SysProcAttr) *client {
	t.Helper()
	cfg.Log = nil
	b, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	// As somebody else, the program is reached by a copy: the folder of the test's is closed to others.
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if attr != nil && attr.Credential != nil {
		exe = copyProgram(t, exe)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), clientEnv+"="+string(b))
	cmd.Dir, cmd.SysProcAttr = "/", attr
	cmd.Stderr = os.Stderr
	c := &client{cmd: cmd}
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	return c
}

// line is the next line that the client prints.
func (c *client) line(t *testing.T) string {
	t.Helper()
	s, err := c.out.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return strings.TrimSpace(s)
}

// end lets the client stop and waits for it.
func (c *client) end(t *testing.T) {
	t.Helper()
	c.stdin.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("client: %v", err)
	}
}

func (c *client) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func copyProgram(t *testing.T, exe string) string {
	t.Helper()
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(serverFolder(t), "program")
	if err := os.WriteFile(to, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}

// serverFolder is a folder that whoever runs PostgreSQL reaches; what is left of a server in it ends with the test.
func serverFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "crmsync-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func quick(dir string) ServerConfig {
	return ServerConfig{Dir: dir, Log: slog.New(slog.DiscardHandler), Settings: map[string]string{"shared_buffers": "16MB"}}
}

func start(t testing.TB, cfg ServerConfig) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

// stop may be called again by the clean-up of start.
func stop(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func query[T any](t testing.TB, s *Server, sql string) T {
	t.Helper()
	db, err := Open(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var v T
	if err := db.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func exec1(t testing.TB, s *Server, sql string) {
	t.Helper()
	db, err := Open(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// waitDown waits until neither a supervisor nor a server runs.
func waitDown(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := poll(ctx, func() (bool, error) {
		p, ok := readPidFile(s.cluster.data())
		if ok && isPostmaster(p.pid, s.cluster.data()) {
			return false, nil
		}
		return s.isDown()
	}); err != nil {
		t.Fatalf("the server goes on: %v", err)
	}
}
