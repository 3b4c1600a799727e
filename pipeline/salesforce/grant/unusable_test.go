package grant_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

func TestUnusableStores(t *testing.T) {
	key := newKey(t)
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string) (key string, a grant.App)
		want  error
		says  string
	}{
		{"never connected", func(t *testing.T, path string) (string, grant.App) { remove(t, path); return key, app }, grant.ErrMissing, "run `crmsync connect`"},
		{"other key", func(t *testing.T, _ string) (string, grant.App) { return newKey(t), app }, grant.ErrUnreadable, "another snapshot key"},
		{"cut", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func(b []byte) []byte { return b[:len(b)-7] })
			return key, app
		}, grant.ErrUnreadable, "damaged"},
		{"one bit", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func(b []byte) []byte { b[len(b)-20] ^= 4; return b })
			return key, app
		}, grant.ErrUnreadable, "damaged"},
		{"empty", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func([]byte) []byte { return nil })
			return key, app
		}, grant.ErrUnreadable, "damaged"},
		{"huge", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func([]byte) []byte { return make([]byte, 1<<20) })
			return key, app
		}, grant.ErrUnreadable, "larger"},
		{"other content", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func([]byte) []byte { return seal(t, key, `{"form":1,"refresh_token":`) })
			return key, app
		}, grant.ErrUnreadable, "can't be read"},
		{"later form", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func([]byte) []byte { return seal(t, key, `{"form":2,"refresh_token":"secret-token"}`) })
			return key, app
		}, grant.ErrUnreadable, "form 2"},
		{"no token", func(t *testing.T, path string) (string, grant.App) {
			rewrite(t, path, func([]byte) []byte { return seal(t, key, `{"form":1}`) })
			return key, app
		}, grant.ErrUnreadable, "no token"},
		{"other app", func(*testing.T, string) (string, grant.App) {
			return key, grant.App{LoginURL: app.LoginURL, ClientID: "other"}
		}, grant.ErrUnreadable, "another app"},
		{"other org", func(*testing.T, string) (string, grant.App) {
			return key, grant.App{LoginURL: "https://acme.my.salesforce.com", ClientID: clientID}
		}, grant.ErrUnreadable, "https://acme.my.salesforce.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			first := open(t, dir, key, app)
			put(t, first, "secret-token")
			k, a := tt.spoil(t, first.Path())
			err := open(t, dir, k, a).Exchange(t.Context(), func(c salesforce.Secret, _ bool) (salesforce.Secret, error) {
				t.Error("the token is used")
				return c, nil
			})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "run `crmsync connect`") {
				t.Errorf("error %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "secret-token") || strings.Contains(err.Error(), "AGE-SECRET")) {
				t.Errorf("the error shows a secret: %v", err)
			}
			// Connecting again mends all of it.
			again := open(t, dir, k, a)
			put(t, again, "new")
			if token, doubtful := look(t, again); token != "new" || doubtful {
				t.Errorf("token %q, in doubt %t", token, doubtful)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func seal(t *testing.T, key, text string) []byte {
	t.Helper()
	id, err := age.ParseX25519Identity(key)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
