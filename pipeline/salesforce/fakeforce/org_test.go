package fakeforce_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID = "3MVG9fakeforce"
	secret   = "s3cret"
	username = "integration@example.com"
)

// epoch is when tests begin, by the org's clock.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var testKey = func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}()

// client is a logged-in user of an org under test.
type client struct {
	t     *testing.T
	org   *fakeforce.Org
	url   string
	token string
	http  *http.Client
}

// newClient starts an org on loopback, with defaults for what opts leave out, and logs in.
func newClient(t *testing.T, opts fakeforce.Options) *client {
	t.Helper()
	opts.ClientID, opts.ClientSecret, opts.Username = clientID, secret, username
	opts.PublicKey = &testKey.PublicKey
	if opts.Clock == nil {
		opts.Clock = fakeforce.FixedClock(epoch)
	}
	org, err := fakeforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(org)
	t.Cleanup(server.Close)
	c := &client{t: t, org: org, url: server.URL, http: server.Client()}
	// A client follows no redirects: tests look at them.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.login()
	return c
}

func (c *client) login() {
	c.t.Helper()
	status, body := c.form("/services/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret},
	})
	if status != http.StatusOK {
		c.t.Fatalf("login: %d %v", status, body)
	}
	c.token = body["access_token"].(string)
}

// form posts a form and reads a JSON object.
func (c *client) form(path string, form url.Values) (int, map[string]any) {
	c.t.Helper()
	resp, err := c.http.PostForm(c.url+path, form)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body := map[string]any{}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &body); err != nil {
			c.t.Fatalf("%s: %v in %s", path, err, b)
		}
	}
	return resp.StatusCode, body
}

// do sends a request with the session. Paths that do not start with / lie under /services/data/v66.0/.
func (c *client) do(method, path, body string, header ...string) *http.Response {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/services/data/v66.0/" + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// text is do with the body read; it fails the test on any other status than want.
func (c *client) text(want int, method, path, body string) string {
	c.t.Helper()
	resp := c.do(method, path, body)
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if resp.StatusCode != want {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, want, b)
	}
	return string(b)
}

// json is text for a JSON body.
func (c *client) json(want int, method, path, body string, v any) {
	c.t.Helper()
	b := c.text(want, method, path, body)
	dec := json.NewDecoder(bytes.NewReader([]byte(b)))
	if err := dec.Decode(v); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, b)
	}
}

// fails checks an error answer: an array with one entry of the code.
func (c *client) fails(want int, code, method, path, body string) string {
	c.t.Helper()
	var errs []struct{ Message, ErrorCode string }
	c.json(want, method, path, body, &errs)
	if len(errs) != 1 || errs[0].ErrorCode != code {
		c.t.Fatalf("%s %s: %+v, want %s", method, path, errs, code)
	}
	return errs[0].Message
}

// query runs SOQL and returns the records.
func (c *client) query(soql string) []map[string]any {
	c.t.Helper()
	var a struct{ Records []map[string]any }
	c.json(http.StatusOK, "GET", "query?q="+url.QueryEscape(soql), "", &a)
	return a.Records
}

// insert makes a row in the org itself.
func (c *client) insert(object string, fields map[string]any) string {
	c.t.Helper()
	id, err := c.org.Insert(object, fields)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

type fields = map[string]any

func decode(t *testing.T, resp *http.Response, v any) {
	t.Helper()
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}
