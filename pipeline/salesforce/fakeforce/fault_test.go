package fakeforce

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"drop":                               {Kind: "drop", At: 1, Times: 1},
		"cut=40@bulk_query_results/Lead#3*2": {"cut", "40", KindQueryResults, "Lead", 3, 2},
		"status=503,2*":                      {Kind: "status", Value: "503,2", At: 1, Times: -1},
		"hide=Contact.Phone":                 {Kind: "hide", Value: "Contact.Phone", At: 1, Times: 1},
		"skew=-2h@limits":                    {"skew", "-2h", KindLimits, "", 1, 1},
	} {
		f, err := ParseFault(text)
		if err != nil || f != want {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
		if f.String() != text {
			t.Errorf("%s is written %s", text, f)
		}
	}
	for text, want := range map[string]string{
		"": "form", "Drop": "form", "nonsense": "no kind", "drop=3": "no value", "status": "needs a value", "status=99": "no HTTP status", "cut=x": "no number", "cut#0": "counted from 1",
		"cut*0": "counted from 1", "drop@nothing": "no calls", "hide=Contact": "OBJECT.FIELD", "skew=5": "no duration", "count=0": "no number", "status=503,x": "no number of seconds",
	} {
		if _, err := ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := ParseFaults("# a line that says nothing\n\ncut\nnonsense\n"); err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("schedule: %v", err)
	}
}

func FuzzParseFault(f *testing.F) {
	for _, kind := range slices.Sorted(maps.Keys(faultKinds)) {
		f.Add(kind + "=5@query/Contact#2*3")
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := ParseFault(text)
		if err != nil {
			return
		}
		again, err := ParseFault(fault.String())
		if err != nil || again != fault {
			t.Errorf("%q is %+v, written %s, which is %+v, %v", text, fault, fault, again, err)
		}
	})
}

func TestRandomFaults(t *testing.T) {
	kinds := map[string]bool{}
	for seed := range uint64(400) {
		list := RandomFaults(seed, 5)
		if len(list) != 5 || !slices.Equal(list, RandomFaults(seed, 5)) {
			t.Fatalf("seed %d: %v", seed, list)
		}
		for _, f := range list {
			kinds[f.Kind] = true
			if again, err := ParseFault(f.String()); err != nil || again != f {
				t.Errorf("%s: %v", f, err)
			}
		}
	}
	for _, kind := range []string{"drop", "duplicate-page", "revoke", "edit", "job-stuck"} {
		if !kinds[kind] {
			t.Errorf("%s is never drawn", kind)
		}
	}
}

// TestFaultHeader: a request can ask for its own fault.
func TestFaultHeader(t *testing.T) {
	o, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(fault string) *http.Response {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/services/data", nil)
		r.Header.Set(FaultHeader, fault)
		o.ServeHTTP(w, r)
		return w.Result()
	}
	if got := ask("status=503,7"); got.StatusCode != 503 || got.Header.Get("Retry-After") != "7" {
		t.Errorf("%d, retry after %q", got.StatusCode, got.Header.Get("Retry-After"))
	}
	if got := ask("html"); got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%d, %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	if got := ask("nonsense"); got.StatusCode != 400 {
		t.Errorf("%d", got.StatusCode)
	}
	if got := ask(""); got.StatusCode != 200 {
		t.Errorf("%d", got.StatusCode)
	}
}
