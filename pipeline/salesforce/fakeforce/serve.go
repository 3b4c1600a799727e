package fakeforce

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The API versions that the org speaks.
const (
	minVersion = 31
	maxVersion = 66
	// resultPagesVersion brought parallel result pages.
	resultPagesVersion = 58
)

// maxBody bounds a request's JSON body; uploads of CSV have their own bound.
const maxBody = 50 << 20

// maxURI is the length that a request's address may have, in bytes; longer ones do not reach the API.
const maxURI = 16_384

// request is one call on its way through the org.
type request struct {
	w    http.ResponseWriter
	r    *http.Request
	call Call
	// args are the path's variable segments in order; version is that of a data request.
	args    []string
	version int
	session *session
}

// route is one resource: a method and a path whose segments are literal or "*". Data routes lie under
// /services/data/vXX.0/, need a session and are counted against the org's allowance.
type route struct {
	method string
	path   []string
	kind   Kind
	data   bool
	serve  func(*request) *apiError
}

func (o *Org) routeTable() []route {
	data := func(method, path string, kind Kind, serve func(*request) *apiError) route {
		return route{method, splitPath(path), kind, true, serve}
	}
	plain := func(method, path string, kind Kind, serve func(*request) *apiError) route {
		return route{method, splitPath(path), kind, false, serve}
	}
	return slices.Concat([]route{
		plain("POST", "services/oauth2/token", KindToken, o.serveToken),
		plain("GET", "services/oauth2/authorize", KindOAuth, o.serveAuthorize),
		plain("POST", "services/oauth2/revoke", KindOAuth, o.serveRevoke),
		plain("GET", "services/oauth2/revoke", KindOAuth, o.serveRevoke),
		plain("GET", "services/oauth2/userinfo", KindOAuth, o.serveUserInfo),
		plain("POST", "services/oauth2/userinfo", KindOAuth, o.serveUserInfo),
		plain("GET", "services/data", KindVersions, o.serveVersions),

		data("GET", "", KindVersions, o.serveResources),
		data("GET", "limits", KindLimits, o.serveLimits),
		data("GET", "query", KindQuery, o.serveQuery),
		data("GET", "queryAll", KindQuery, o.serveQueryAll),
		data("GET", "query/*", KindQuery, o.serveMore),
		data("GET", "queryAll/*", KindQuery, o.serveMore),
		data("GET", "sobjects", KindDescribe, o.serveGlobal),
		data("GET", "sobjects/*", KindDescribe, o.serveBasic),
		data("POST", "sobjects/*", KindRecord, o.serveInsert),
		data("GET", "sobjects/*/describe", KindDescribe, o.serveDescribe),
		data("GET", "sobjects/*/deleted", KindChanges, o.serveDeleted),
		data("GET", "sobjects/*/updated", KindChanges, o.serveUpdated),
		data("GET", "sobjects/*/*", KindRecord, o.serveGet),
		data("PATCH", "sobjects/*/*", KindRecord, o.serveUpdate),
		data("DELETE", "sobjects/*/*", KindRecord, o.serveDelete),
		data("PATCH", "sobjects/*/*/*", KindRecord, o.serveUpsert),
		data("POST", "composite/sobjects", KindCollections, o.serveInsertMany),
		data("PATCH", "composite/sobjects", KindCollections, o.serveUpdateMany),
		data("PATCH", "composite/sobjects/*/*", KindCollections, o.serveUpsertMany),
		data("DELETE", "composite/sobjects", KindCollections, o.serveDeleteMany),
		data("GET", "composite/sobjects/*", KindCollections, o.serveGetMany),
		data("POST", "composite/sobjects/*", KindCollections, o.serveGetMany),
	}, o.queryJobRoutes(data), o.ingestRoutes(data), o.adminRoutes(plain))
}

func splitPath(p string) []string {
	p = strings.Trim(p, "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// match compares a path with the route's and returns the variable segments.
func (rt *route) match(path []string) ([]string, bool) {
	if len(path) != len(rt.path) {
		return nil, false
	}
	var args []string
	for i, seg := range rt.path {
		switch {
		case seg == "*":
			args = append(args, path[i])
		case !strings.EqualFold(seg, path[i]):
			return nil, false
		}
	}
	return args, true
}

// ServeHTTP answers as the org.
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", o.now().Format(http.TimeFormat))
	q := &request{w: w, r: r, call: Call{Kind: KindUnknown}}
	serve := o.find(q)
	n, hooks := o.hooks.count(q.call.Kind)
	q.call.N = n
	var next http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q.w, q.r = w, r
		if err := serve(q); err != nil {
			writeError(q.w, err)
		}
	})
	org := next
	next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.faulty(w, r, q.call, org) })
	for _, h := range hooks {
		inner := next
		next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.hook(w, r, q.call, inner) })
	}
	next.ServeHTTP(w, r)
}

// find chooses what answers the request and fills in what the path says.
func (o *Org) find(q *request) func(*request) *apiError {
	if len(q.r.RequestURI) > maxURI {
		return func(q *request) *apiError {
			http.Error(q.w, "<html><head><title>Error 431</title></head><body>URI too long</body></html>", http.StatusRequestHeaderFieldsTooLarge)
			return nil
		}
	}
	path := splitPath(q.r.URL.Path)
	data := false
	version, verr := 0, (*apiError)(nil)
	if len(path) >= 3 && path[0] == "services" && path[1] == "data" {
		version, verr = parseVersion(path[2])
		path, data = path[3:], true
	}
	var allowed []string
	for i := range o.routes {
		rt := &o.routes[i]
		if rt.data != data {
			continue
		}
		args, ok := rt.match(path)
		if !ok {
			continue
		}
		if rt.method != q.r.Method && !(q.r.Method == http.MethodHead && rt.method == http.MethodGet) {
			allowed = append(allowed, rt.method)
			continue
		}
		q.args, q.version = args, version
		q.call = Call{Kind: rt.kind}
		if len(args) > 0 {
			if path[0] == "jobs" {
				q.call.JobID = args[0]
			} else if path[0] == "sobjects" || path[0] == "composite" {
				q.call.Object = args[0]
			}
		}
		if !data {
			return rt.serve
		}
		return func(q *request) *apiError { return o.admit(q, verr, rt.serve) }
	}
	if len(allowed) > 0 {
		return func(*request) *apiError {
			return failf(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are %s", q.r.Method, strings.Join(allowed, ","))
		}
	}
	if data {
		return func(q *request) *apiError {
			return o.admit(q, verr, func(*request) *apiError { return errNotFound })
		}
	}
	return func(*request) *apiError { return errNotFound }
}

// admit checks version, session, edition and allowance of a data request, in Salesforce's order, and counts it.
func (o *Org) admit(q *request, verr *apiError, serve func(*request) *apiError) *apiError {
	if verr != nil {
		return verr
	}
	s, aerr := o.auth.session(q.r, o.now(), o.opts.SessionTimeout)
	if aerr != nil {
		q.w.Header().Set("WWW-Authenticate", `Token realm="fakeforce"`)
		return aerr
	}
	q.session = s
	if o.opts.APIDisabled {
		return failf(http.StatusForbidden, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
	}
	aerr = o.usage.call(o.now())
	q.w.Header().Set("Sforce-Limit-Info", o.usage.header())
	if aerr != nil {
		return aerr
	}
	return serve(q)
}

// parseVersion reads a path segment such as v66.0.
func parseVersion(seg string) (int, *apiError) {
	digits, ok := strings.CutPrefix(seg, "v")
	major, isZero := strings.CutSuffix(digits, ".0")
	n, err := strconv.Atoi(major)
	switch {
	case !ok || !isZero || err != nil || n < 20 || n > maxVersion:
		return 0, errNotFound
	case n < minVersion:
		return 0, failf(http.StatusGone, "UNSUPPORTED_API_VERSION", "This API version is retired and is no longer available: %s", seg)
	}
	return n, nil
}

// baseURL is the org's own address as the client sees it.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// body reads the request's body, unpacked when it is compressed.
func (q *request) body(most int64) ([]byte, *apiError) {
	var in io.Reader = http.MaxBytesReader(q.w, q.r.Body, most)
	if strings.EqualFold(q.r.Header.Get("Content-Encoding"), "gzip") {
		zr, err := gzip.NewReader(in)
		if errors.Is(err, io.EOF) {
			return nil, nil // some clients declare gzip on requests without a body
		}
		if err != nil {
			return nil, failf(http.StatusBadRequest, "MALFORMED_REQUEST", "the body is not gzip: %s", err)
		}
		in = io.LimitReader(zr, most+1)
	}
	b, err := io.ReadAll(in)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || int64(len(b)) > most {
		return nil, failf(http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE", "the body is larger than %d bytes", most)
	}
	if err != nil {
		return nil, failf(http.StatusBadRequest, "MALFORMED_REQUEST", "the body cannot be read: %s", err)
	}
	return b, nil
}

// json reads the request's body into v.
func (q *request) json(v any) *apiError {
	b, aerr := q.body(maxBody)
	if aerr != nil {
		return aerr
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		return failf(http.StatusBadRequest, "JSON_PARSER_ERROR", "%s", jsonComplaint(err))
	}
	if dec.More() {
		return failf(http.StatusBadRequest, "JSON_PARSER_ERROR", "the body holds more than one value")
	}
	return nil
}

func jsonComplaint(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%s at [line:1, column:%d]", syntax, syntax.Offset)
	}
	if errors.Is(err, io.EOF) {
		return "No content to map to Object due to end of input"
	}
	return err.Error()
}
