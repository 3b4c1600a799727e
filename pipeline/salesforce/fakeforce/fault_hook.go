package fakeforce

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

// FaultHeader asks for a fault at the request that carries it.
const FaultHeader = "X-Fakeforce-Fault"

// Faults are faults that an org has been given.
type Faults struct {
	org  *Org
	list []*pending
}

// pending is a fault and how often it could happen, and did.
type pending struct {
	Fault
	seen, fired int
}

// faultList holds the faults of an org.
type faultList struct {
	mu  sync.Mutex
	all []*pending
	hid []string // OBJECT.FIELD
}

// AddFaults makes faults happen from now on, besides those given before.
func (o *Org) AddFaults(list ...Fault) *Faults {
	added := &Faults{org: o}
	for _, f := range list {
		added.list = append(added.list, &pending{Fault: f})
	}
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	o.faults.all = append(o.faults.all, added.list...)
	return added
}

// Remove keeps the faults from happening any more. What they did to the org stays.
func (x *Faults) Remove() {
	o := x.org
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	o.faults.all = slices.DeleteFunc(o.faults.all, func(p *pending) bool { return slices.Contains(x.list, p) })
}

// Fired returns how often each of the faults has happened, in the order in which they were given. One that was due but found nothing
// to work on, such as rows to lose in a page without rows, has not.
func (x *Faults) Fired() []int {
	x.org.faults.mu.Lock()
	defer x.org.faults.mu.Unlock()
	n := make([]int, len(x.list))
	for i, p := range x.list {
		n[i] = p.fired
	}
	return n
}

// due returns the faults that happen at a call.
func (o *Org) due(r *http.Request, call Call) (list []*pending) {
	o.faults.mu.Lock()
	idle := len(o.faults.all) == 0
	o.faults.mu.Unlock()
	if idle {
		return nil
	}
	object := o.objectOf(r, call)
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	for _, p := range o.faults.all {
		if !p.about(call, object) {
			continue
		}
		if p.seen++; p.seen >= p.At && (p.Times < 0 || p.seen < p.At+p.Times) {
			list = append(list, p)
		}
	}
	return list
}

// objectOf returns the object that a call is about: that of its path, its job or its statement; "" for none.
func (o *Org) objectOf(r *http.Request, call Call) string {
	switch {
	case call.Object != "":
		return call.Object
	case call.JobID != "":
		return o.jobs.objectOf(call.JobID)
	}
	text := ""
	switch call.Kind {
	case KindQuery:
		text = r.URL.Query().Get("q")
	case KindQueryCreate:
		body, err := io.ReadAll(io.LimitReader(r.Body, maxStatement))
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
		var in jobRequest
		if err == nil && json.Unmarshal(body, &in) == nil {
			text = in.Query
		}
	}
	if q, err := soql.Parse(text); text != "" && err == nil {
		return q.Object
	}
	return ""
}

// maxStatement is the longest request for a query that is looked into.
const maxStatement = 1 << 20

// about reports whether a fault may happen at a call.
func (f Fault) about(call Call, object string) bool {
	if f.Object != "" && !strings.EqualFold(f.Object, object) {
		return false
	}
	if f.On != "" {
		return f.On == call.Kind
	}
	if on := faultKinds[f.Kind].on; len(on) > 0 {
		return slices.Contains(on, call.Kind)
	}
	return call.Kind != KindToken && call.Kind != KindOAuth && call.Kind != KindAdmin
}

// fire counts a fault that happens.
func (o *Org) fire(p *pending) {
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	p.fired++
}

// faulty lets the faults that are due at a call happen to it. Of several that take the place of the answer or spoil it, the first one does.
func (o *Org) faulty(w http.ResponseWriter, r *http.Request, call Call, next http.Handler) {
	list := o.due(r, call)
	if text := r.Header.Get(FaultHeader); text != "" && call.Kind != KindAdmin {
		f, err := ParseFault(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		list = append(list, &pending{Fault: f})
	}
	for _, p := range list {
		o.log.Debug("fault", "fault", p.String(), "call", string(call.Kind), "n", call.N, "job", call.JobID)
		if before := faultKinds[p.Kind].before; before != nil {
			if err := before(o, p.Fault, call); err != nil {
				o.log.Warn("fault had nothing to work on", "fault", p.String(), "error", err)
				continue
			}
			o.fire(p)
		}
	}
	for _, p := range list {
		switch kind := faultKinds[p.Kind]; {
		case kind.answer != nil:
			o.fire(p)
			kind.answer(o, p.Fault, w, r, next)
			return
		case kind.spoil != nil:
			plain := plainText(r)
			a := record(w.Header(), plain, next)
			if a.status == http.StatusOK && kind.spoil(p.Fault, a, plain, next) {
				o.fire(p)
			} else {
				o.log.Warn("fault had nothing to work on", "fault", p.String())
			}
			a.send(w, -1)
			return
		}
	}
	next.ServeHTTP(w, r)
}
