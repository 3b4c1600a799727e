package fakeforce_test

import (
	"crypto/x509"
	"encoding/csv"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	salesforce "github.com/k-capehart/go-salesforce/v3"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// tidyTransport closes the bodies that the public client leaves open.
type tidyTransport struct {
	inner  http.RoundTripper
	mu     sync.Mutex
	bodies []io.Closer
}

func (t *tidyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.inner.RoundTrip(r)
	if err == nil {
		t.mu.Lock()
		t.bodies = append(t.bodies, resp.Body)
		t.mu.Unlock()
	}
	return resp, err
}

func (t *tidyTransport) tidy() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.bodies {
		_ = b.Close()
	}
}

// goClient connects the public Go client. It logs in through the default client and does the rest through a transport that
// it is given; both are the test server's here, so that nothing outlives the test.
func goClient(t *testing.T, c *client, creds salesforce.Creds, opts ...salesforce.Option) *salesforce.Salesforce {
	t.Helper()
	transport := &tidyTransport{inner: c.http.Transport}
	before := http.DefaultClient.Transport
	http.DefaultClient.Transport = transport
	t.Cleanup(func() {
		http.DefaultClient.Transport = before
		transport.tidy()
	})
	creds.Domain = c.url
	sf, err := salesforce.Init(creds, append(opts, salesforce.WithRoundTripper(transport))...)
	if err != nil {
		t.Fatal(err)
	}
	// Its timers run on when a body is left open; the test has a deadline of its own.
	sf.GetHTTPClient().Timeout = 0
	return sf
}

var secretCreds = salesforce.Creds{ConsumerKey: clientID, ConsumerSecret: secret}

func keyPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey)}))
}

// TestGoSalesforce runs what an ordinary integration does through a client that knows nothing of this project.
func TestGoSalesforce(t *testing.T) {
	for name, creds := range map[string]salesforce.Creds{
		"client credentials": secretCreds,
		"jwt":                {Username: username, ConsumerKey: clientID, ConsumerRSAPem: keyPEM()},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, fakeforce.Options{PageSize: 40, QueryBatchSize: 30, JobPolls: -1, CustomFields: map[string][]fakeforce.Field{
				"Contact": {{Name: "Ext__c", Type: fakeforce.TypeString, Length: 40, Unique: true, ExternalID: true}},
			}})
			sf := goClient(t, c, creds)

			want := map[string]string{}
			for i := range 105 {
				last := fmt.Sprintf("Doe \"%d\"\nof, X", i)
				want[c.insert("Contact", fields{"LastName": last, "Email": fmt.Sprintf("d%d@example.com", i)})] = last
			}

			file := filepath.Join(t.TempDir(), "contacts.csv")
			if err := sf.QueryBulkExport("SELECT Id, LastName FROM Contact", file); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, r := range rows[1:] {
				got[r[0]] = r[1]
			}
			if len(rows) != 106 || fmt.Sprint(rows[0]) != "[Id LastName]" || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("bulk query: %d rows, header %v", len(rows), rows[0])
			}
			if n := c.org.Calls()[fakeforce.KindQueryResults]; n != 3 {
				t.Errorf("pages read: %d, want 3", n)
			}

			var found []struct{ Id, LastName string }
			if err := sf.Query("SELECT Id, LastName FROM Contact WHERE Email LIKE 'd%' ORDER BY Id", &found); err != nil {
				t.Fatal(err)
			}
			if len(found) != 105 {
				t.Errorf("query over pages: %d rows, want 105", len(found))
			}

			writeThroughGoClient(t, c, sf)
		})
	}
}

func writeThroughGoClient(t *testing.T, c *client, sf *salesforce.Salesforce) {
	t.Helper()
	one, err := sf.InsertOne("Contact", map[string]any{"LastName": "One", "Ext__c": "x1"})
	if err != nil || !one.Success {
		t.Fatalf("insert one: %+v, %v", one, err)
	}
	if err := sf.UpdateOne("Contact", map[string]any{"Id": one.Id, "Title": "CEO"}); err != nil {
		t.Fatal(err)
	}
	up, err := sf.UpsertOne("Contact", "Ext__c", map[string]any{"Ext__c": "x1", "LastName": "Uno"})
	if err != nil || up.Id != one.Id {
		t.Fatalf("upsert one: %+v, %v", up, err)
	}
	row, err := c.org.Get("Contact", one.Id)
	if err != nil || row["LastName"] != "Uno" || row["Title"] != "CEO" || row["CreatedById"] != c.org.UserID() {
		t.Fatalf("row: %v, %v", row, err)
	}

	many, err := sf.InsertCollection("Contact", []map[string]any{{"LastName": "A"}, {"FirstName": "no last name"}, {"LastName": "C"}}, 200)
	if err != nil || len(many.Results) != 3 || !many.Results[0].Success || many.Results[1].Success || !many.Results[2].Success {
		t.Fatalf("insert collection: %+v, %v", many, err)
	}
	if e := many.Results[1].Errors[0]; e.StatusCode != "REQUIRED_FIELD_MISSING" || e.Fields[0] != "LastName" {
		t.Fatalf("collection error: %+v", e)
	}
	removed, err := sf.DeleteCollection("Contact", []map[string]any{{"Id": many.Results[0].Id}, {"Id": many.Results[2].Id}}, 200)
	if err != nil || removed.HasSalesforceErrors {
		t.Fatalf("delete collection: %+v, %v", removed, err)
	}

	ids, err := sf.InsertBulk("Contact", []map[string]any{{"LastName": "Bulk 1", "Ext__c": "b1"}, {"LastName": "Bulk 2", "Ext__c": "b2"}, {"LastName": "Bulk 3", "Ext__c": "x1"}}, 1000, true)
	if err != nil || len(ids) != 1 {
		t.Fatalf("insert bulk: %v, %v", ids, err)
	}
	results, err := sf.GetJobResults(ids[0])
	if err != nil || len(results.SuccessfulRecords) != 2 || len(results.FailedRecords) != 1 {
		t.Fatalf("bulk results: %+v, %v", results, err)
	}
	if live, _, _ := c.org.Count("Contact"); live != 105+1+2 {
		t.Errorf("contacts: %d, want 108", live)
	}
	if err := sf.DeleteOne("Contact", map[string]any{"Id": one.Id}); err != nil {
		t.Fatal(err)
	}
}

// TestGoSalesforceRefreshes ends the client's session; it logs in again by itself.
func TestGoSalesforceRefreshes(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	sf := goClient(t, c, secretCreds)
	id := c.insert("Account", fields{"Name": "Acme"})
	c.org.ExpireTokens()
	var found []struct{ Id, Name string }
	if err := sf.Query("SELECT Id, Name FROM Account", &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Id != id {
		t.Fatalf("found %+v", found)
	}
}

// TestGoSalesforceCompresses has both directions compressed.
func TestGoSalesforceCompresses(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	sf := goClient(t, c, secretCreds, salesforce.WithCompressionHeaders(true))
	id := c.insert("Account", fields{"Name": "Acme"})
	var found []struct{ Id, Name string }
	if err := sf.Query("SELECT Id, Name FROM Account", &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Id != id {
		t.Fatalf("found %+v", found)
	}
	if one, err := sf.InsertOne("Account", map[string]any{"Name": "Zipped"}); err != nil || !one.Success {
		t.Fatalf("insert with compressed body: %+v, %v", one, err)
	}
}
