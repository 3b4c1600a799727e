package extract_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

// TestTokenFaults has sessions end and answers of logins get lost while pages are read, with a refresh token that is kept in a file, as
// `crmsync connect` leaves it. A run that has lost its token says so; once the org is connected again it goes on.
func TestTokenFaults(t *testing.T) {
	for _, c := range []struct {
		faults string // the first login is a call as well
		rotate bool
		want   error
	}{
		{"expire/Account#2", false, nil},
		{"expire/Account#2", true, nil},
		{"expire-mid/Account#2", true, nil},
		{"expire/Account#2 expire/Account#5", true, nil},
		{"expire/Account#2 drop@token#2", true, nil},
		{"expire/Account#2 status=503@token#2*2", true, nil},
		{"expire/Account#2 html@token#2", true, nil},
		{"expire/Account#2 lose@token#2", false, nil},
		{"expire/Account#2 lose@token#2", true, salesforce.ErrTokenLost},
		{"lose@token", true, salesforce.ErrTokenLost},
		{"revoke/Account#2", false, salesforce.ErrRevoked},
		{"revoke/Account#2", true, salesforce.ErrRevoked},
		{"expire/Account#2 status=503@token#2*", true, salesforce.ErrUnavailable},
	} {
		t.Run(c.faults+map[bool]string{true: ", rotating"}[c.rotate], func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fakeforce.Options{PageSize: 10, RotateRefreshTokens: c.rotate})
			b.stage.Objects = faultObjects
			key, err := age.GenerateX25519Identity()
			b.must(err)
			store, err := grant.Open(t.TempDir(), key.String(), grant.App{LoginURL: b.cfg.LoginURL, ClientID: b.cfg.ClientID})
			b.must(err)
			b.must(store.Put(t.Context(), b.granted()))
			b.cfg.Flow, b.cfg.Tokens = salesforce.FlowRefreshToken, store
			b.fill(45)
			list, err := fakeforce.ParseFaults(strings.ReplaceAll(c.faults, " ", "\n"))
			b.must(err)
			faults := b.org.AddFaults(list...)
			b.connect()
			m, err := b.try(t.Context())
			if fired := faults.Fired(); slices.Contains(fired, 0) {
				t.Fatalf("happened: %v", fired)
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			faults.Remove()
			if err != nil {
				if m != nil && len(m.Datasets) != 0 { // without a clock no run begins
					t.Errorf("a failed run published %v", m.Datasets)
				}
				b.org.Mend()
				if !errors.Is(err, salesforce.ErrUnavailable) { // which leaves the token good
					b.must(store.Put(t.Context(), b.granted()))
				}
				b.connect()
				m = b.run()
			}
			b.equalObjects(m)
		})
	}
}

// granted lets an administrator of the org grant access, and returns the refresh token.
func (b *bench) granted() salesforce.Secret {
	b.t.Helper()
	a, err := salesforce.Authorize(b.cfg, salesforce.RedirectAddress(8917))
	b.must(err)
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, a.URL(), nil)
	b.must(err)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer browser.CloseIdleConnections()
	r, err := browser.Do(req)
	b.must(err)
	b.must(r.Body.Close())
	to, err := url.Parse(r.Header.Get("Location"))
	b.must(err)
	code, err := a.Code(to.Query())
	b.must(err)
	token, err := a.Exchange(b.t.Context(), code)
	b.must(err)
	return token
}
