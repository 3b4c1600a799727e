package writeback

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// TestWhatGoesOut is the table of R26, R27 and R40, through the database and the org: whether write-back is on, a test contact is
// named, the kind is on, the seller may (by user, by role, or everyone), and whether the seller marked the activity, and with whom it
// is. want is written down apart from the code that decides.
func TestWhatGoesOut(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	bools := []bool{false, true}
	n := 0
	for _, enabled := range bools {
		for _, testing := range bools {
			for _, kindOn := range bools {
				for _, may := range []string{"everyone", "by user", "by role", "not"} {
					n++
					name := fmt.Sprintf("enabled %t, testing %t, kind on %t, may %s", enabled, testing, kindOn, may)
					b := benchOn(t, db, fmt.Sprint("rules", n), fakeforce.Options{})
					b.exec(`INSERT INTO crmsync.user_roles (contract, id, name, last_modified_date, run_id, as_of)
						VALUES ($1, '00E000000000001AAA', 'Sales', now(), 'r', now())`, b.contract)
					b.exec(`INSERT INTO crmsync.users (contract, id, email, user_role_id, is_active, created_date, last_modified_date, run_id, as_of)
						VALUES ($1, $2, 'ann@example.com', '00E000000000001AAA', true, now(), now(), 'r', now())`,
						b.contract, b.ann)
					p := Policy{Enabled: enabled, Kinds: []string{kindCall}}
					if kindOn {
						p.Kinds = append(p.Kinds, kindInMail)
					}
					if testing {
						p.TestContact = b.contact
					}
					switch may {
					case "by user":
						p.Users = []string{"bob@example.com", "Ann@Example.com"}
					case "by role":
						p.Users, p.Roles = []string{"bob@example.com"}, []string{"SALES"}
					case "not":
						p.Users, p.Roles = []string{"bob@example.com"}, []string{"Marketing"}
					}
					markedTest, markedOther, unmarkedTest, unmarkedOther := mail("marked-test"), mail("marked-other"), mail("unmarked-test"), mail("unmarked-other")
					markedOther.MemberID, unmarkedOther.MemberID = "p-lead", "p-lead"
					b.unmarked = []activity{unmarkedTest, unmarkedOther}
					b.run([]activity{markedTest, markedOther}, func(j *Job) { j.Policy = p })
					var want []activity
					if enabled && kindOn && may != "not" {
						want = append(want, markedTest)
						if !testing {
							want = append(want, markedOther)
						}
					}
					if b.wantWritten(want...); t.Failed() {
						t.Fatal(name)
					}
					if e := b.entries(); len(e) != 2 {
						t.Fatalf("%s: %d activities in the outbox", name, len(e))
					}
				}
			}
		}
	}
}

// TestMarks is the table of R27: what a later export says of an activity's mark, before and after it was written.
func TestMarks(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	off := func(j *Job) { j.Policy = Policy{} }
	for i, c := range []struct {
		before, writtenBetween, after bool
		state                         string
		records                       int
	}{
		{false, false, false, "", 0},
		{false, false, true, "written", 1},
		{true, false, false, "refused", 0},
		{true, false, true, "written", 1},
		{true, true, false, "written", 1},
		{true, true, true, "written", 1},
	} {
		b := benchOn(t, db, fmt.Sprint("marks", i), fakeforce.Options{})
		read := func(marked bool) func(*Job) {
			return func(j *Job) {
				var unmarked []string
				if !marked {
					unmarked = []string{"a"}
				}
				j.Activities = columnar.RecordReader(export(t, []activity{mail("a")}, unmarked...))
			}
		}
		if c.writtenBetween {
			b.run(nil, read(c.before))
		} else {
			b.run(nil, off, read(c.before))
		}
		b.run(nil, read(c.after))
		b.run(nil)
		if got := b.entries()["a"].State; got != c.state || len(b.written()) != c.records {
			t.Errorf("%+v: %q, %d records", c, got, len(b.written()))
		}
	}
}

// TestEveryRefusalWaitsForAPerson: whatever the reason for which Salesforce refuses a record, the row says it in Salesforce's words,
// stays refused, and is written when a person has it tried again after the cause is gone.
func TestEveryRefusalWaitsForAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object string
		arm    func(b *bench) (mend func())
		words  string
	}{
		"inactive owner": {"Task", func(b *bench) func() {
			update := func(active bool) {
				if err := b.org.Update("User", b.ann, map[string]any{"IsActive": active}); err != nil {
					t.Error(err)
				}
			}
			update(false)
			return func() { update(true) }
		}, "INACTIVE_OWNER_OR_USER: operation performed with inactive user"},
		"deleted target": {"Note", func(b *bench) func() {
			if err := b.org.Delete("Contact", b.contact); err != nil {
				t.Error(err)
			}
			return func() {
				if err := b.org.Undelete("Contact", b.contact); err != nil {
					t.Error(err)
				}
			}
		}, "INVALID_CROSS_REFERENCE_KEY"},
		"lost permission": {
			"Task", func(b *bench) func() { return b.org.AddRule(fakeforce.WithoutCreate("Task")) },
			"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: entity type cannot be inserted: Task",
		},
		"lost permission on notes": {
			"Note", func(b *bench) func() { return b.org.AddRule(fakeforce.WithoutCreate("Note")) },
			"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: entity type cannot be inserted: Note",
		},
		"validation rule": {"Task", func(b *bench) func() {
			return b.org.AddRule(fakeforce.ValidationRule("Task", "Ask Legal: no messages to this account", func(field func(string) string) bool { return field("WhatId") == b.account }))
		}, "FIELD_CUSTOM_VALIDATION_EXCEPTION: Ask Legal: no messages to this account"},
		"no access to the target": {"Task", func(b *bench) func() {
			return b.org.AddRule(fakeforce.Rule{Object: "Task", Refuse: func(func(string) string) (string, string, []string) {
				return "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", []string{"WhatId"}
			}})
		}, "insufficient access rights on cross-reference id (fields WhatId)"},
	} {
		for wayName, way := range ways {
			t.Run(name+" "+wayName, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, fakeforce.Options{})
				mend := c.arm(b)
				list := []activity{mail("a1"), mail("a2"), mail("a3")}
				for i := range list {
					if c.object == "Note" {
						list[i].Kind = kindNote
					}
				}
				if r := b.run(list, way.set); r.Refused != 3 || r.Written != 0 {
					t.Errorf("result %+v", r)
				}
				b.state("a1", "refused", c.words)
				mend()
				for range 2 {
					if r := b.run(list, way.set); r.Written+r.Refused != 0 {
						t.Errorf("tried again without being told: %+v", r)
					}
				}
				if n, err := b.retry("a1", "no-such"); err != nil || n != 1 {
					t.Errorf("retry of one: %d, %v", n, err)
				}
				if n, err := b.retry(); err != nil || n != 2 {
					t.Errorf("retry of the others: %d, %v", n, err)
				}
				if n, err := (Retry{AllRefused: true}).Run(t.Context(), b.db, b.contract); err == nil || n != 0 {
					t.Errorf("retry by nobody: %d, %v", n, err)
				}
				if r := b.run(nil, way.set); r.Written != 3 {
					t.Errorf("after the retry: %+v", r)
				}
				b.wantWritten(list...)
				said, err := Retries(t.Context(), b.db, b.contract, 0)
				if err != nil || len(said) != 3 || said[2].ActivityID != "a1" || said[2].By != "ann" || said[2].FromState != "refused" || !strings.Contains(said[2].FromReason, c.words) {
					t.Errorf("audit %+v, %v", said, err)
				}
			})
		}
	}
}

// TestTextsThatAreNotTaken: a text that is refused for its length or its characters is sent once more, plainer and shorter.
func TestTextsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	b.org.AddRule(fakeforce.Rule{Object: "Note", Refuse: func(field func(string) string) (string, string, []string) {
		if n := len(field("Body")); n > maxBody { // bytes
			return "STRING_TOO_LONG", fmt.Sprintf("Body: data value too large: … (max length=%d)", maxBody), []string{"Body"}
		}
		return "", "", nil
	}})
	b.org.AddRule(fakeforce.Rule{Object: "Task", Refuse: func(field func(string) string) (string, string, []string) {
		switch text := field("Description"); {
		case strings.Contains(text, "never"):
			return "INVALID_FIELD", "Unsupported character in never", nil
		case strings.ContainsFunc(text, func(r rune) bool { return r > 0xFFFF }):
			return "INVALID_FIELD", "Unsupported character", nil
		}
		return "", "", nil
	}})
	note, face, never := mail("note"), mail("face"), mail("never")
	note.Kind, note.Body, face.Body, never.Body = kindNote, strings.Repeat("wörter ", 4500), "good 😀 day", "never"
	if r := b.run([]activity{note, face, never}); r.Delayed != 3 || r.Written != 0 {
		t.Errorf("result %+v", r)
	}
	b.state("note", "waiting", "STRING_TOO_LONG")
	if r := b.run(nil); r.Written != 2 || r.Refused != 1 || r.Cut != 1 {
		t.Errorf("second cycle: %+v", r)
	}
	b.state("never", "refused", "Unsupported character in never")
	if got := b.written(); len(got) != 2 || got[0] != "good \uFFFD day" || !strings.HasSuffix(got[1], "wörter […]") || len(got[1]) > maxBody {
		t.Errorf("written %.50q", got)
	}
	if e := b.entries()["note"]; fmt.Sprint(e.Cut) != "[Body]" {
		t.Errorf("cut %v", e.Cut)
	}
}
