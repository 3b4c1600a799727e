package reference

import (
	"slices"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	if got := FormalNames("bill"); !slices.Contains(got, "william") {
		t.Errorf("bill is short for %q", got)
	}
	if got := FormalNames("zzyzx"); got != nil {
		t.Errorf("unknown name is short for %q", got)
	}
	if s := SurnameShare("smith"); s < 0.005 || s > 0.01 {
		t.Errorf("share of smith %v", s)
	}
	if !FreeMail("gmail.com") || FreeMail("example.com") {
		t.Error("free mail: gmail.com is, example.com is not")
	}
	for name, want := range map[string]int{"walmart inc": 1, "siemens aktiengesellschaft": 1, "muller gmbh co kg": 3, "walmart": 0} {
		if got := LegalForm(strings.Fields(name)); got != want {
			t.Errorf("LegalForm(%s) = %d, want %d", name, got, want)
		}
	}
	for name, want := range map[string]string{"germany": "DE", "deutschland": "DE", "usa": "US", "allemagne": "DE", "de": "DE", "nowhere": ""} {
		if got := Country(name); got != want {
			t.Errorf("Country(%s) = %q, want %q", name, got, want)
		}
	}
	if a, b := Region("california", ""), Region("ca", "US"); a != "US-CA" || b != a {
		t.Errorf("California is %q and %q", a, b)
	}
	p := Places("cologne")
	if len(p) == 0 || p[0].Country != "DE" || p[0].Lat < 50.9 || p[0].Lat > 51 {
		t.Errorf("Cologne is %+v", p)
	}
	if k := Places("koln"); len(k) == 0 || k[0] != p[0] {
		t.Errorf("Köln is %+v", k)
	}
}
