package grant_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

// TestTwoProcessesShareARotatingToken has two clients, each with a store of its own over the same file, log in again and again at the
// same time, while the org takes each refresh token once.
func TestTwoProcessesShareARotatingToken(t *testing.T) {
	org, err := fakeforce.New(fakeforce.Options{ClientID: clientID, RotateRefreshTokens: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(org)
	defer server.Close()
	dir, key := t.TempDir(), newKey(t)
	at := grant.App{LoginURL: server.URL, ClientID: clientID}
	cfg := salesforce.Config{
		LoginURL: server.URL, ClientID: clientID, Flow: salesforce.FlowRefreshToken, Timeout: 30 * time.Second,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	put(t, open(t, dir, key, at), authorize(t, cfg))
	org.ResetCalls()

	const rounds, processes = 20, 2
	var group sync.WaitGroup
	errs := make(chan error, rounds*processes)
	for range processes {
		group.Go(func() {
			cfg := cfg
			for range rounds { // as a process that starts every few minutes does
				cfg.Tokens = open(t, dir, key, at)
				client, err := salesforce.New(cfg)
				if err != nil {
					errs <- err
					return
				}
				if _, err := client.Limits(t.Context()); err != nil {
					errs <- err
				}
				client.Close()
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := org.Calls()[fakeforce.KindToken]; n != rounds*processes {
		t.Errorf("%d logins, want %d", n, rounds*processes)
	}
}

// authorize plays the administrator who grants access.
func authorize(t *testing.T, cfg salesforce.Config) string {
	t.Helper()
	a, err := salesforce.Authorize(cfg, salesforce.RedirectAddress(8917))
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer browser.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	code, err := a.Code(to.Query())
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.Exchange(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// TestWaitingEndsWithItsContext has a second user of the store give up while the first holds it.
func TestWaitingEndsWithItsContext(t *testing.T) {
	dir, key := t.TempDir(), newKey(t)
	s := open(t, dir, key, app)
	put(t, s, "one")
	err := s.Exchange(t.Context(), func(c salesforce.Secret, _ bool) (salesforce.Secret, error) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(fmt.Errorf("enough"))
		err := open(t, dir, key, app).Put(ctx, salesforce.NewSecret("two"))
		if err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("error %v", err)
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if token, _ := look(t, s); token != "one" {
		t.Errorf("token %q", token)
	}
}
