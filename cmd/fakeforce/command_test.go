package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program runs the command until stop is called; announced is its first line of output.
func program(t *testing.T, args ...string) (announced map[string]any, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	cmd := newCommand()
	cmd.SetArgs(args)
	cmd.SetOut(in)
	cmd.SetErr(io.Discard)
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		_ = in.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		cancel()
		t.Fatalf("no announcement: %v", err)
	}
	if err := json.Unmarshal(line, &announced); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	stop = func() error { cancel(); http.DefaultClient.CloseIdleConnections(); return <-ended }
	return announced, stop
}

// token logs in with a form.
func token(t *testing.T, base string, form url.Values) string {
	t.Helper()
	resp, err := http.PostForm(base+"/services/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct {
		AccessToken string `json:"access_token"`
		InstanceURL string `json:"instance_url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.InstanceURL != base {
		t.Fatalf("%+v, %v", a, err)
	}
	return a.AccessToken
}

func get(t *testing.T, address, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", address, resp.StatusCode, b, err)
	}
	return string(b)
}

func TestProgram(t *testing.T) {
	dir := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pemFile := filepath.Join(t.TempDir(), "key.pem")
	for name, content := range map[string][]byte{
		pemFile:                           pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		filepath.Join(dir, "Account.csv"): []byte("Id,Name\na1,Acme\n"),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{
		"--data", dir, "--client-id", "cid", "--client-secret", "sec", "--user", "me@example.com", "--public-key", pemFile, "--persist",
		"--clock", "2026-03-01T12:00:00Z", "--edition", "Performance Edition", "--synthetic", "Contact=30", "--job-polls", "0", "-v",
	}
	announced, stop := program(t, args...)
	base := announced["url"].(string)
	assertion, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": "cid", "sub": "me@example.com", "aud": base, "exp": time.Now().Add(time.Minute).Unix(),
	}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []url.Values{
		{"grant_type": {"client_credentials"}, "client_id": {"cid"}, "client_secret": {"sec"}},
		{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}},
	} {
		session := token(t, base, form)
		body := get(t, base+"/services/data/v66.0/query?q="+url.QueryEscape("SELECT Name, CreatedDate FROM Account"), session)
		if !strings.Contains(body, `"Name":"Acme"`) || !strings.Contains(body, `"CreatedDate":"2026-03-01T12:0`) {
			t.Error(body)
		}
		body = get(t, base+"/services/data/v66.0/query?q="+url.QueryEscape("SELECT COUNT() FROM Contact"), session)
		if !strings.Contains(body, `"totalSize":30`) {
			t.Error(body)
		}
	}
	resp, err := http.Post(base+"/fakeforce/apply", "application/json", strings.NewReader(`[{"op":"insert","object":"Account","fields":{"Name":"Later"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	// What was changed is there again.
	announced, stop = program(t, args[:6]...)
	session := token(t, announced["url"].(string), url.Values{"grant_type": {"client_credentials"}, "client_id": {"cid"}, "client_secret": {"sec"}})
	body := get(t, announced["url"].(string)+"/services/data/v66.0/query?q="+url.QueryEscape("SELECT Name FROM Account"), session)
	if !strings.Contains(body, `"totalSize":2`) || !strings.Contains(body, `"Name":"Later"`) {
		t.Error(body)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestProgramRefuses(t *testing.T) {
	t.Setenv(secretVariable, "")
	login := []string{"--client-id", "c", "--client-secret", "s"}
	cases := []struct {
		args []string
		want string
	}{
		{[]string{"--client-secret", "s"}, "--client-id is required"},
		{[]string{"--client-id", "c"}, "nobody could log in"},
		{append([]string{"--addr", "0.0.0.0:0"}, login...), "not on loopback"},
		{append([]string{"--addr", "nowhere"}, login...), "--addr"},
		{append([]string{"--persist"}, login...), "--persist needs --data"},
		{append([]string{"--clock", "noon"}, login...), "--clock"},
		{append([]string{"--public-key", filepath.Join(t.TempDir(), "none")}, login...), "--public-key"},
		{append([]string{"--synthetic", "Task=5"}, login...), "--synthetic"},
		{append([]string{"--page-size", "-1"}, login...), "page sizes"},
	}
	for _, tc := range cases {
		var out bytes.Buffer
		cmd := newCommand()
		cmd.SetArgs(tc.args)
		cmd.SetOut(&out)
		cmd.SetErr(io.Discard)
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: %v, want %q", tc.args, err, tc.want)
		}
		if out.Len() > 0 {
			t.Errorf("%v: announced %s", tc.args, out.String())
		}
	}
}
