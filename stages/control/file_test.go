package control_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
)

// awkward are texts that YAML would take for something else if they were not put into quotes.
var awkward = []string{
	"true", "null", "~", "1", "0x1F", "1e3", "2026-11-02", "- a", "a: b", "# no comment", "*x", "&x", "!!int 3", "{", "[]", "'", `"`, `\`, " lead", "trail ", "é", "日本", "yes",
	"a, b", "%", "@at", "a very long text that goes on and on so that an encoder may want to fold it over several lines, which must not change it in any way at all",
}

// random returns a value that the setting takes; nil stands for the default.
func random(r *rand.Rand, s schemas.Setting) any {
	var v any
	texts := func() []string {
		list := []string{}
		for _, i := range r.Perm(len(awkward))[:r.IntN(5)] {
			list = append(list, awkward[i])
		}
		return list
	}
	switch {
	case s.Key == "crm.stages": // always has those that autosave.min_stage may name
		v = []string{"é", fmt.Sprint("Stage ", r.IntN(9)), "true"}
	case r.IntN(4) == 0:
		return nil
	case s.Key == "writeback.kinds":
		v = [][]string{{}, {"Note"}, {"InMail", "PointDriveView"}}[r.IntN(3)]
	case s.Key == "seats.email_domains":
		v = [][]string{{}, {"example.com=example.org"}, {"a.example = b.example=c.example", "example.com=example.net"}}[r.IntN(3)]
	case s.Key == "autosave.min_stage":
		v = []string{"", "true", "é"}[r.IntN(3)]
	case s.Type == schemas.BoolSetting:
		v = r.IntN(2) == 0
	case s.Type == schemas.IntSetting:
		v = int64(1 + r.IntN(3650))
	case s.Type == schemas.ListSetting:
		v = texts()
	default:
		for _, x := range []string{"classic", "003000000000001", "Total__c"} {
			if text, err := s.Format(x); err == nil {
				if parsed, err := s.Parse(text); err == nil {
					return parsed
				}
			}
		}
		return nil
	}
	text, err := s.Format(v)
	if err != nil {
		panic(err)
	}
	if v, err = s.Parse(text); err != nil {
		return nil // another kind of limit
	}
	return v
}

func export(t *testing.T, db *postgres.DB, contract string) string {
	t.Helper()
	values, err := control.List(t.Context(), db, contract)
	must(t, err)
	var b bytes.Buffer
	must(t, control.WriteFile(&b, contract, values))
	return b.String()
}

// TestFileRoundTrip gives one contract random settings, and another one what the first exports: the two are then the same, whatever the
// other had before.
func TestFileRoundTrip(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	r := rand.New(rand.NewPCG(40, 42))
	ignore := cmpopts.IgnoreFields(control.Value{}, "Setting", "ChangedBy", "ChangedAt")
	set := 0
	for n := range 30 {
		var given []control.Wanted
		for _, s := range schemas.AllSettings {
			given = append(given, control.Wanted{Setting: s, Value: random(r, s)})
		}
		_, err := control.Import(ctx, db, "acme", "ann", given, false)
		must(t, err)
		text := export(t, db, "acme")
		file, err := control.ReadFile(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(file) != len(schemas.AllSettings) {
			t.Fatalf("%d of %d settings in\n%s", len(file), len(schemas.AllSettings), text)
		}
		_, err = control.Import(ctx, db, "other", "bob", file, false)
		must(t, err)
		want, err := control.List(ctx, db, "acme")
		must(t, err)
		got, err := control.List(ctx, db, "other")
		must(t, err)
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Fatalf("run %d:\n%s\n%s", n, diff, text)
		}
		for i := range got {
			if got[i].IsSet {
				set++
			}
		}
		if again := export(t, db, "other"); again != strings.Replace(text, "contract acme", "contract other", 1) {
			t.Fatalf("the second export differs:\n%s", cmp.Diff(text, again))
		}
		if d, err := control.Import(ctx, db, "other", "bob", file, false); err != nil || len(d) > 0 {
			t.Fatalf("importing again changes %v, %v", d, err)
		}
	}
	if set < 200 {
		t.Errorf("only %d values were set", set)
	}
}

func TestImportIsAllOrNothingAndAudited(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	must(t, control.Set(ctx, db, "acme", "ann", "roi.window_days", "30"))
	must(t, control.Set(ctx, db, "acme", "ann", "badge.style", "classic"))
	file, err := control.ReadFile(strings.NewReader("roi.window_days: 45\nbadge.style: null\nwriteback.kinds: [Note, InMail]\nautosave.enabled: true\nroi.authorised: ~\n"))
	must(t, err)
	want := []control.Difference{
		{Key: "badge.style", From: `"classic"`},
		{Key: "autosave.enabled", To: "true"},
		{Key: "writeback.kinds", To: `["Note","InMail"]`},
		{Key: "roi.window_days", From: "30", To: "45"},
	}
	before := export(t, db, "acme")
	got, err := control.Import(ctx, db, "acme", "bob", file, true)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a dry run would change (-want +got):\n%s", diff)
	}
	if export(t, db, "acme") != before {
		t.Error("a dry run changed something")
	}
	got, err = control.Import(ctx, db, "acme", "bob", file, false)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	history, err := control.History(ctx, db, "acme", "")
	must(t, err)
	if len(history) != 6 {
		t.Fatalf("%d entries in the audit, want 6", len(history))
	}
	for _, c := range history[:4] {
		if c.By != "bob" || c.At.IsZero() {
			t.Errorf("audit: %+v", c)
		}
	}

	// What does not go together with what is in force changes nothing at all.
	before = export(t, db, "acme")
	file, err = control.ReadFile(strings.NewReader("roi.window_days: 46\nautosave.min_stage: Nowhere\n"))
	must(t, err)
	if _, err := control.Import(ctx, db, "acme", "bob", file, false); !errors.Is(err, schemas.ErrSettingValue) {
		t.Errorf("an unknown stage: %v", err)
	}
	must(t, control.Set(ctx, db, "acme", "ann", "autosave.min_stage", "Qualification"))
	if err := control.Set(ctx, db, "acme", "ann", "crm.stages", "Open, Won"); !errors.Is(err, schemas.ErrSettingValue) {
		t.Errorf("stages without the one that another setting names: %v", err)
	}
	must(t, control.Reset(ctx, db, "acme", "ann", "autosave.min_stage"))
	if export(t, db, "acme") != before {
		t.Error("a refused import changed something")
	}
	if _, err := control.Import(ctx, db, "acme", " ", file, false); !errors.Is(err, control.ErrActor) {
		t.Errorf("nobody imports: %v", err)
	}
}

func TestReadFileRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
		says []string
	}{
		{"", control.ErrFile, []string{"empty"}},
		{"# only a comment\n", control.ErrFile, []string{"empty"}},
		{"- a\n- b\n", control.ErrFile, []string{"line 1"}},
		{"just text", control.ErrFile, []string{"key: value"}},
		{"a: b: c", control.ErrFile, nil},
		{"roi.authorised: true\n---\nroi.authorised: false\n", control.ErrFile, []string{"more than one document"}},
		{"roi.authorised: true\nroi.authorised: false\n", control.ErrFile, []string{"line 2", "line 1"}},
		{"? [a]\n: b\n", control.ErrFile, []string{"line 1"}},
		{"roi.autorised: true\n", schemas.ErrUnknownSetting, []string{"line 1", "did you mean roi.authorised?"}},
		{"roi.authorised: \"true\"\n", schemas.ErrSettingValue, []string{"true or false"}},
		{"roi.window_days: 1.5\n", schemas.ErrSettingValue, []string{"whole number"}},
		{"roi.window_days: 9999999999999999999999\n", schemas.ErrSettingValue, []string{"whole number"}},
		{"roi.window_days: 0\n", schemas.ErrSettingValue, []string{"1 and 3650"}},
		{"writeback.kinds: Note\n", schemas.ErrSettingValue, []string{"list"}},
		{"writeback.kinds:\n- Note\n- Fax\n", schemas.ErrSettingValue, []string{"Fax"}},
		{"autosave.roles:\n- EMEA\n- 12\n", schemas.ErrSettingValue, []string{"line 3", "quotes"}},
		{"writeback.test_contact: 003000000000001\n", schemas.ErrSettingValue, []string{"quotes"}},
		{"badge.style: modern\n", schemas.ErrSettingValue, []string{"lightning or classic"}},
		{"crm.stages: [\"a\\0b\"]\n", schemas.ErrSettingValue, []string{"no text"}},
		{"crm.stages: &x [a, *x]\n", schemas.ErrSettingValue, nil},
		{"seats.email_domains: [example.com]\n", schemas.ErrSettingValue, []string{"example.com=example.org"}},
		{"seats.email_domains: [a.example=b.example, B.example=c.example]\n", schemas.ErrSettingValue, []string{"twice"}},
		{strings.Repeat("# far too long\n", 100_000), control.ErrFile, []string{"bytes"}},
		// Every mistake is told at once.
		{"roi.window: 1\nroi.window_days: 0\n", schemas.ErrUnknownSetting, []string{"line 1", "line 2", "1 and 3650"}},
	} {
		file, err := control.ReadFile(strings.NewReader(c.text))
		if !errors.Is(err, c.want) {
			t.Errorf("%.60q: %v, %v", c.text, file, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%.60q: the error does not say %q: %v", c.text, s, err)
			}
		}
	}
}

// FuzzReadFile reads anything; what is read as settings is written and read again as the same.
func FuzzReadFile(f *testing.F) {
	for _, s := range []string{
		"", "roi.window_days: 45\n", "writeback.kinds: [Note, InMail]\nbadge.style: classic\n", "crm.stages:\n- \"true\"\n- 'a: b'\n", "roi.authorised: ~\n",
		"roi.window_days: 0x1F\n", "crm.stages: &a [x]\nautosave.roles: *a\n", "autosave.min_stage: |\n  text\n", "{\"roi.authorised\": true}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := control.ReadFile(strings.NewReader(text))
		if err != nil {
			return
		}
		values := make([]control.Value, len(file))
		for i, w := range file {
			values[i] = control.Value{Setting: w.Setting, Value: w.Value, IsSet: w.Value != nil}
		}
		var b bytes.Buffer
		if err := control.WriteFile(&b, "fuzz", values); err != nil {
			t.Fatal(err)
		}
		again, err := control.ReadFile(&b)
		if err != nil {
			if len(file) == 0 {
				return
			}
			t.Fatal(err)
		}
		for i, w := range file {
			if i >= len(again) || again[i].Key != w.Key || !reflect.DeepEqual(again[i].Value, w.Value) {
				t.Fatalf("%q reads back as %s", text, fmt.Sprint(again))
			}
		}
	})
}

// TestWithdrawalRemovesTheReports: ROI rows of the contract go with the authorisation, whichever way it is withdrawn, and no others.
func TestWithdrawalRemovesTheReports(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	rows := func(contract string) (n int) {
		t.Helper()
		must(t, db.QueryRow(ctx, `SELECT (SELECT count(*) FROM crmsync.roi_quarters WHERE contract = $1) + (SELECT count(*) FROM crmsync.roi_touches WHERE contract = $1)`, contract).Scan(&n))
		return n
	}
	fill := func(contract string) {
		t.Helper()
		must(t, control.Set(ctx, db, contract, "ann", "roi.authorised", "true"))
		for _, sql := range []string{
			`INSERT INTO crmsync.roi_quarters VALUES ($1, '2026-Q1', '', true, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, false, 'r1', now())`,
			`INSERT INTO crmsync.roi_touches (contract, opportunity_id, touch_id, kind, level, seat_id, touched_at, days_before_created, counts_sourced, counts_influenced, run_id, as_of)
				VALUES ($1, 'o', 't', 'view', 'a', 's', now(), 1, true, true, 'r1', now())`,
		} {
			_, err := db.Exec(ctx, sql, contract)
			must(t, err)
		}
	}
	fill("other")
	for name, line := range map[string]string{"false": "roi.authorised: false", "the default": "roi.authorised: ~"} {
		fill("acme")
		file, err := control.ReadFile(strings.NewReader(line))
		must(t, err)
		if _, err := control.Import(ctx, db, "acme", "bob", file, true); err != nil || rows("acme") != 2 {
			t.Errorf("%s: a dry run left %d rows, %v", name, rows("acme"), err)
		}
		got, err := control.Import(ctx, db, "acme", "bob", file, false)
		must(t, err)
		if len(got) != 1 || got[0].RemovedRows != 2 || rows("acme") != 0 {
			t.Errorf("%s: %+v, %d rows are left", name, got, rows("acme"))
		}
	}
	if rows("other") != 2 {
		t.Error("another contract lost rows")
	}
}
