package fakeforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// assertion signs claims; a nil value takes a claim away.
func assertion(t *testing.T, key *rsa.PrivateKey, method jwt.SigningMethod, change map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": clientID, "sub": username, "aud": "https://login.salesforce.com", "exp": time.Now().Add(3 * time.Minute).Unix(),
	}
	for k, v := range change {
		if v == nil {
			delete(claims, k)
			continue
		}
		claims[k] = v
	}
	var signer any = key
	if method == jwt.SigningMethodHS256 {
		signer = []byte(secret)
	}
	s, err := jwt.NewWithClaims(method, claims).SignedString(signer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJWTBearer(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	cases := []struct {
		name   string
		key    *rsa.PrivateKey
		method jwt.SigningMethod
		change map[string]any
		code   string
		text   string
	}{
		{name: "right"},
		{name: "test host", change: map[string]any{"aud": "https://test.salesforce.com"}},
		{name: "own url", change: map[string]any{"aud": c.url}},
		{name: "several audiences", change: map[string]any{"aud": []string{"x", c.url}}},
		{name: "exp as text", change: map[string]any{"exp": strconv.FormatInt(now.Add(5*time.Minute).Unix(), 10)}},
		{name: "exp with fraction", change: map[string]any{"exp": float64(now.Add(time.Minute).Unix()) + 0.5}},
		{name: "a little late", change: map[string]any{"exp": now.Add(-10 * time.Second).Unix()}},
		{name: "expired", change: map[string]any{"exp": now.Add(-2 * time.Minute).Unix()}, code: "invalid_grant", text: "expired"},
		{name: "an hour ahead", change: map[string]any{"exp": now.Add(time.Hour).Unix()}, code: "invalid_grant", text: "too far"},
		{name: "no exp", change: map[string]any{"exp": nil}, code: "invalid_grant", text: "invalid assertion"},
		{name: "wrong audience", change: map[string]any{"aud": "https://example.com"}, code: "invalid_grant", text: "audience is invalid"},
		{name: "no audience", change: map[string]any{"aud": nil}, code: "invalid_grant", text: "audience is invalid"},
		{name: "wrong user", change: map[string]any{"sub": "someone@example.com"}, code: "invalid_grant", text: "user hasn't approved this consumer"},
		{name: "wrong client", change: map[string]any{"iss": "someone"}, code: "invalid_client_id", text: "client identifier invalid"},
		{name: "wrong key", key: stranger, code: "invalid_grant", text: "invalid assertion"},
		{name: "wrong algorithm", method: jwt.SigningMethodHS256, code: "invalid_grant", text: "invalid assertion"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			key, method := testKey, jwt.SigningMethod(jwt.SigningMethodRS256)
			if tc.key != nil {
				key = tc.key
			}
			if tc.method != nil {
				method = tc.method
			}
			status, body := c.form("/services/oauth2/token", url.Values{
				"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion(t, key, method, tc.change)},
			})
			if tc.code != "" {
				if status != 400 || body["error"] != tc.code || !strings.Contains(body["error_description"].(string), tc.text) {
					t.Fatalf("%d %v", status, body)
				}
				return
			}
			if status != 200 {
				t.Fatalf("%d %v", status, body)
			}
			if _, has := body["expires_in"]; has {
				t.Error("the answer has expires_in")
			}
			if body["instance_url"] != c.url || body["token_type"] != "Bearer" || body["issued_at"] != strconv.FormatInt(epoch.UnixMilli(), 10) {
				t.Errorf("answer: %v", body)
			}
			c.token = body["access_token"].(string)
			c.text(200, "GET", "limits", "")
		})
	}
}

func TestTokenErrors(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	cases := []struct {
		name string
		form url.Values
		code string
	}{
		{"no grant type", url.Values{}, "unsupported_grant_type"},
		{"unknown grant type", url.Values{"grant_type": {"device"}}, "unsupported_grant_type"},
		{"password", url.Values{"grant_type": {"password"}, "username": {username}, "password": {"x"}}, "invalid_grant"},
		{"no client", url.Values{"grant_type": {"client_credentials"}}, "invalid_client_id"},
		{"wrong secret", url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {"x"}}, "invalid_client"},
		{"no assertion", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}}, "invalid_request"},
		{"unknown refresh token", url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {"x"}}, "invalid_grant"},
		{"unknown code", url.Values{"grant_type": {"authorization_code"}, "client_id": {clientID}, "code": {"x"}}, "invalid_grant"},
	}
	for _, tc := range cases {
		if status, body := c.form("/services/oauth2/token", tc.form); status != 400 || body["error"] != tc.code {
			t.Errorf("%s: %d %v, want %s", tc.name, status, body, tc.code)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", c.url+"/services/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(clientID, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("HTTP Basic: %d", resp.StatusCode)
	}
}

// authorize runs the browser's part of the web-server flow and returns what came back to the callback.
func authorize(t *testing.T, c *client, verifier string) url.Values {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	resp := c.do("GET", "/services/oauth2/authorize?"+url.Values{
		"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {"http://127.0.0.1:1717/callback"}, "state": {"st"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode(), "")
	to, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	if to.Host != "127.0.0.1:1717" || to.Query().Get("state") != "st" {
		t.Fatalf("sent back to %s", to)
	}
	return to.Query()
}

func exchange(c *client, code, verifier string) (int, map[string]any) {
	return c.form("/services/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {clientID}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {"http://127.0.0.1:1717/callback"},
	})
}

func TestWebServerFlow(t *testing.T) {
	for _, rotate := range []bool{false, true} {
		c := newClient(t, fakeforce.Options{RotateRefreshTokens: rotate})
		const verifier = "a-verifier-of-at-least-forty-three-characters"
		if status, body := exchange(c, authorize(t, c, verifier).Get("code"), "another"); status != 400 || body["error_description"] != "invalid code verifier" {
			t.Fatalf("wrong verifier: %d %v", status, body)
		}
		code := authorize(t, c, verifier).Get("code")
		status, body := exchange(c, code, verifier)
		if status != 200 || body["refresh_token"] == nil {
			t.Fatalf("exchange: %d %v", status, body)
		}
		if status, _ := exchange(c, code, verifier); status != 400 {
			t.Error("a code was good twice")
		}
		first := body["refresh_token"].(string)
		refresh := func(token string) (int, map[string]any) {
			return c.form("/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "client_secret": {secret}, "refresh_token": {token}})
		}
		c.org.ExpireTokens()
		status, body = refresh(first)
		if status != 200 || (body["refresh_token"] != nil) != rotate {
			t.Fatalf("refresh: %d %v", status, body)
		}
		c.token = body["access_token"].(string)
		c.text(200, "GET", "limits", "")
		if status, _ = refresh(first); (status == 200) == rotate {
			t.Errorf("rotate %v: the old refresh token gave %d", rotate, status)
		}
		current := first
		if rotate {
			current = body["refresh_token"].(string)
		}
		if status, _ := c.form("/services/oauth2/revoke", url.Values{"token": {current}}); status != 200 {
			t.Errorf("revoke: %d", status)
		}
		c.fails(401, "INVALID_SESSION_ID", "GET", "limits", "")
		if status, body = refresh(current); status != 400 || body["error"] != "invalid_grant" {
			t.Errorf("refresh after revoke: %d %v", status, body)
		}
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	for query, want := range map[string]string{
		"response_type=code&client_id=x&redirect_uri=http://127.0.0.1/":                                                         "invalid_client_id",
		"response_type=code&client_id=" + clientID + "&redirect_uri=https://example.com/":                                       "redirect_uri_mismatch",
		"response_type=token&client_id=" + clientID + "&redirect_uri=http://localhost/cb":                                       "error=unsupported_response_type",
		"response_type=code&code_challenge=x&code_challenge_method=plain&client_id=" + clientID + "&redirect_uri=http://[::1]/": "error=invalid_request",
	} {
		resp := c.do("GET", "/services/oauth2/authorize?"+query, "")
		got := resp.Header.Get("Location")
		if resp.StatusCode == 400 {
			var body map[string]string
			decode(t, resp, &body)
			got = body["error"]
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %d %s, want %s", query, resp.StatusCode, got, want)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock, SessionTimeout: time.Hour})
	c.text(200, "GET", "limits", "")
	clock.Advance(59 * time.Minute)
	c.text(200, "GET", "limits", "") // use keeps it alive
	clock.Advance(59 * time.Minute)
	c.text(200, "GET", "limits", "")
	clock.Advance(time.Hour)
	if msg := c.fails(401, "INVALID_SESSION_ID", "GET", "limits", ""); msg != "Session expired or invalid" {
		t.Error(msg)
	}
	c.login()
	c.org.ExpireTokens()
	c.fails(401, "INVALID_SESSION_ID", "GET", "limits", "")
	c.login()
	c.org.RevokeAccess()
	c.fails(401, "INVALID_SESSION_ID", "GET", "limits", "")
	status, body := c.form("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}})
	if status != 400 || body["error"] != "invalid_app_access" {
		t.Errorf("login after revocation: %d %v", status, body)
	}
	c.org.RestoreAccess()
	c.login()
	var info map[string]any
	c.json(200, "GET", "/services/oauth2/userinfo", "", &info)
	if info["preferred_username"] != username || info["user_id"] != c.org.UserID() || info["organization_id"] != c.org.OrgID() {
		t.Errorf("userinfo: %v", info)
	}
}
