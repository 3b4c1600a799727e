package fakeforce

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong, on the way or in the org. It is written as
//
//	KIND[=VALUE][@CALLS][/OBJECT][#N][*TIMES]
//
// such as `cut`, `status=503,2#3`, `drop@query*4` or `edit=Contact@bulk_query_results/Account#2`. CALLS is a Kind of calls, OBJECT the
// object that they are about; without CALLS it happens to the calls that the kind is about. It happens at the N-th such call (the first
// without N), and at TIMES calls from then on (one without TIMES; `*` alone is all of them).
type Fault struct {
	Kind   string
	Value  string
	On     Kind
	Object string
	At     int
	Times  int // -1 is for ever
}

// faultKind is what is known of a kind of faults.
type faultKind struct {
	about string // what happens, for help
	value string // what the value is, "" when there is none; in brackets when it may be left out
	on    []Kind // calls that it happens to, unless the fault says; none means all but logins
	// check refuses values.
	check func(value string) error
	// before happens before the org answers; answer takes the place of its answer; spoil changes it, false when there was nothing to change.
	before func(o *Org, f Fault, call Call) error
	answer func(o *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler)
	spoil  func(f Fault, a *recorded, r *http.Request, next http.Handler) bool
}

var results = []Kind{KindQueryResults}

// faultKinds are the kinds by name.
var faultKinds = map[string]faultKind{
	"drop":           {about: "the connection breaks before the org gets to work", answer: drop},
	"lose":           {about: "the org does its work, and the connection breaks before it answers", answer: lose},
	"cut":            {about: "the connection breaks in the middle of the answer", value: "[BYTES]", on: results, check: isNumber, answer: cut},
	"stall":          {about: "half of the answer comes, and then nothing", value: "[DURATION]", on: results, check: isDuration, answer: stall},
	"status":         {about: "an error with a status", value: "STATUS[,RETRY-AFTER]", check: isStatus, answer: refuse},
	"html":           {about: "something on the way answers with a web page", value: "[STATUS]", check: isStatus, answer: webPage},
	"expire":         {about: "the session ends", before: func(o *Org, _ Fault, _ Call) error { o.ExpireTokens(); return nil }},
	"expire-mid":     {about: "the connection breaks in the middle of the answer, and the session ends", on: results, answer: cutAndExpire},
	"revoke":         {about: "an administrator withdraws the app's access", before: func(o *Org, _ Fault, _ Call) error { o.RevokeAccess(); return nil }},
	"locator":        {about: "the page's locator is not known any more", on: results, answer: lostLocator},
	"truncate":       {about: "the text of the page ends in the middle of a row, and the answer is whole", on: results, spoil: truncateText},
	"lose-rows":      {about: "the last rows of the page are missing", value: "[ROWS]", on: results, check: isNumber, spoil: loseRows},
	"short-page":     {about: "the last rows of the page are missing, and the page's count agrees", value: "[ROWS]", on: results, check: isNumber, spoil: shortPage},
	"count":          {about: "Sforce-NumberOfRecords is off", value: "DELTA", on: results, check: isDelta, spoil: wrongCount},
	"duplicate-page": {about: "the first page comes in the place of another one", on: results, spoil: duplicatePage},
	"job-failed":     {about: "the job fails", on: []Kind{KindQueryStatus}, before: onJob(func(o *Org, id string) error { return o.FailJob(id, "internal error") })},
	"job-aborted":    {about: "somebody aborts the job", on: []Kind{KindQueryStatus}, before: onJob((*Org).AbortJob)},
	"job-stuck":      {about: "the job is in progress for good", on: []Kind{KindQueryStatus}, before: onJob((*Org).HoldJob)},
	"job-gone":       {about: "somebody deletes the job", on: results, before: onJob((*Org).RemoveJob)},
	"quota":          {about: "the org's allowance of API calls is used up", before: useUp},
	"skew":           {about: "the org's clock moves", value: "DURATION", check: isDuration, before: moveClock},
	"hide":           {about: "field-level security hides a field", value: "OBJECT.FIELD", on: []Kind{KindDescribe}, check: isField, before: hideField},
	"edit":           {about: "somebody changes a record of an object", value: "OBJECT", on: results, check: isName, before: editOne},
	"delete":         {about: "somebody deletes a record of an object", value: "OBJECT", on: results, check: isName, before: deleteOne},
}

var faultForm = regexp.MustCompile(`^([a-z-]+)(?:=([^@/#*\s]+))?(?:@([a-z_]+))?(?:/([A-Za-z][A-Za-z0-9_]*))?(?:#([0-9]{1,9}))?(\*[0-9]{0,9})?$`)

// ParseFault reads a fault.
func ParseFault(s string) (Fault, error) {
	m := faultForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Fault{}, fmt.Errorf("fault %q is not of the form KIND[=VALUE][@CALLS][/OBJECT][#N][*TIMES]", s)
	}
	f := Fault{Kind: m[1], Value: m[2], On: Kind(m[3]), Object: m[4], At: 1, Times: 1}
	kind, ok := faultKinds[f.Kind]
	if !ok {
		return f, fmt.Errorf("fault %q: there is no kind %s; kinds are %s", s, f.Kind, strings.Join(slices.Sorted(maps.Keys(faultKinds)), ", "))
	}
	if f.On != "" && !slices.Contains(allKinds, f.On) {
		return f, fmt.Errorf("fault %q: there are no calls %s", s, f.On)
	}
	switch {
	case f.Value == "" && kind.value != "" && kind.value[0] != '[':
		return f, fmt.Errorf("fault %q: %s needs a value: %s=%s", s, f.Kind, f.Kind, kind.value)
	case f.Value != "" && kind.value == "":
		return f, fmt.Errorf("fault %q: %s takes no value", s, f.Kind)
	case f.Value != "":
		if err := kind.check(f.Value); err != nil {
			return f, fmt.Errorf("fault %q: %w", s, err)
		}
	}
	if m[5] != "" {
		f.At, _ = strconv.Atoi(m[5]) // nine digits at most
	}
	if times, given := strings.CutPrefix(m[6], "*"); given {
		if f.Times = -1; times != "" {
			f.Times, _ = strconv.Atoi(times)
		}
	}
	if f.At < 1 || f.Times == 0 {
		return f, fmt.Errorf("fault %q: calls are counted from 1, and it happens once at least", s)
	}
	return f, nil
}

// ParseFaults reads a schedule: a fault a line; empty lines and those that begin with # say nothing.
func ParseFaults(text string) ([]Fault, error) {
	var list []Fault
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f, err := ParseFault(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, f)
	}
	return list, nil
}

// String writes the fault as ParseFault reads it.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Kind)
	if f.Value != "" {
		b.WriteString("=" + f.Value)
	}
	if f.On != "" {
		b.WriteString("@" + string(f.On))
	}
	if f.Object != "" {
		b.WriteString("/" + f.Object)
	}
	if f.At > 1 {
		b.WriteString("#" + strconv.Itoa(f.At))
	}
	switch {
	case f.Times < 0:
		b.WriteString("*")
	case f.Times > 1:
		b.WriteString("*" + strconv.Itoa(f.Times))
	}
	return b.String()
}

// FaultHelp says what kinds of faults there are, a line each.
func FaultHelp() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(faultKinds)) {
		k := faultKinds[name]
		form := name
		if k.value != "" {
			form += strings.Replace("="+k.value, "=[", "[=", 1)
		}
		fmt.Fprintf(&b, "  %-28s %s\n", form, k.about)
	}
	return b.String()
}

func isNumber(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 1<<30 {
		return fmt.Errorf("%s is no number from 1", s)
	}
	return nil
}

func isDelta(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n == 0 || n < -1<<30 || n > 1<<30 {
		return fmt.Errorf("%s is no number other than 0", s)
	}
	return nil
}

func isDuration(s string) error {
	if d, err := time.ParseDuration(s); err != nil || d == 0 {
		return fmt.Errorf("%s is no duration such as 5s or -2h", s)
	}
	return nil
}

func isStatus(s string) error {
	status, after, given := strings.Cut(s, ",")
	if n, err := strconv.Atoi(status); err != nil || n < 200 || n > 599 {
		return fmt.Errorf("%s is no HTTP status", status)
	}
	if given {
		if n, err := strconv.Atoi(after); err != nil || n < 0 || n > 1<<20 {
			return fmt.Errorf("%s is no number of seconds", after)
		}
	}
	return nil
}

func isName(s string) error {
	if !nameForm.MatchString(s) {
		return fmt.Errorf("%s is no object", s)
	}
	return nil
}

func isField(s string) error {
	object, field, ok := strings.Cut(s, ".")
	if !ok || !nameForm.MatchString(object) || !nameForm.MatchString(field) {
		return fmt.Errorf("%s is not of the form OBJECT.FIELD", s)
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
