package fakeforce_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

type jobInfo struct {
	ID, Operation, Object, State, JobType, ErrorMessage string
	APIVersion                                          float64
	NumberRecordsProcessed                              int
	NumberRecordsFailed                                 int
	ContentURL                                          string `json:"contentUrl"`
}

// createQuery makes a query job.
func (c *client) createQuery(operation, soql string) jobInfo {
	c.t.Helper()
	var j jobInfo
	c.json(200, "POST", "jobs/query", fmt.Sprintf(`{"operation":%q,"query":%q,"contentType":"CSV","lineEnding":"LF"}`, operation, soql), &j)
	return j
}

// page reads one result page.
func (c *client) page(path string) (rows [][]string, locator string) {
	c.t.Helper()
	resp := c.do("GET", path, "", "Accept", "text/csv")
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		c.t.Fatalf("%s: %d %v %s", path, resp.StatusCode, err, b)
	}
	all, err := csv.NewReader(strings.NewReader(string(b))).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	if n := resp.Header.Get("Sforce-NumberOfRecords"); n != strconv.Itoa(len(all)-1) {
		c.t.Errorf("%s: Sforce-NumberOfRecords %s, rows %d", path, n, len(all)-1)
	}
	return all, resp.Header.Get("Sforce-Locator")
}

// complete polls until the job is done and returns the states seen.
func (c *client) complete(path string) []string {
	c.t.Helper()
	var states []string
	for range 20 {
		var j jobInfo
		c.json(200, "GET", path, "", &j)
		states = append(states, j.State)
		if j.State != "UploadComplete" && j.State != "InProgress" {
			return states
		}
	}
	c.t.Fatalf("%s: still not complete: %v", path, states)
	return nil
}

func TestBulkQueryPages(t *testing.T) {
	c := newClient(t, fakeforce.Options{JobPolls: 3, PageSize: 30})
	want := map[string]string{}
	var inOrder []string
	for i := range 100 {
		name := fmt.Sprintf("Row %d, \"quoted\"\nsecond line", i)
		id := c.insert("Account", fields{"Name": name})
		want[id] = name
		inOrder = append(inOrder, id)
	}
	j := c.createQuery("query", "SELECT Name, Id FROM Account")
	if j.State != "UploadComplete" || j.Object != "Account" || j.APIVersion != 66 || !strings.HasPrefix(j.ID, "750") || len(j.ID) != 18 {
		t.Fatalf("created: %+v", j)
	}
	path := "jobs/query/" + j.ID
	c.fails(400, "INVALIDJOBSTATE", "GET", path+"/results", "")
	if got := c.complete(path); !slices.Equal(got, []string{"UploadComplete", "InProgress", "InProgress", "JobComplete"}) {
		t.Errorf("states %v", got)
	}
	var done jobInfo
	c.json(200, "GET", path, "", &done)
	if done.NumberRecordsProcessed != 100 || done.JobType != "V2Query" {
		t.Errorf("done: %+v", done)
	}
	// The results are the org as it was when the job was made.
	if err := c.org.Update("Account", inOrder[0], fields{"Name": "later"}); err != nil {
		t.Fatal(err)
	}
	if err := c.org.HardDelete("Account", inOrder[1]); err != nil {
		t.Fatal(err)
	}
	for _, style := range []string{"/results?maxRecords=7&locator=", "/results/?maxRecords=7&locator=", "/results?locator="} {
		got, ids, locator, pages := map[string]string{}, []string{}, "", 0
		for locator != "null" {
			rows, next := c.page(path + style + locator)
			if !slices.Equal(rows[0], []string{"Name", "Id"}) {
				t.Fatalf("header %v", rows[0])
			}
			for _, r := range rows[1:] {
				got[r[1]] = r[0]
				ids = append(ids, r[1])
			}
			locator = next
			pages++
		}
		if d := cmp.Diff(want, got); d != "" || len(ids) != 100 {
			t.Errorf("%s: %d rows in %d pages: %s", style, len(ids), pages, d)
		}
		if slices.IsSorted(ids) {
			t.Error("rows come sorted by Id")
		}
		if wantPages := map[bool]int{true: 15, false: 4}[strings.Contains(style, "maxRecords")]; pages != wantPages {
			t.Errorf("%s: %d pages, want %d", style, pages, wantPages)
		}
	}
	c.fails(400, "INVALID_LOCATOR", "GET", path+"/results?locator=nonsense", "")
	c.fails(400, "API_ERROR", "GET", path+"/results?maxRecords=0", "")
	c.fails(409, "API_ERROR", "GET", "/services/data/v65.0/"+path+"/results", "")
	c.text(204, "DELETE", path, "")
	for _, p := range []string{path, path + "/results", "jobs/query/750000000000000AAA"} {
		if msg := c.fails(404, "NOT_FOUND", "GET", p, ""); msg != "The requested resource does not exist" {
			t.Error(msg)
		}
	}
}

func TestBulkResultPages(t *testing.T) {
	c := newClient(t, fakeforce.Options{JobPolls: -1, PageSize: 10})
	for i := range 95 {
		c.insert("Account", fields{"Name": fmt.Sprint(i)})
	}
	j := c.createQuery("query", "SELECT Id FROM Account")
	var urls []string
	next, answers := "/services/data/v66.0/jobs/query/"+j.ID+"/resultPages", 0
	for next != "" {
		var a struct {
			ResultPages    []struct{ ResultURL string }
			NextRecordsURL string `json:"nextRecordsUrl"`
			Done           bool
		}
		c.json(200, "GET", next, "", &a)
		for _, p := range a.ResultPages {
			urls = append(urls, p.ResultURL)
		}
		if a.Done != (a.NextRecordsURL == "") {
			t.Errorf("done %v, next %q", a.Done, a.NextRecordsURL)
		}
		next = a.NextRecordsURL
		answers++
	}
	if len(urls) != 10 || answers != 2 {
		t.Fatalf("%d pages in %d answers", len(urls), answers)
	}
	seen := map[string]bool{}
	for _, u := range slices.Backward(urls) {
		rows, _ := c.page(u)
		for _, r := range rows[1:] {
			seen[r[0]] = true
		}
	}
	if len(seen) != 95 {
		t.Errorf("%d rows on the pages", len(seen))
	}
	var old jobInfo
	c.json(200, "POST", "/services/data/v57.0/jobs/query", `{"operation":"query","query":"SELECT Id FROM Account"}`, &old)
	c.fails(404, "NOT_FOUND", "GET", "/services/data/v57.0/jobs/query/"+old.ID+"/resultPages", "")
}

func TestBulkCSV(t *testing.T) {
	c := newClient(t, fakeforce.Options{JobPolls: -1, CustomFields: map[string][]fakeforce.Field{"Account": {{Name: "Score__c", Type: fakeforce.TypeDouble}}}})
	id := c.insert("Account", fields{"Name": "Say \"hi\",\nthen nul \x00 go", "AnnualRevenue": 912260031, "NumberOfEmployees": 12, "Score__c": 0})
	gone := c.insert("Account", fields{"Name": "Gone"})
	if err := c.org.Delete("Account", gone); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ operation, soql, want string }{
		{
			"query", "SELECT id, name, AnnualRevenue, Score__c, NumberOfEmployees, Phone, CreatedDate, IsDeleted, Owner.Username FROM Account",
			`"Id","Name","AnnualRevenue","Score__c","NumberOfEmployees","Phone","CreatedDate","IsDeleted","Owner.Username"` + "\n" +
				`"` + id + `","Say ""hi"",` + "\nthen nul \x00 go" + `","9.12260031E8","0.0","12","","2026-03-01T12:00:00.000Z","false","` + username + `"` + "\n",
		},
		{"queryAll", "SELECT Id FROM Account WHERE IsDeleted = true", "\"Id\"\n\"" + gone + "\"\n"},
		{"query", "SELECT Id FROM Account WHERE IsDeleted = true", "\"Id\"\n"},
	}
	for _, tc := range cases {
		j := c.createQuery(tc.operation, tc.soql)
		if got := c.text(200, "GET", "jobs/query/"+j.ID+"/results", ""); got != tc.want {
			t.Errorf("%s %s: got\n%q\nwant\n%q", tc.operation, tc.soql, got, tc.want)
		}
	}
	var j jobInfo
	c.json(200, "POST", "jobs/query", `{"operation":"query","query":"SELECT Id, Name FROM Account","lineEnding":"CRLF","columnDelimiter":"PIPE"}`, &j)
	resp := c.do("GET", "jobs/query/"+j.ID+"/results", "", "Accept-Encoding", "gzip")
	if resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	zr, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(zr)
	if err != nil || !strings.HasPrefix(string(b), "\"Id\"|\"Name\"\r\n\"001") {
		t.Errorf("%q, %v", b, err)
	}
}

func TestBulkQueryRefuses(t *testing.T) {
	c := newClient(t, fakeforce.Options{NoBulk: []string{"UserRole"}})
	cases := []struct{ soql, code, message string }{
		{"SELECT COUNT() FROM Account", "API_ERROR", "Aggregate"},
		{"SELECT StageName FROM Opportunity GROUP BY StageName", "API_ERROR", "GROUP BY"},
		{"SELECT Id FROM Account OFFSET 5", "API_ERROR", "OFFSET"},
		{"SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "subqueries"},
		{"SELECT FIELDS(ALL) FROM Account LIMIT 200", "API_ERROR", "FIELDS()"},
		{"SELECT Id, BillingAddress FROM Account", "INVALIDENTITY", "Selecting compound data not supported"},
		{"SELECT Id FROM UserRole", "INVALIDENTITY", "Entity 'UserRole' is not supported by the Bulk API."},
		{"SELECT Nope FROM Account", "INVALID_FIELD", "No such column"},
		{"SELECT Id FROM Nope", "INVALID_TYPE", "not supported"},
		{"SELECT TYPEOF What WHEN Account THEN Name END FROM Task", "MALFORMED_QUERY", "unexpected token"},
	}
	for _, tc := range cases {
		if msg := c.fails(400, tc.code, "POST", "jobs/query", fmt.Sprintf(`{"operation":"query","query":%q}`, tc.soql)); !strings.Contains(msg, tc.message) {
			t.Errorf("%s: %s", tc.soql, msg)
		}
	}
	c.fails(400, "API_ERROR", "POST", "jobs/query", `{"operation":"insert","query":"SELECT Id FROM Account"}`)
	c.fails(400, "API_ERROR", "POST", "jobs/query", `{"operation":"query"}`)
	c.fails(400, "API_ERROR", "POST", "jobs/query", `{"operation":"query","query":"SELECT Id FROM Account","columnDelimiter":"DOT"}`)
	c.fails(400, "JSON_PARSER_ERROR", "POST", "jobs/query", `{"operation":`)
}

func TestBulkJobsEnd(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock, JobPolls: -1, JobLatency: time.Minute})
	state := func(id string) (j jobInfo) { c.json(200, "GET", "jobs/query/"+id, "", &j); return j }

	slow := c.createQuery("query", "SELECT Id FROM Account")
	for range 3 {
		if s := state(slow.ID); s.State != "InProgress" {
			t.Fatalf("before its time: %s", s.State)
		}
	}
	if msg := c.fails(400, "API_ERROR", "DELETE", "jobs/query/"+slow.ID, ""); !strings.Contains(msg, "not terminated") {
		t.Error(msg)
	}
	clock.Advance(time.Minute)
	if s := state(slow.ID); s.State != "JobComplete" {
		t.Errorf("after its time: %s", s.State)
	}
	c.fails(400, "INVALIDJOBSTATE", "PATCH", "jobs/query/"+slow.ID, `{"state":"Aborted"}`)

	aborted := c.createQuery("query", "SELECT Id FROM Account")
	var j jobInfo
	c.json(200, "PATCH", "jobs/query/"+aborted.ID, `{"state":"Aborted"}`, &j)
	if j.State != "Aborted" {
		t.Errorf("aborted: %+v", j)
	}
	c.fails(400, "INVALIDJOBSTATE", "GET", "jobs/query/"+aborted.ID+"/results", "")

	failed := c.createQuery("query", "SELECT Id FROM Account")
	held := c.createQuery("query", "SELECT Id FROM Account")
	if err := c.org.FailJob(failed.ID, "InternalServerError"); err != nil {
		t.Fatal(err)
	}
	if err := c.org.HoldJob(held.ID); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	if s := state(failed.ID); s.State != "Failed" || s.ErrorMessage != "InternalServerError" {
		t.Errorf("failed: %+v", s)
	}
	if s := state(held.ID); s.State != "InProgress" {
		t.Errorf("held: %+v", s)
	}
	if err := c.org.AbortJob(failed.ID); err == nil {
		t.Error("a failed job was aborted")
	}
	var list struct {
		Done    bool
		Records []jobInfo
	}
	c.json(200, "GET", "jobs/query?jobType=V2Query", "", &list)
	if !list.Done || len(list.Records) != 4 || list.Records[0].ID != held.ID {
		t.Errorf("list: %+v", list)
	}
	clock.Advance(8 * 24 * time.Hour)
	c.login()
	c.fails(404, "NOT_FOUND", "GET", "jobs/query/"+slow.ID, "")
}

func TestLimits(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock, DailyAPIRequests: 10, DailyQueryJobs: 2})
	var l map[string]struct{ Max, Remaining int }
	c.json(200, "GET", "limits", "", &l)
	if l["DailyApiRequests"].Max != 10 || l["DailyApiRequests"].Remaining != 9 || l["DailyBulkV2QueryJobs"].Remaining != 2 {
		t.Errorf("limits: %v", l)
	}
	c.createQuery("query", "SELECT Id FROM Account")
	c.createQuery("query", "SELECT Id FROM Account")
	if msg := c.fails(400, "LIMIT_EXCEEDED", "POST", "jobs/query", `{"operation":"query","query":"SELECT Id FROM Account"}`); !strings.Contains(msg, "Max bulk v2 query jobs") {
		t.Error(msg)
	}
	resp := c.do("GET", "sobjects", "")
	if got := resp.Header.Get("Sforce-Limit-Info"); got != "api-usage=5/10" {
		t.Errorf("Sforce-Limit-Info: %s", got)
	}
	if got := resp.Header.Get("Date"); got != epoch.Format(http.TimeFormat) {
		t.Errorf("Date: %s", got)
	}
	for range 5 {
		c.text(200, "GET", "sobjects", "")
	}
	if msg := c.fails(403, "REQUEST_LIMIT_EXCEEDED", "GET", "sobjects", ""); msg != "TotalRequests Limit exceeded." {
		t.Error(msg)
	}
	clock.Advance(25 * time.Hour)
	c.login()
	c.text(200, "GET", "sobjects", "")
	c.org.SetDailyAPIRequests(100, 100)
	c.fails(403, "REQUEST_LIMIT_EXCEEDED", "GET", "sobjects", "")
}
