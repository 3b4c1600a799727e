package grant

import (
	"strings"
	"testing"

	"filippo.io/age"
)

// FuzzDecode reads what a file may hold once it is decrypted: a token, or an error that doesn't quote it.
func FuzzDecode(f *testing.F) {
	f.Add(`{"form":1,"login_url":"https://login.salesforce.com","client_id":"c","refresh_token":"t","changed":"2026-03-01T12:00:00Z","in_doubt":true}`)
	f.Add(`{"form":2,"refresh_token":"t"}`)
	f.Add(`{"form":1,"refresh_token":7}`)
	f.Add(``)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := decode([]byte(text))
		if (err == nil) != (r.Token != "") {
			t.Errorf("token %q, error %v", r.Token, err)
		}
		if err != nil && len(text) > 20 && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes the file: %v", err)
		}
	})
}

// FuzzUnseal reads what a file may hold at all.
func FuzzUnseal(f *testing.F) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := record{Form: form, Token: "t"}.seal(id.Recipient())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:len(sealed)/2])
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := unseal(b, id); err == nil && string(b) != string(sealed) {
			t.Errorf("read %+v", r)
		}
	})
}
