package writeback

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestFieldsOfEachKind holds the lists of R28 apart from the code.
func TestFieldsOfEachKind(t *testing.T) {
	message := "ActivityDate Description OwnerId RecordTypeId Status Subject WhatId WhoId"
	org := &orgFacts{recordTypes: map[string]string{kindInMail: "012a", kindMessage: "012b", kindCall: "012c", kindPointDrive: "012d"}}
	for kind, want := range map[string]string{
		kindInMail: message, kindMessage: message, kindPointDrive: message,
		kindCall: "Description OwnerId RecordTypeId Status Subject WhatId WhoId",
		kindNote: "Body OwnerId ParentId Title",
	} {
		c := &candidate{
			activity: activity{Kind: kind, Subject: "Hello", Body: "Text", OccurredAt: time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)},
			UserID:   someUser, PersonObject: "Contact", PersonID: someContact, AccountID: someAccount,
		}
		r := build(c, org, "Completed").record()
		if got := strings.Join(slices.Sorted(maps.Keys(r.Fields)), " "); got != want {
			t.Errorf("%s has the fields %s, want %s", kind, got, want)
		}
		if kind != kindNote && (r.Fields["RecordTypeId"] != org.recordTypes[kind] || r.Fields["WhatId"] != someAccount) {
			t.Errorf("%s: %v", kind, r.Fields)
		}
		if d := r.Fields["ActivityDate"]; d != nil && d != "2026-03-01" {
			t.Errorf("%s: date %v", kind, d)
		}
		if c.PersonObject = "Lead"; build(c, org, "Completed").WhatID != "" {
			t.Errorf("%s of a lead is about an account too, which Salesforce refuses", kind)
		}
		if c.Subject = " \x00\n"; build(c, org, "Completed").Subject == "" {
			t.Errorf("%s without a subject", kind)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"the quick brown fox jumps", 20, "the quick brown […]"},
		{"the quick brown fox", 18, "the quick […]"},
		{strings.Repeat("x", 30), 20, strings.Repeat("x", 16) + " […]"},
		{"a " + strings.Repeat("x", 30), 20, "a " + strings.Repeat("x", 14) + " […]"}, // the last word's end is too far back
		{strings.Repeat("😀", 10), 15, strings.Repeat("😀", 5) + " […]"},
	} {
		got, isCut := cut(c.text, c.limit, units)
		if got != c.want || isCut != (got != c.text) {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzCutAndClean(f *testing.F) {
	f.Add("the quick brown fox", 12)
	f.Add("😀😀 a\x00b\r\nc\xff", 8)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 5 + max(0, limit%500)
		c := clean(s)
		if !utf8.ValidString(c) || c != clean(c) || strings.ContainsAny(c, "\x00\x0b\x1f\r") || c != strings.TrimSpace(c) {
			t.Errorf("clean(%q) = %q", s, c)
		}
		short, isCut := cut(c, limit, units)
		if units(short) > limit || !utf8.ValidString(short) {
			t.Errorf("cut(%q, %d) = %q is %d long", c, limit, short, units(short))
		}
		if s, isCut := cut(plain(c), limit+30, strictest); strictest(s) > limit+30 || isCut == (s == plain(c)) {
			t.Errorf("cut(%q, %d) strictly = %q is %d long", plain(c), limit+30, s, strictest(s))
		}
		if !isCut && short != c || isCut && !strings.HasPrefix(c, strings.TrimSuffix(short, cutMark)) {
			t.Errorf("cut(%q, %d) = %q is another text", c, limit, short)
		}
	})
}

func TestFingerprintSeesContentOnly(t *testing.T) {
	base := content{Object: objectTask, OwnerID: someUser, WhoID: someContact, RecordTypeID: "012000000000001AAA", Subject: "S", Text: "a\nb", Date: "2026-03-01", Status: "Completed"}
	same, other, moved := base, base, base
	same.OwnerID, same.Text, same.Status = someUser[:15], " a\r\nb ", "Open"
	other.Text = "a b"
	moved.WhoID = "003000000000002AAA"
	if same.fingerprint() != base.fingerprint() {
		t.Error("the form of ids and line ends counts")
	}
	if other.fingerprint() == base.fingerprint() || other.textprint() == base.textprint() {
		t.Error("another text does not count")
	}
	if moved.fingerprint() == base.fingerprint() || moved.textprint() != base.textprint() {
		t.Error("a reassigned record is not told by its text alone")
	}
	if digest("ab", "c") == digest("a", "bc") {
		t.Error("parts run together")
	}
}

func TestMatch(t *testing.T) {
	row := func(id, who, text string) inFlight {
		return inFlight{ActivityID: id, Object: objectTask, WhoID: who, Fingerprint: who + text, TextPrint: text}
	}
	rec := func(id, who, text string) seen { return seen{ID: id, Fingerprint: who + text, TextPrint: text} }
	for name, c := range map[string]struct {
		rows    []inFlight
		records []seen
		made    string
		unclear string
	}{
		"none made":                      {[]inFlight{row("a", "1", "t")}, nil, "map[]", "map[]"},
		"made":                           {[]inFlight{row("a", "1", "t"), row("b", "2", "t")}, []seen{rec("x", "2", "t"), rec("y", "1", "t")}, "map[a:y b:x]", "map[]"},
		"same content, one made":         {[]inFlight{row("a", "1", "t"), row("b", "1", "t")}, []seen{rec("x", "1", "t")}, "map[a:x]", "map[]"},
		"same content, both made":        {[]inFlight{row("a", "1", "t"), row("b", "1", "t")}, []seen{rec("x", "1", "t"), rec("y", "1", "t")}, "map[a:x b:y]", "map[]"},
		"reassigned":                     {[]inFlight{row("a", "1", "t")}, []seen{rec("x", "9", "t")}, "map[a:x]", "map[]"},
		"one of two reassigned or none":  {[]inFlight{row("a", "1", "t"), row("b", "2", "t")}, []seen{rec("x", "9", "t")}, "map[]", "map[a:[x] b:[x]]"},
		"one made, the other reassigned": {[]inFlight{row("a", "1", "t"), row("b", "2", "t")}, []seen{rec("x", "9", "t"), rec("y", "2", "t")}, "map[a:x b:y]", "map[]"},
		"a copy of a row's own content":  {[]inFlight{row("a", "1", "t"), row("b", "2", "t")}, []seen{rec("x", "1", "t"), rec("y", "1", "t")}, "map[a:x]", "map[]"},
		"a known copy is nobody's":       {[]inFlight{row("a", "1", "t")}, []seen{{ID: "x", Fingerprint: "9t"}}, "map[]", "map[]"},
		"unique values":                  {[]inFlight{{ActivityID: "a", Unique: "u1"}, {ActivityID: "b", Unique: "u2"}}, []seen{{ID: "x", Unique: "u2"}}, "map[b:x]", "map[]"},
	} {
		made, unclear := match(c.rows, c.records)
		if fmt.Sprint(made) != c.made || fmt.Sprint(unclear) != c.unclear {
			t.Errorf("%s: made %v, unclear %v; want %s, %s", name, made, unclear, c.made, c.unclear)
		}
	}
}

// TestCutTextsSayWhereTheWholeIs: whatever is cut, the text ends with the link, within Salesforce's length.
func TestCutTextsSayWhereTheWholeIs(t *testing.T) {
	const link = "https://www.example.com/in/p1"
	org := &orgFacts{recordTypes: map[string]string{kindInMail: "012a"}}
	long, longTitle := strings.Repeat("wörd ", 9000), strings.Repeat("title ", 60)
	for name, c := range map[string]struct {
		kind, subject, body, link string
		strict                    bool
		cut                       string
		linked                    bool
	}{
		"nothing to cut":             {kindInMail, "s", "b", link, false, "[]", false},
		"body":                       {kindInMail, "s", long, link, false, "[Description]", true},
		"body of a note, strictly":   {kindNote, "s", long, link, true, "[Body]", true},
		"subject":                    {kindInMail, longTitle, "b", link, false, "[Subject]", true},
		"title":                      {kindNote, longTitle, "b", link, false, "[Title]", true},
		"title, and the link is it":  {kindNote, longTitle, strings.Repeat("x ", maxBody/2-5), link, false, "[Title Body]", true},
		"both, no link":              {kindInMail, longTitle, long, "", false, "[Subject Description]", false},
		"a link that is none":        {kindInMail, "s", long, "javascript:alert(1)", false, "[Description]", false},
		"a link that is no one line": {kindInMail, "s", long, "https://a\nb", false, "[Description]", false},
		"too long a link":            {kindInMail, "s", long, "https://" + strings.Repeat("x", maxLink), false, "[Description]", false},
		"signs that HTML escapes":    {kindNote, "s", strings.Repeat("a<b & ", 4000), link, true, "[Body]", true},
		"the same, not strictly":     {kindNote, "s", strings.Repeat("a<b & ", 4000), link, false, "[]", false},
	} {
		r := build(&candidate{activity: activity{Kind: c.kind, Subject: c.subject, Body: c.body}, UserID: someUser, PersonID: someContact, Link: c.link, Strict: c.strict}, org, "Completed")
		if fmt.Sprint(r.Cut) != c.cut || strings.HasSuffix(r.Text, "\nThe whole text: "+link) != c.linked {
			t.Errorf("%s: cut %v, ends %q", name, r.Cut, r.Text[max(0, len(r.Text)-60):])
		}
		count := units
		if c.strict {
			count = strictest
		}
		subject := maxSubject
		if c.kind == kindNote {
			subject = maxTitle
		}
		if count(r.Text) > maxBody || count(r.Subject) > subject {
			t.Errorf("%s: %d and %d long", name, count(r.Subject), count(r.Text))
		}
	}
}
