package salesforce

import (
	"encoding/json"
	"testing"
)

// FuzzAnswers feeds what an org, or something in its place, may say outside of rows: errors and headers.
func FuzzAnswers(f *testing.F) {
	f.Add(`[{"errorCode":"A_B","message":"m","fields":["F"]}]`, 400)
	f.Add(`{"error":"invalid_grant","error_description":"expired"}`, 400)
	f.Add("api-usage=10018/100000; api-bursts=1/750", 503)
	f.Add("", 404)
	f.Fuzz(func(t *testing.T, text string, status int) {
		e, ok := parseError(&call{op: "query"}, status, []byte(text))
		if ok && text != "" && !json.Valid([]byte(text)) {
			t.Errorf("%q is taken for JSON", text)
		}
		if e.Error() == "" || !e.HasCode(e.Code) {
			t.Errorf("error %q", e)
		}
		if used, most, ok := parseLimitInfo(text); ok && most <= 0 {
			t.Errorf("%q: %d of %d", text, used, most)
		}
	})
}

func TestParseLimitInfo(t *testing.T) {
	for text, want := range map[string][2]int64{
		"api-usage=10018/100000; api-bursts=1/750":             {10018, 100000},
		"api-usage=7/15000":                                    {7, 15000},
		"per-app-api-usage=17/250(appName=x), api-usage=1/100": {1, 100},
	} {
		if used, most, ok := parseLimitInfo(text); !ok || used != want[0] || most != want[1] {
			t.Errorf("%q: %d of %d, %t", text, used, most, ok)
		}
	}
	for _, text := range []string{"", "api-usage=", "api-usage=x/y", "api-usage=1/0", "api-bursts=1/750"} {
		if used, most, ok := parseLimitInfo(text); ok {
			t.Errorf("%q: %d of %d", text, used, most)
		}
	}
}
