package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Stop ends this client's use of the server. If it was the last one, Stop returns when the server is down; else the server goes on.
func (s *Server) Stop(ctx context.Context) error {
	start, err := s.openLock("server.lock")
	if errors.Is(err, os.ErrNotExist) { // the folder was removed under the server, which ends by itself
		s.clients.close()
		return nil
	}
	if err != nil {
		s.clients.close()
		return fmt.Errorf("stop private PostgreSQL: %w", err)
	}
	defer start.close()
	err = start.take(ctx, syscall.LOCK_EX)
	s.clients.close()
	if err != nil {
		return fmt.Errorf("stop private PostgreSQL: wait for another process that starts or stops it: %w", err)
	}
	var down bool
	err = poll(ctx, func() (bool, error) {
		if down, err = s.isDown(); down || err != nil {
			return true, err
		}
		return s.usedByOthers()
	})
	if err != nil {
		return fmt.Errorf("stop private PostgreSQL in %s: %w", s.cluster.dir, err)
	}
	if down {
		s.reap()
	}
	s.log.Info("left private PostgreSQL", "dir", s.cluster.dir, "stopped", down)
	return nil
}

// isDown says that no supervisor runs, so no server either.
func (s *Server) isDown() (bool, error) {
	supervisor, err := s.openLock("supervisor.lock")
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer supervisor.close()
	return supervisor.try(syscall.LOCK_EX)
}

// usedByOthers says that other clients hold their shares. The supervisor's exclusive hold is no such share. The caller holds
// server.lock, so nobody else probes at the same time.
func (s *Server) usedByOthers() (bool, error) {
	clients, err := s.openLock("clients.lock")
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer clients.close()
	if nobody, err := clients.try(syscall.LOCK_EX); nobody || err != nil {
		return false, err
	}
	return clients.try(syscall.LOCK_SH)
}

// reap collects the supervisor that this client started and that has ended; one that serves others is left to the system.
func (s *Server) reap() {
	if s.spawned != nil {
		_ = s.spawned.Wait() // how it ended is in the server's log
		s.spawned = nil
	}
}

// endUnsupervised ends a server of the folder whose supervisor was killed. On Linux it is ending already. The caller holds
// supervisor.lock, so no other is starting.
func endUnsupervised(ctx context.Context, data string) error {
	p, ok := readPidFile(data)
	if !ok || !isPostmaster(p.pid, data) {
		return nil
	}
	if err := syscall.Kill(p.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end an orphaned server, process %d: %w", p.pid, err)
	}
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if err := poll(ctx, func() (bool, error) { return !isPostmaster(p.pid, data), nil }); err != nil {
		return fmt.Errorf("wait for an orphaned server, process %d, to end: %w", p.pid, err)
	}
	return nil
}
