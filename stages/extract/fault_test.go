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
)

// TestEachFault has one thing go wrong, for pages read one after the other and side by side: the run ends right, or it stops with the
// error that is documented for it, publishes nothing, and ends right when it is started again. A fault that did not happen proves
// nothing, so it fails the test.
func TestEachFault(t *testing.T) {
	for _, c := range []struct {
		fault string
		want  error
	}{
		{"drop@query", nil},
		{"drop@describe*3", nil},
		{"drop@bulk_query_results#2*5", nil},
		{"drop@bulk_query_results*", errAny}, // the network is gone
		{"lose@bulk_query_create", nil},
		{"lose@bulk_query_results#3", nil},
		{"lose@token", nil},
		{"cut/Account#2", nil},
		{"cut=1/Account", nil},
		{"cut@query", nil},
		{"cut@bulk_query_status*2", nil},
		{"stall/Account", nil},
		{"status=500@query", nil},
		{"status=503/Account#2*3", nil},
		{"status=503,1@describe", nil},
		{"status=429,2@bulk_query_create", nil},
		{"status=429@limits*2", nil},
		{"status=503,100000@describe", errAny}, // who asks to wait for a day is not waited for
		{"html@query", nil},
		{"html=503/Account*2", nil},
		{"html@bulk_query_status", nil},
		{"html/Account#2", nil},
		{"expire/Account#2", nil},
		{"expire-mid/Account#2", nil},
		{"expire@bulk_query_status", nil},
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
		{"duplicate-page/Account#2", nil},
		{"job-failed/Account", nil},
		{"job-failed/Account*", salesforce.ErrJobFailed},
		{"job-aborted/Account", salesforce.ErrJobAborted},
		{"job-stuck/Account", salesforce.ErrJobStuck},
		{"job-gone/Account#2", nil},
		{"quota/Account#2", salesforce.ErrQuota},
		{"quota@describe", salesforce.ErrQuota},
		{"hide=Contact.Phone", nil},
		{"hide=Contact.LastName", salesforce.ErrNoField},
		{"skew=2h/Account", nil},
		{"skew=-2h/Account", nil},
		{"edit=Contact/Account*3", nil},
		{"edit=Account/Account*3", nil},
		{"delete=Lead/Account*2", nil},
	} {
		for _, side := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d", strings.ReplaceAll(c.fault, "/", ":"), side), func(t *testing.T) {
				b := newBench(t, fakeforce.Options{PageSize: 10, JobPolls: 2})
				b.stage.PagesAtOnce, b.stage.RESTRows = side, 5
				if strings.HasPrefix(c.fault, "stall") {
					b.cfg.Timeout = 100 * time.Millisecond
					b.connect()
				}
				b.fill(45)
				f, err := fakeforce.ParseFault(c.fault)
				b.must(err)
				faults := b.org.AddFaults(f)
				m, err := b.try(t.Context())
				if c.want == errAny && err == nil || c.want != errAny && !errors.Is(err, c.want) {
					t.Fatalf("error %v, want %v", err, c.want)
				}
				if faults.Fired()[0] == 0 {
					t.Fatal("nothing went wrong")
				}
				faults.Remove()
				if err != nil {
					if len(m.Datasets) != 0 {
						t.Errorf("a failed run published %v", m.Datasets)
					}
					b.org.Mend()
					if c.want == salesforce.ErrNoField {
						b.must(b.org.ShowField("Contact", "LastName"))
					}
					b.connect()
					m = b.run()
				}
				if slices.Contains([]string{"edit", "delete", "skew", "hide"}, f.Kind) {
					// What changed while pages were read is seen by the next run.
					if f.Kind == "hide" {
						b.must(b.org.ShowField("Contact", "Phone"))
					}
					b.later(3 * time.Hour)
					m = b.run()
				}
				b.equal(m)
				if n := len(b.org.Jobs()); n != 0 && f.Kind != "lose" {
					t.Errorf("%d jobs are left in the org", n)
				}
			})
		}
	}
}

// errAny stands for errors that are of no kind that anybody decides by.
var errAny = errors.New("any error")

// TestWideObject reads an object of a thousand custom fields: what is asked for stays what the data dictionary says.
func TestWideObject(t *testing.T) {
	b := newBench(t, fakeforce.Options{CustomFields: map[string][]fakeforce.Field{"Contact": fakeforce.WideFields(1000)}})
	b.fill(30)
	b.equal(b.run())
}
