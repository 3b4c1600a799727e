package fakeforce

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// The resources under /fakeforce/ are no part of Salesforce: they let another process move the clock, change rows and look
// behind the scenes. They answer loopback clients only, with the admin token if there is one.

func (o *Org) adminRoutes(plain func(string, string, Kind, func(*request) *apiError) route) []route {
	guard := func(serve func(*request) *apiError) func(*request) *apiError {
		return func(q *request) *apiError {
			if aerr := o.mayAdminister(q.r); aerr != nil {
				return aerr
			}
			return serve(q)
		}
	}
	done := func(act func()) func(*request) *apiError {
		return guard(func(q *request) *apiError { act(); q.w.WriteHeader(http.StatusNoContent); return nil })
	}
	return []route{
		plain("GET", "fakeforce/stats", KindAdmin, guard(o.serveStats)),
		plain("GET", "fakeforce/clock", KindAdmin, guard(o.serveClock)),
		plain("POST", "fakeforce/clock", KindAdmin, guard(o.serveSetClock)),
		plain("POST", "fakeforce/apply", KindAdmin, guard(o.serveApply)),
		plain("POST", "fakeforce/faults", KindAdmin, guard(o.serveFaults)),
		plain("POST", "fakeforce/mend", KindAdmin, done(o.Mend)),
		plain("POST", "fakeforce/expire-tokens", KindAdmin, done(o.ExpireTokens)),
		plain("POST", "fakeforce/revoke-access", KindAdmin, done(o.RevokeAccess)),
		plain("POST", "fakeforce/restore-access", KindAdmin, done(o.RestoreAccess)),
	}
}

func (o *Org) mayAdminister(r *http.Request) *apiError {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	if err != nil || ip == nil || !ip.IsLoopback() {
		return failf(http.StatusForbidden, "INSUFFICIENT_ACCESS", "only loopback clients may administer this org")
	}
	if o.opts.AdminToken == "" {
		return nil
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(token), []byte(o.opts.AdminToken)) != 1 {
		return failf(http.StatusForbidden, "INSUFFICIENT_ACCESS", "the admin token is wrong or missing")
	}
	return nil
}

// serveStats answers with counts of rows, calls and jobs.
func (o *Org) serveStats(q *request) *apiError {
	type rows struct {
		Live    int `json:"live"`
		Deleted int `json:"deleted"`
	}
	objects := map[string]rows{}
	for _, t := range o.order {
		live, deleted, err := o.Count(t.obj.Name)
		if err != nil {
			return failf(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", "%s", err)
		}
		objects[t.obj.Name] = rows{live, deleted}
	}
	used, allowance := o.APIUsage()
	writeJSON(q.w, http.StatusOK, map[string]any{
		"now": o.now().Format(restLayout), "objects": objects, "calls": o.Calls(), "apiUsed": used, "apiAllowance": allowance,
		"sessions": o.Sessions(), "jobs": len(o.Jobs()),
	})
	return nil
}

// serveFaults makes faults happen, a line each (see ParseFaults), in the place of those before.
func (o *Org) serveFaults(q *request) *apiError {
	body, aerr := q.body(1 << 20)
	if aerr != nil {
		return aerr
	}
	list, err := ParseFaults(string(body))
	if err != nil {
		return failf(http.StatusBadRequest, "INVALID_INPUT", "%s", err)
	}
	o.faults.mu.Lock()
	o.faults.all = nil
	o.faults.mu.Unlock()
	o.AddFaults(list...)
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (o *Org) serveClock(q *request) *apiError {
	writeJSON(q.w, http.StatusOK, map[string]string{"now": o.now().Format(restLayout)})
	return nil
}

// serveSetClock sets the clock ({"now":"2026-01-02T03:04:05Z"}) or moves it ({"advance":"12h"}).
func (o *Org) serveSetClock(q *request) *apiError {
	var in struct{ Now, Advance string }
	if aerr := q.json(&in); aerr != nil {
		return aerr
	}
	if in.Now != "" {
		t, err := parseDateTime(in.Now)
		if err != nil {
			return failf(http.StatusBadRequest, "INVALID_INPUT", "now: %s", err)
		}
		o.opts.Clock.Set(t)
	}
	if in.Advance != "" {
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return failf(http.StatusBadRequest, "INVALID_INPUT", "advance: %s", err)
		}
		o.opts.Clock.Advance(d)
	}
	return o.serveClock(q)
}

// Change is one entry of a list of changes.
type Change struct {
	Op     string         `json:"op"` // insert, update, delete, undelete, harddelete
	Object string         `json:"object"`
	ID     string         `json:"id,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
}

// Apply makes the changes in order, with the rights of the system, and returns the id of each. It stops at the first that
// fails; those before it stay made.
func (o *Org) Apply(changes []Change) ([]string, error) {
	ids := make([]string, 0, len(changes))
	for i, c := range changes {
		id, err := c.ID, error(nil)
		switch strings.ToLower(c.Op) {
		case "insert":
			fields := c.Fields
			if c.ID != "" {
				fields = map[string]any{"Id": c.ID}
				for k, v := range c.Fields {
					fields[k] = v
				}
			}
			id, err = o.Insert(c.Object, fields)
		case "update":
			err = o.Update(c.Object, c.ID, c.Fields)
		case "delete":
			err = o.Delete(c.Object, c.ID)
		case "undelete":
			err = o.Undelete(c.Object, c.ID)
		case "harddelete":
			err = o.HardDelete(c.Object, c.ID)
		default:
			err = fmt.Errorf("unknown operation %q", c.Op)
		}
		if err != nil {
			return ids, fmt.Errorf("fakeforce: change %d: %w", i, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (o *Org) serveApply(q *request) *apiError {
	var changes []Change
	if aerr := q.json(&changes); aerr != nil {
		return aerr
	}
	ids, err := o.Apply(changes)
	if err != nil {
		return failf(http.StatusBadRequest, "INVALID_INPUT", "%s", err)
	}
	writeJSON(q.w, http.StatusOK, map[string]any{"ids": ids})
	return nil
}
