package postgres

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// superviseEnv tells this program, when it is started again, to be the supervisor of a server. Its value is an order.
const superviseEnv = "CRMSYNC_INTERNAL_SUPERVISE"

// The files that a supervisor inherits.
const (
	clientsFD    = 3 // clients.lock, open and not locked
	supervisorFD = 4 // supervisor.lock, locked: the lock lives as long as the supervisor
)

// order is what a supervisor is to do.
type order struct {
	Program   string
	Args      []string
	UID, GID  int
	Switch    bool
	Ephemeral string // folder to remove in the end
}

// stopWithin is how long a server may take to stop before it is made to: an immediate stop is as safe as a crash.
const stopWithin = 60 * time.Second

// A supervisor must be any program that uses this package, tests included, without help from its main. It begins here, before main.
func init() {
	text, ok := os.LookupEnv(superviseEnv)
	if !ok {
		return
	}
	// The first thread lives as long as the process: init runs on it, so the server's death signal is tied to the process.
	if err := supervise(text); err != nil {
		fmt.Fprintln(os.Stderr, "crmsync supervisor:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// supervise runs one postmaster until no client is left or it is told to end. Its standard error is the server's log.
func supervise(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	// The postmaster must not inherit the locks: they speak for the supervisor alone.
	syscall.CloseOnExec(clientsFD)
	syscall.CloseOnExec(supervisorFD)
	clients := &fileLock{f: os.NewFile(clientsFD, "clients.lock")}

	cmd := exec.Command(o.Program, o.Args...)
	cmd.Dir, cmd.Env = "/", childEnv()
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	run := account{uid: o.UID, gid: o.GID, switched: o.Switch}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: run.credential(), Setpgid: true}
	dieWithParent(cmd.SysProcAttr, syscall.SIGINT)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", o.Program, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	alone := make(chan error, 1)
	go func() { alone <- clients.block(syscall.LOCK_EX) }()

	var err error
	select {
	case err = <-ended:
		return fmt.Errorf("the server ended by itself: %w", err)
	case err = <-alone:
	case <-term:
	}
	// From here to our end we hold clients.lock exclusively, or were told to stop whoever is there.
	_ = cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-ended:
	case <-time.After(stopWithin):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
	}
	if o.Ephemeral != "" {
		if rm := os.RemoveAll(o.Ephemeral); rm != nil && err == nil {
			err = rm
		}
	}
	return err
}
