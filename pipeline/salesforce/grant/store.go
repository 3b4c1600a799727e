package grant

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// What callers decide by.
var (
	ErrMissing    = errors.New("no Salesforce token is stored; run `crmsync connect`")
	ErrUnreadable = errors.New("the stored Salesforce token can't be used; run `crmsync connect` again")
)

// lockPause is how often a process that waits for its turn looks again.
const lockPause = 20 * time.Millisecond

// FileName is the name of the file in a contract's home.
const FileName = "salesforce-token.age"

// App is whom a token was granted to.
type App struct{ LoginURL, ClientID string }

// Store keeps the refresh token of one contract. It is safe for concurrent use, by several processes too.
type Store struct {
	path     string
	identity *age.X25519Identity
	app      App
	now      func() time.Time
}

// Open prepares the store in the folder; nothing is read yet. The key is an age identity, the contract's snapshot key.
func Open(dir, key string, app App) (*Store, error) {
	if key == "" {
		return nil, errors.New("open token store: a refresh token is kept encrypted only, and no key is set: set snapshots.key_file, " +
			"which `crmsync init` makes, in place of snapshots.unencrypted")
	}
	identity, err := age.ParseX25519Identity(key)
	if err != nil {
		return nil, errors.New("open token store: the snapshot key is not an age identity (AGE-SECRET-KEY-1…)") // the cause may quote it
	}
	return &Store{path: filepath.Join(dir, FileName), identity: identity, app: app, now: time.Now}, nil
}

// Path is where the token lies.
func (s *Store) Path() string { return s.path }

// Stored reports whether there is a token, without looking at it.
func (s *Store) Stored() (bool, error) {
	_, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the stored token: %w", err)
	}
	return true, nil
}

// Exchange implements salesforce.TokenStore.
func (s *Store) Exchange(ctx context.Context, swap func(current salesforce.Secret, doubtful bool) (salesforce.Secret, error)) error {
	return s.locked(ctx, func() error {
		r, err := s.read()
		if err != nil {
			return err
		}
		doubtful := r.InDoubt
		r.InDoubt = true
		if err := s.write(r); err != nil {
			return err
		}
		next, failed := swap(salesforce.NewSecret(r.Token), doubtful)
		switch {
		case next.Empty() && failed != nil:
			return failed // the token stays, in doubt
		case next.Empty():
			return s.remove()
		case next.Reveal() != r.Token:
			r.Token, r.Changed, r.InDoubt = next.Reveal(), s.now().UTC(), false
		default:
			r.InDoubt = doubtful && failed != nil
		}
		return errors.Join(failed, s.write(r))
	})
}

// Put stores a token that was just granted, in place of any other.
func (s *Store) Put(ctx context.Context, token salesforce.Secret) error {
	return s.locked(ctx, func() error {
		return s.write(record{Form: form, LoginURL: s.app.LoginURL, ClientID: s.app.ClientID, Token: token.Reveal(), Changed: s.now().UTC()})
	})
}

// Remove forgets the token in a contract's folder, whether it can be read or not. It is no error if there is none.
func Remove(ctx context.Context, dir string) error {
	s := &Store{path: filepath.Join(dir, FileName)}
	if stored, err := s.Stored(); err == nil && !stored {
		return nil
	}
	return s.locked(ctx, s.remove)
}

// locked calls fn while no other process does. The lock's file stays: removing it would let two processes hold two locks.
func (s *Store) locked(ctx context.Context, fn func() error) (err error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("make contract folder: %w", err)
	}
	lock := flock.New(s.path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for another process that logs in to Salesforce: %w", context.Cause(ctx))
		}
		return fmt.Errorf("lock the stored token: %w", err)
	}
	defer func() {
		if e := lock.Unlock(); e != nil {
			err = errors.Join(err, fmt.Errorf("unlock the stored token: %w", e))
		}
	}()
	return fn()
}

func (s *Store) read() (record, error) {
	sealed, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, ErrMissing
	}
	if err != nil {
		return record{}, fmt.Errorf("read the stored token: %w", err)
	}
	r, err := unseal(sealed, s.identity)
	if err == nil {
		err = r.check(s.app)
	}
	if err != nil {
		return record{}, fmt.Errorf("%s: %w: %w", s.path, err, ErrUnreadable)
	}
	return r, nil
}

// write replaces the file and returns once it would survive a loss of power.
func (s *Store) write(r record) error {
	sealed, err := r.seal(s.identity.Recipient())
	if err == nil {
		err = replace(s.path, sealed)
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.path))
	}
	if err != nil {
		return fmt.Errorf("store the Salesforce token: %w", err)
	}
	return nil
}

// replace syncs the new content before it gets the name. Other permissions of an existing file are not taken over.
func replace(path string, content []byte) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Cleanup())
	}
	return errors.Join(f.CloseAtomicallyReplace(), f.Cleanup())
}

func (s *Store) remove() error {
	err := os.Remove(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.path))
	}
	if err != nil {
		return fmt.Errorf("remove the stored token: %w", err)
	}
	return nil
}

// syncDir makes a rename or a removal in the folder last.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
