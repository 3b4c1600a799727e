package fakeforce

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"time"
)

// session is a login: the access token that stands for it is the key under which it is kept.
type session struct {
	token   string
	refresh string // the refresh token that it came from, if any
	used    time.Time
}

// code is an authorization code, good for one exchange.
type code struct {
	redirect  string
	challenge string
	expires   time.Time
}

// sessions keeps the logins of the one user that the org knows.
type sessions struct {
	mu     sync.Mutex
	live   map[string]*session
	grants map[string]bool // refresh tokens; each lives until it is revoked or rotated
	codes  map[string]code
	// denied says that an administrator has withdrawn the app's access.
	denied bool
}

func (s *sessions) init() {
	s.live, s.grants, s.codes = map[string]*session{}, map[string]bool{}, map[string]code{}
}

func secret(prefix string) string {
	b := make([]byte, 60)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// open starts a session.
func (s *sessions) open(orgID, refresh string, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	ss := &session{token: secret(orgID[:15] + "!AQ"), refresh: refresh, used: now}
	s.live[ss.token] = ss
	return ss
}

// session finds the session of a request and notes its use.
func (s *sessions) session(r *http.Request, now time.Time, idle time.Duration) (*session, *apiError) {
	auth := r.Header.Get("Authorization")
	if auth == "" {
		return nil, errSession
	}
	scheme, token, ok := strings.Cut(auth, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth") {
		return nil, failf(http.StatusUnauthorized, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ss, ok := s.live[strings.TrimSpace(token)]
	if !ok {
		return nil, errSession
	}
	if now.Sub(ss.used) >= idle {
		delete(s.live, ss.token)
		return nil, errSession
	}
	ss.used = now
	return ss, nil
}

// revoke ends an access token's session, or a refresh token with every session that came from it.
func (s *sessions) revoke(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ss, ok := s.live[token]; ok {
		delete(s.live, token)
		if ss.refresh != "" {
			delete(s.grants, ss.refresh)
		}
		return true
	}
	if !s.grants[token] {
		return false
	}
	delete(s.grants, token)
	for t, ss := range s.live {
		if ss.refresh == token {
			delete(s.live, t)
		}
	}
	return true
}

// ExpireTokens ends all sessions, as time does: the next data request gets 401 INVALID_SESSION_ID, and logging in again or
// refreshing helps.
func (o *Org) ExpireTokens() {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	clear(o.auth.live)
}

// RevokeAccess withdraws the app's access, as an administrator does: sessions and refresh tokens end and no flow logs in
// until RestoreAccess.
func (o *Org) RevokeAccess() {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	clear(o.auth.live)
	clear(o.auth.grants)
	clear(o.auth.codes)
	o.auth.denied = true
}

// RestoreAccess undoes RevokeAccess for logins from now on.
func (o *Org) RestoreAccess() {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	o.auth.denied = false
}

// Sessions is the number of live sessions.
func (o *Org) Sessions() int {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	return len(o.auth.live)
}
