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

// FuzzInstant feeds dates as the log of deleted records writes them: what is taken says the same when it is written again.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{`"2026-01-02T03:04:05.000+0000"`, `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.123+02:00"`, `null`, `""`, `5`, `"soon"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var at, again instant
		if err := json.Unmarshal(text, &at); err != nil || at.IsZero() {
			return
		}
		if y := at.Year(); y < 0 || y > 9999 {
			return // an offset moved it out of the years that can be written
		}
		if err := json.Unmarshal([]byte(at.Format(`"2006-01-02T15:04:05.999999999Z07:00"`)), &again); err != nil || !again.Equal(at.Time) {
			t.Errorf("%s: %s, again %s, error %v", text, at, again, err)
		}
	})
}
