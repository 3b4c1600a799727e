package extract_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gosalesforce "github.com/k-capehart/go-salesforce/v3"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// tidy closes the bodies that the public client leaves open.
type tidy struct {
	next   http.RoundTripper
	mu     sync.Mutex
	bodies []io.Closer
}

// RoundTrip implements http.RoundTripper.
func (t *tidy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		t.mu.Lock()
		t.bodies = append(t.bodies, resp.Body)
		t.mu.Unlock()
	}
	return resp, err
}

// goClient connects the public Go client to the org. It logs in through the default client, whose transport is lent to it meanwhile.
func (b *bench) goClient(secret string) *gosalesforce.Salesforce {
	b.t.Helper()
	inner := &http.Transport{}
	transport, before := &tidy{next: inner}, http.DefaultClient.Transport
	http.DefaultClient.Transport = transport
	b.t.Cleanup(func() {
		http.DefaultClient.Transport = before
		for _, body := range transport.bodies {
			_ = body.Close()
		}
		inner.CloseIdleConnections()
	})
	sf, err := gosalesforce.Init(gosalesforce.Creds{Domain: b.cfg.LoginURL, ConsumerKey: "key", ConsumerSecret: secret}, gosalesforce.WithRoundTripper(transport))
	b.must(err)
	// Its timers run on when a body is left open; the test has a deadline of its own.
	sf.GetHTTPClient().Timeout = 0
	return sf
}

// TestSameRowsAsGoSalesforce reads one org with the public Go client and with the stage: each object has the same rows, with the same text
// in every field, by Bulk; and by REST for the ids.
func TestSameRowsAsGoSalesforce(t *testing.T) {
	const secret = "a-secret-of-tests"
	b := newBench(t, fakeforce.Options{PageSize: 40, QueryBatchSize: 30, JobPolls: -1, ClientSecret: secret})
	b.fill(130)
	b.must(b.org.Delete("Contact", anyKey(b.inOrg(schemas.Contact))))
	b.later(time.Hour)
	m := b.run()
	sf := b.goClient(secret)
	for _, ds := range schemas.CRMObjects {
		file := filepath.Join(t.TempDir(), ds.Name+".csv")
		b.must(sf.QueryBulkExport(ds.SOQL(""), file))
		theirs, ours := readExport(t, ds, file), b.inSnapshot(m, ds)
		// The public client's file has bare line ends only: its CSV reader drops the carriage return of a CRLF within a value.
		for _, row := range ours {
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
			}
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s differs (-go-salesforce +snapshot):\n%s", ds.Object, diff)
		}
		var ids []struct{ Id string } //nolint:revive // the client matches fields by this name
		b.must(sf.Query("SELECT Id FROM "+ds.Object, &ids))
		var byREST []string
		for _, r := range ids {
			byREST = append(byREST, r.Id)
		}
		slices.Sort(byREST)
		if want := slices.Sorted(maps.Keys(ours)); !slices.Equal(byREST, want) {
			t.Errorf("%s: %d ids by REST, %d in the snapshot", ds.Object, len(byREST), len(want))
		}
		t.Logf("%s: %d rows of %d fields are the same", ds.Object, len(ours), len(ds.Fields))
	}
}

// readExport reads the public client's CSV into rows by id, in the text form of the comparison.
func readExport(t *testing.T, ds *schemas.Dataset, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(all[0]) != fmt.Sprint(ds.Names()) {
		t.Fatalf("header %v", all[0])
	}
	rows := map[string][]string{}
	for _, row := range all[1:] {
		for i, field := range ds.Fields {
			row[i] = cell(field, row[i])
		}
		rows[row[ds.Index("Id")]] = row
	}
	if len(rows) != len(all)-1 {
		t.Fatalf("%d rows, %d ids", len(all)-1, len(rows))
	}
	return rows
}
