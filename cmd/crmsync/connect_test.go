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
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newRSAKey returns the tests' key, PEM-encoded, and its public half.
func newRSAKey(t *testing.T) (string, *rsa.PublicKey) {
	t.Helper()
	k, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})), &k.PublicKey
}

// browserSite is a contract of the web-server flow, and its org.
type browserSite struct {
	org  *fakeforce.Org
	url  string
	dir  string // of the contract
	args []string
	port int
}

func newBrowserSite(t *testing.T, opts fakeforce.Options) *browserSite {
	t.Helper()
	opts.ClientID, opts.OrgName = "consumer-key", "Example Ltd"
	org, err := fakeforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(org)
	t.Cleanup(server.Close)
	key, err := snapshot.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "snapshots.key"), []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free, for connect to take
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := &browserSite{org: org, url: server.URL, dir: filepath.Join(dir, "contracts", "main"), port: port}
	for _, o := range []string{
		"work_dir=" + dir, "snapshots.key_file=" + filepath.Join(dir, "snapshots.key"), "salesforce.flow=web_server", "salesforce.client_id=consumer-key",
		"salesforce.login_url=" + server.URL, fmt.Sprintf("salesforce.callback_port=%d", port), "log.level=debug",
	} {
		s.args = append(s.args, "--set", o)
	}
	t.Setenv(config.FileVariable, "")
	return s
}

// run runs a verb in this process; input is what the person types.
func (s *browserSite) run(ctx context.Context, input io.Reader, stderr io.Writer, args ...string) (code int, stdout string) {
	var out bytes.Buffer
	root := newRoot(&out, stderr)
	root.SetArgs(append(args, s.args...))
	root.SetIn(input)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "crmsync:", err)
	}
	return exitCode(err), out.String()
}

// person reads what crmsync prints and hands the first address to go; everything printed is kept.
type person struct {
	io.Writer
	printed chan string
}

func newPerson(goTo func(address string)) *person {
	in, out := io.Pipe()
	p := &person{Writer: out, printed: make(chan string, 1)}
	go func() {
		var all strings.Builder
		lines := bufio.NewScanner(in)
		gone := false
		for lines.Scan() {
			all.WriteString(lines.Text() + "\n")
			if !gone && strings.Contains(lines.Text(), "/services/oauth2/authorize?") {
				gone = true
				go goTo(lines.Text())
			}
		}
		p.printed <- all.String()
	}()
	return p
}

// end returns everything that was printed.
func (p *person) end(t *testing.T) string {
	t.Helper()
	if err := p.Writer.(*io.PipeWriter).Close(); err != nil {
		t.Fatal(err)
	}
	return <-p.printed
}

// follow goes to an address as a browser does, and on to where it is sent.
func follow(t *testing.T, address string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Error(err)
		return
	}
	r, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	r.Body.Close()
}

// answerOf goes to an address and returns where the browser is sent, which it does not reach.
func answerOf(t *testing.T, address string) string {
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	r, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	r.Body.Close()
	return r.Header.Get("Location")
}

// connected connects with a browser on this machine.
func (s *browserSite) connected(t *testing.T) {
	t.Helper()
	p := newPerson(func(address string) { follow(t, address) })
	code, out := s.run(t.Context(), strings.NewReader(""), p, "connect")
	if printed := p.end(t); code != exitDone {
		t.Fatalf("exit code %d\n%s%s", code, out, printed)
	}
}

// TestConnectThenUseThenDisconnect goes the whole way of the web-server flow, with an org that rotates refresh tokens.
func TestConnectThenUseThenDisconnect(t *testing.T) {
	s := newBrowserSite(t, fakeforce.Options{RotateRefreshTokens: true})
	t.Setenv("CRMSYNC_DATABASE_URL", postgrestest.DSN(t, migrations.Migrations))
	var before bytes.Buffer
	if code, _ := s.run(t.Context(), nil, &before, "check"); code != exitUsage || !strings.Contains(before.String(), "run `crmsync connect`") {
		t.Errorf("before connecting: exit code %d\n%s", code, &before)
	}

	p := newPerson(func(address string) { follow(t, address) })
	code, out := s.run(t.Context(), strings.NewReader(""), p, "connect", "--json")
	printed := p.end(t)
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, printed)
	}
	var c connection
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	want := connection{
		OrgID: s.org.OrgID(), OrgName: "Example Ltd", Edition: "Enterprise Edition", Instance: s.url, User: "integration@example.com",
		Token: filepath.Join(s.dir, grant.FileName),
	}
	if c != want {
		t.Errorf("connected %+v, want %+v", c, want)
	}
	if !strings.Contains(printed, fmt.Sprintf("http://localhost:%d/callback", s.port)) {
		t.Errorf("the callback address is not told:\n%s", printed)
	}

	for range 2 { // each use rotates the token
		var stderr bytes.Buffer
		if code, out := s.run(t.Context(), nil, &stderr, "check"); code != exitDone || !strings.Contains(out, "flow web_server") {
			t.Fatalf("check: exit code %d\n%s%s", code, out, &stderr)
		}
		printed += stderr.String()
	}
	var stderr bytes.Buffer
	if code, _ := s.run(t.Context(), nil, &stderr, "disconnect"); code != exitDone {
		t.Fatalf("disconnect: exit code %d\n%s", code, &stderr)
	}
	if _, err := os.Stat(filepath.Join(s.dir, grant.FileName)); !os.IsNotExist(err) {
		t.Errorf("the token is still there: %v", err)
	}
	if code, _ := s.run(t.Context(), nil, &stderr, "disconnect"); code != exitDone || !strings.Contains(stderr.String(), "no access to revoke") {
		t.Errorf("a second disconnect: exit code %d\n%s", code, &stderr)
	}
	for _, secret := range []string{"5Aep", "aPrx", "!AQ", "Bearer "} { // how the org's tokens and codes begin
		if strings.Contains(printed+stderr.String()+out, secret) {
			t.Errorf("a token or code was printed: %s…", secret)
		}
	}
}

// TestDisconnectWithoutRevoking forgets the token even if nobody can read it any more.
func TestDisconnectWithoutRevoking(t *testing.T) {
	s := newBrowserSite(t, fakeforce.Options{})
	t.Setenv("CRMSYNC_DATABASE_URL", postgrestest.DSN(t, migrations.Migrations))
	s.connected(t)
	path := filepath.Join(s.dir, grant.FileName)
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code, _ := s.run(t.Context(), nil, &stderr, "disconnect"); code != exitFailed || !strings.Contains(stderr.String(), "--keep-access") {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
	if code, _ := s.run(t.Context(), nil, &stderr, "disconnect", "--keep-access"); code != exitDone {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the token is still there: %v", err)
	}
}

func TestConnectByPasting(t *testing.T) {
	tests := []struct {
		name   string
		opts   fakeforce.Options
		answer func(t *testing.T, address string) string
		before func(o *fakeforce.Org)
		code   int
		says   string
	}{
		{name: "address", answer: answerOf, code: exitDone},
		{name: "code", answer: func(t *testing.T, address string) string {
			u, err := url.Parse(answerOf(t, address))
			if err != nil {
				t.Error(err)
			}
			return u.Query().Get("code")
		}, code: exitDone},
		{name: "other state", answer: func(t *testing.T, address string) string {
			return strings.Replace(answerOf(t, address), "state=", "state=x", 1)
		}, code: exitFailed, says: "another attempt"},
		{name: "denied", answer: answerOf, before: (*fakeforce.Org).RevokeAccess, code: exitFailed, says: "press Allow"},
		{name: "bad code", answer: func(*testing.T, string) string { return "aPrxNotACode" }, code: exitFailed, says: "run `crmsync connect` again"},
		{name: "nothing", answer: func(*testing.T, string) string { return "" }, code: exitFailed, says: "paste the whole address"},
		{name: "sandbox", opts: fakeforce.Options{Sandbox: true}, answer: answerOf, code: exitFailed, says: "salesforce.allow_sandbox"},
		{name: "edition", opts: fakeforce.Options{Edition: "Group Edition"}, answer: answerOf, code: exitFailed, says: "API add-on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newBrowserSite(t, tt.opts)
			if tt.before != nil {
				tt.before(s.org)
			}
			in, typed := io.Pipe()
			p := newPerson(func(address string) {
				_, _ = io.WriteString(typed, tt.answer(t, address)+"\n")
				_ = typed.Close()
			})
			code, out := s.run(t.Context(), in, p, "connect", "--paste")
			printed := p.end(t)
			if code != tt.code || !strings.Contains(printed, tt.says) {
				t.Fatalf("exit code %d\n%s%s", code, out, printed)
			}
			_, err := os.Stat(filepath.Join(s.dir, grant.FileName))
			if (err == nil) != (code == exitDone) {
				t.Errorf("the stored token: %v", err)
			}
			if tt.code != exitDone && s.org.Sessions() != 0 {
				t.Errorf("%d sessions are left behind", s.org.Sessions())
			}
		})
	}
}

func TestConnectRefusesAtOnce(t *testing.T) {
	s := newBrowserSite(t, fakeforce.Options{})
	taken, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"other flow", []string{"--set", "salesforce.flow=jwt"}, exitUsage, "needs no connect"},
		{"clear text", []string{"--set", "salesforce.login_url=http://login.salesforce.com", "--paste"}, exitUsage, "not a TLS address"},
		{"no app", []string{"--set", "salesforce.client_id=", "--paste"}, exitUsage, "client id"},
		{"no key", []string{"--set", "snapshots.key_file="}, exitUsage, "snapshots.key_file"},
		{"port", []string{"--port", "0"}, exitUsage, "--port"},
		{"port taken", nil, exitFailed, "--paste"},
		{"nobody comes", []string{"--paste", "--timeout", "1ns"}, exitFailed, "--timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			silent, _ := io.Pipe()
			var stderr bytes.Buffer
			root := newRoot(io.Discard, &stderr)
			root.SetArgs(append(append([]string{"connect"}, s.args...), tt.args...))
			root.SetIn(silent)
			err := root.ExecuteContext(t.Context())
			if got := exitCode(err); got != tt.code || err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("exit code %d, error %v", got, err)
			}
		})
	}
}
