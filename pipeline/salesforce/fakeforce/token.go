package fakeforce

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// The grant types of the token endpoint.
const (
	grantJWT         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	grantCredentials = "client_credentials"
	grantRefresh     = "refresh_token"
	grantCode        = "authorization_code"
)

// oauthError is an answer of the token endpoint, which has a shape of its own.
type oauthError struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func denied(code, description string) *oauthError {
	return &oauthError{http.StatusBadRequest, code, description}
}

var (
	errClientID     = denied("invalid_client_id", "client identifier invalid")
	errClientSecret = denied("invalid_client", "invalid client credentials")
	errStaleGrant   = denied("invalid_grant", "expired access/refresh token")
	errNotApproved  = denied("invalid_app_access", "user is not admin approved to access this app")
)

// tokenAnswer is what a login returns. There is no expires_in: Salesforce does not say when a session ends.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Signature    string `json:"signature"`
	Scope        string `json:"scope"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	TokenType    string `json:"token_type"`
	IssuedAt     string `json:"issued_at"`
	APIInstance  string `json:"api_instance_url,omitempty"`
}

func (o *Org) serveToken(q *request) *apiError {
	q.w.Header().Set("Cache-Control", "no-cache, no-store")
	q.r.Body = http.MaxBytesReader(q.w, q.r.Body, 1<<20)
	if err := q.r.ParseForm(); err != nil {
		writeJSON(q.w, http.StatusBadRequest, denied("invalid_request", "the form cannot be read"))
		return nil
	}
	answer, oerr := o.token(q.r)
	if oerr != nil {
		o.log.Info("login refused", "grant_type", q.r.PostForm.Get("grant_type"), "error", oerr.Code)
		writeJSON(q.w, oerr.status, oerr)
		return nil
	}
	writeJSON(q.w, http.StatusOK, answer)
	return nil
}

func (o *Org) token(r *http.Request) (*tokenAnswer, *oauthError) {
	var refresh string
	var oerr *oauthError
	switch r.PostForm.Get("grant_type") {
	case grantJWT:
		oerr = o.checkAssertion(r)
	case grantCredentials:
		oerr = o.checkClient(r, true)
	case grantRefresh:
		refresh, oerr = o.useRefreshToken(r)
	case grantCode:
		refresh, oerr = o.useCode(r)
	case "":
		return nil, denied("unsupported_grant_type", "grant type not supported")
	case "password":
		// The username-password flow is blocked in new orgs.
		return nil, denied("invalid_grant", "authentication failure")
	default:
		return nil, denied("unsupported_grant_type", "grant type not supported")
	}
	if oerr != nil {
		return nil, oerr
	}
	o.auth.mu.Lock()
	barred := o.auth.denied
	o.auth.mu.Unlock()
	if barred {
		return nil, errNotApproved
	}
	return o.answer(r, refresh), nil
}

// answer opens a session and describes it.
func (o *Org) answer(r *http.Request, refresh string) *tokenAnswer {
	now := o.now()
	s := o.auth.open(o.orgID, refresh, now)
	base := baseURL(r)
	a := &tokenAnswer{
		AccessToken: s.token, InstanceURL: base, ID: base + "/id/" + o.orgID + "/" + o.userID, TokenType: "Bearer",
		IssuedAt: strconv.FormatInt(now.UnixMilli(), 10), Scope: "api", APIInstance: base,
	}
	if refresh != "" {
		a.Scope = "refresh_token api"
		if r.PostForm.Get("grant_type") == grantCode || o.opts.RotateRefreshTokens {
			a.RefreshToken = refresh
		}
	}
	mac := hmac.New(sha256.New, []byte(o.opts.ClientSecret))
	mac.Write([]byte(a.ID + a.IssuedAt))
	a.Signature = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return a
}

// checkClient verifies the client's id, and its secret when one is needed or given. HTTP Basic stands in for the form.
func (o *Org) checkClient(r *http.Request, needSecret bool) *oauthError {
	id, key := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, key = user, pass
	}
	if id == "" || id != o.opts.ClientID {
		return errClientID
	}
	if key == "" && !needSecret {
		return nil
	}
	if o.opts.ClientSecret == "" || subtle.ConstantTimeCompare([]byte(key), []byte(o.opts.ClientSecret)) != 1 {
		return errClientSecret
	}
	return nil
}

// useRefreshToken verifies a refresh token and rotates it if the org does.
func (o *Org) useRefreshToken(r *http.Request) (string, *oauthError) {
	if oerr := o.checkClient(r, false); oerr != nil {
		return "", oerr
	}
	token := r.PostForm.Get("refresh_token")
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	if !o.auth.grants[token] {
		return "", errStaleGrant
	}
	if !o.opts.RotateRefreshTokens {
		return token, nil
	}
	delete(o.auth.grants, token)
	fresh := secret("5Aep")
	o.auth.grants[fresh] = true
	return fresh, nil
}

// useCode exchanges an authorization code.
func (o *Org) useCode(r *http.Request) (string, *oauthError) {
	if oerr := o.checkClient(r, false); oerr != nil {
		return "", oerr
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	value := r.PostForm.Get("code")
	c, ok := o.auth.codes[value]
	delete(o.auth.codes, value)
	switch {
	case !ok:
		return "", denied("invalid_grant", "invalid authorization code")
	case o.opts.AuthClock().After(c.expires):
		return "", denied("invalid_grant", "expired authorization code")
	case c.redirect != r.PostForm.Get("redirect_uri"):
		return "", denied("redirect_uri_mismatch", "redirect_uri must match configuration")
	case c.challenge == "" && r.PostForm.Get("client_secret") == "":
		if _, _, basic := r.BasicAuth(); !basic {
			return "", errClientSecret
		}
	case c.challenge != "" && c.challenge != challengeOf(r.PostForm.Get("code_verifier")):
		return "", denied("invalid_grant", "invalid code verifier")
	}
	token := secret("5Aep")
	o.auth.grants[token] = true
	return token, nil
}

// challengeOf is the S256 transformation of PKCE (RFC 7636).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// codeLifetime is how long an authorization code is good for.
const codeLifetime = 15 * time.Minute
