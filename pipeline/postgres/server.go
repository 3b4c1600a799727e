package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrServerGone says that the private server was ended by force while it was in use.
var ErrServerGone = errors.New("the private PostgreSQL server is gone")

// ServerConfig says where a private server lives and how it runs.
type ServerConfig struct {
	// Dir is the server's folder, made when missing; see ServerDir.
	Dir string
	// BinDir names the installation to use: a folder with postgres and initdb, or one with bin/ or native/bin/ in it. Empty searches.
	BinDir string
	// Log gets a line when the server starts and stops; nil is silent.
	Log *slog.Logger
	// Settings are added to the server's own; they override them.
	Settings map[string]string
	// Ephemeral removes Dir when the last client is gone, however it ended; data need not outlive a crash of the machine.
	Ephemeral bool
	// StartTimeout bounds Start, recovery after a crash included; 0 is two minutes.
	StartTimeout time.Duration
}

// Server is a client's share of a private PostgreSQL, which runs at least until Stop or the end of this process. Keep it reachable:
// a Server that is garbage-collected has left.
type Server struct {
	cfg      ServerConfig
	log      *slog.Logger
	cluster  cluster
	owner    int // of the folder
	start    *fileLock
	clients  *fileLock
	spawned  *exec.Cmd // the supervisor, when this client started it
	dsn      string
	attached bool
}

// Start brings up the server of a folder or attaches to it when it runs already. The context bounds the start alone.
func Start(ctx context.Context, cfg ServerConfig) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	s := &Server{cfg: cfg, log: cfg.Log}
	begun := time.Now()
	if err := s.prepare(ctx); err != nil {
		s.release()
		return nil, fmt.Errorf("private PostgreSQL in %s: %w", cfg.Dir, err)
	}
	defer s.start.close()
	if err := s.ensure(ctx); err != nil {
		s.release()
		return nil, fmt.Errorf("private PostgreSQL in %s: %w", cfg.Dir, err)
	}
	s.log.Info("private PostgreSQL is ready", "dir", s.cluster.dir, "attached", s.attached, "dur_ms", time.Since(begun).Milliseconds())
	return s, nil
}

// prepare makes the folder, chooses the account, and takes server.lock and a share of clients.lock.
func (s *Server) prepare(ctx context.Context) error {
	dir, err := filepath.Abs(s.cfg.Dir)
	if err != nil {
		return err
	}
	s.cluster.dir = dir
	if s.cluster.run, err = accountFor(dir); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if s.cluster.run.switched {
		mode = 0o711
	}
	if err := makeWay(dir, mode); err != nil {
		return err
	}
	if s.cluster.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	if err := s.cluster.run.reach(s.cluster.dir); err != nil {
		return err
	}
	s.owner, _ = ownerOf(s.cluster.dir)
	if s.start, err = s.openLock("server.lock"); err != nil {
		return err
	}
	if err := s.start.take(ctx, syscall.LOCK_EX); err != nil {
		return fmt.Errorf("wait for another process that starts or stops the server: %w", err)
	}
	if s.clients, err = s.openLock("clients.lock"); err != nil {
		return err
	}
	if err := s.clients.take(ctx, syscall.LOCK_SH); err != nil {
		return fmt.Errorf("wait for the server to finish stopping: %w", err)
	}
	return nil
}

func (s *Server) openLock(name string) (*fileLock, error) {
	return openLock(filepath.Join(s.cluster.dir, name), s.owner)
}

// release gives up the client's locks.
func (s *Server) release() {
	for _, l := range []*fileLock{s.clients, s.start} {
		if l != nil {
			l.close()
		}
	}
}

// ensure returns once a supervised server takes connections.
func (s *Server) ensure(ctx context.Context) error {
	var started bool
	var last error // why it takes no connections yet
	err := poll(ctx, func() (bool, error) {
		supervisor, err := s.openLock("supervisor.lock")
		if err != nil {
			return false, err
		}
		defer supervisor.close()
		free, err := supervisor.try(syscall.LOCK_EX)
		if err != nil {
			return false, err
		}
		if !free { // a server is coming, there, or going
			p, ok := readPidFile(s.cluster.data())
			if !ok || !p.ready || !isPostmaster(p.pid, s.cluster.data()) {
				return false, nil
			}
			s.attached = !started
			s.dsn = dsnOf(p.socketDir)
			var up bool
			up, last, err = ensureDatabase(ctx, p.socketDir)
			return up, err
		}
		if started {
			if err := s.failedStart(); err != nil {
				return false, err
			}
		}
		started = true
		return false, s.launch(ctx, supervisor)
	})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("wait for the server to take connections: %w; see %s", errors.Join(err, last), s.logPath())
	}
	return err
}

// failedStart says why the server that we started ended before it was ready; nil when that passes by itself.
func (s *Server) failedStart() error {
	s.reap()
	tail := logTail(s.logPath())
	if oldBackends(tail) {
		return nil
	}
	return fmt.Errorf("the server did not start: %s; see %s", lastLines(tail, 4), s.logPath())
}

// launch makes what is missing and starts a supervisor, which inherits the lock.
func (s *Server) launch(ctx context.Context, supervisor *fileLock) error {
	c := &s.cluster
	if err := endUnsupervised(ctx, c.data()); err != nil {
		return err
	}
	wanted, err := majorOf(c.data())
	if err != nil {
		return err
	}
	if c.bin, err = findBinaries(ctx, s.cfg.BinDir, c.run, wanted); err != nil {
		return err
	}
	if wanted == 0 {
		if err := c.create(ctx, !s.cfg.Ephemeral); err != nil {
			return err
		}
	}
	if err := dropForeignPidFile(c.data()); err != nil {
		return fmt.Errorf("remove a stale pid file: %w", err)
	}
	socket, err := socketDir(c.dir, c.run)
	if err != nil {
		return err
	}
	return s.spawn(socket, supervisor)
}

func (s *Server) spawn(socket string, supervisor *fileLock) error {
	c := s.cluster
	o := order{
		Program: c.bin.path("postgres"), Args: append([]string{"-D", c.data()}, settings(socket, s.cfg.Settings)...),
		UID: c.run.uid, GID: c.run.gid, Switch: c.run.switched,
	}
	if s.cfg.Ephemeral {
		o.Ephemeral = c.dir
	}
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	exe, err := selfExe()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	clients, err := s.openLock("clients.lock")
	if err != nil {
		return err
	}
	defer clients.close()
	log, err := openLog(s.logPath(), s.owner)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(exe)
	cmd.Args = []string{"crmsync: supervisor of " + c.dir}
	cmd.Dir, cmd.Env = "/", append(childEnv(), superviseEnv+"="+string(b))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{clients.f, supervisor.f}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server's supervisor: %w", err)
	}
	s.spawned = cmd
	return nil
}

// DSN is the connection string of the server's database crmsync. It holds no secret.
func (s *Server) DSN() string { return s.dsn }

// Dir is the server's folder.
func (s *Server) Dir() string { return s.cluster.dir }

// Attached says that another process had started the server before.
func (s *Server) Attached() bool { return s.attached }

// Tool is the path of a program that came with the server, such as psql; empty when the installation has none.
func (s *Server) Tool(name string) string {
	bin := s.cluster.bin
	if bin.dir == "" {
		major, err := majorOf(s.cluster.data())
		if err != nil {
			return ""
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if bin, err = findBinaries(ctx, s.cfg.BinDir, s.cluster.run, major); err != nil {
			return ""
		}
	}
	if path, err := exec.LookPath(bin.path(name)); err == nil {
		return path
	}
	return ""
}

// Check returns ErrServerGone when the server no longer runs, though this client has not stopped: it crashed, or somebody ended it.
// Call it when queries fail to tell that from other causes.
func (s *Server) Check() error {
	p, ok := readPidFile(s.cluster.data())
	if ok && p.ready && isPostmaster(p.pid, s.cluster.data()) {
		return nil
	}
	return fmt.Errorf("%w: %s; run the command again, which starts it anew; its log is %s", ErrServerGone, s.cluster.dir, s.logPath())
}

func dsnOf(socket string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + role}
	// PostgreSQL's own programs do not read + as a space.
	u.RawQuery = "host=" + strings.ReplaceAll(url.QueryEscape(socket), "+", "%20")
	return u.String()
}
