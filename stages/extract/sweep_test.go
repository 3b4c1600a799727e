package extract_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/extract"
)

// logOf has the org answer in another way when it is asked for the log of deleted records.
func (b *bench) logOf(status int, body string) (remove func()) {
	return b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindChanges {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// blindLog is a log that knows of no deletion, for good or not.
func (b *bench) blindLog() (remove func()) {
	return b.logOf(http.StatusOK, `{"deletedRecords":[],"earliestDateAvailable":"2020-01-01T00:00:00.000+0000","latestDateCovered":"2040-01-01T00:00:00.000+0000"}`)
}

func swept(m *pipeline.Manifest) (names []string) {
	for _, ds := range schemas.CRMObjects {
		if m.Count("swept."+ds.Name) > 0 {
			names = append(names, ds.Object)
		}
	}
	return names
}

// TestHardDeletesAreSeenAtOnce deletes for good what the recycle bin never shows: the log says since when it is incomplete.
func TestHardDeletesAreSeenAtOnce(t *testing.T) {
	for _, restRows := range []int64{5, 0} {
		t.Run(fmt.Sprint(restRows), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 10})
			b.stage.RESTRows = restRows
			accounts := b.fill(20)
			b.later(time.Minute)
			b.run()
			b.later(time.Hour)
			for _, id := range accounts[:3] {
				b.must(b.org.HardDelete("Account", id))
			}
			b.must(b.org.Delete("Account", accounts[3]))
			b.must(b.org.HardDelete("Account", accounts[3])) // the bin was emptied
			b.later(time.Hour)
			m := b.run()
			b.equal(m)
			if got := swept(m); !slices.Equal(got, []string{"Account"}) {
				t.Errorf("swept %v", got)
			}
			e, _ := m.Entry(schemas.Account.Name)
			if m.Count("deleted.crm_account") != 4 || e.Deleted != 4 || !e.Swept.Equal(m.AsOf) {
				t.Errorf("deleted %d, entry %+v", m.Count("deleted.crm_account"), e)
			}
			// What a sweep has seen needs no other, although the overlap shows it again.
			b.stage.Overlap = 24 * time.Hour
			b.later(time.Hour)
			m = b.run()
			b.equal(m)
			if got := swept(m); got != nil {
				t.Errorf("swept %v again", got)
			}
			if n := len(b.org.Jobs()); n != 0 {
				t.Errorf("%d jobs are left in the org", n)
			}
		})
	}
}

// TestSweepComesDue finds what no window shows: rows deleted for good without a word, and rows that became visible without being touched.
func TestSweepComesDue(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.stage.SweepEvery, b.stage.RESTRows = 7*24*time.Hour, 5
	accounts := b.fill(30)
	defer b.blindLog()()
	hidden := "001FAKEFORCE000AAA"
	b.later(time.Hour)
	first := b.run()
	b.must(b.org.HardDelete("Account", accounts[7]))
	b.must(b.org.InsertWithID("Account", hidden, map[string]any{"Name": "Seen late", "SystemModstamp": epoch, "CreatedDate": epoch, "LastModifiedDate": epoch}))
	for day := 1; day <= 8; day++ {
		b.later(24 * time.Hour)
		m := b.run()
		rows := b.inSnapshot(m, schemas.Account)
		e, _ := m.Entry(schemas.Account.Name)
		if day < 7 {
			if swept(m) != nil || rows[accounts[7]] == nil || rows[hidden] != nil || !e.Swept.Equal(first.AsOf) {
				t.Errorf("day %d: swept %v at %s", day, swept(m), e.Swept)
			}
			continue
		}
		b.equal(m)
		// Roles are compared as a whole in every run.
		if want := len(schemas.CRMObjects) - 1; day == 7 && len(swept(m)) != want || day == 8 && swept(m) != nil {
			t.Errorf("day %d: swept %v", day, swept(m))
		}
	}
}

// TestDeletionsOutsideTheBin has the log name records that the recycle bin does not show, one of which has come back.
func TestDeletionsOutsideTheBin(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	accounts := b.fill(6)
	b.later(time.Hour)
	b.run()
	b.later(time.Hour)
	b.must(b.org.HardDelete("Account", accounts[0]))
	b.must(b.org.Delete("Account", accounts[1]))
	at := b.org.Clock().Now().Format("2006-01-02T15:04:05.000+0000")
	b.later(time.Minute)
	var list []string
	for _, id := range accounts[:3] { // the third one is alive
		list = append(list, fmt.Sprintf(`{"id":%q,"deletedDate":%q}`, id, at))
	}
	remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindChanges || call.Object != "Account" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"deletedRecords":[%s],"earliestDateAvailable":"2020-01-01T00:00:00.000+0000","latestDateCovered":"2040-01-01T00:00:00.000+0000"}`,
			strings.Join(list, ","))
	})
	defer remove()
	m := b.run()
	b.equal(m)
	if swept(m) != nil || m.Count("deleted.crm_account") != 2 {
		t.Errorf("swept %v, counts %v", swept(m), m.Stage("extract").Counts)
	}
}

// TestLogThatRefuses goes on with the recycle bin, or compares all ids where the bin can't tell.
func TestLogThatRefuses(t *testing.T) {
	for _, tt := range []struct {
		code string
		want []string
	}{
		{"INVALID_TYPE_FOR_OPERATION", []string{"User"}}, // users have no recycle bin
		{"EXCEEDED_ID_LIMIT", []string{"User", "Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole"}},
	} {
		t.Run(tt.code, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{})
			b.fill(4)
			b.later(time.Hour)
			b.run()
			b.must(b.org.Delete("Lead", anyKey(b.inOrg(schemas.Lead))))
			b.must(b.org.HardDelete("User", b.insert("User", map[string]any{"Username": "gone@example.com", "LastName": "Gone"})))
			defer b.logOf(http.StatusBadRequest, fmt.Sprintf(`[{"errorCode":%q,"message":"no"}]`, tt.code))()
			b.later(time.Hour)
			m := b.run()
			b.equal(m)
			if got := swept(m); !slices.Equal(got, tt.want) {
				t.Errorf("swept %v, want %v", got, tt.want)
			}
		})
	}
}

// TestManyMissingRowsAreReadInFull has more rows become visible than statements should name.
func TestManyMissingRowsAreReadInFull(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 2000})
	b.stage.Objects, b.stage.SweepEvery = []*schemas.Dataset{schemas.Lead}, time.Hour
	lead := func(i int) {
		b.insert("Lead", map[string]any{"LastName": fmt.Sprint("Lead ", i), "Company": "X", "Status": "New", "SystemModstamp": epoch})
	}
	for i := range 10 {
		lead(i)
	}
	b.later(time.Hour)
	b.run()
	for i := range 400 { // two statements' worth
		lead(10 + i)
	}
	b.later(time.Hour)
	m := b.run()
	b.equalObjects(m)
	if e, _ := m.Entry(schemas.Lead.Name); len(e.Layers) != 2 || e.Changed != 400 {
		t.Errorf("entry %+v", e)
	}
	for i := range 3100 {
		lead(410 + i)
	}
	b.later(time.Hour)
	m = b.run()
	b.equalObjects(m)
	if e, _ := m.Entry(schemas.Lead.Name); len(e.Layers) != 1 || !strings.Contains(b.log.String(), "missing=3100") {
		t.Errorf("entry %+v\n%s", e, b.log)
	}
}

// TestVanishedRowsStopTheRun takes most records away without a trace, as a lost permission does: by a sweep, and by a full read.
func TestVanishedRowsStopTheRun(t *testing.T) {
	for _, how := range []string{"sweep", "full"} {
		t.Run(how, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 2000})
			b.stage.Objects, b.stage.SweepEvery, b.stage.RESTRows = []*schemas.Dataset{schemas.Lead}, time.Hour, 100
			var ids []string
			for i := range 1900 {
				ids = append(ids, b.insert("Lead", map[string]any{"LastName": fmt.Sprint("Lead ", i), "Company": "X", "Status": "New"}))
			}
			b.later(time.Hour)
			before := b.run()
			for _, id := range ids[:1100] {
				b.must(b.org.HardDelete("Lead", id))
			}
			b.later(time.Hour)
			if how == "full" {
				b.must(b.org.HideField("Lead", "City"))
			}
			m, err := b.try(t.Context())
			if !errors.Is(err, extract.ErrVanished) || !strings.Contains(err.Error(), "read Lead: 1100 of 1900 rows") {
				t.Fatalf("error %v", err)
			}
			if len(m.Datasets) != 0 {
				t.Errorf("published %v", m.Datasets)
			}
			e, _ := before.Entry(schemas.Lead.Name)
			if e.Rows != 1900 {
				t.Errorf("entry %+v", e)
			}
			b.stage.MaxVanished = 1
			m = b.run()
			if e, _ := m.Entry(schemas.Lead.Name); e.Rows != 800 {
				t.Errorf("entry %+v", e)
			}
			// Those in the recycle bin are explained, however many.
			for _, id := range ids[1100:] {
				b.must(b.org.Delete("Lead", id))
			}
			b.stage.MaxVanished = 0
			b.later(time.Hour)
			m = b.run()
			if e, _ := m.Entry(schemas.Lead.Name); e.Rows != 0 {
				t.Errorf("entry %+v", e)
			}
		})
	}
}

// TestSweepIsResumed kills the run in the middle of reading the ids.
func TestSweepIsResumed(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	b.stage.Objects, b.stage.SweepEvery, b.stage.RESTRows, b.stage.PagesAtOnce = []*schemas.Dataset{schemas.Account}, time.Hour, 5, 1
	accounts := b.fill(45)
	b.later(time.Hour)
	b.run()
	b.must(b.org.HardDelete("Account", accounts[11]))
	b.later(time.Hour)
	b.org.ResetCalls()
	f, err := fakeforce.ParseFault("quota/Account#3")
	b.must(err)
	faults := b.org.AddFaults(f)
	if _, err := b.try(t.Context()); err == nil {
		t.Fatal("the run did not stop")
	}
	faults.Remove()
	b.org.Mend()
	b.connect()
	m := b.run()
	b.equalObjects(m)
	calls := b.org.Calls()
	if m.Resumed != 1 || calls[fakeforce.KindQueryCreate] != 1 || calls[fakeforce.KindQueryResults] != 5 {
		t.Errorf("resumed %d times, calls %v", m.Resumed, calls)
	}
}
