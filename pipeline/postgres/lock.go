package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// pollEvery is how often files that nobody announces changes of are looked at.
const pollEvery = 10 * time.Millisecond

// fileLock is an flock(2) on an open file. It falls when the last process that holds the open file is gone, so that it can be
// handed to a child: the child inherits the file, and the lock with it.
type fileLock struct{ f *os.File }

// openLock opens the file of a lock without taking it. Where the folder belongs to another user, as when root runs in a user's
// folder, a new file is given to that user.
func openLock(path string, owner int) (*fileLock, error) {
	f, err := openOwned(path, os.O_RDWR, owner)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	return &fileLock{f: f}, nil
}

// openOwned opens a file that it makes when missing, for the owner of its folder. Links are not followed.
func openOwned(path string, flags, owner int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, os.ErrExist) {
		return os.OpenFile(path, flags|syscall.O_NOFOLLOW, 0o600)
	}
	if err != nil {
		return nil, err
	}
	if owner != os.Geteuid() {
		if err := f.Chown(owner, -1); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// try takes the lock if nobody holds it in a conflicting way.
func (l *fileLock) try(how int) (bool, error) {
	for {
		err := syscall.Flock(int(l.f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case errors.Is(err, syscall.EINTR):
			continue
		default:
			return false, fmt.Errorf("lock %s: %w", l.f.Name(), err)
		}
	}
}

// take waits for the lock until ctx ends.
func (l *fileLock) take(ctx context.Context, how int) error {
	return poll(ctx, func() (bool, error) { return l.try(how) })
}

// block waits for the lock in the kernel, which wakes it as soon as the last holder is gone.
func (l *fileLock) block(how int) error {
	for {
		if err := syscall.Flock(int(l.f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// close gives the lock back, unless another process shares the open file.
func (l *fileLock) close() { _ = l.f.Close() }

// poll calls done until it says so, fails, or ctx ends.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
