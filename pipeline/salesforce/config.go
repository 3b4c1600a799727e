package salesforce

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Flow is how the integration user logs in (R1).
type Flow string

// The flows. FlowRefreshToken uses what the web-server flow left.
const (
	FlowJWT               Flow = "jwt"
	FlowClientCredentials Flow = "client_credentials"
	FlowRefreshToken      Flow = "refresh_token"
)

// Config says which org to talk to, as whom, and within which bounds. Zero durations and counts take the defaults named.
type Config struct {
	// LoginURL is https://login.salesforce.com, https://test.salesforce.com or the org's My Domain.
	LoginURL string
	// APIVersion is used for every call, such as "66.0".
	APIVersion string
	// ClientID is the consumer key of the External Client App.
	ClientID string
	// Username is the integration user's, for the JWT flow.
	Username string
	Flow     Flow
	// PrivateKey is the RSA key of the JWT flow, PEM-encoded (PKCS #1 or #8).
	PrivateKey   Secret
	ClientSecret Secret
	// Tokens holds the refresh token that the web-server flow left.
	Tokens TokenStore
	// Audience of the JWT; by default the login or test host that LoginURL belongs to, or LoginURL itself.
	Audience string

	// AllowSandbox permits an org that is a sandbox (R5).
	AllowSandbox bool
	// Reserve is how many API calls of the org's daily allowance are left untouched.
	Reserve int64

	// Timeout of a call, and of a pause within an answer: default 2 min.
	Timeout time.Duration
	// PageTimeout is the longest that one result page may take: default 30 min.
	PageTimeout time.Duration
	// JobTimeout is the longest that a query job is waited for: default 4 h.
	JobTimeout time.Duration
	// Attempts is how often a call is tried at most while failures look passing: default 6.
	Attempts int

	// Transport replaces the default HTTP transport.
	Transport http.RoundTripper
	// Sleep replaces waiting; it returns early with the context's error.
	Sleep func(ctx context.Context, d time.Duration) error
	// Log takes notes of retries and logins; nil discards them.
	Log *slog.Logger
}

// TokenStore keeps a refresh token that several processes use; package grant has one on disk.
type TokenStore interface {
	// Exchange calls swap with the token while nobody else uses the store. Doubtful says that the outcome of an earlier swap is not
	// known. The token that swap returns is kept for good before Exchange returns, also when swap fails; no token and an error
	// leave the old one, in doubt; no token and no error remove it.
	Exchange(ctx context.Context, swap func(current Secret, doubtful bool) (Secret, error)) error
}

// ErrInsecure says that an address would be talked to in clear text (R3).
var ErrInsecure = errors.New("not a TLS address; use https (plain http is for loopback hosts only)")

var versionForm = regexp.MustCompile(`^[1-9][0-9]\.0$`)

func (c Config) withDefaults() Config {
	if c.APIVersion == "" {
		c.APIVersion = "66.0"
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	if c.PageTimeout == 0 {
		c.PageTimeout = 30 * time.Minute
	}
	if c.JobTimeout == 0 {
		c.JobTimeout = 4 * time.Hour
	}
	if c.Attempts == 0 {
		c.Attempts = 6
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.LoginURL = strings.TrimRight(c.LoginURL, "/")
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Validate reports every mistake at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(field, format string, args ...any) { errs = append(errs, fmt.Errorf(field+": "+format, args...)) }
	if _, err := secureURL(c.LoginURL); err != nil {
		bad("login url", "%q: %w", c.LoginURL, err)
	}
	if !versionForm.MatchString(c.APIVersion) {
		bad("api version", "%q is not like 66.0", c.APIVersion)
	}
	if c.ClientID == "" {
		bad("client id", "missing; it is the consumer key of the External Client App")
	}
	switch c.Flow {
	case FlowJWT:
		if c.Username == "" {
			bad("username", "missing; the JWT flow acts for the integration user")
		}
		if err := checkKey(c.PrivateKey); err != nil {
			bad("private key", "%w", err)
		}
	case FlowClientCredentials:
		if c.ClientSecret.Empty() {
			bad("client secret", "missing; the client credentials flow needs it")
		}
	case FlowRefreshToken:
		if c.Tokens == nil {
			bad("token store", "missing; the refresh token is kept there")
		}
	default:
		bad("flow", "%q is not known; use %s, %s or %s", c.Flow, FlowJWT, FlowClientCredentials, FlowRefreshToken)
	}
	if c.Reserve < 0 {
		bad("reserve", "%d is negative", c.Reserve)
	}
	if c.Timeout < 0 || c.PageTimeout < 0 || c.JobTimeout < 0 || c.Attempts < 0 {
		bad("timeouts", "negative")
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("salesforce config: %w", err)
	}
	return nil
}

// checkKey parses the key without keeping it. The parser's own error is dropped: it may quote the input.
func checkKey(key Secret) error {
	if key.Empty() {
		return errors.New("missing; the JWT flow signs with it")
	}
	der := []byte(key.Reveal())
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return nil
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
		return errors.New("not an RSA key in PEM form; make one with `openssl genrsa -out salesforce.key 2048`")
	}
	return nil
}

// audience is what the JWT is addressed to: Salesforce wants the login or the test host, whatever host is called.
func (c Config) audience() string {
	if c.Audience != "" {
		return c.Audience
	}
	u, err := url.Parse(c.LoginURL)
	if err != nil || isLoopback(u.Hostname()) {
		return c.LoginURL
	}
	host := u.Hostname()
	switch {
	case host == "test.salesforce.com", strings.Contains(host, ".sandbox.my.salesforce.com"):
		return "https://test.salesforce.com"
	case strings.HasSuffix(host, ".salesforce.com"):
		return "https://login.salesforce.com"
	default:
		return c.LoginURL
	}
}

// secureURL parses an absolute address and refuses clear text unless it stays on this machine.
func secureURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, errors.New("not an absolute address such as https://login.salesforce.com")
	}
	return u, checkSecure(u)
}

func checkSecure(u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s://%s: %w", u.Scheme, u.Host, ErrInsecure)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
