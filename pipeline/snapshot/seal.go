package snapshot

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// NewKey makes a key for Options.Key.
func NewKey() (string, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("make key: %w", err)
	}
	return id.String(), nil
}

// Seal encrypts scratch files of others with the store's key; it is nil when the store keeps plain files.
func (s *Store) Seal() columnar.Seal {
	if s.identity == nil {
		return nil
	}
	return ageSeal{s.identity}
}

// parseKey reads a key; the error never quotes it.
func parseKey(key string) (*age.X25519Identity, error) {
	id, err := age.ParseX25519Identity(key)
	if err != nil {
		return nil, errors.New("the key is not an age identity (AGE-SECRET-KEY-1…)")
	}
	return id, nil
}

// ageSeal encrypts scratch files for an identity.
type ageSeal struct{ identity *age.X25519Identity }

func (s ageSeal) Seal(w io.Writer) (io.WriteCloser, error) {
	return age.Encrypt(w, s.identity.Recipient())
}

func (s ageSeal) Unseal(r io.Reader) (io.Reader, error) {
	return age.Decrypt(r, s.identity)
}

// unseal returns the plain bytes of an encrypted file.
func (s *Store) unseal(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	if s.identity == nil {
		return nil, 0, ErrKeyMissing
	}
	plain, n, err := age.DecryptReaderAt(r, size, s.identity)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, 0, ErrKeyWrong
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", err, ErrCorrupt)
	}
	return plain, n, nil
}
