package fakeforce

import (
	"net"
	"net/http"
	"net/url"
	"slices"
)

// serveAuthorize is the web-server flow's first step. The user, who is always logged in here, approves at once: the browser
// is sent back with a code.
func (o *Org) serveAuthorize(q *request) *apiError {
	in := q.r.URL.Query()
	redirect, err := url.Parse(in.Get("redirect_uri"))
	if in.Get("client_id") != o.opts.ClientID {
		writeJSON(q.w, http.StatusBadRequest, errClientID)
		return nil
	}
	if err != nil || !o.mayRedirect(redirect) {
		writeJSON(q.w, http.StatusBadRequest, denied("redirect_uri_mismatch", "redirect_uri must match configuration"))
		return nil
	}
	out := url.Values{}
	if state := in.Get("state"); state != "" {
		out.Set("state", state)
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	switch {
	case in.Get("response_type") != "code":
		out.Set("error", "unsupported_response_type")
		out.Set("error_description", "response type not supported")
	case in.Get("code_challenge") != "" && in.Get("code_challenge_method") != "S256":
		out.Set("error", "invalid_request")
		out.Set("error_description", "code challenge method not supported")
	case o.auth.denied:
		out.Set("error", "access_denied")
		out.Set("error_description", "end-user denied authorization")
	default:
		value := secret("aPrx")
		o.auth.codes[value] = code{
			redirect: in.Get("redirect_uri"), challenge: in.Get("code_challenge"), expires: o.opts.AuthClock().Add(codeLifetime),
		}
		out.Set("code", value)
	}
	query := redirect.Query()
	for k := range out {
		query.Set(k, out.Get(k))
	}
	redirect.RawQuery = query.Encode()
	http.Redirect(q.w, q.r, redirect.String(), http.StatusFound)
	return nil
}

// mayRedirect reports whether the address is a registered callback; without a register, whether it is on loopback.
func (o *Org) mayRedirect(u *url.URL) bool {
	if len(o.opts.RedirectURIs) > 0 {
		return slices.Contains(o.opts.RedirectURIs, u.String())
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// serveRevoke ends a token.
func (o *Org) serveRevoke(q *request) *apiError {
	q.r.Body = http.MaxBytesReader(q.w, q.r.Body, 1<<20)
	if err := q.r.ParseForm(); err != nil || !o.auth.revoke(q.r.Form.Get("token")) {
		writeJSON(q.w, http.StatusBadRequest, denied("unsupported_token_type", "this token type is not supported"))
		return nil
	}
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// serveUserInfo says who is logged in.
func (o *Org) serveUserInfo(q *request) *apiError {
	if _, aerr := o.auth.session(q.r, o.now(), o.opts.SessionTimeout); aerr != nil {
		http.Error(q.w, "Bad_OAuth_Token", http.StatusForbidden)
		return nil
	}
	user, err := o.Get("User", o.userID)
	if err != nil {
		return failf(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", "%s", err)
	}
	base := baseURL(q.r)
	writeJSON(q.w, http.StatusOK, map[string]any{
		"sub": base + "/id/" + o.orgID + "/" + o.userID, "user_id": o.userID, "organization_id": o.orgID,
		"preferred_username": user["Username"], "name": user["Name"], "email": user["Email"], "active": user["IsActive"] == "true",
		"user_type": "STANDARD", "zoneinfo": user["TimeZoneSidKey"], "urls": map[string]string{"rest": base + "/services/data/v{version}/"},
	})
	return nil
}
