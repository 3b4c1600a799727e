package fakeforce

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxAssertionLife is how far ahead an assertion may expire. Salesforce says three minutes; clients in the field say five.
const maxAssertionLife = 5*time.Minute + 30*time.Second

// clockSkew is how late an assertion may be.
const clockSkew = 30 * time.Second

// assertionClaims are the claims of the JWT bearer flow. exp comes as a number or as a string, aud as one value or several.
type assertionClaims struct {
	Issuer   string           `json:"iss"`
	Subject  string           `json:"sub"`
	Audience jwt.ClaimStrings `json:"aud"`
	Expires  json.RawMessage  `json:"exp"`
}

// The checks of jwt.Claims are made here, by Salesforce's rules and with its answers; the library verifies the signature.
func (assertionClaims) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (assertionClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (assertionClaims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c assertionClaims) GetIssuer() (string, error)                 { return c.Issuer, nil }
func (c assertionClaims) GetSubject() (string, error)                { return c.Subject, nil }
func (c assertionClaims) GetAudience() (jwt.ClaimStrings, error)     { return c.Audience, nil }

func (c assertionClaims) expires() (time.Time, bool) {
	raw := string(c.Expires)
	if s, err := strconv.Unquote(raw); err == nil {
		raw = s
	}
	seconds, err := strconv.ParseFloat(raw, 64)
	if err != nil || seconds < 0 || seconds > 1e11 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// checkAssertion verifies an assertion of the JWT bearer flow: signature, issuer, audience, subject, expiry.
func (o *Org) checkAssertion(r *http.Request) *oauthError {
	assertion := r.PostForm.Get("assertion")
	if assertion == "" {
		return denied("invalid_request", "missing required parameter: assertion")
	}
	if o.opts.PublicKey == nil {
		return denied("invalid_grant", "user hasn't approved this consumer")
	}
	var claims assertionClaims
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation()).ParseWithClaims(assertion, &claims,
		func(*jwt.Token) (any, error) { return o.opts.PublicKey, nil })
	// The issuer says whose key is to be used, so Salesforce complains of it first.
	if claims.Issuer != "" && claims.Issuer != o.opts.ClientID {
		return errClientID
	}
	if err != nil {
		return denied("invalid_grant", "invalid assertion")
	}
	now := o.opts.AuthClock()
	accepted := []string{"https://login.salesforce.com", "https://test.salesforce.com", baseURL(r), baseURL(r) + "/services/oauth2/token"}
	expires, ok := claims.expires()
	switch {
	case claims.Issuer == "":
		return errClientID
	case !slices.ContainsFunc(claims.Audience, func(aud string) bool { return slices.Contains(accepted, aud) }):
		return denied("invalid_grant", "audience is invalid")
	case claims.Subject != o.opts.Username:
		return denied("invalid_grant", "user hasn't approved this consumer")
	case !ok:
		return denied("invalid_grant", "invalid assertion")
	case expires.Add(clockSkew).Before(now):
		return denied("invalid_grant", "assertion has expired")
	case expires.After(now.Add(maxAssertionLife)):
		return denied("invalid_grant", "assertion expiration is too far in the future")
	}
	return nil
}
