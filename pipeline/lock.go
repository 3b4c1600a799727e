package pipeline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Job     string    `json:"job"`
	Started time.Time `json:"started"`
}

// LockedError says that another process works for the contract.
type LockedError struct {
	Path   string
	Holder Holder
}

func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run holds %s; wait for it to end", e.Path)
	}
	return fmt.Sprintf("another run holds %s: %s, process %d on %s, since %s; wait for it to end, or stop that process",
		e.Path, e.Holder.Job, e.Holder.PID, e.Holder.Host, e.Holder.Started.UTC().Format(time.RFC3339))
}

// Lock is held by one process at a time and falls with it, however it ends.
type Lock struct{ f *flock.Flock }

// TryLock takes the named lock of a contract, or returns a *LockedError at once.
func (h Home) TryLock(name, job string) (*Lock, error) {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make contract folder: %w", err)
	}
	path := filepath.Join(h.Dir, name+".lock")
	f := flock.New(path, flock.SetPermissions(0o600))
	ok, err := f.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		return nil, &LockedError{Path: path, Holder: readHolder(path)}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	b, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Job: job, Started: time.Now().UTC()})
	if err == nil {
		err = os.WriteFile(path+".holder", b, 0o600)
	}
	if err != nil {
		_ = f.Unlock()
		return nil, fmt.Errorf("lock %s: write holder: %w", path, err)
	}
	return &Lock{f: f}, nil
}

func readHolder(path string) Holder {
	var h Holder
	if b, err := os.ReadFile(path + ".holder"); err == nil {
		_ = json.Unmarshal(b, &h) // a holder file that is being written says nothing, which the message covers
	}
	return h
}

// Unlock gives the lock back.
func (l *Lock) Unlock() error {
	if err := l.f.Unlock(); err != nil {
		return fmt.Errorf("unlock %s: %w", l.f.Path(), err)
	}
	return nil
}
