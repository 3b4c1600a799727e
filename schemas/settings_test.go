package schemas

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestSettingsAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range AllSettings {
		if seen[s.Key] {
			t.Errorf("%s is defined twice", s.Key)
		}
		seen[s.Key] = true
		if !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: doc %q is no sentence", s.Key, s.Doc)
		}
		text, err := s.Format(s.Default)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := s.Parse(text); err != nil || !reflect.DeepEqual(back, s.Default) {
			t.Errorf("%s: default %v reads back as %v, %v", s.Key, s.Default, back, err)
		}
	}
}

func TestSettingValues(t *testing.T) {
	v := SettingValues{}
	if got := v.Int("roi.window_days"); got != 90 {
		t.Errorf("default window is %d", got)
	}
	for key, value := range map[string]string{
		"roi.window_days": "30", "roi.authorised": "true", "roi.revenue_field": `"Total__c"`, "roi.pipeline_stages": `["A, B","C"]`,
	} {
		if err := v.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if v.Int("roi.window_days") != 30 || !v.Bool("roi.authorised") || v.Text("roi.revenue_field") != "Total__c" ||
		!reflect.DeepEqual(v.List("roi.pipeline_stages"), []string{"A, B", "C"}) {
		t.Errorf("values read back as %v", v)
	}
}

func TestSettingsRefuse(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       error
	}{
		{"roi.window", "90", ErrUnknownSetting},
		{"roi.window_days", "0", ErrSettingValue},
		{"roi.window_days", "1.5", ErrSettingValue},
		{"roi.window_days", "null", ErrSettingValue},
		{"roi.authorised", `"true"`, ErrSettingValue},
		{"roi.revenue_field", `"Amount, Id"`, ErrSettingValue},
		{"roi.revenue_field", `"amount"`, ErrSettingValue},
		{"roi.pipeline_stages", `["A","A"]`, ErrSettingValue},
		{"autosave.roles", `[""]`, ErrSettingValue},
		{"writeback.kinds", `["Fax"]`, ErrSettingValue},
		{"writeback.test_contact", `"x"`, ErrSettingValue},
		{"autosave.enabled", "true false", ErrSettingValue},
		{"badge.style", `"Lightning"`, ErrSettingValue},
		{"seats.email_domains", `["example.com"]`, ErrSettingValue},
		{"seats.email_domains", `["example.com=ex ample.org"]`, ErrSettingValue},
		{"seats.email_domains", `["a.example=b.example","c.example=B.example"]`, ErrSettingValue},
		{"autosave.min_stage", `"a\u0000b"`, ErrSettingValue},
		{"autosave.roles", `["a\nb"]`, ErrSettingValue},
	} {
		v := SettingValues{}
		if err := v.Set(c.key, c.value); !errors.Is(err, c.want) {
			t.Errorf("%s = %s: error %v, want %v", c.key, c.value, err, c.want)
		}
		if len(v) != 0 {
			t.Errorf("%s = %s was kept", c.key, c.value)
		}
	}
}

func TestSettingsGoTogether(t *testing.T) {
	v := SettingValues{}
	if err := v.Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	v["autosave.min_stage"] = "Qualification"
	if err := v.Check(); err != nil {
		t.Errorf("a usual stage: %v", err)
	}
	v["crm.stages"] = []string{"Open", "Won"}
	if err := v.Check(); !errors.Is(err, ErrSettingValue) || !strings.Contains(err.Error(), "autosave.min_stage") {
		t.Errorf("a stage that the org does not have: %v", err)
	}
	for _, s := range AllSettings {
		if s.Allowed() == "" {
			t.Errorf("%s does not say what is allowed", s.Key)
		}
	}
}

func TestSettingsAsTyped(t *testing.T) {
	for _, c := range []struct {
		key, text string
		want      any
	}{
		{"roi.authorised", "Yes", true},
		{"roi.authorised", "maybe", nil},
		{"roi.window_days", " 45 ", int64(45)},
		{"roi.window_days", "90 days", nil},
		{"roi.pipeline_stages", "Qualification, Closed Won,", []string{"Qualification", "Closed Won"}},
		{"roi.pipeline_stages", `["A, B"]`, []string{"A, B"}},
		{"roi.pipeline_stages", "", []string{}},
		{"roi.revenue_field", "Amount", "Amount"},
		{"badge.style", "classic", "classic"},
		{"seats.email_domains", "example.com=example.org, a.example = b.example", []string{"example.com=example.org", "a.example = b.example"}},
	} {
		s, err := SettingByKey(c.key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.ParseText(c.text)
		if (err != nil) != (c.want == nil) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %v, %v, want %v", c.key, c.text, got, err, c.want)
		}
	}
}

func FuzzSettingParse(f *testing.F) {
	f.Add(0, "true")
	f.Add(11, "90")
	f.Add(0, `["a"]`)
	f.Fuzz(func(t *testing.T, at int, value string) {
		s := AllSettings[uint(at)%uint(len(AllSettings))]
		v, err := s.Parse(value)
		if err != nil {
			return
		}
		text, err := s.Format(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := s.Parse(text); err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%s: %v reads back as %v, %v", s.Key, v, back, err)
		}
	})
}
