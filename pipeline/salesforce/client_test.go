package salesforce_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "consumer-key"
	clientSecret = "consumer-secret-shown-nowhere"
	username     = "integration@example.com"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func keyPEM() salesforce.Secret {
	return salesforce.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})))
}

// pauses notes what a client would have waited.
type pauses struct {
	mu   sync.Mutex
	list []time.Duration
}

func (p *pauses) sleep(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, d)
	return ctx.Err()
}

// bench is a client, the org it talks to, and what it would have waited.
type bench struct {
	*salesforce.Client
	org    *fakeforce.Org
	cfg    salesforce.Config
	waited *pauses
}

func newBench(t *testing.T, opts fakeforce.Options, set func(*salesforce.Config)) *bench {
	t.Helper()
	opts.ClientID, opts.ClientSecret, opts.Username, opts.PublicKey = clientID, clientSecret, username, &testKey().PublicKey
	if opts.Clock == nil {
		opts.Clock = fakeforce.FixedClock(epoch)
	}
	org, err := fakeforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(org)
	t.Cleanup(srv.Close)
	b := &bench{org: org, waited: &pauses{}}
	b.cfg = salesforce.Config{
		LoginURL: srv.URL, APIVersion: "66.0", ClientID: clientID, Username: username, Flow: salesforce.FlowJWT, PrivateKey: keyPEM(),
		ClientSecret: salesforce.NewSecret(clientSecret), Sleep: b.waited.sleep, Timeout: 30 * time.Second,
	}
	if set != nil {
		set(&b.cfg)
	}
	b.Client = connect(t, b.cfg)
	return b
}

func connect(t *testing.T, cfg salesforce.Config) *salesforce.Client {
	t.Helper()
	c, err := salesforce.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// answer starts a server that lets everybody in and answers everything else with h.
func answer(t *testing.T, h http.HandlerFunc, set func(*salesforce.Config)) (*salesforce.Client, *pauses) {
	t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mux.HandleFunc("POST /services/oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"T","instance_url":"` + srv.URL + `","token_type":"Bearer"}`))
	})
	mux.HandleFunc("/", h)
	p := &pauses{}
	cfg := salesforce.Config{
		LoginURL: srv.URL, ClientID: clientID, Flow: salesforce.FlowClientCredentials, ClientSecret: salesforce.NewSecret(clientSecret),
		Sleep: p.sleep, Timeout: 30 * time.Second,
	}
	if set != nil {
		set(&cfg)
	}
	return connect(t, cfg), p
}

func insertAccounts(t *testing.T, o *fakeforce.Org, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		var err error
		if ids[i], err = o.Insert("Account", map[string]any{"Name": "Company " + string(rune('A'+i%26)), "OwnerId": o.UserID()}); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}
