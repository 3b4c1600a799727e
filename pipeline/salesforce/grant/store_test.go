package grant_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const clientID = "consumer-key"

func newKey(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func open(t *testing.T, dir, key string, app grant.App) *grant.Store {
	t.Helper()
	s, err := grant.Open(dir, key, app)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *grant.Store, token string) {
	t.Helper()
	if err := s.Put(t.Context(), salesforce.NewSecret(token)); err != nil {
		t.Fatal(err)
	}
}

// look returns the token and whether it is in doubt, and leaves both as they are.
func look(t *testing.T, s *grant.Store) (token string, doubtful bool) {
	t.Helper()
	stop := errors.New("only looking")
	err := s.Exchange(t.Context(), func(current salesforce.Secret, d bool) (salesforce.Secret, error) {
		token, doubtful = current.Reveal(), d
		return current, stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	return token, doubtful
}

var app = grant.App{LoginURL: "https://login.salesforce.com", ClientID: clientID}

func TestStoreKeepsWhatSwapReturns(t *testing.T) {
	failure := errors.New("the org was not reached")
	tests := []struct {
		name   string
		next   string
		err    error
		token  string
		doubt  bool
		absent bool
	}{
		{name: "the same", next: "one", token: "one"},
		{name: "rotated", next: "two", token: "two"},
		{name: "rotated, then failed", next: "two", err: failure, token: "two"},
		{name: "refused", next: "one", err: failure, token: "one"},
		{name: "answer lost", err: failure, token: "one", doubt: true},
		{name: "revoked", absent: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "contracts", "main")
			key := newKey(t)
			s := open(t, dir, key, app)
			put(t, s, "one")
			err := s.Exchange(t.Context(), func(current salesforce.Secret, doubtful bool) (salesforce.Secret, error) {
				if current.Reveal() != "one" || doubtful {
					t.Errorf("token %q, in doubt %t", current.Reveal(), doubtful)
				}
				return salesforce.NewSecret(tt.next), tt.err
			})
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v", err)
			}
			if stored, err := s.Stored(); err != nil || stored == tt.absent {
				t.Errorf("stored %t, %v", stored, err)
			}
			if tt.absent {
				return
			}
			if token, doubt := look(t, open(t, dir, key, app)); token != tt.token || doubt != tt.doubt {
				t.Errorf("token %q, in doubt %t", token, doubt)
			}
		})
	}
}

// TestDoubtStays until an answer is kept: refusals say nothing of the answer that was lost.
func TestDoubtStays(t *testing.T) {
	s := open(t, t.TempDir(), newKey(t), app)
	put(t, s, "one")
	lost := errors.New("lost")
	_ = s.Exchange(t.Context(), func(salesforce.Secret, bool) (salesforce.Secret, error) { return salesforce.Secret{}, lost })
	for range 2 {
		if _, doubtful := look(t, s); !doubtful {
			t.Error("the doubt is gone")
		}
	}
	if err := s.Exchange(t.Context(), func(c salesforce.Secret, _ bool) (salesforce.Secret, error) { return c, nil }); err != nil {
		t.Fatal(err)
	}
	if _, doubtful := look(t, s); doubtful {
		t.Error("the doubt is still there")
	}
}

// TestDoubtIsOnDiskBeforeTheTokenIsSent looks at the file as a process would that starts after a kill.
func TestDoubtIsOnDiskBeforeTheTokenIsSent(t *testing.T) {
	dir, copied, key := t.TempDir(), t.TempDir(), newKey(t)
	s := open(t, dir, key, app)
	put(t, s, "one")
	err := s.Exchange(t.Context(), func(c salesforce.Secret, _ bool) (salesforce.Secret, error) {
		b, err := os.ReadFile(s.Path())
		if err != nil {
			return c, err
		}
		return c, os.WriteFile(filepath.Join(copied, grant.FileName), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if token, doubtful := look(t, open(t, copied, key, app)); token != "one" || !doubtful {
		t.Errorf("token %q, in doubt %t", token, doubtful)
	}
}

func TestFileIsSealedAndPrivate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, newKey(t), app)
	put(t, s, "5Aep861.secret-token")
	if err := os.Chmod(s.Path(), 0o644); err != nil { // somebody was careless
		t.Fatal(err)
	}
	put(t, s, "5Aep861.secret-token")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode().Perm())
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("secret-token")) || bytes.Contains(b, []byte(clientID)) {
			t.Errorf("%s is readable", e.Name())
		}
	}
	if len(entries) != 2 {
		t.Errorf("%d files, want the token and its lock", len(entries))
	}
}

func TestOpenWantsAKey(t *testing.T) {
	for key, says := range map[string]string{"": "snapshots.key_file", "AGE-SECRET-KEY-nonsense": "not an age identity"} {
		_, err := grant.Open(t.TempDir(), key, app)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "nonsense") {
			t.Errorf("error %v", err)
		}
	}
}

func TestRemoveIsRepeatable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, newKey(t), app)
	put(t, s, "one")
	for range 2 {
		if err := grant.Remove(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	if stored, err := s.Stored(); stored || err != nil {
		t.Errorf("stored %t, %v", stored, err)
	}
}
