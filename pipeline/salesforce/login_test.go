package salesforce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestFlowsLogIn(t *testing.T) {
	for _, flow := range []salesforce.Flow{salesforce.FlowJWT, salesforce.FlowClientCredentials} {
		t.Run(string(flow), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, func(c *salesforce.Config) { c.Flow = flow })
			o, err := b.Organization(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if o.ID != b.org.OrgID() || o.OrganizationType != "Enterprise Edition" || o.IsSandbox {
				t.Errorf("organization %+v", o)
			}
			if u, err := b.Instance(t.Context()); err != nil || u != b.cfg.LoginURL {
				t.Errorf("instance %s, %v", u, err)
			}
		})
	}
}

// TestRefreshTokenRotates plays a token endpoint that gives a new refresh token at each use, and an org behind it.
func TestRefreshTokenRotates(t *testing.T) {
	current := "first"
	tokens := &memory{token: "first"}
	c, _ := answer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/rotating/services/oauth2/token":
			if r.FormValue("refresh_token") != current || r.FormValue("grant_type") != "refresh_token" || r.FormValue("client_id") != clientID {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
				return
			}
			current += "+"
			fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"instance_url":"http://%s","token_type":"Bearer"}`, "for "+current, current, r.Host)
		default:
			// Each session is good for the limits once; the second time the client has to log in with the rotated token.
			if r.Header.Get("Authorization") != "Bearer for "+current || len(tokens.kept) == 1 {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`)
				return
			}
			fmt.Fprint(w, `{}`)
		}
	}, func(c *salesforce.Config) {
		c.LoginURL += "/rotating"
		c.Flow, c.Tokens = salesforce.FlowRefreshToken, tokens
	})
	if _, err := c.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tokens.kept); got != "[first+ first++]" {
		t.Errorf("kept %s", got)
	}
}

// TestOneLoginServesAll has many callers find their session ended at once.
func TestOneLoginServesAll(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	if _, err := b.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.org.ExpireTokens()
	b.org.ResetCalls()
	const callers = 16
	// All requests wait for each other in front of the org, so that all of them carry the ended session.
	var gate sync.WaitGroup
	gate.Add(callers)
	first := make(chan struct{}, callers)
	for range callers {
		first <- struct{}{}
	}
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindLimits {
			select {
			case <-first:
				gate.Done()
				gate.Wait()
			default:
			}
		}
		next.ServeHTTP(w, r)
	})
	defer remove()
	errs := make(chan error, callers)
	for range callers {
		go func() {
			_, err := b.Limits(context.WithoutCancel(t.Context()))
			errs <- err
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	calls := b.org.Calls()
	if calls[fakeforce.KindToken] != 1 || calls[fakeforce.KindLimits] != 2*callers {
		t.Errorf("%d logins, %d calls; want 1 and %d", calls[fakeforce.KindToken], calls[fakeforce.KindLimits], 2*callers)
	}
}

func TestLoginRefusals(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*salesforce.Config)
		after func(*fakeforce.Org)
		want  error
	}{
		{"unknown client", func(c *salesforce.Config) { c.ClientID = "other" }, nil, salesforce.ErrLogin},
		{"wrong secret", func(c *salesforce.Config) {
			c.Flow, c.ClientSecret = salesforce.FlowClientCredentials, salesforce.NewSecret("wrong-secret-text")
		}, nil, salesforce.ErrLogin},
		{"wrong audience", func(c *salesforce.Config) { c.Audience = "https://elsewhere.example" }, nil, salesforce.ErrLogin},
		{"user not approved", func(c *salesforce.Config) { c.Username = "other@example.com" }, nil, salesforce.ErrRevoked},
		{"access revoked", nil, (*fakeforce.Org).RevokeAccess, salesforce.ErrRevoked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, tt.spoil)
			if tt.after != nil {
				if _, err := b.Limits(t.Context()); err != nil {
					t.Fatal(err)
				}
				tt.after(b.org)
			}
			_, err := b.Limits(t.Context())
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if len(b.waited.list) > 0 {
				t.Errorf("a refusal for good was tried again: %v", b.waited.list)
			}
			for _, hidden := range []string{clientSecret, "wrong-secret-text", "PRIVATE KEY"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
		})
	}
}

func TestRevokeEndsTheSession(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	if _, err := b.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.org.Sessions() != 1 {
		t.Fatalf("%d sessions", b.org.Sessions())
	}
	if err := b.Revoke(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.org.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestSecretsHide(t *testing.T) {
	s := salesforce.NewSecret("hush")
	var out bytes.Buffer
	for _, verb := range "vsqxXdT" {
		fmt.Fprintf(&out, "%"+string(verb)+"|", s)
	}
	fmt.Fprintf(&out, "%v %+v %#v|", &s, struct{ S salesforce.Secret }{s}, salesforce.Config{PrivateKey: s})
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "in", struct{ S salesforce.Secret }{s})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "in", map[string]salesforce.Secret{"s": s})
	if err := json.NewEncoder(&out).Encode(map[string]any{"s": s, "p": &s}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "hush") || strings.Contains(text, "68757368") || !strings.Contains(text, "[redacted]") {
		t.Errorf("printed %s", text)
	}
	if s.Reveal() != "hush" || s.Empty() || !(salesforce.Secret{}).Empty() {
		t.Error("the text is lost")
	}
}

func TestConfigIsValidated(t *testing.T) {
	good := salesforce.Config{LoginURL: "https://login.salesforce.com", ClientID: "x", Username: "u", Flow: salesforce.FlowJWT, PrivateKey: keyPEM()}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*salesforce.Config){
		"login url":     func(c *salesforce.Config) { c.LoginURL = "login.salesforce.com" },
		"not a TLS":     func(c *salesforce.Config) { c.LoginURL = "http://login.salesforce.com" },
		"api version":   func(c *salesforce.Config) { c.APIVersion = "v66" },
		"client id":     func(c *salesforce.Config) { c.ClientID = "" },
		"username":      func(c *salesforce.Config) { c.Username = "" },
		"private key":   func(c *salesforce.Config) { c.PrivateKey = salesforce.NewSecret("nonsense-key-text") },
		"flow":          func(c *salesforce.Config) { c.Flow = "password" },
		"client secret": func(c *salesforce.Config) { c.Flow = salesforce.FlowClientCredentials },
		"token store":   func(c *salesforce.Config) { c.Flow = salesforce.FlowRefreshToken },
		"reserve":       func(c *salesforce.Config) { c.Reserve = -1 },
	}
	for want, spoil := range tests {
		c := good
		spoil(&c)
		err := c.Validate()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
		if err != nil && strings.Contains(err.Error(), "nonsense-key-text") {
			t.Errorf("the error shows the key: %v", err)
		}
	}
	for _, loopback := range []string{"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"} {
		c := good
		c.LoginURL = loopback
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", loopback, err)
		}
	}
}
