package writeback

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

func TestEachKindIsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	before := b.existing()
	var list []activity
	for _, kind := range all.Kinds {
		a := mail("a-" + kind)
		a.Kind = kind
		list = append(list, a)
	}
	toLead := mail("a-lead")
	toLead.MemberID = "p-lead"
	list = append(list, toLead)
	if r := b.run(list); r.Imported != 6 || r.Written != 6 || r.Unassigned+r.Refused+r.Held != 0 || r.Off != "" {
		t.Errorf("result %+v", r)
	}
	b.wantWritten(list...)
	if b.existing() != before {
		t.Error("something that existed was changed")
	}
	for _, kind := range all.Kinds {
		e := b.state("a-"+kind, "written", "")
		object := "Task"
		if kind == kindNote {
			object = "Note"
		}
		got, err := b.org.Get(object, e.SalesforceID)
		if err != nil {
			t.Fatal(err)
		}
		if got["OwnerId"] != b.ann || got["CreatedById"] != b.org.UserID() {
			t.Errorf("%s: owner %s, creator %s; want the seller and the integration user", kind, got["OwnerId"], got["CreatedById"])
		}
		if kind == kindNote {
			if got["ParentId"] != b.contact || got["Title"] != "Subject a-Note" {
				t.Errorf("note: %v", got)
			}
			continue
		}
		if got["WhoId"] != b.contact || got["WhatId"] != b.account || got["Status"] != "Completed" || got["RecordTypeId"] == "" {
			t.Errorf("%s: %v", kind, got)
		}
	}
	// What went over the wire are the fields of R28, and nothing else.
	task := "ActivityDate Description OwnerId RecordTypeId Status Subject WhatId WhoId attributes"
	want := map[string]int{task: 3, strings.Replace(task, "ActivityDate ", "", 1): 1, strings.Replace(task, "WhatId ", "", 1): 1, "Body OwnerId ParentId Title attributes": 1}
	got := map[string]int{}
	for _, r := range b.bodies {
		got[strings.Join(slices.Sorted(maps.Keys(r)), " ")]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields sent:\n%s", diff)
	}
	// Files come again and again: nothing is written twice.
	if r := b.run(list); r.Imported != 0 || r.Written != 0 {
		t.Errorf("second cycle: %+v", r)
	}
	b.wantWritten(list...)
}

func TestUnmatchedPeopleAndNotes(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	stranger, note, companyNote := mail("stranger"), mail("note"), mail("company-note")
	stranger.MemberID = "p-unknown"
	note.Kind, note.MemberID, note.CompanyID = kindNote, "p-unknown", ""
	companyNote.Kind, companyNote.MemberID = kindNote, "p-unknown"
	if r := b.run([]activity{stranger, note, companyNote}); r.Written != 2 || r.Unassigned != 1 || r.Held != 1 {
		t.Errorf("result %+v", r)
	}
	e := b.state("stranger", "unassigned", "linked to no record")
	if got, err := b.org.Get("Task", e.SalesforceID); err != nil || got["WhoId"] != "" || got["WhatId"] != b.account {
		t.Errorf("unassigned task: %v, %v", got, err)
	}
	b.state("note", "waiting", "a note needs a record")
	if e := b.state("company-note", "written", ""); e.ParentID != b.account {
		t.Errorf("the note is on %s", e.ParentID)
	}
	// A link that comes later lets the note go out, and leaves the unassigned task to the seller.
	b.link("Lead", b.insert("Lead", map[string]any{"LastName": "Late", "Company": "X"}), "p-unknown")
	if r := b.run(nil); r.Written != 1 {
		t.Errorf("after the link: %+v", r)
	}
	b.state("note", "written", "")
	b.wantWritten(stranger, note, companyNote)
}

func TestRefusalsInSalesforcesOwnWords(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	gone := b.insert("User", map[string]any{"LastName": "Gone", "Username": "gone@example.com", "Alias": "gone", "IsActive": false})
	b.seat("s-gone", gone, true, "Team")
	b.seat("s-core", b.ann, false, "Core")
	lost := b.insert("Contact", map[string]any{"LastName": "Lost"})
	b.link("Contact", lost, "p-lost")
	if err := b.org.Delete("Contact", lost); err != nil {
		t.Fatal(err)
	}
	inactive, deleted, core, unmapped, fine := mail("inactive"), mail("deleted"), mail("core"), mail("unmapped"), mail("fine")
	inactive.SeatID, deleted.MemberID, core.SeatID, unmapped.SeatID = "s-gone", "p-lost", "s-core", "s-unknown"
	if r := b.run([]activity{inactive, deleted, core, unmapped, fine}); r.Written != 1 || r.Refused != 3 || r.Held != 1 {
		t.Errorf("result %+v", r)
	}
	b.state("inactive", "refused", "INACTIVE_OWNER_OR_USER: operation performed with inactive user ["+gone+"]")
	b.state("deleted", "refused", "INVALID_CROSS_REFERENCE_KEY")
	b.state("core", "refused", `"Core", which does not include the sync`)
	b.state("unmapped", "waiting", "seat s-unknown is not known")
	// Refused activities stay so until a person says otherwise.
	if r := b.run(nil); r.Written != 0 || r.Refused != 0 {
		t.Errorf("second cycle: %+v", r)
	}
	if err := b.org.Undelete("Contact", lost); err != nil {
		t.Fatal(err)
	}
	if n, err := b.retry("deleted"); err != nil || n != 1 {
		t.Errorf("retry: %d, %v", n, err)
	}
	if n, err := b.retry("fine"); err != nil || n != 0 {
		t.Errorf("retry of a written one: %d, %v", n, err)
	}
	b.run(nil)
	b.state("deleted", "written", "")
	b.wantWritten(deleted, fine)
	queue, err := Queue(t.Context(), b.db, b.contract)
	if diff := cmp.Diff(map[string]int64{"written": 2, "refused": 2, "waiting": 1}, queue); diff != "" || err != nil {
		t.Errorf("queue: %v\n%s", err, diff)
	}
}

func TestMarksComeAndGo(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	a, unmarked := mail("a"), mail("unmarked")
	off := func(j *Job) { j.Policy = Policy{} }
	read := func(list []activity, unmarked ...string) func(*Job) {
		return func(j *Job) { j.Activities = export(t, list, unmarked...) }
	}
	if r := b.run(nil, off, read([]activity{a, unmarked}, "unmarked")); r.Imported != 1 || r.Off == "" || r.Held != 1 {
		t.Errorf("while off: %+v", r)
	}
	b.state("a", "waiting", "write-back is off")
	if calls := b.org.Calls(); len(calls) != 0 {
		t.Errorf("while off, the org was called: %v", calls)
	}
	if r := b.run(nil, off, read([]activity{a}, "a")); r.Withdrawn != 1 {
		t.Errorf("mark taken away: %+v", r)
	}
	b.state("a", "refused", "took the mark away")
	a.Body = "a better text"
	b.run(nil, off, read([]activity{a}))
	b.state("a", "waiting", "")
	a.Body = "the best text"
	b.run(nil, read([]activity{a}))
	b.wantWritten(a)
	// Written is written: later changes of the export change nothing in the CRM.
	later := a
	later.Body = "too late"
	b.run(nil, read([]activity{later}, "a"))
	b.run(nil, read([]activity{later}))
	b.state("a", "written", "")
	b.wantWritten(a)
}

func TestWithoutManagedPackage(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{WithoutManagedPackage: true})
	note := mail("note")
	note.Kind = kindNote
	r := b.run([]activity{mail("a"), note})
	if !strings.Contains(r.Off, "install the Sales Navigator package") || r.Imported != 2 || r.Written != 0 {
		t.Errorf("result %+v", r)
	}
	b.state("a", "waiting", "install the Sales Navigator package")
	b.state("note", "waiting", "install the Sales Navigator package")
	b.wantWritten()

	// Older names, and a kind without a record type of its own.
	b = newBench(t, fakeforce.Options{RecordTypes: []fakeforce.RecordType{{DeveloperName: "inMail"}, {DeveloperName: "Messages"}}})
	call := mail("call")
	call.Kind = kindCall
	b.run([]activity{mail("a"), call})
	b.state("a", "written", "")
	b.state("call", "waiting", `named like "LinkedIn Call"`)
}

func TestTestContactOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	other := mail("other")
	other.MemberID = "p-lead"
	test := func(j *Job) { j.Policy = Policy{Enabled: true, TestContact: b.contact[:15]} }
	b.run([]activity{mail("a"), other}, test)
	b.state("a", "written", "")
	b.state("other", "waiting", "testing: only")
	b.run(nil)
	b.state("other", "written", "")
}

func TestLongAndOddTextsAreTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	long, note, odd := mail("long"), mail("note"), mail("odd")
	long.Subject, long.Body = strings.Repeat("subject ", 100), strings.Repeat("wörds ", 6000)
	note.Kind, note.Subject, note.Body = kindNote, strings.Repeat("title ", 20), strings.Repeat("😀 ", 20000)
	odd.Subject, odd.Body = "", "  bell \a and nul \x00 and\r\nlines  "
	if r := b.run([]activity{long, note, odd}); r.Written != 3 {
		t.Errorf("result %+v", r)
	}
	entries := b.entries()
	if diff := cmp.Diff([]string{"Subject", "Description"}, entries["long"].Cut); diff != "" {
		t.Errorf("cut:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Title", "Body"}, entries["note"].Cut); diff != "" {
		t.Errorf("cut:\n%s", diff)
	}
	got, err := b.org.Get("Task", entries["long"].SalesforceID)
	if err != nil || !strings.HasSuffix(got["Subject"], "subject […]") || !strings.HasSuffix(got["Description"], "wörds […]") {
		t.Errorf("long: %v, %v", got["Subject"], err)
	}
	if got, err = b.org.Get("Task", entries["odd"].SalesforceID); err != nil || got["Subject"] != "InMail" || got["Description"] != "bell  and nul  and\nlines" {
		t.Errorf("odd: %q, %v", got, err)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	r := b.run([]activity{mail("a")}, func(j *Job) { j.DryRun = true })
	if len(r.Planned) != 1 || r.Planned[0].ActivityID != "a" || r.Planned[0].Record.Fields["WhoId"] != b.contact {
		t.Errorf("planned %+v", r.Planned)
	}
	b.state("a", "waiting", "")
	b.wantWritten()
}

func TestOneWriterAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	var inner error
	b.run([]activity{mail("a")}, func(j *Job) {
		j.at = func(p point) {
			if p == pointMarked {
				_, inner = b.try(nil)
			}
		}
	})
	if !errors.Is(inner, ErrBusy) {
		t.Errorf("a second writer: %v", inner)
	}
	b.wantWritten(mail("a"))
}

func TestUnchangedSource(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	b.run([]activity{mail("a")}, func(j *Job) { j.Source = "hash 1" })
	for source, want := range map[string]bool{"hash 1": true, "hash 2": false, "": false} {
		if got, err := b.job.Unchanged(t.Context(), source); err != nil || got != want {
			t.Errorf("source %q unchanged: %t, %v", source, got, err)
		}
	}
}

// TestBacklogNeedsFewCalls drains 10,000 activities, with calls and in Bulk jobs; one more goes out within one cycle, and a cycle without
// any asks nothing but the time.
func TestBacklogNeedsFewCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	t.Parallel()
	for name, c := range map[string]struct {
		policy Policy
		most   int
	}{
		"with calls":   {all, 60},
		"in Bulk jobs": {PolicyOf(schemas.SettingValues{}), 20},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{})
			set := func(j *Job) { j.Policy = all; j.Policy.BulkAbove = c.policy.BulkAbove }
			list := backlog(10_000)
			used, _ := b.org.APIUsage()
			if r := b.run(list, set); r.Written != len(list) {
				t.Errorf("result %+v", r)
			}
			after, _ := b.org.APIUsage()
			t.Logf("%d API calls for %d activities", after-used, len(list))
			if after-used > c.most {
				t.Errorf("%d API calls", after-used)
			}
			if n := len(b.written()); n != len(list) {
				t.Errorf("%d tasks", n)
			}
			b.run(nil, set)
			if last, _ := b.org.APIUsage(); last != after {
				t.Errorf("an idle cycle costs %d calls", last-after)
			}
			if r := b.run([]activity{mail("one")}, set); r.Written != 1 || r.BulkJobs != 0 {
				t.Errorf("one: %+v", r)
			}
			b.state("one", "written", "")
			last, _ := b.org.APIUsage()
			t.Logf("%d API calls for one activity", last-after)
		})
	}
}
