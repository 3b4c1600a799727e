package control_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/control"
)

const (
	contact  = "003000000000001AAA"
	contact2 = "003000000000002AAA"
	lead     = "00Q000000000001EAA"
	account  = "001000000000001AAA"
	user     = "005000000000001AAA"
)

func newDB(t *testing.T) *postgres.DB {
	t.Helper()
	t.Parallel()
	return postgrestest.New(t, migrations.Migrations)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSettingsAreSetAuditedAndReset(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	values, err := control.Values(ctx, db, "acme")
	must(t, err)
	for _, s := range schemas.AllSettings {
		if diff := cmp.Diff(s.Default, values[s.Key]); diff != "" {
			t.Errorf("%s is not its default:\n%s", s.Key, diff)
		}
	}
	must(t, control.Set(ctx, db, "acme", "ann", "roi.window_days", "30"))
	must(t, control.Set(ctx, db, "acme", "bob", "roi.window_days", " 30 ")) // no change, so no audit
	must(t, control.Set(ctx, db, "acme", "bob", "roi.window_days", "45"))
	must(t, control.Set(ctx, db, "acme", "ann", "writeback.kinds", "InMail, Note"))
	must(t, control.Set(ctx, db, "other", "eve", "roi.window_days", "7"))
	v, err := control.Get(ctx, db, "acme", "roi.window_days")
	must(t, err)
	if v.Value != int64(45) || !v.IsSet || v.ChangedBy != "bob" || v.ChangedAt.IsZero() {
		t.Errorf("setting: %+v", v)
	}
	must(t, control.Reset(ctx, db, "acme", "cid", "roi.window_days"))
	must(t, control.Reset(ctx, db, "acme", "cid", "roi.window_days")) // nothing to reset
	got, err := control.History(ctx, db, "acme", "")
	must(t, err)
	if diff := cmp.Diff([]control.Change{
		{Key: "roi.window_days", From: "45", By: "cid"},
		{Key: "writeback.kinds", To: `["InMail", "Note"]`, By: "ann"},
		{Key: "roi.window_days", From: "30", To: "45", By: "bob"},
		{Key: "roi.window_days", To: "30", By: "ann"},
	}, got, cmpopts.IgnoreFields(control.Change{}, "At")); diff != "" {
		t.Errorf("history:\n%s", diff)
	}
	if v, err := control.Get(ctx, db, "acme", "roi.window_days"); err != nil || v.Value != int64(90) || v.IsSet {
		t.Errorf("after the reset: %+v, %v", v, err)
	}
}

// TestNobodyPassesTheAudit changes settings without the program.
func TestNobodyPassesTheAudit(t *testing.T) {
	db := newDB(t)
	for _, sql := range []string{
		`INSERT INTO crmsync.settings (contract, key, value, changed_by) VALUES ('acme', 'roi.authorised', 'true', 'somebody else')`,
		`UPDATE crmsync.settings SET value = 'false'`, `DELETE FROM crmsync.settings`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	got, err := control.History(t.Context(), db, "acme", "roi.authorised")
	must(t, err)
	var me string
	must(t, db.QueryRow(t.Context(), `SELECT session_user::text`).Scan(&me))
	if len(got) != 3 || got[0].By != me || got[2].By != me {
		t.Errorf("history %+v, want three changes by %s", got, me)
	}
}

func TestSettingsRefuse(t *testing.T) {
	db := newDB(t)
	for _, c := range []struct {
		by, key, value string
		want           error
		says           string
	}{
		{"ann", "roi.windowdays", "30", schemas.ErrUnknownSetting, "did you mean roi.window_days?"},
		{"ann", "Writeback.Enable", "true", schemas.ErrUnknownSetting, "did you mean writeback.enabled?"},
		{"ann", "zzz", "true", schemas.ErrUnknownSetting, `"zzz"`},
		{"ann", "roi.window_days", "0", schemas.ErrSettingValue, "between 1 and 3650"},
		{"ann", "writeback.kinds", "Fax", schemas.ErrSettingValue, "InMail"},
		{"  ", "roi.window_days", "30", control.ErrActor, "name"},
	} {
		err := control.Set(t.Context(), db, "acme", c.by, c.key, c.value)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("set %s to %s: %v", c.key, c.value, err)
		}
	}
	if got, err := control.History(t.Context(), db, "acme", ""); err != nil || len(got) != 0 {
		t.Errorf("refused changes are in the history: %v, %v", got, err)
	}
}

func decisions(t *testing.T, db *postgres.DB) (out []string) {
	t.Helper()
	all, err := control.Decisions(t.Context(), db, "acme")
	must(t, err)
	for _, d := range all {
		out = append(out, strings.Join([]string{d.Object, d.RecordID, d.TargetID, d.Verdict, d.By}, " "))
	}
	return out
}

func TestDecisionsKeepToOneLink(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	link := func(object, record, target string) {
		t.Helper()
		must(t, control.Decide(ctx, db, "acme", "ann", control.Decision{Object: object, RecordID: record, TargetID: target, Verdict: control.Link}))
	}
	link("Contact", contact, "p1")
	link("Account", account, "p1") // a company that happens to have the person's id
	must(t, control.Decide(ctx, db, "acme", "bob", control.Decision{Object: "Contact", RecordID: contact2, TargetID: "p2", Verdict: control.Reject, Reason: "namesake"}))
	link("Contact", contact[:15], "p3") // the record gets another profile
	err := control.Decide(ctx, db, "acme", "bob", control.Decision{Object: "Lead", RecordID: lead, TargetID: "p3", Verdict: control.Link})
	var taken *control.TakenError
	if !errors.As(err, &taken) || taken.Holder.RecordID != contact || taken.Holder.By != "ann" || !strings.Contains(err.Error(), contact) {
		t.Fatalf("a profile linked to two records: %v", err)
	}
	must(t, control.Undo(ctx, db, "acme", "ann", "Contact", contact, "p3"))
	link("Lead", lead, "p3") // of another object, now that the profile is free
	if diff := cmp.Diff([]string{
		"Account " + account + " p1 link ann", "Contact " + contact2 + " p2 reject bob", "Lead " + lead + " p3 link ann",
	}, decisions(t, db)); diff != "" {
		t.Errorf("decisions:\n%s", diff)
	}
	must(t, control.Undo(ctx, db, "acme", "cid", "Lead", lead, "p3"))
	if err := control.Undo(ctx, db, "acme", "cid", "Lead", lead, "p3"); !errors.Is(err, control.ErrNothing) {
		t.Errorf("undone twice: %v", err)
	}
	rows, err := db.Query(ctx, `SELECT changed_by || ' ' || coalesce(from_row->>'record_id', '-') || ' ' || coalesce(to_row->>'record_id', '-') FROM crmsync.decisions_audit ORDER BY id`)
	must(t, err)
	audit, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if diff := cmp.Diff([]string{
		"ann - " + contact, "ann - " + account, "bob - " + contact2, "ann " + contact + " -", "ann - " + contact, "ann " + contact + " -", "ann - " + lead, "cid " + lead + " -",
	}, audit); diff != "" {
		t.Errorf("audit:\n%s", diff)
	}
}

func TestDecisionsRefuse(t *testing.T) {
	db := newDB(t)
	for _, d := range []control.Decision{
		{Object: "Opportunity", RecordID: "006000000000001AAA", TargetID: "p", Verdict: control.Link},
		{Object: "Contact", RecordID: lead, TargetID: "p", Verdict: control.Link},
		{Object: "Contact", RecordID: "003", TargetID: "p", Verdict: control.Link},
		{Object: "Contact", RecordID: "003é0000000001AAA", TargetID: "p", Verdict: control.Link},
		{Object: "Contact", RecordID: "003000000000001ABC", TargetID: "p", Verdict: control.Link},
		{Object: "Contact", RecordID: contact, TargetID: "", Verdict: control.Link},
		{Object: "Contact", RecordID: contact, TargetID: "p", Verdict: "maybe"},
	} {
		if err := control.Decide(t.Context(), db, "acme", "ann", d); !errors.Is(err, control.ErrDecision) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if err := control.MapSeat(t.Context(), db, "acme", "ann", "s1", contact); !errors.Is(err, control.ErrDecision) {
		t.Errorf("a seat tied to a contact: %v", err)
	}
	if got := decisions(t, db); got != nil {
		t.Errorf("stored: %v", got)
	}
}

// TestStageFreezesWhatPeopleDecided runs the stage and reads what it published.
func TestStageFreezesWhatPeopleDecided(t *testing.T) {
	db := newDB(t)
	ctx := t.Context()
	must(t, control.Set(ctx, db, "acme", "ann", "roi.revenue_field", "ARR__c"))
	must(t, control.Decide(ctx, db, "acme", "ann", control.Decision{Object: "Contact", RecordID: contact, TargetID: "p1", Verdict: control.Link, Reason: "seen"}))
	must(t, control.Decide(ctx, db, "acme", "ann", control.Decision{Object: "Account", RecordID: account, TargetID: "c1", Verdict: control.Reject}))
	must(t, control.MapSeat(ctx, db, "acme", "bob", "s2", user[:15]))
	must(t, control.MapSeat(ctx, db, "acme", "bob", "s1", user))
	must(t, control.UnmapSeat(ctx, db, "acme", "bob", "s1"))

	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	must(t, err)
	runner := &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{},
		Now: func(context.Context) (time.Time, error) { return time.Now(), nil },
	}
	m, err := runner.Run(ctx, pipeline.Job{Name: "sync", Stages: []pipeline.Stage{&control.Stage{DB: db}}})
	must(t, err)
	csv := func(ds *schemas.Dataset, columns ...string) string {
		t.Helper()
		e, ok := m.Entry(ds.Name)
		if !ok {
			t.Fatalf("%s was not published", ds.Name)
		}
		r, err := store.Read(ctx, ds, e, columns...)
		must(t, err)
		var b strings.Builder
		must(t, columnar.WriteCSV(ctx, &b, r))
		return b.String()
	}
	settings := csv(schemas.Settings)
	if got := strings.Count(settings, "\n"); got != len(schemas.AllSettings)+1 || !strings.Contains(settings, `roi.revenue_field,"""ARR__c"""`) {
		t.Errorf("settings:\n%s", settings)
	}
	if got, want := csv(schemas.Decisions, "object", "record_id", "target_id", "verdict", "decided_by", "reason"),
		"object,record_id,target_id,verdict,decided_by,reason\nAccount,"+account+",c1,reject,ann,\nContact,"+contact+",p1,link,ann,seen\n"; got != want {
		t.Errorf("decisions:\n%s\nwant\n%s", got, want)
	}
	if got, want := csv(schemas.SeatMappings, "seat_id", "user_id", "decided_by"), "seat_id,user_id,decided_by\ns2,"+user+",bob\n"; got != want {
		t.Errorf("seat mappings:\n%s\nwant\n%s", got, want)
	}
}

// TestTwoPeopleLinkOneProfile has many callers link as many records to one profile at once: one of them does.
func TestTwoPeopleLinkOneProfile(t *testing.T) {
	db := newDB(t)
	const callers = 8
	results := make(chan error, callers)
	for i := range callers {
		id := "00300000000010" + string(rune('0'+i))
		go func() {
			results <- control.Decide(t.Context(), db, "acme", "ann", control.Decision{Object: "Contact", RecordID: id, TargetID: "p1", Verdict: control.Link})
		}()
	}
	made := 0
	for range callers {
		err := <-results
		if err == nil {
			made++
		} else if !errors.As(err, new(*control.TakenError)) {
			t.Error(err)
		}
	}
	if made != 1 || len(decisions(t, db)) != 1 {
		t.Errorf("%d links made, stored: %v", made, decisions(t, db))
	}
}

func TestRecordIDs(t *testing.T) {
	for _, c := range []struct{ id, object, long string }{
		{contact, "Contact", contact},
		{contact[:15], "Contact", contact},
		{lead[:15], "Lead", lead},
		{"0015e00000AbCdE", "Account", "0015e00000AbCdEAAV"},
		{user, "", ""},
		{"c0001", "", ""},
		{"0035e00000abcdeAAV", "", ""}, // the suffix of the same id in another case
		{"", "", ""},
	} {
		object, long, err := control.Record(c.id)
		if object != c.object || long != c.long || (err == nil) != (c.object != "") || err != nil && !errors.Is(err, control.ErrRecord) {
			t.Errorf("%s: %s %s %v", c.id, object, long, err)
		}
	}
}

// FuzzRecord reads ids: one that is read has 18 characters, and reads as itself, whole or without its suffix.
func FuzzRecord(f *testing.F) {
	for _, id := range []string{contact, lead[:15], account, user, "", "0035e00000abcdeAAV", "003é0000000001AAA"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		object, long, err := control.Record(id)
		if err != nil {
			if !errors.Is(err, control.ErrRecord) {
				t.Errorf("%q: %v", id, err)
			}
			return
		}
		for _, again := range []string{long, long[:15]} {
			if o, l, err := control.Record(again); o != object || l != long || err != nil || len(l) != 18 {
				t.Errorf("%q is %s %s, which is %s %s: %v", id, object, long, o, l, err)
			}
		}
	})
}
