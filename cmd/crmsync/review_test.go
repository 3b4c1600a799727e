package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/jobs/demo"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/stages/control"
)

// ask runs a verb in this process and checks its exit code. It returns what was printed, to standard output and to standard error.
func (s *site) ask(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	for _, v := range s.env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	var out, problems bytes.Buffer
	if got := run(t.Context(), append(args, s.args...), &out, &problems); got != code {
		t.Fatalf("crmsync %s: exit code %d, want %d:\n%s%s", strings.Join(args, " "), got, code, &out, &problems)
	}
	return out.String(), problems.String()
}

// answer runs a verb and reads the JSON that it prints.
func answer[T any](t *testing.T, s *site, args ...string) (v T) {
	t.Helper()
	out, _ := s.ask(t, exitDone, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("crmsync %s: %v:\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// loaded is a link as the tables have it.
type loaded struct{ Object, Record, Target, Decision, Origin string }

func (s *site) links(t *testing.T) map[string]loaded {
	t.Helper()
	r, err := s.db.Query(t.Context(), `SELECT object, record_id, target_id, decision, origin FROM crmsync.links WHERE contract = $1`, demo.Contract)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := map[string]loaded{}
	for r.Next() {
		var l loaded
		if err := r.Scan(&l.Object, &l.Record, &l.Target, &l.Decision, &l.Origin); err != nil {
			t.Fatal(err)
		}
		all[l.Record] = l
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// one returns the first id of a query.
func (s *site) one(t *testing.T, sql string) (id string) {
	t.Helper()
	if err := s.db.QueryRow(t.Context(), sql).Scan(&id); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return id
}

// ids returns the ids of an object's records in the org, in order.
func ids(t *testing.T, w *demo.World, object string) (list []string) {
	t.Helper()
	rows, err := w.Org.Rows("SELECT Id FROM " + object)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		list = append(list, r[0])
	}
	slices.Sort(list)
	return list
}

// column returns a column of a file of the export.
func column(t *testing.T, w *demo.World, file, name string) (list []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(w.Dir, "export", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(all[0], name)
	for _, r := range all[1:] {
		list = append(list, r[at])
	}
	return list
}

// TestDecisionsByHand decides reviews and links by hand, syncs, changes the records, syncs, reads the whole org anew: what was decided
// holds all along. Then it takes everything back.
func TestDecisionsByHand(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")
	before := s.links(t)

	list := answer[reviewList](t, s, "review", "list", "--limit", "0")
	want := 0
	for _, l := range before {
		if l.Decision == "review" {
			want++
		}
	}
	if list.Open != want || len(list.Reviews) != want || want < 4 {
		t.Fatalf("%d open reviews, %d listed; the tables have %d", list.Open, len(list.Reviews), want)
	}
	for i, r := range list.Reviews {
		if r.Record == "" || r.Candidate == "" || r.CandidateURL == "" || !strings.HasSuffix(r.RecordURL, r.RecordID) || len(r.Why) == 0 || before[r.RecordID].Target != r.CandidateID {
			t.Errorf("review %+v", r)
		}
		if i > 0 && r.Weight > list.Reviews[i-1].Weight {
			t.Errorf("%s is likelier than the one before", r.RecordID)
		}
	}
	if out, _ := s.ask(t, exitDone, "review", "list", "--object", "lead", "--limit", "1"); !strings.Contains(out, "Lead 00Q") || strings.Contains(out, "Contact 003") || !strings.Contains(out, "1 shown") {
		t.Errorf("reviews of leads:\n%s", out)
	}
	reviews := func(object string) (ids []string) {
		for _, r := range list.Reviews {
			if r.Object == object {
				ids = append(ids, r.RecordID)
			}
		}
		return ids
	}
	accepted, rejected := reviews("Lead")[0], reviews("Contact")[0]

	d := answer[decided](t, s, "review", "accept", accepted[:15], "--by", "ann", "--why", "spoke to her")
	if d.RecordID != accepted || d.TargetID != before[accepted].Target || d.Verdict != control.Link || d.By != "ann" || d.Why != "spoke to her" || d.Running || !strings.Contains(d.Advice, "`crmsync sync`") {
		t.Errorf("accepted: %+v", d)
	}
	out, _ := s.ask(t, exitDone, "review", "reject", rejected)
	if !strings.Contains(out, "is never linked to "+before[rejected].Target) || !strings.Contains(out, "takes effect with the next sync") || !strings.Contains(out, "by "+whoami()) {
		t.Errorf("rejected:\n%s", out)
	}
	// A link to a profile that nobody has, and one that takes the profile of another record.
	taken := map[string]bool{}
	for _, l := range before {
		taken[l.Target] = true
	}
	people := slices.DeleteFunc(column(t, w, "people.csv", "member_id"), func(id string) bool { return taken[id] })
	unlinked := slices.DeleteFunc(ids(t, w, "Contact"), func(id string) bool { return before[id] != loaded{} })
	added, taker, free := unlinked[0], unlinked[1], people[0]
	s.ask(t, exitDone, "link", "add", added, free, "--why", "new name")
	loser := s.one(t, `SELECT record_id FROM crmsync.links WHERE object = 'Contact' AND decision = 'link' ORDER BY 1 LIMIT 1`)
	if d := answer[decided](t, s, "link", "add", taker, before[loser].Target); len(d.Notes) != 1 || !strings.Contains(d.Notes[0], loser) {
		t.Errorf("a link that takes the profile of %s: %+v", loser, d)
	}
	removed := s.one(t, `SELECT record_id FROM crmsync.links WHERE object = 'Account' AND decision = 'link' ORDER BY 1 LIMIT 1`)
	if d := answer[decided](t, s, "link", "remove", removed); d.Verdict != control.Reject || d.TargetID != before[removed].Target {
		t.Errorf("a model's link removed: %+v", d)
	}
	if again := answer[reviewList](t, s, "review", "list"); again.Open != want-2 || again.Decided != 2 {
		t.Errorf("after two decisions %d of %d reviews are open, %d decided", again.Open, want, again.Decided)
	}

	holds := func(when string) {
		t.Helper()
		m, err := s.home.Latest("sync", pipeline.Succeeded)
		if err != nil {
			t.Fatal(err)
		}
		if current := s.one(t, `SELECT current_run FROM crmsync.contracts`); current != m.RunID {
			t.Fatalf("%s: the tables show %s, the latest run is %s", when, current, m.RunID)
		}
		now := s.links(t)
		for record, target := range map[string]string{accepted: before[accepted].Target, added: free, taker: before[loser].Target} {
			if l := now[record]; l.Target != target || l.Decision != "link" || l.Origin != manual {
				t.Errorf("%s: %s was linked to %s by hand, the tables have %+v", when, record, target, l)
			}
		}
		for _, record := range []string{rejected, removed, loser} {
			if l := now[record]; l.Target == before[record].Target && l.Decision == "link" || record != loser && l.Target == before[record].Target {
				t.Errorf("%s: %s is linked to %s again: %+v", when, record, l.Target, l)
			}
		}
	}
	s.ask(t, exitDone, "sync")
	holds("after a sync")

	change := []fakeforce.Change{}
	for _, id := range []string{accepted, rejected, added, taker, loser} {
		object, _, err := control.Record(id)
		if err != nil {
			t.Fatal(err)
		}
		change = append(change, fakeforce.Change{Op: "update", Object: object, ID: id, Fields: map[string]any{"LastName": "Changed", "Phone": "+1 650 253 0000"}})
	}
	change = append(change, fakeforce.Change{Op: "update", Object: "Account", ID: removed, Fields: map[string]any{"Description": "Changed."}})
	w.Org.Clock().Advance(6 * time.Hour)
	if _, err := w.Org.Apply(change); err != nil {
		t.Fatal(err)
	}
	w.Org.Clock().Advance(6 * time.Hour)
	s.ask(t, exitDone, "sync")
	holds("after a change of the records")

	// With no snapshots left, everything is read again.
	if err := os.RemoveAll(s.home.DataDir()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.home.Dir, "runs")); err != nil {
		t.Fatal(err)
	}
	w.Org.Clock().Advance(12 * time.Hour)
	s.ask(t, exitDone, "sync")
	holds("after everything was read again")
	if m, err := s.home.Latest("sync", pipeline.Succeeded); err != nil || m.Base != "" {
		t.Errorf("the last sync was not a first one: %+v, %v", m, err)
	}

	made := answer[[]handMade](t, s, "link", "list")
	if len(made) != 5 || !slices.ContainsFunc(made, func(x handMade) bool {
		return x.RecordID == accepted && x.Verdict == control.Link && x.By == "ann" && x.Why == "spoke to her" && !x.At.IsZero() && x.Target != "(gone)"
	}) {
		t.Errorf("what was decided: %+v", made)
	}
	for _, id := range []string{accepted, rejected, removed} {
		if d := answer[decided](t, s, "review", "undo", id); d.Verdict != undone {
			t.Errorf("%s undone: %+v", id, d)
		}
	}
	for _, id := range []string{added, taker} {
		if d := answer[decided](t, s, "link", "remove", id); d.Verdict != undone {
			t.Errorf("the hand-made link of %s removed: %+v", id, d)
		}
	}
	_, problems := s.ask(t, exitFailed, "link", "remove", added)
	if !strings.Contains(problems, "taken back already") {
		t.Errorf("removed twice: %s", problems)
	}
	w.Org.Clock().Advance(12 * time.Hour)
	s.ask(t, exitDone, "sync")
	after := s.links(t)
	for id, l := range after {
		if l.Origin == manual {
			t.Errorf("%s is still linked by hand: %+v", id, l)
		}
	}
	// The account's record did not change in what is compared, so the model has its link again.
	if after[removed] != before[removed] {
		t.Errorf("the rejection of %s was taken back: %+v, before %+v", removed, after[removed], before[removed])
	}
}

// TestDecisionsRefuse asks for what cannot be: the message names what was looked for, or who stands in the way.
func TestDecisionsRefuse(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	_, problems := s.ask(t, exitFailed, "review", "list")
	if !strings.Contains(problems, "crmsync sync") {
		t.Errorf("before the first sync: %s", problems)
	}
	s.ask(t, exitDone, "sync")
	lead, contacts, account := ids(t, w, "Lead")[0], ids(t, w, "Contact"), ids(t, w, "Account")[0]
	person, company := column(t, w, "people.csv", "member_id")[0], column(t, w, "companies.csv", "company_id")[0]
	linked := s.one(t, `SELECT record_id FROM crmsync.links WHERE decision = 'link' AND target_id <> '`+person+`' ORDER BY 1 LIMIT 1`)
	s.ask(t, exitDone, "link", "add", contacts[0], person, "--by", "ann")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"no record id", []string{"link", "add", person, lead}, exitUsage, []string{person, "lead, contact or account"}},
		{"a user", []string{"review", "accept", "005000000000001AAA", person}, exitUsage, []string{"005000000000001AAA", "003 (contact)"}},
		{"mistyped case", []string{"link", "add", strings.ToUpper(lead), person}, exitUsage, []string{"typed in one case"}},
		{"a record that is nowhere", []string{"link", "add", "003000000000001", person}, exitFailed, []string{"contact 003000000000001AAA", "crm_contact"}},
		{"a profile that is nowhere", []string{"link", "add", lead, "nobody"}, exitFailed, []string{`member_id "nobody"`, "nav_people"}},
		{"a company that is nowhere", []string{"review", "reject", account, "nothing"}, exitFailed, []string{`company_id "nothing"`, "nav_companies"}},
		{"a company for a lead", []string{"link", "add", lead, company}, exitFailed, []string{company + " is a company", "a lead is linked to a person"}},
		{"a person for an account", []string{"review", "accept", account, person}, exitFailed, []string{person + " is a person", "an account is linked to a company"}},
		{"a record for a profile", []string{"link", "add", lead, contacts[0]}, exitFailed, []string{contacts[0] + " is the id of a contact"}},
		{"a profile that another has", []string{"link", "add", contacts[1], person}, exitFailed, []string{person, contacts[0], "ann"}},
		{"not in review", []string{"review", "accept", linked}, exitFailed, []string{"not in review", "linked by the model"}},
		{"nothing to undo", []string{"review", "undo", lead}, exitFailed, []string{"nothing was decided", lead}},
		{"another link to remove", []string{"link", "remove", contacts[0], "p9"}, exitFailed, []string{"not linked to p9", person}},
		{"no link to remove", []string{"link", "remove", linked, "p9"}, exitFailed, []string{"no such link", linked}},
		{"object", []string{"review", "list", "--object", "user"}, exitUsage, []string{"--object", "lead, contact, account"}},
		{"limit", []string{"review", "list", "--limit", "-1"}, exitUsage, []string{"--limit"}},
		{"explain a pair of nothing", []string{"explain", lead, "nobody"}, exitFailed, []string{`"nobody"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := s.ask(t, tt.code, tt.args...)
			for _, want := range tt.says {
				if !strings.Contains(problems, want) {
					t.Errorf("does not say %q: %s", want, problems)
				}
			}
		})
	}
	if made, err := control.Decisions(t.Context(), s.db, demo.Contract); err != nil || len(made) != 1 {
		t.Errorf("refused, yet stored: %+v, %v", made, err)
	}
}

// TestWhenADecisionCounts decides while a sync runs, and after one that did not end.
func TestWhenADecisionCounts(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")
	contact, person := ids(t, w, "Contact")[0], column(t, w, "people.csv", "member_id")[0]
	reject := func() effect { return answer[decided](t, s, "review", "reject", contact, person).effect }
	if e := reject(); e.From != "the next sync" || e.Running {
		t.Errorf("nothing runs: %+v", e)
	}
	m, err := s.home.Latest("sync", nil)
	if err != nil {
		t.Fatal(err)
	}
	unfinished := func(age time.Duration, stages int) {
		t.Helper()
		m := *m
		m.State, m.Started, m.Stages = pipeline.StateRunning, time.Now().Add(-age), m.Stages[:stages]
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.home.RunDir(m.RunID), "manifest.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	show := func() effect { // review needs a finished run, so the effect is asked for directly
		t.Helper()
		var e effect
		a := &app{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, configFile: s.args[1], overrides: []string{s.args[3]}}
		if err := a.with(t.Context(), func(s *session) (err error) { e, err = s.effectNow(); return err }); err != nil {
			t.Fatal(err)
		}
		return e
	}
	unfinished(time.Minute, 2)
	held, err := s.home.TryLock("sync", "sync")
	if err != nil {
		t.Fatal(err)
	}
	if e := show(); !e.Running || !strings.Contains(e.From, "after the one that is running") {
		t.Errorf("while a sync runs: %+v", e)
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if e := show(); e.Running || !strings.Contains(e.Advice, "--fresh") {
		t.Errorf("after a sync that did not end: %+v", e)
	}
	unfinished(48*time.Hour, 2)
	if e := show(); e.From != "the next sync" {
		t.Errorf("after a sync that is too old to be resumed: %+v", e)
	}
	unfinished(time.Minute, 0)
	if e := show(); e.From != "the next sync" {
		t.Errorf("after a sync that read no decisions: %+v", e)
	}
}
