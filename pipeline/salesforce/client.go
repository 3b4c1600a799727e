package salesforce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Client talks to one org. It is safe for concurrent use; Close it when done.
type Client struct {
	cfg   Config
	http  *http.Client
	books ledger

	logins singleflight.Group

	mu      sync.Mutex
	current *session

	// refreshing is held while a refresh token is with the org; closed forbids it from then on.
	refreshing sync.Mutex
	closed     bool
}

// New checks the configuration; nothing is sent yet.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport(cfg.Timeout)
	}
	return &Client{
		cfg: cfg, http: &http.Client{Transport: transport, CheckRedirect: checkRedirect},
	}, nil
}

// newTransport keeps a few connections to the org open. Compression is asked for and undone by the calls, which can then tell
// a cut stream from its end.
func newTransport(timeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   30 * time.Second,
		ResponseHeaderTimeout: timeout,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true,
	}
}

// checkRedirect follows an org that moved to another instance, never to clear text.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("redirected too often")
	}
	return checkSecure(req.URL)
}

// Close frees idle connections. A refresh token that is with the org is waited for, at most for the configured timeout: a program that
// ended now would lose the token that comes in its place.
func (c *Client) Close() {
	c.refreshing.Lock()
	c.closed = true
	c.refreshing.Unlock()
	c.http.CloseIdleConnections()
}

// Instance is the base address of the org, without a path; it logs in if need be.
func (c *Client) Instance(ctx context.Context) (string, error) {
	s, err := c.session(ctx)
	if err != nil {
		return "", err
	}
	return s.instance.Scheme + "://" + s.instance.Host, nil
}

// APIVersion is the version that every call uses, such as 66.0.
func (c *Client) APIVersion() string { return c.cfg.APIVersion }

// data is the path of a versioned resource.
func (c *Client) data(path string) string { return "/services/data/v" + c.cfg.APIVersion + path }

// resolve turns the path of a call, or an address that the org itself named, into an absolute URL on the session's instance.
func resolve(s *session, ref string) (*url.URL, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, errors.New("the org named an address that can't be read")
	}
	u = s.instance.ResolveReference(u)
	if u.Host != s.instance.Host || u.Scheme != s.instance.Scheme {
		return nil, fmt.Errorf("the org named an address on another host, %s", u.Host)
	}
	return u, nil
}

// ServerTime is the org's clock, cut to the second, as told by its Date header. It costs no API call.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	r, err := c.read(ctx, &call{op: "ask for the time", kind: KindVersions, method: http.MethodGet, url: "/services/data"})
	if err != nil {
		return time.Time{}, err
	}
	t, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("ask for the time: the org's answer has no Date header: %w", err)
	}
	return t.UTC(), nil
}
