package fakeforce

import (
	"net/http"
	"slices"
	"sync"
)

// Kind says what a request asks of the org; calls are counted and hooks decide by it.
type Kind string

// The kinds of calls.
const (
	KindToken        Kind = "token"
	KindOAuth        Kind = "oauth" // authorize, revoke, userinfo
	KindVersions     Kind = "versions"
	KindDescribe     Kind = "describe"
	KindLimits       Kind = "limits"
	KindQuery        Kind = "query"
	KindRecord       Kind = "record"  // sobjects/X, sobjects/X/id
	KindChanges      Kind = "changes" // sobjects/X/deleted, updated
	KindCollections  Kind = "collections"
	KindQueryCreate  Kind = "bulk_query_create"
	KindQueryStatus  Kind = "bulk_query_status"
	KindQueryResults Kind = "bulk_query_results"
	KindQueryPages   Kind = "bulk_query_pages"
	KindQueryEnd     Kind = "bulk_query_end" // abort, delete
	KindIngest       Kind = "bulk_ingest"
	KindAdmin        Kind = "admin"
	KindUnknown      Kind = "unknown"
)

// allKinds are the kinds of calls that faults may name.
var allKinds = []Kind{
	KindToken, KindOAuth, KindVersions, KindDescribe, KindLimits, KindQuery, KindRecord, KindChanges, KindCollections, KindQueryCreate,
	KindQueryStatus, KindQueryResults, KindQueryPages, KindQueryEnd, KindIngest, KindUnknown,
}

// Call is what the org knows of a request before it answers.
type Call struct {
	Kind Kind
	// N counts the calls of the kind from 1, this one included.
	N int
	// Object is the sObject that the path names; JobID the job.
	Object, JobID string
}

// Hook sees every request before the org does. It calls next to have the org answer, with a writer of its own if it wants
// to change the answer, or answers itself, or cuts the connection with panic(http.ErrAbortHandler).
type Hook func(w http.ResponseWriter, r *http.Request, call Call, next http.Handler)

// hookList holds the hooks in the order of their calls.
type hookList struct {
	mu    sync.Mutex
	next  int
	hooks []hookEntry
	calls map[Kind]int
}

type hookEntry struct {
	id   int
	hook Hook
}

// AddHook puts a hook in front of the org, outside those added before, and returns what takes it away again.
func (o *Org) AddHook(h Hook) (remove func()) {
	o.hooks.mu.Lock()
	defer o.hooks.mu.Unlock()
	id := o.hooks.next
	o.hooks.next++
	o.hooks.hooks = append(o.hooks.hooks, hookEntry{id, h})
	return func() {
		o.hooks.mu.Lock()
		defer o.hooks.mu.Unlock()
		o.hooks.hooks = slices.DeleteFunc(slices.Clone(o.hooks.hooks), func(e hookEntry) bool { return e.id == id })
	}
}

// count notes a call and returns its number among those of its kind, and the hooks that it passes.
func (l *hookList) count(k Kind) (int, []hookEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls == nil {
		l.calls = map[Kind]int{}
	}
	l.calls[k]++
	return l.calls[k], l.hooks
}

// Calls returns how many requests of each kind the org received since it was made or ResetCalls was called.
func (o *Org) Calls() map[Kind]int {
	o.hooks.mu.Lock()
	defer o.hooks.mu.Unlock()
	calls := make(map[Kind]int, len(o.hooks.calls))
	for k, n := range o.hooks.calls {
		calls[k] = n
	}
	return calls
}

// ResetCalls sets the counts of Calls back to zero. The org's daily usage goes on.
func (o *Org) ResetCalls() {
	o.hooks.mu.Lock()
	defer o.hooks.mu.Unlock()
	o.hooks.calls = nil
}
