package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

// assertionLife is how long a login assertion is good for. Salesforce refuses more than three minutes.
const assertionLife = 3 * time.Minute

const (
	tokenPath  = "/services/oauth2/token"
	revokePath = "/services/oauth2/revoke"
	// authorizePath is where the browser goes.
	authorizePath = "/services/oauth2/authorize"
)

// session is one access token, whose it is and where it may be used.
type session struct {
	token    Secret
	instance *url.URL
	userID   string // empty when the org did not say
}

// login asks the org for a session, with the configured flow.
func (c *Client) login(ctx context.Context) (*session, error) {
	var s *session
	err := c.repeat(ctx, "log in", func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
		if err := c.books.allow(KindLogin, "", "", 0); err != nil {
			return err
		}
		if c.cfg.Flow == FlowRefreshToken {
			s, err = c.refresh(ctx)
			return err
		}
		began := time.Now()
		token, err := c.fetchToken(context.WithValue(ctx, oauth2.HTTPClient, c.http))
		if err != nil {
			return c.loginError(err, began)
		}
		s, err = accept(token)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.cfg.Log.Debug("logged in", "flow", string(c.cfg.Flow), "instance", s.instance.Host)
	return s, nil
}

func (c *Client) fetchToken(ctx context.Context) (*oauth2.Token, error) {
	tokenURL := c.cfg.LoginURL + tokenPath
	if c.cfg.Flow == FlowJWT {
		conf := &jwt.Config{
			Email: c.cfg.ClientID, Subject: c.cfg.Username, PrivateKey: []byte(c.cfg.PrivateKey.Reveal()),
			TokenURL: tokenURL, Audience: c.cfg.audience(), Expires: assertionLife,
		}
		return conf.TokenSource(ctx).Token()
	}
	conf := &clientcredentials.Config{
		ClientID: c.cfg.ClientID, ClientSecret: c.cfg.ClientSecret.Reveal(), TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams,
	}
	return conf.Token(ctx)
}

// oauth is the app as the web-server flow and its refresh tokens need it.
func (c Config) oauth() *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(),
		Endpoint: oauth2.Endpoint{AuthURL: c.LoginURL + authorizePath, TokenURL: c.LoginURL + tokenPath, AuthStyle: oauth2.AuthStyleInParams},
		Scopes:   []string{"api", "refresh_token"},
	}
}

// accept checks what the org answered.
func accept(token *oauth2.Token) (*session, error) {
	instance, ok := token.Extra("instance_url").(string)
	if !ok || token.AccessToken == "" {
		return nil, fmt.Errorf("log in: the answer names no instance_url or token: %w", ErrLogin)
	}
	u, err := secureURL(instance)
	if err != nil {
		return nil, fmt.Errorf("log in: instance_url: %w", err)
	}
	identity, _ := token.Extra("id").(string)
	return &session{token: NewSecret(token.AccessToken), instance: u, userID: userOf(identity)}, nil
}

// loginError tells a refusal for good from a passing failure. The library's own text is dropped where it quotes the answer.
func (c *Client) loginError(err error, began time.Time) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		if errors.Is(err, ErrInsecure) {
			return err
		}
		return &passing{err: fmt.Errorf("log in: %w", err)}
	}
	status := 0
	var header http.Header
	if refused.Response != nil {
		status, header = refused.Response.StatusCode, refused.Response.Header
		c.books.observe(header, began, time.Now()) // a refusal may be due to the local clock
	}
	e, ok := parseError(&call{op: "log in"}, status, refused.Body)
	if passingStatus(status) || !ok {
		return &passing{err: e, after: retryAfter(header)}
	}
	return fmt.Errorf("log in: %s: %s: %w", e.Code, e.Message, loginDecision(e))
}

// loginDecision sorts the OAuth errors: access that was taken away, or a login that never was right.
func loginDecision(e *APIError) error {
	says := func(part string) bool { return strings.Contains(strings.ToLower(e.Message), part) }
	switch {
	case says("audience"), says("assertion"), says("authorization code"):
		return ErrLogin
	case e.HasCode("invalid_grant"), e.HasCode("invalid_app_access"), e.HasCode("inactive_user"), e.HasCode("inactive_org"):
		return ErrRevoked
	case e.HasCode("api_disabled_for_org"):
		return ErrEdition
	default:
		return ErrLogin
	}
}

// session returns the current session, logging in if there is none. One login serves all who wait for it; who gives up
// waiting does not end it for the others.
func (c *Client) session(ctx context.Context) (*session, error) {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s != nil {
		return s, nil
	}
	done := c.logins.DoChan("login", func() (any, error) {
		c.mu.Lock()
		s := c.current
		c.mu.Unlock()
		if s != nil { // another login ended between the look above and this one
			return s, nil
		}
		s, err := c.login(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.current = s
		c.mu.Unlock()
		return s, nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("log in: %w", context.Cause(ctx))
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*session), nil
	}
}

// drop forgets a session that the org refused, unless another one has taken its place.
func (c *Client) drop(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == s {
		c.current = nil
	}
}

// Revoke ends the integration user's access on Salesforce's side (R2): the refresh token if there is one, which is then forgotten, else
// the session. With the JWT and client credentials flows a new login stays possible until an administrator withdraws the app's approval.
func (c *Client) Revoke(ctx context.Context) error {
	var err error
	if c.cfg.Flow == FlowRefreshToken {
		err = c.cfg.Tokens.Exchange(ctx, func(current Secret, _ bool) (Secret, error) {
			if err := c.revoke(ctx, current); err != nil {
				return current, err
			}
			return Secret{}, nil
		})
	} else {
		var s *session
		if s, err = c.session(ctx); err == nil {
			err = c.revoke(ctx, s.token)
		}
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.current = nil
	c.mu.Unlock()
	return nil
}

func (c *Client) revoke(ctx context.Context, token Secret) error {
	form := url.Values{"token": {token.Reveal()}}.Encode()
	return c.repeat(ctx, "revoke", func(ctx context.Context) error {
		_, err := c.exchange(ctx, &call{
			op: "revoke", kind: KindLogin, method: http.MethodPost, url: c.cfg.LoginURL + revokePath,
			body: []byte(form), contentType: "application/x-www-form-urlencoded", anonymous: true, plain: true,
		})
		var e *APIError
		if errors.As(err, &e) && (e.HasCode("invalid_token") || e.HasCode("unsupported_token_type")) {
			return nil // it was revoked before
		}
		return err
	})
}
