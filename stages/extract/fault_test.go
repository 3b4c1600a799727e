package extract_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// manners are ways to read an org: everything with pages one after the other, everything with pages side by side, what changed.
var manners = []string{"in order", "side by side", "changes"}

// faultObjects are enough to have several read side by side.
var faultObjects = []*schemas.Dataset{schemas.Account, schemas.Contact, schemas.Lead, schemas.Opportunity}

// TestEachFault has one thing go wrong, in each manner of reading: the run ends right, or it stops with the error that is documented for
// it, publishes nothing, and ends right when it is started again. A fault that did not happen proves nothing, so it fails the test.
func TestEachFault(t *testing.T) {
	for _, c := range []struct {
		fault string
		want  error
	}{
		{"drop@query", nil},
		{"drop@describe*3", nil},
		{"drop@bulk_query_results#2*5", nil},
		{"drop@bulk_query_results*", salesforce.ErrUnavailable}, // the network is gone
		{"drop@bulk_query_end*", nil},
		{"drop@changes", nil},
		{"lose@bulk_query_create", nil},
		{"lose@bulk_query_results#3", nil},
		{"lose@token", nil},
		{"cut/Account#2", nil},
		{"cut=1/Account", nil},
		{"cut@query", nil},
		{"cut@query/Contact*2", nil},
		{"cut@bulk_query_status*2", nil},
		{"stall/Account", nil},
		{"status=500@query", nil},
		{"status=503/Account#2*3", nil},
		{"status=503,1@describe", nil},
		{"status=429,2@bulk_query_create", nil},
		{"status=429@limits*2", nil},
		{"status=500@changes*2", nil},
		{"status=500@describe*", salesforce.ErrUnavailable},
		{"status=503,100000@describe", salesforce.ErrUnavailable}, // who asks to wait for a day is not waited for
		{"html@query", nil},
		{"html@query*", salesforce.ErrUnavailable},
		{"html=503/Account*2", nil},
		{"html@bulk_query_status", nil},
		{"html/Account#2", nil},
		{"expire/Account#2", nil},
		{"expire-mid/Account#2", nil},
		{"expire@bulk_query_status", nil},
		{"expire@query", nil},
		{"revoke@query", salesforce.ErrRevoked},
		{"revoke/Account#2", salesforce.ErrRevoked},
		{"locator/Account#2", nil},
		{"locator/Account*", salesforce.ErrNotFound},
		{"truncate/Account#2", nil},
		{"truncate/Contact*2", nil},
		{"lose-rows=2/Account#2", nil},
		{"short-page/Account#2", nil},
		{"short-page/Account*", salesforce.ErrRowCount},
		{"count=1/Account", nil},
		{"count=-1/Account*", salesforce.ErrRowCount},
		{"duplicate-page/Account#2*2", nil},
		{"job-failed/Account", nil},
		{"job-failed/Account*", salesforce.ErrJobFailed},
		{"job-aborted/Account", salesforce.ErrJobAborted},
		{"job-stuck/Account", salesforce.ErrJobStuck},
		{"job-gone/Account#2", nil},
		{"job-gone@bulk_query_status/Account", nil},
		{"lose@bulk_query_end/Account", nil},
		{"quota/Account#2", salesforce.ErrQuota},
		{"quota@describe", salesforce.ErrQuota},
		{"quota@limits", salesforce.ErrQuota},
		{"hide=Contact.Phone", nil},
		{"hide=Contact.LastName", salesforce.ErrNoField},
		{"hide=Contact.Phone@bulk_query_create/Contact", salesforce.ErrNoField},
		{"skew=2h/Account", nil},
		{"skew=-2h/Account", nil},
		{"edit=Contact/Account*3", nil},
		{"edit=Account/Account*3", nil},
		{"delete=Lead/Account*2", nil},
	} {
		f, err := fakeforce.ParseFault(c.fault)
		if err != nil {
			t.Fatal(err)
		}
		for _, manner := range manners {
			switch {
			case testing.Short() && manner == "side by side":
				continue
			case (f.On == fakeforce.KindChanges || f.On == fakeforce.KindQuery && f.Object != "") && manner != "changes":
				continue // a full read of an object asks neither for the log of deleted records nor anything by REST
			case f.On != "" && f.On != fakeforce.KindQueryResults && manner == "side by side":
				continue // what happens before and after pages does not know how they are read
			}
			t.Run(strings.ReplaceAll(c.fault, "/", ":")+", "+manner, func(t *testing.T) {
				t.Parallel()
				oneFault(t, f, manner, c.want)
			})
		}
	}
}

func oneFault(t *testing.T, f fakeforce.Fault, manner string, want error) {
	b := newBench(t, fakeforce.Options{PageSize: 10, JobPolls: 2})
	b.stage.PagesAtOnce, b.stage.RESTRows = 1, 5
	b.stage.Objects = faultObjects
	if manner == "side by side" {
		b.stage.PagesAtOnce = 2
	}
	b.fill(45)
	if manner == "changes" {
		b.run()
		b.touch()
		b.later(time.Hour)
	}
	if f.Kind == "stall" {
		b.cfg.Timeout = 300 * time.Millisecond
	}
	b.connect()
	faults := b.org.AddFaults(f)
	m, err := b.try(t.Context())
	if faults.Fired()[0] == 0 {
		t.Fatal("nothing went wrong")
	}
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	faults.Remove()
	if err != nil {
		if len(m.Datasets) != 0 {
			t.Errorf("a failed run published %v", m.Datasets)
		}
		b.org.Mend()
		b.connect()
		m = b.run()
	}
	if slices.Contains([]string{"edit", "delete", "skew", "hide"}, f.Kind) {
		// What changed while pages were read is seen by the next run.
		b.org.Mend()
		b.later(3 * time.Hour)
		m = b.run()
	}
	b.equalObjects(m)
	if f.Kind == "drop" && f.On == fakeforce.KindQueryEnd {
		b.later(time.Hour)
		b.equalObjects(b.run()) // which ends what the one before could not
	}
	if n := len(b.org.Jobs()); n != 0 && !(f.Kind == "lose" && f.On == fakeforce.KindQueryCreate) {
		t.Errorf("%d jobs are left in the org", n)
	}
}

// touch changes every record; what it changes in opportunities is not read.
func (b *bench) touch() {
	b.t.Helper()
	for object, field := range map[string]string{"Account": "BillingCity", "Contact": "Phone", "Lead": "Title", "Opportunity": "NextStep"} {
		rows, err := b.org.Rows("SELECT Id FROM " + object)
		b.must(err)
		for i, r := range rows {
			b.must(b.org.Update(object, r[0], map[string]any{field: fmt.Sprintf("changed, %d", i)}))
		}
	}
}

// TestWideObject reads an object of a thousand custom fields: what is asked for stays what the data dictionary says.
func TestWideObject(t *testing.T) {
	b := newBench(t, fakeforce.Options{CustomFields: map[string][]fakeforce.Field{"Contact": fakeforce.WideFields(1000)}})
	b.fill(30)
	b.equal(b.run())
}
