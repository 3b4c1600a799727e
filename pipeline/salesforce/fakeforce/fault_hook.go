package fakeforce

import (
	"net/http"
	"slices"
	"strings"
	"sync"
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

// Fired returns how often each of the faults has happened, in the order in which they were given.
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
func (o *Org) due(call Call) (list []Fault) {
	object := call.Object
	if object == "" && call.JobID != "" {
		object = o.jobs.objectOf(call.JobID)
	}
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	for _, p := range o.faults.all {
		if !p.about(call, object) {
			continue
		}
		if p.seen++; p.seen >= p.At && (p.Times < 0 || p.seen < p.At+p.Times) {
			p.fired++
			list = append(list, p.Fault)
		}
	}
	return list
}

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

// faulty lets the faults that are due at a call happen to it. Of several that take the place of the answer, the first one does.
func (o *Org) faulty(w http.ResponseWriter, r *http.Request, call Call, next http.Handler) {
	list := o.due(call)
	if text := r.Header.Get(FaultHeader); text != "" && call.Kind != KindAdmin {
		f, err := ParseFault(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		list = append(list, f)
	}
	for _, f := range list {
		o.log.Debug("fault", "fault", f.String(), "call", string(call.Kind), "n", call.N, "job", call.JobID)
		if before := faultKinds[f.Kind].before; before != nil {
			if err := before(o, f, call); err != nil {
				o.log.Warn("fault had nothing to work on", "fault", f.String(), "error", err)
			}
		}
	}
	for _, f := range list {
		if answer := faultKinds[f.Kind].answer; answer != nil {
			answer(o, f, w, r, next)
			return
		}
	}
	next.ServeHTTP(w, r)
}
