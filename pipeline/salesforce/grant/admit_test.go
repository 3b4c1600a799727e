package grant_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

func TestAdmit(t *testing.T) {
	tests := []struct {
		name    string
		opts    fakeforce.Options
		allow   bool
		want    error
		granted bool
	}{
		{name: "production", granted: true},
		{name: "rotating tokens", opts: fakeforce.Options{RotateRefreshTokens: true}, granted: true},
		{name: "sandbox", opts: fakeforce.Options{Sandbox: true}, want: salesforce.ErrSandbox},
		{name: "sandbox, allowed", opts: fakeforce.Options{Sandbox: true}, allow: true, granted: true},
		{name: "edition", opts: fakeforce.Options{Edition: "Group Edition"}, want: salesforce.ErrEdition},
		{name: "no API", opts: fakeforce.Options{Edition: "Professional Edition", APIDisabled: true}, want: salesforce.ErrEdition},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.ClientID = clientID
			org, err := fakeforce.New(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(org)
			defer server.Close()
			cfg := salesforce.Config{LoginURL: server.URL, ClientID: clientID, AllowSandbox: tt.allow}
			store := open(t, t.TempDir(), newKey(t), grant.App{LoginURL: server.URL, ClientID: clientID})
			put(t, store, "an earlier one")
			token := authorize(t, cfg)
			c, err := grant.Admit(t.Context(), cfg, salesforce.NewSecret(token), store)
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v", err)
			}
			if c.Org.ID != org.OrgID() && !tt.opts.APIDisabled || tt.granted && (c.User.ID != org.UserID() || c.Instance != server.URL) {
				t.Errorf("connection %+v", c)
			}
			kept, _ := look(t, store)
			if tt.granted == (kept == "an earlier one") || tt.opts.RotateRefreshTokens == (kept == token) && tt.granted {
				t.Errorf("the store holds %q", kept)
			}
			// What is stored is good; what was refused is not left behind in the org.
			cfg.Flow, cfg.Tokens = salesforce.FlowRefreshToken, store
			if !tt.granted {
				refused := open(t, t.TempDir(), newKey(t), grant.App{LoginURL: server.URL, ClientID: clientID})
				put(t, refused, token)
				cfg.Tokens = refused
			}
			client, err := salesforce.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			_, err = client.Limits(t.Context())
			if tt.granted && err != nil || !tt.granted && !errors.Is(err, salesforce.ErrRevoked) {
				t.Errorf("the token afterwards: %v", err)
			}
		})
	}
}
