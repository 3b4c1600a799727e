package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/oauth2"
)

// ErrTokenLost says that a refresh token was refused whose last use has no known outcome.
var ErrTokenLost = errors.New("the refresh token is no longer good: Salesforce may have replaced it in an answer that was lost on the way, " +
	"or access was revoked; run `crmsync connect` again")

var errClosed = errors.New("log in: the client is closed")

// refresh makes one attempt to get a session with the stored refresh token. What the org gives in its place is kept before the session is
// used. The attempt runs to its end, or to its deadline, even if the caller gives up: its answer may hold the only good token.
func (c *Client) refresh(ctx context.Context) (*session, error) {
	c.refreshing.Lock()
	defer c.refreshing.Unlock()
	if c.closed {
		return nil, errClosed
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.http)
	var s *session
	err := c.cfg.Tokens.Exchange(ctx, func(current Secret, doubtful bool) (Secret, error) {
		began := time.Now()
		token, err := c.cfg.oauth().TokenSource(ctx, &oauth2.Token{RefreshToken: current.Reveal()}).Token()
		if err != nil {
			certain := unchanged(err)
			err = c.loginError(err, began)
			if doubtful && errors.Is(err, ErrRevoked) {
				err = fmt.Errorf("log in: %w", ErrTokenLost)
			}
			if !certain {
				return Secret{}, err
			}
			return current, err
		}
		next := current
		if token.RefreshToken != "" {
			next = NewSecret(token.RefreshToken)
		}
		s, err = accept(token)
		return next, err
	})
	if err != nil {
		return nil, fmt.Errorf("use the refresh token: %w", err)
	}
	return s, nil
}

// unchanged reports whether a failed use of a refresh token certainly left it as it was: the org refused, or was never reached.
func unchanged(err error) bool {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		_, isJSON := parseError(&call{}, 0, refused.Body)
		return isJSON && refused.Response != nil && !passingStatus(refused.Response.StatusCode)
	}
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}
