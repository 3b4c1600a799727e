package salesforce

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
)

// What can go wrong in a web-server flow. Each text says what to do.
var (
	ErrDenied = errors.New("access was not granted; log in as the integration user and press Allow, " +
		"or ask an administrator to permit the External Client App for that user")
	ErrState     = errors.New("the answer belongs to another attempt; use the address that this one printed")
	ErrNoCode    = errors.New("the answer holds no code; paste the whole address that the browser was sent to, or the code in it")
	ErrCode      = errors.New("the code is not good: it was used before, or is too old; run `crmsync connect` again")
	ErrCallback  = errors.New("the app does not know the callback address; enter it in the app's OAuth settings exactly as it is printed here")
	ErrNoRefresh = errors.New("the app gives no refresh token; add the scope `Perform requests at any time (refresh_token, offline_access)` to it")
)

// Authorization is one attempt at the web-server flow: a person logs in with a browser, the browser brings a code back, and the code is
// exchanged for a refresh token (RFC 6749, section 4.1, with PKCE, RFC 7636).
type Authorization struct {
	cfg      Config
	conf     *oauth2.Config
	http     *http.Client
	verifier string
	state    string
}

// Authorize prepares an attempt. The redirect address, where the browser brings the code, must be one on this machine.
func Authorize(cfg Config, redirect string) (*Authorization, error) {
	cfg.Flow = FlowRefreshToken
	if cfg.Tokens == nil {
		cfg.Tokens = noTokens{}
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	u, err := secureURL(redirect)
	if err != nil {
		return nil, fmt.Errorf("redirect address: %w", err)
	}
	if !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("redirect address %s is not on this machine", redirect)
	}
	conf := cfg.oauth()
	conf.RedirectURL = redirect
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport(cfg.Timeout)
	}
	return &Authorization{
		cfg: cfg, conf: conf, http: &http.Client{Transport: transport, CheckRedirect: checkRedirect},
		verifier: oauth2.GenerateVerifier(), state: oauth2.GenerateVerifier(),
	}, nil
}

// noTokens stands where a configuration has no store yet.
type noTokens struct{}

func (noTokens) Exchange(context.Context, func(Secret, bool) (Secret, error)) error {
	return errors.New("no token store")
}

// URL is where the person goes, to log in anew: a browser may hold the session of somebody else. It holds nothing that must be hidden.
func (a *Authorization) URL() string {
	return a.conf.AuthCodeURL(a.state, oauth2.S256ChallengeOption(a.verifier), oauth2.SetAuthURLParam("prompt", "login"))
}

// Redirect is where the browser brings the code.
func (a *Authorization) Redirect() string { return a.conf.RedirectURL }

// Code takes the code out of the query of the redirect address.
func (a *Authorization) Code(answer url.Values) (Secret, error) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(a.state)) != 1 {
		return Secret{}, fmt.Errorf("authorize: %w", ErrState)
	}
	if code := answer.Get("error"); code != "" {
		err := fmt.Errorf("authorize: %s: %s", clean(code), clean(answer.Get("error_description")))
		switch code {
		case "access_denied", "immediate_unsuccessful":
			return Secret{}, fmt.Errorf("%w; %w", err, ErrDenied)
		case "redirect_uri_mismatch":
			return Secret{}, fmt.Errorf("%w; %w", err, ErrCallback)
		default:
			return Secret{}, fmt.Errorf("%w; %w", err, ErrLogin)
		}
	}
	code := answer.Get("code")
	if code == "" {
		return Secret{}, fmt.Errorf("authorize: %w", ErrNoCode)
	}
	return NewSecret(code), nil
}

// clean keeps what an address said from filling the terminal or steering it.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200])
	}
	return s
}

// Pasted takes the code out of what a person pasted: the whole redirect address, its query, or the code alone. A code alone comes
// without a state; then PKCE keeps out codes of other attempts.
func (a *Authorization) Pasted(text string) (Secret, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	if text == "" || strings.ContainsAny(text, " \t\r\n") {
		return Secret{}, fmt.Errorf("authorize: %w", ErrNoCode)
	}
	_, query, isAddress := strings.Cut(text, "?")
	if !isAddress && (strings.Contains(text, "code=") || strings.Contains(text, "error=")) {
		query, isAddress = text, true
	}
	if isAddress {
		query, _, _ = strings.Cut(query, "#")
		answer, err := url.ParseQuery(query)
		if err != nil {
			return Secret{}, fmt.Errorf("authorize: %w", ErrNoCode) // the cause quotes the code
		}
		return a.Code(answer)
	}
	if strings.Contains(text, "://") {
		return Secret{}, fmt.Errorf("authorize: %w", ErrNoCode)
	}
	if plain, err := url.QueryUnescape(text); err == nil && strings.Contains(text, "%") {
		text = plain // copied out of an address bar
	}
	return NewSecret(text), nil
}

// Exchange gives the code away for a refresh token. A code is good for one exchange, so it is not repeated.
func (a *Authorization) Exchange(ctx context.Context, code Secret) (Secret, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, a.http), a.cfg.Timeout)
	defer cancel()
	defer a.http.CloseIdleConnections()
	token, err := a.conf.Exchange(ctx, code.Reveal(), oauth2.VerifierOption(a.verifier))
	if err != nil {
		return Secret{}, exchangeError(err)
	}
	if _, err := accept(token); err != nil {
		return Secret{}, err
	}
	if token.RefreshToken == "" {
		return Secret{}, fmt.Errorf("authorize: %w", ErrNoRefresh)
	}
	return NewSecret(token.RefreshToken), nil
}

func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return fmt.Errorf("exchange the code: %w; run `crmsync connect` again", err)
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	e, ok := parseError(&call{op: "exchange the code"}, status, refused.Body)
	if !ok {
		return fmt.Errorf("exchange the code: the answer is of status %d and no JSON; run `crmsync connect` again", status)
	}
	decision := ErrLogin
	switch {
	case e.HasCode("redirect_uri_mismatch"):
		decision = ErrCallback
	case e.HasCode("invalid_client"), e.HasCode("invalid_client_credentials"):
		decision = errors.New("the app wants its secret, or another one; set salesforce.client_secret_file")
	case e.HasCode("invalid_grant"):
		decision = ErrCode
	case e.HasCode("invalid_app_access"), e.HasCode("inactive_user"), e.HasCode("inactive_org"):
		decision = ErrRevoked
	}
	return fmt.Errorf("exchange the code: %s: %s: %w", e.Code, clean(e.Message), decision)
}

// RedirectAddress is the callback address on this machine with the port, as the app's OAuth settings must have it.
func RedirectAddress(port int) string {
	return "http://" + net.JoinHostPort("localhost", strconv.Itoa(port)) + callbackPath
}
