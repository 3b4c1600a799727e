package fakeforce_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// people inserts a few leads whose names tell what is special about them.
func people(t *testing.T, c *client) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for i, f := range []fields{
		{"LastName": "Alpha", "Company": "Acme", "City": "Berlin", "NumberOfEmployees": 5, "AnnualRevenue": 1.5e9, "IsConverted": true, "ConvertedDate": "2026-01-31"},
		{"LastName": "beta", "Company": "O'Neil \\ Sons", "NumberOfEmployees": 50, "AnnualRevenue": 99.5, "ConvertedDate": "2026-02-28"},
		{"LastName": "Gamma", "Company": "100% Ltd", "City": "berlin", "NumberOfEmployees": 500},
		{"LastName": "delta", "Company": "x_y", "City": "Paris"},
	} {
		f["CreatedDate"] = epoch.Add(time.Duration(i-3) * 24 * time.Hour)
		ids[f["LastName"].(string)] = c.insert("Lead", f)
	}
	return ids
}

func TestSOQLConditions(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	ids := people(t, c)
	cases := []struct{ where, want string }{
		{"City = 'BERLIN'", "Alpha Gamma"},
		{"City != 'Berlin'", "beta delta"},
		{"City = null", "beta"},
		{"City <> null", "Alpha Gamma delta"},
		{"NumberOfEmployees > 5", "beta Gamma"},
		{"NumberOfEmployees >= 5 AND NumberOfEmployees < 500", "Alpha beta"},
		{"NOT NumberOfEmployees > 5", "Alpha delta"},
		{"AnnualRevenue = 1500000000", "Alpha"},
		{"AnnualRevenue <= 99.5", "beta"},
		{"IsConverted = true", "Alpha"},
		{"IsConverted != true", "beta Gamma delta"},
		{"LastName IN ('ALPHA', 'delta')", "Alpha delta"},
		{"City NOT IN ('Paris', 'Rome')", "Alpha beta Gamma"},
		{"LastName LIKE '%ta'", "beta delta"},
		{"LastName LIKE '_____'", "Alpha Gamma delta"},
		{"Company LIKE '100\\% %'", "Gamma"},
		{"Company LIKE 'x\\_y'", "delta"},
		{"Company = 'O\\'Neil \\\\ Sons'", "beta"},
		{"ConvertedDate > 2026-01-31", "beta"},
		{"ConvertedDate IN (2026-01-31, 2026-02-28)", "Alpha beta"},
		{"CreatedDate >= 2026-02-28T12:00:00Z", "Gamma delta"},
		{"CreatedDate < 2026-02-27T13:00:00.000+0100", "Alpha"},
		{"CreatedDate = TODAY", "delta"},
		{"CreatedDate = YESTERDAY", "Gamma"},
		{"CreatedDate = LAST_N_DAYS:2", "beta Gamma delta"},
		{"CreatedDate > LAST_N_DAYS:1", ""},
		{"(City = 'Berlin' AND NumberOfEmployees = 5) OR LastName = 'delta'", "Alpha delta"},
		{"NOT (City = 'Berlin' OR City = 'Paris')", "beta"},
		{"Id = '" + ids["beta"] + "'", "beta"},
		{"Id = '" + ids["beta"][:15] + "'", "beta"},
		{"Id IN ('" + ids["Alpha"] + "', '" + ids["delta"][:15] + "') AND City = 'Paris'", "delta"},
		{"Id > '" + ids["beta"] + "'", "Gamma delta"},
		{"Lead.City = 'Paris'", "delta"},
		{"Owner.Username = 'integration@example.com' AND City = 'Paris'", "delta"},
		{"OwnerId = '" + c.org.UserID() + "'", "Alpha beta Gamma delta"},
	}
	for _, tc := range cases {
		var got []string
		for _, r := range c.query("SELECT LastName FROM Lead WHERE " + tc.where + " ORDER BY Id") {
			got = append(got, r["LastName"].(string))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: got %q, want %q", tc.where, s, tc.want)
		}
	}
}

func TestSOQLOrderAndBounds(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	people(t, c)
	cases := []struct{ tail, want string }{
		{"ORDER BY LastName", "Alpha beta delta Gamma"},
		{"ORDER BY LastName DESC", "Gamma delta beta Alpha"},
		{"ORDER BY NumberOfEmployees", "delta Alpha beta Gamma"},
		{"ORDER BY NumberOfEmployees DESC NULLS LAST", "Gamma beta Alpha delta"},
		{"ORDER BY NumberOfEmployees ASC NULLS LAST LIMIT 2", "Alpha beta"},
		{"ORDER BY City NULLS LAST, LastName DESC", "Gamma Alpha delta beta"},
		{"ORDER BY LastName LIMIT 2 OFFSET 1", "beta delta"},
		{"LIMIT 0", ""},
		{"LIMIT 1 OFFSET 3", "delta"},
	}
	for _, tc := range cases {
		var got []string
		for _, r := range c.query("SELECT LastName FROM Lead " + tc.tail) {
			got = append(got, r["LastName"].(string))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: got %q, want %q", tc.tail, s, tc.want)
		}
	}
}

func TestSOQLShapes(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	acme := c.insert("Account", fields{"Name": "Acme", "AnnualRevenue": 58734000000, "NumberOfEmployees": 7, "BillingCity": "Bonn"})
	id := c.insert("Contact", fields{"LastName": "Doe", "AccountId": acme, "LastActivityDate": "2026-01-02"})
	lone := c.insert("Contact", fields{"LastName": "Lone"})
	want := []map[string]any{
		{
			"attributes": map[string]any{"type": "Contact", "url": "/services/data/v66.0/sobjects/Contact/" + id},
			"LastName":   "Doe", "LastActivityDate": "2026-01-02", "CreatedDate": "2026-03-01T12:00:00.000+0000", "IsDeleted": false,
			"Account": map[string]any{
				"attributes": map[string]any{"type": "Account", "url": "/services/data/v66.0/sobjects/Account/" + acme},
				"Name":       "Acme", "AnnualRevenue": 58734000000.0, "NumberOfEmployees": 7.0,
				"BillingAddress": map[string]any{"street": nil, "city": "Bonn", "state": nil, "postalCode": nil, "country": nil, "latitude": nil, "longitude": nil, "geocodeAccuracy": nil},
			},
		},
		{
			"attributes": map[string]any{"type": "Contact", "url": "/services/data/v66.0/sobjects/Contact/" + lone},
			"LastName":   "Lone", "LastActivityDate": nil, "CreatedDate": "2026-03-01T12:00:00.000+0000", "IsDeleted": false, "Account": nil,
		},
	}
	got := c.query("select lastname, lastactivitydate, createddate, isdeleted, account.name, Account.AnnualRevenue, Account.NumberOfEmployees, Account.BillingAddress from contact c order by c.id")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	body := c.text(200, "GET", "query?q="+url.QueryEscape("SELECT COUNT() FROM Contact WHERE AccountId = null"), "")
	if body != `{"done":true,"records":[],"totalSize":1}` {
		t.Errorf("COUNT(): %s", body)
	}
	sum := c.query("SELECT COUNT(AccountId) n, MAX(LastName), MIN(CreatedDate) FROM Contact")
	if d := cmp.Diff([]map[string]any{{"attributes": map[string]any{"type": "AggregateResult"}, "n": 1.0, "expr0": "Lone", "expr1": "2026-03-01T12:00:00.000+0000"}}, sum); d != "" {
		t.Error(d)
	}
}

func TestSOQLErrors(t *testing.T) {
	c := newClient(t, fakeforce.Options{HiddenFields: map[string][]string{"Contact": {"Fax"}}})
	cases := []struct{ soql, code, message string }{
		{"SELECT Id FORM Contact", "MALFORMED_QUERY", "\nSELECT Id FORM Contact\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FORM'"},
		{"SELECT Id, Nope FROM Contact", "INVALID_FIELD", "ERROR at Row:1:Column:12\nNo such column 'Nope' on entity 'Contact'."},
		{"SELECT Fax FROM Contact", "INVALID_FIELD", "No such column 'Fax' on entity 'Contact'."},
		{"SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported."},
		{"SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"},
		{"SELECT Boss.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."},
		{"SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"},
		{"SELECT Id FROM Contact ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"},
		{"SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes"},
		{"SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"},
		{"SELECT Id FROM Contact WHERE IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"},
		{"SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD", "must be of type string"},
		{"SELECT Id FROM Contact WHERE Id = 'short'", "INVALID_FIELD", "invalid ID field: short"},
		{"SELECT Id FROM Contact WHERE LastName LIKE 5", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"},
		{"SELECT Id FROM Contact WHERE IsDeleted > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"},
		{"SELECT Id FROM Contact WHERE LastName = ('a','b')", "MALFORMED_QUERY", "unexpected token: '('"},
		{"SELECT Id, Id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: Id"},
		{"SELECT Id, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "must be grouped or aggregated"},
		{"SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "LIMIT of at most 200"},
		{"SELECT Id FROM Contact OFFSET 5000", "NUMBER_OUTSIDE_VALID_RANGE", "2000"},
		{"SELECT Id FROM Contact WHERE LastName = 'a\\z'", "INVALID_FIELD", "Illegal character sequence"},
	}
	for _, tc := range cases {
		if got := c.fails(http.StatusBadRequest, tc.code, "GET", "query?q="+url.QueryEscape(tc.soql), ""); !strings.Contains(got, tc.message) {
			t.Errorf("%s: got %q, want %q in it", tc.soql, got, tc.message)
		}
	}
}

func TestQueryPages(t *testing.T) {
	c := newClient(t, fakeforce.Options{QueryBatchSize: 250})
	for i := range 620 {
		c.insert("Account", fields{"Name": fmt.Sprint("A", i)})
	}
	type page struct {
		TotalSize      int
		Done           bool
		NextRecordsURL string `json:"nextRecordsUrl"`
		Records        []struct{ Id, Name string }
	}
	var p page
	c.json(200, "GET", "query/?q="+url.QueryEscape("SELECT Id, Name FROM Account"), "", &p)
	// Rows that change while a client pages do not change what it sees.
	if err := c.org.Update("Account", p.Records[0].Id, fields{"Name": "changed"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for pages := 1; ; pages++ {
		if p.TotalSize != 620 {
			t.Fatalf("total %d", p.TotalSize)
		}
		for _, r := range p.Records {
			seen[r.Id] = r.Name
		}
		if p.Done {
			if pages != 3 || p.NextRecordsURL != "" {
				t.Errorf("%d pages, next %q", pages, p.NextRecordsURL)
			}
			break
		}
		next := p.NextRecordsURL
		p = page{}
		c.json(200, "GET", next, "", &p)
	}
	if len(seen) != 620 {
		t.Errorf("%d rows", len(seen))
	}
	for id, name := range seen {
		if name == "changed" {
			t.Errorf("row %s changed in the middle of a query", id)
		}
	}
	c.fails(400, "INVALID_QUERY_LOCATOR", "GET", "query/01gKf0000000000AAA-250", "")
	var small page
	resp := c.do("GET", "query?q="+url.QueryEscape("SELECT Id FROM Account"), "", "Sforce-Query-Options", "batchSize=200")
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Sforce-Limit-Info"), "api-usage=") {
		t.Errorf("status %d, limit %q", resp.StatusCode, resp.Header.Get("Sforce-Limit-Info"))
	}
	if decode(t, resp, &small); len(small.Records) != 200 {
		t.Errorf("batchSize ignored: %d", len(small.Records))
	}
}

// FuzzQuery runs whatever parses: no statement may bring the org down, and what it finds keeps to its limit.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"SELECT Id, Name, Owner.Name FROM Account WHERE Name LIKE '%a_' AND (NOT AnnualRevenue > 1.5) ORDER BY Name DESC NULLS LAST LIMIT 3 OFFSET 1",
		"SELECT COUNT(Id), MAX(CreatedDate) FROM Account WHERE CreatedDate >= LAST_N_DAYS:3", "SELECT FIELDS(ALL) FROM Contact WHERE Id IN ('003000000000001', null) LIMIT 5",
		"SELECT Id FROM Contact WHERE Account.Name = null OR IsDeleted != true", "SELECT Id FROM Contact WHERE Id = null",
	} {
		f.Add(s)
	}
	org, err := fakeforce.New(fakeforce.Options{Clock: fakeforce.FixedClock(epoch)})
	if err != nil {
		f.Fatal(err)
	}
	if err := org.Generate("Contact", fakeforce.SyntheticContacts(20, 1, epoch, 5)); err != nil {
		f.Fatal(err)
	}
	for i := range 10 {
		if _, err := org.Insert("Account", fields{"Name": fmt.Sprint("Acme ", i), "AnnualRevenue": i}); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := org.Rows(text)
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a text")
		}
		if len(rows) > 20 {
			t.Fatalf("%d rows from tables of at most 20", len(rows))
		}
	})
}
