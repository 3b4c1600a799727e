package fakeforce

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// mishaps are faults that come and go: whoever repeats what failed gets what there is in the end.
var mishaps = []string{
	"drop", "lose", "cut", "cut=1", "cut=40", "status=500", "status=503", "status=503,1", "status=429,2", "status=429", "html", "html=503", "expire", "expire-mid",
	"stall=1ms", "skew=2h", "truncate", "lose-rows", "lose-rows=3", "count=1", "count=-1", "count=5", "duplicate-page", "short-page", "short-page=2", "job-failed", "job-gone",
	"edit=Contact", "edit=Account", "delete=Lead", "delete=Contact",
}

// calamities stop a run for good or spoil what it reads; what they did has to be put right, see Org.Mend, before another one ends well.
var calamities = []string{"revoke", "quota", "job-aborted", "job-stuck", "locator*", "hide=Contact.Phone", "hide=Lead.LastName"}

// RandomFaults draws a schedule of n faults. The same seed gives the same schedule. One in eight holds a calamity.
func RandomFaults(seed uint64, n int) []Fault {
	rnd := rand.New(rand.NewPCG(seed, 0x666f726365))
	list := make([]Fault, 0, n)
	for range n {
		list = append(list, drawn(rnd, mishaps))
	}
	if n > 0 && rnd.IntN(8) == 0 {
		list[rnd.IntN(n)] = drawn(rnd, calamities)
	}
	return list
}

func drawn(rnd *rand.Rand, from []string) Fault {
	text := from[rnd.IntN(len(from))]
	f, err := ParseFault(text)
	if err != nil {
		panic(fmt.Sprintf("fakeforce: %s", err)) // the lists above are tested
	}
	if kind := faultKinds[f.Kind]; len(kind.on) == 0 {
		at := []Kind{KindDescribe, KindQuery, KindQueryCreate, KindQueryStatus, KindQueryResults, KindQueryResults, KindQueryPages, KindQueryEnd, KindLimits}
		f.On = at[rnd.IntN(len(at))]
	}
	if !slices.Contains(calamities, text) && rnd.IntN(3) == 0 && f.Kind != "edit" && f.Kind != "delete" && f.Kind != "skew" {
		f.Times = 2
	}
	f.At = 1 + min(rnd.IntN(4), rnd.IntN(8)) // runs make few calls of a kind
	return f
}

// Mend puts right what faults did to the org: access is restored, the allowance of API calls is free again, hidden fields are shown. The
// clock stays where it is, and so do records.
func (o *Org) Mend() {
	o.RestoreAccess()
	_, allowance := o.APIUsage()
	o.SetDailyAPIRequests(allowance, 0)
	o.faults.mu.Lock()
	hid := o.faults.hid
	o.faults.hid = nil
	o.faults.mu.Unlock()
	for _, name := range hid {
		object, field, _ := strings.Cut(name, ".")
		if err := o.ShowField(object, field); err != nil {
			o.log.Warn("a hidden field is not shown", "error", err) // not so: it was there to be hidden
		}
	}
}

// WideFields are n custom text fields, for objects that are as wide as some in old orgs.
func WideFields(n int) []Field {
	list := make([]Field, n)
	for i := range list {
		list[i] = Field{Name: fmt.Sprintf("Wide_%04d__c", i), Type: TypeString, Length: 255}
	}
	return list
}
