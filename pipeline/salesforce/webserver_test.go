package salesforce_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func attempt(t *testing.T, cfg salesforce.Config) *salesforce.Authorization {
	t.Helper()
	a, err := salesforce.Authorize(cfg, salesforce.RedirectAddress(8917))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAddressAsksForWhatIsNeeded(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	first, second := attempt(t, b.cfg), attempt(t, b.cfg)
	u, err := url.Parse(first.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"client_id": clientID, "response_type": "code", "redirect_uri": "http://localhost:8917/callback", "code_challenge_method": "S256",
		"scope": "api refresh_token",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	other, err := url.Parse(second.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state", "code_challenge"} {
		if len(q.Get(name)) < 43 || q.Get(name) == other.Query().Get(name) {
			t.Errorf("%s %q can be guessed", name, q.Get(name))
		}
	}
	if strings.Contains(first.URL(), clientSecret) {
		t.Error("the address holds the secret")
	}
}

// TestPastedForms takes the answer in every form in which a person may paste it, and uses it.
func TestPastedForms(t *testing.T) {
	forms := map[string]func(address string) string{
		"address": func(s string) string { return s },
		"quoted":  func(s string) string { return ` "` + s + "\"\r\n" },
		"query":   func(s string) string { return s[strings.Index(s, "?")+1:] },
		"code": func(s string) string {
			u, _ := url.Parse(s)
			return u.Query().Get("code")
		},
		"escaped code": func(s string) string {
			u, _ := url.Parse(s)
			return strings.ReplaceAll(u.Query().Get("code"), "a", "%61")
		},
		"fragment": func(s string) string { return s + "#x" },
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, nil)
			a := attempt(t, b.cfg)
			code, err := a.Pasted(form(browse(t, a.URL())))
			if err != nil {
				t.Fatal(err)
			}
			if token, err := a.Exchange(t.Context(), code); err != nil || token.Empty() {
				t.Errorf("token %s, error %v", token, err)
			}
		})
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	a := attempt(t, b.cfg)
	good, err := url.Parse(browse(t, a.URL()))
	if err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) string {
		q := good.Query()
		q.Del("code")
		q.Set(name, value)
		return "http://localhost:8917/callback?" + q.Encode()
	}
	other := strings.Replace(good.String(), "state=", "state=x", 1)
	tests := []struct {
		name, pasted string
		want         error
	}{
		{"other state", other, salesforce.ErrState},
		{"no state", "http://localhost:8917/callback?code=secret-code", salesforce.ErrState},
		{"denied", with("error", "access_denied"), salesforce.ErrDenied},
		{"callback unknown", with("error", "redirect_uri_mismatch"), salesforce.ErrCallback},
		{"other error", with("error", "invalid_scope"), salesforce.ErrLogin},
		{"no code", with("x", "y"), salesforce.ErrNoCode},
		{"nothing", " \n", salesforce.ErrNoCode},
		{"words", "I pressed allow", salesforce.ErrNoCode},
		{"the address that was printed", "https://login.salesforce.com/", salesforce.ErrNoCode},
		{"bad escapes", "http://localhost:8917/callback?code=secret-code%zz", salesforce.ErrNoCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, err := a.Pasted(tt.pasted)
			if !errors.Is(err, tt.want) || !code.Empty() {
				t.Fatalf("code %s, error %v", code, err)
			}
			if strings.Contains(err.Error(), "secret-code") {
				t.Errorf("the error shows the code: %v", err)
			}
		})
	}
}

func TestExchangesThatAreRefused(t *testing.T) {
	tests := []struct {
		name  string
		opts  fakeforce.Options
		spoil func(t *testing.T, b *bench, a *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret)
		want  error
		says  string
	}{
		{name: "used before", spoil: func(t *testing.T, _ *bench, a *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			if _, err := a.Exchange(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			return a, code
		}, want: salesforce.ErrCode},
		{name: "never given", spoil: func(_ *testing.T, _ *bench, a *salesforce.Authorization, _ salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			return a, salesforce.NewSecret("secret-code")
		}, want: salesforce.ErrCode},
		{name: "of another attempt", spoil: func(t *testing.T, b *bench, _ *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			return attempt(t, b.cfg), code // PKCE: the verifier differs
		}, want: salesforce.ErrCode},
		{name: "other callback", spoil: func(t *testing.T, b *bench, _ *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			a, err := salesforce.Authorize(b.cfg, "http://localhost:1/callback")
			if err != nil {
				t.Fatal(err)
			}
			return a, code
		}, want: salesforce.ErrCallback},
		{name: "wrong secret", spoil: func(t *testing.T, b *bench, _ *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			b.cfg.ClientSecret = salesforce.NewSecret("wrong-secret-text")
			return attempt(t, b.cfg), code
		}, says: "salesforce.client_secret_file"},
		{name: "access withdrawn", spoil: func(_ *testing.T, b *bench, a *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			remove := b.org.AddHook(func(w http.ResponseWriter, _ *http.Request, _ fakeforce.Call, _ http.Handler) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":"invalid_app_access","error_description":"user is not admin approved to access this app"}`)
			})
			t.Cleanup(remove)
			return a, code
		}, want: salesforce.ErrRevoked},
		{name: "no refresh token", spoil: func(_ *testing.T, b *bench, a *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			remove := b.org.AddHook(func(w http.ResponseWriter, _ *http.Request, _ fakeforce.Call, _ http.Handler) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"access_token":"T","instance_url":"https://acme.my.salesforce.com","token_type":"Bearer"}`)
			})
			t.Cleanup(remove)
			return a, code
		}, want: salesforce.ErrNoRefresh},
		{name: "a gateway answers", spoil: func(_ *testing.T, b *bench, a *salesforce.Authorization, code salesforce.Secret) (*salesforce.Authorization, salesforce.Secret) {
			remove := b.org.AddHook(func(w http.ResponseWriter, _ *http.Request, _ fakeforce.Call, _ http.Handler) {
				http.Error(w, "<html>busy</html>", http.StatusBadGateway)
			})
			t.Cleanup(remove)
			return a, code
		}, says: "502"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.opts, nil)
			a := attempt(t, b.cfg)
			code, err := a.Pasted(browse(t, a.URL()))
			if err != nil {
				t.Fatal(err)
			}
			a, code = tt.spoil(t, b, a, code)
			token, err := a.Exchange(t.Context(), code)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v", err)
			}
			for _, hidden := range []string{code.Reveal(), clientSecret, "wrong-secret-text"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
			if !token.Empty() {
				t.Error("a token came with the error")
			}
		})
	}
}

// TestAuthorizeWantsTLS refuses clear text to anything but this machine (R3), and a callback elsewhere.
func TestAuthorizeWantsTLS(t *testing.T) {
	tests := []struct {
		login, redirect string
		want            error
	}{
		{"http://login.salesforce.com", salesforce.RedirectAddress(1), salesforce.ErrInsecure},
		{"http://10.0.0.7", salesforce.RedirectAddress(1), salesforce.ErrInsecure},
		{"http://localhost.example.com", salesforce.RedirectAddress(1), salesforce.ErrInsecure},
		{"ftp://login.salesforce.com", salesforce.RedirectAddress(1), salesforce.ErrInsecure},
		{"https://login.salesforce.com", "http://elsewhere.example/callback", salesforce.ErrInsecure},
		{"https://login.salesforce.com", "https://elsewhere.example/callback", nil},
	}
	for _, tt := range tests {
		_, err := salesforce.Authorize(salesforce.Config{LoginURL: tt.login, ClientID: clientID}, tt.redirect)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s, %s: error %v", tt.login, tt.redirect, err)
		}
	}
	for _, login := range []string{"https://login.salesforce.com", "http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"} {
		if _, err := salesforce.Authorize(salesforce.Config{LoginURL: login, ClientID: clientID}, salesforce.RedirectAddress(1)); err != nil {
			t.Errorf("%s: %v", login, err)
		}
	}
}

// listen prepares an attempt whose answer comes to this machine.
func listen(t *testing.T, b *bench) (*salesforce.Callback, *salesforce.Authorization) {
	t.Helper()
	cb, err := salesforce.ListenCallback(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cb.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := salesforce.Authorize(b.cfg, cb.Redirect())
	if err != nil {
		t.Fatal(err)
	}
	return cb, a
}

// visit goes to an address, following redirects, and returns the page.
func visit(t *testing.T, address string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return r.StatusCode, string(b)
}

// TestBrowserBringsTheCode follows the browser from the printed address to the token, past answers that are not of this attempt.
func TestBrowserBringsTheCode(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	cb, a := listen(t, b)
	_, forged := listen(t, b)
	browser := make(chan string, 3)
	go func() {
		status, text := visit(t, a.Redirect()+"?code=stolen&state=guessed")
		if status != http.StatusBadRequest {
			t.Errorf("forged answer: status %d", status)
		}
		browser <- text
		if status, _ := visit(t, strings.Replace(a.Redirect(), "/callback", "/favicon.ico", 1)); status != http.StatusNotFound {
			t.Errorf("another page: status %d", status)
		}
		status, text = visit(t, a.URL())
		if status != http.StatusOK {
			t.Errorf("answer: status %d", status)
		}
		browser <- text
	}()
	var ignored []error
	code, err := cb.Wait(t.Context(), a, func(err error) { ignored = append(ignored, err) })
	if err != nil {
		t.Fatal(err)
	}
	if len(ignored) != 1 || !errors.Is(ignored[0], salesforce.ErrState) {
		t.Errorf("ignored %v", ignored)
	}
	if text := <-browser; !strings.Contains(text, "another attempt") || strings.Contains(text, "stolen") {
		t.Errorf("page of the forged answer: %s", text)
	}
	if text := <-browser; !strings.Contains(text, "granted access") || strings.Contains(text, code.Reveal()) {
		t.Errorf("page: %s", text)
	}
	if _, err := forged.Exchange(t.Context(), code); err == nil {
		t.Error("another attempt could use the code")
	}
	// The code is spent by then, as Salesforce does it.
	if _, err := a.Exchange(t.Context(), code); !errors.Is(err, salesforce.ErrCode) {
		t.Errorf("error %v", err)
	}
}

// TestStrangeAnswersAreAllTold holds the listener up until the code has come, too: what came before it is told all the same.
func TestStrangeAnswersAreAllTold(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	cb, a := listen(t, b)
	const strange = 8
	served := make(chan struct{})
	go func() {
		defer close(served)
		for range strange {
			visit(t, a.Redirect()+"?code=stolen&state=guessed")
		}
		visit(t, a.URL())
	}()
	told := 0
	code, err := cb.Wait(t.Context(), a, func(error) {
		<-served
		told++
	})
	if err != nil || told != strange {
		t.Errorf("%d of %d strange answers were told, error %v", told, strange, err)
	}
	if _, err := a.Exchange(t.Context(), code); err != nil {
		t.Error(err)
	}
}

func TestBrowserBringsARefusal(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	b.org.RevokeAccess()
	cb, a := listen(t, b)
	page := make(chan string, 1)
	go func() {
		_, text := visit(t, a.URL())
		page <- text
	}()
	if _, err := cb.Wait(t.Context(), a, func(error) {}); !errors.Is(err, salesforce.ErrDenied) {
		t.Errorf("error %v", err)
	}
	if text := <-page; !strings.Contains(text, "Not connected") {
		t.Errorf("page: %s", text)
	}
}

func TestWaitingForTheBrowserEnds(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	cb, a := listen(t, b)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("nobody came in 5 minutes"))
	_, err := cb.Wait(ctx, a, func(error) {})
	if err == nil || !strings.Contains(err.Error(), "nobody came in 5 minutes") || !strings.Contains(err.Error(), "--paste") {
		t.Errorf("error %v", err)
	}
	// The port is free again.
	u, err := url.Parse(cb.Redirect())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := salesforce.ListenCallback(t.Context(), l.Addr().(*net.TCPAddr).Port); err == nil || !strings.Contains(err.Error(), "--port") {
		t.Errorf("a taken port: %v", err)
	}
}

// FuzzPasted pastes anything: there is a code or an error, never both, and the error does not quote it.
func FuzzPasted(f *testing.F) {
	a, err := salesforce.Authorize(salesforce.Config{LoginURL: "https://login.salesforce.com", ClientID: clientID}, salesforce.RedirectAddress(1))
	if err != nil {
		f.Fatal(err)
	}
	u, err := url.Parse(a.URL())
	if err != nil {
		f.Fatal(err)
	}
	state := url.QueryEscape(u.Query().Get("state"))
	f.Add("http://localhost:1/callback?code=aPrx%3D%3D&state=" + state)
	f.Add("http://localhost:1/callback?error=access_denied&error_description=end-user%20denied%1b%5b2J&state=" + state)
	f.Add("code=x&state=" + state)
	f.Add("aPrxYz.1==")
	f.Add("https://login.salesforce.com/")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := a.Pasted(text)
		if (err == nil) == code.Empty() {
			t.Errorf("code %q, error %v", code.Reveal(), err)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("the error would steer a terminal: %q", err)
		}
	})
}
