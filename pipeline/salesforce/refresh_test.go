package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// memory is the plainest token store that keeps its promises. Every new token is noted in kept.
type memory struct {
	mu    sync.Mutex
	token string
	doubt bool
	kept  []string
	fails error // of the next new token
}

func (m *memory) Exchange(_ context.Context, swap func(salesforce.Secret, bool) (salesforce.Secret, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	doubtful := m.doubt
	m.doubt = true
	next, err := swap(salesforce.NewSecret(m.token), doubtful)
	if next.Empty() && err != nil {
		return err
	}
	if next.Reveal() != m.token {
		if m.fails != nil {
			return m.fails
		}
		doubtful = false
		m.kept = append(m.kept, next.Reveal())
	}
	m.token, m.doubt = next.Reveal(), doubtful && err != nil
	return err
}

// granted lets an administrator of the bench's org grant access and returns the refresh token.
func granted(t *testing.T, cfg salesforce.Config) string {
	t.Helper()
	a, err := salesforce.Authorize(cfg, salesforce.RedirectAddress(8917))
	if err != nil {
		t.Fatal(err)
	}
	code, err := a.Pasted(browse(t, a.URL()))
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.Exchange(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// browse goes to an address as a browser does and returns where it is sent.
func browse(t *testing.T, address string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	defer client.CloseIdleConnections()
	to := r.Header.Get("Location")
	if to == "" {
		t.Fatalf("no redirect but %s", r.Status)
	}
	return to
}

// cutTokenAnswer lets the org do what the next login asks, and cuts the connection before the answer.
func cutTokenAnswer(o *fakeforce.Org) (remove func()) {
	var done atomic.Bool
	return o.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindToken || done.Swap(true) {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

func TestLostRotationIsTold(t *testing.T) {
	b := newBench(t, fakeforce.Options{RotateRefreshTokens: true}, nil)
	tokens := &memory{token: granted(t, b.cfg)}
	b.cfg.Flow, b.cfg.Tokens = salesforce.FlowRefreshToken, tokens
	c := connect(t, b.cfg)
	if _, err := c.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.org.ExpireTokens()
	remove := cutTokenAnswer(b.org)
	_, err := c.Limits(t.Context())
	remove()
	if !errors.Is(err, salesforce.ErrTokenLost) || !strings.Contains(err.Error(), "run `crmsync connect` again") {
		t.Fatalf("error %v", err)
	}
	// Another process finds the token in doubt, and says the same.
	if _, err := connect(t, b.cfg).Limits(t.Context()); !errors.Is(err, salesforce.ErrTokenLost) {
		t.Errorf("error of the next process: %v", err)
	}
	tokens.token, tokens.doubt = granted(t, b.cfg), false
	if _, err := c.Limits(t.Context()); err != nil {
		t.Errorf("after connecting again: %v", err)
	}
}

// TestLostAnswerWithoutRotation goes on with the token, since it is still good.
func TestLostAnswerWithoutRotation(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	tokens := &memory{token: granted(t, b.cfg)}
	b.cfg.Flow, b.cfg.Tokens, b.cfg.Attempts = salesforce.FlowRefreshToken, tokens, 1
	remove := cutTokenAnswer(b.org)
	if _, err := connect(t, b.cfg).Limits(t.Context()); err == nil || !tokens.doubt {
		t.Fatalf("in doubt %t, error %v", tokens.doubt, err)
	}
	remove()
	if _, err := connect(t, b.cfg).Limits(t.Context()); err != nil || tokens.doubt {
		t.Errorf("in doubt %t, error %v", tokens.doubt, err)
	}
	// A revocation is told from a loss when nothing was lost.
	b.org.RevokeAccess()
	if _, err := connect(t, b.cfg).Limits(t.Context()); !errors.Is(err, salesforce.ErrRevoked) || errors.Is(err, salesforce.ErrTokenLost) {
		t.Errorf("error %v", err)
	}
}

func TestRotatedTokenIsKeptBeforeUse(t *testing.T) {
	b := newBench(t, fakeforce.Options{RotateRefreshTokens: true}, nil)
	full := errors.New("no space left")
	tokens := &memory{token: granted(t, b.cfg), fails: full}
	b.cfg.Flow, b.cfg.Tokens = salesforce.FlowRefreshToken, tokens
	b.org.ResetCalls()
	if _, err := connect(t, b.cfg).Limits(t.Context()); !errors.Is(err, full) {
		t.Fatalf("error %v", err)
	}
	if n := b.org.Calls()[fakeforce.KindLimits]; n != 0 {
		t.Errorf("a session whose token was not kept was used %d times", n)
	}
}

func TestUnreachedOrgLeavesNoDoubt(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tokens := &memory{token: "kept"}
	b.cfg.Flow, b.cfg.Tokens, b.cfg.LoginURL = salesforce.FlowRefreshToken, tokens, closed.URL
	if _, err := connect(t, b.cfg).Limits(t.Context()); err == nil || tokens.doubt || tokens.token != "kept" {
		t.Errorf("token %q, in doubt %t, error %v", tokens.token, tokens.doubt, err)
	}
}

func TestRevokeForgetsTheToken(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	token := granted(t, b.cfg)
	tokens := &memory{token: token}
	b.cfg.Flow, b.cfg.Tokens = salesforce.FlowRefreshToken, tokens
	c := connect(t, b.cfg)
	if _, err := c.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Revoke(t.Context()); err != nil || tokens.token != "" {
		t.Fatalf("token %q is left, error %v", tokens.token, err)
	}
	tokens.token = token
	if _, err := connect(t, b.cfg).Limits(t.Context()); !errors.Is(err, salesforce.ErrRevoked) {
		t.Errorf("the revoked token: %v", err)
	}
}

// TestCloseWaitsForTheToken gives up while a token is with the org. When Close returns, the new token is kept.
func TestCloseWaitsForTheToken(t *testing.T) {
	b := newBench(t, fakeforce.Options{RotateRefreshTokens: true}, nil)
	tokens := &memory{token: granted(t, b.cfg)}
	b.cfg.Flow, b.cfg.Tokens = salesforce.FlowRefreshToken, tokens
	c, err := salesforce.New(b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	arrived, goOn := make(chan struct{}), make(chan struct{})
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindToken {
			close(arrived)
			<-goOn
		}
		next.ServeHTTP(w, r)
	})
	defer remove()
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := c.Limits(ctx)
		gaveUp <- err
	}()
	<-arrived
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	ended := make(chan struct{})
	go func() { c.Close(); close(ended) }()
	close(goOn)
	<-ended
	if len(tokens.kept) != 1 || tokens.doubt {
		t.Errorf("%d tokens kept, in doubt %t", len(tokens.kept), tokens.doubt)
	}
	b.org.ExpireTokens()
	if _, err := c.Limits(t.Context()); err == nil {
		t.Error("a closed client logged in")
	}
}
