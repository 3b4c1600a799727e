package fakeforce_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestDescribe(t *testing.T) {
	c := newClient(t, fakeforce.Options{
		CustomFields: map[string][]fakeforce.Field{"Task": {{Name: "LID__Activity_Id__c", Type: fakeforce.TypeString, Length: 80, Unique: true, ExternalID: true}}},
		HiddenFields: map[string][]string{"Task": {"CallType"}},
	})
	var d struct {
		Name, KeyPrefix string
		Fields          []struct {
			Name, Label, Type                                                          string
			Length                                                                     int
			Nillable, Unique, ExternalID, IDLookup, Createable, Updateable, Filterable bool
			ReferenceTo                                                                []string
			RelationshipName                                                           *string
		}
		RecordTypeInfos []struct {
			Name, DeveloperName, RecordTypeID string
			Available, Master                 bool
		}
	}
	c.json(200, "GET", "sobjects/task/describe", "", &d)
	got := map[string]string{}
	for _, f := range d.Fields {
		flags := ""
		for name, set := range map[string]bool{"n": f.Nillable, "u": f.Unique, "x": f.ExternalID, "i": f.IDLookup, "c": f.Createable, "e": f.Updateable, "f": f.Filterable} {
			if set {
				flags += name
			}
		}
		b := []byte(flags)
		slices.Sort(b)
		got[f.Name] = fmt.Sprintf("%s %s %d %s %v", f.Label, f.Type, f.Length, b, f.ReferenceTo)
	}
	for name, want := range map[string]string{
		"Id": "Task ID id 18 fi []", "Subject": "Subject string 255 cefn []", "Description": "Description textarea 32000 cen []", "WhoId": "Who ID reference 18 cefn [Contact Lead]",
		"Status": "Status picklist 255 cef []", "CreatedDate": "Created Date datetime 0 f []", "LID__Activity_Id__c": "Activity ID string 80 cefinux []", "CallType": "",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	var types []string
	for _, rt := range d.RecordTypeInfos {
		types = append(types, rt.DeveloperName)
	}
	if s := strings.Join(types, " "); s != "LinkedIn_InMail LinkedIn_Message LinkedIn_Call Smart_Links_Viewed Master" || d.KeyPrefix != "00T" {
		t.Error(s)
	}
	c.fails(404, "NOT_FOUND", "GET", "sobjects/Nope/describe", "")
	var global struct{ Sobjects []struct{ Name string } }
	c.json(200, "GET", "sobjects", "", &global)
	if len(global.Sobjects) != 11 {
		t.Errorf("%d objects", len(global.Sobjects))
	}
}

func TestEditions(t *testing.T) {
	c := newClient(t, fakeforce.Options{Edition: "Developer Edition", Sandbox: true, InstanceName: "CS9", OrgName: "Test", WithoutManagedPackage: true})
	want := []map[string]any{{
		"attributes": map[string]any{"type": "Organization", "url": "/services/data/v66.0/sobjects/Organization/" + c.org.OrgID()},
		"Id":         c.org.OrgID(), "OrganizationType": "Developer Edition", "IsSandbox": true, "InstanceName": "CS9", "Name": "Test",
	}}
	if d := cmp.Diff(want, c.query("SELECT Id, OrganizationType, IsSandbox, InstanceName, Name FROM Organization")); d != "" {
		t.Error(d)
	}
	if got := c.query("SELECT Id FROM RecordType"); len(got) != 0 {
		t.Errorf("record types: %v", got)
	}
	c = newClient(t, fakeforce.Options{APIDisabled: true})
	c.fails(403, "API_DISABLED_FOR_ORG", "GET", "limits", "")
}

func TestPathsAndVersions(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	cases := []struct {
		status             int
		code, method, path string
	}{
		{404, "NOT_FOUND", "GET", "/nowhere"},
		{404, "NOT_FOUND", "GET", "nowhere"},
		{404, "NOT_FOUND", "GET", "/services/data/v99.0/limits"},
		{404, "NOT_FOUND", "GET", "/services/data/v66/limits"},
		{410, "UNSUPPORTED_API_VERSION", "GET", "/services/data/v29.0/limits"},
		{405, "METHOD_NOT_ALLOWED", "PUT", "jobs/query"},
		{400, "MALFORMED_QUERY", "GET", "query"},
	}
	for _, tc := range cases {
		c.fails(tc.status, tc.code, tc.method, tc.path, "")
	}
	var versions []struct{ Label, URL, Version string }
	c.json(200, "GET", "/services/data/", "", &versions)
	labels := map[string]string{}
	for _, v := range versions {
		labels[v.Version] = v.Label
	}
	for v, want := range map[string]string{"66.0": "Spring '26", "65.0": "Winter '26", "64.0": "Summer '25", "63.0": "Spring '25", "62.0": "Winter '25"} {
		if labels[v] != want {
			t.Errorf("%s: %s, want %s", v, labels[v], want)
		}
	}
	if resp := c.do("GET", "query?q="+strings.Repeat("x", 17_000), ""); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long address: status %d", resp.StatusCode)
	}
	c.token = "wrong"
	c.fails(401, "INVALID_SESSION_ID", "GET", "limits", "")
	resp := c.do("GET", "limits", "", "Authorization", "Basic eDp5")
	if resp.StatusCode != 401 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestHooks(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	var seen []string
	remove := c.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		seen = append(seen, fmt.Sprintf("%s %d %s%s", call.Kind, call.N, call.Object, call.JobID))
		if call.Kind == fakeforce.KindLimits && call.N == 2 {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "<html>busy</html>", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
	c.text(200, "GET", "limits", "")
	resp := c.do("GET", "limits", "")
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "7" {
		t.Errorf("status %d", resp.StatusCode)
	}
	c.text(200, "GET", "sobjects/Lead/describe", "")
	c.fails(404, "NOT_FOUND", "GET", "jobs/query/750000000000000AAA", "")
	remove()
	c.text(200, "GET", "limits", "")
	if got := strings.Join(seen, ", "); got != "limits 1 , limits 2 , describe 1 Lead, bulk_query_status 1 750000000000000AAA" {
		t.Error(got)
	}
	if calls := c.org.Calls(); calls[fakeforce.KindLimits] != 3 || calls[fakeforce.KindToken] != 1 {
		t.Errorf("%v", calls)
	}
}

func TestAdmin(t *testing.T) {
	c := newClient(t, fakeforce.Options{AdminToken: "tok"})
	c.fails(403, "INSUFFICIENT_ACCESS", "GET", "/fakeforce/stats", "")
	session := c.token
	c.token = "tok"
	var clock struct{ Now string }
	c.json(200, "POST", "/fakeforce/clock", `{"advance":"12h"}`, &clock)
	if clock.Now != "2026-03-02T00:00:00.000+0000" {
		t.Error(clock.Now)
	}
	c.json(200, "POST", "/fakeforce/clock", `{"now":"2026-05-01T00:00:00Z"}`, &clock)
	c.fails(400, "INVALID_INPUT", "POST", "/fakeforce/clock", `{"advance":"soon"}`)
	var applied struct{ IDs []string }
	c.json(200, "POST", "/fakeforce/apply", `[{"op":"insert","object":"Account","fields":{"Name":"A","NumberOfEmployees":5}},{"op":"insert","object":"Account","id":"001000000000001","fields":{"Name":"B"}}]`, &applied)
	id := applied.IDs[0]
	c.json(200, "POST", "/fakeforce/apply", fmt.Sprintf(`[{"op":"update","object":"Account","id":%q,"fields":{"Name":"C"}},{"op":"delete","object":"Account","id":%q},{"op":"undelete","object":"Account","id":%q},{"op":"harddelete","object":"Account","id":"001000000000001"}]`, id, id, id), &applied)
	c.fails(400, "INVALID_INPUT", "POST", "/fakeforce/apply", `[{"op":"melt","object":"Account"}]`)
	var stats struct {
		Objects  map[string]struct{ Live, Deleted int }
		Sessions int
	}
	c.json(200, "GET", "/fakeforce/stats", "", &stats)
	if stats.Objects["Account"].Live != 1 || stats.Sessions != 1 {
		t.Errorf("%+v", stats)
	}
	if row, err := c.org.Get("Account", id); err != nil || row["Name"] != "C" || row["SystemModstamp"] != "2026-05-01T00:00:00.000Z" {
		t.Errorf("%v, %v", row, err)
	}
	c.text(204, "POST", "/fakeforce/expire-tokens", "")
	c.token = session
	c.fails(401, "INVALID_SESSION_ID", "GET", "limits", "")
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"org.json":        `{"edition":"Unlimited Edition","sandbox":true,"customFields":{"Opportunity":[{"name":"ARR__c","type":"currency"}]},"hiddenFields":{"Contact":["Fax"]}}`,
		"UserRole.csv":    "Id,Name,ParentRoleId\nr2,Sales,r1\nr1,CEO,\n",
		"User.csv":        "Id,Username,LastName,UserRoleId,IsActive\nu1,u1@example.com,One,r2,true\nu2,u2@example.com,Two,,false\n",
		"Account.csv":     "\ufeffId,Name,OwnerId,AnnualRevenue,CreatedDate\na1,\"Acme,\n\"\"Inc\"\"\",u1,5.8734e10,2025-01-01T00:00:00Z\n001000000000001AAA,Given,u2,,\n",
		"Contact.csv":     "LastName,AccountId\nDoe,a1\nRoe,001000000000001\n",
		"Opportunity.csv": "Name,AccountId,StageName,CloseDate,ARR__c\nBig,a1,Closed Lost,2026-01-01,12.5\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opts := fakeforce.Options{Clock: fakeforce.FixedClock(epoch)}
	dump := func(o *fakeforce.Org) map[string][][]string {
		t.Helper()
		all := map[string][][]string{}
		for _, q := range []string{
			"SELECT OrganizationType, IsSandbox FROM Organization", "SELECT Id, Name, ParentRole.Name FROM UserRole ORDER BY Name", "SELECT Id, Username, UserRole.Name, IsActive FROM User ORDER BY Username",
			"SELECT Id, Name, Owner.Username, AnnualRevenue, CreatedDate, SystemModstamp FROM Account ORDER BY Name", "SELECT Id, Name, Account.Name, SystemModstamp, IsDeleted FROM Contact ORDER BY Name",
			"SELECT Id, Name, Account.Name, IsClosed, IsWon, ARR__c FROM Opportunity", "SELECT Id, DeveloperName FROM RecordType ORDER BY Id",
		} {
			rows, err := o.AllRows(q)
			if err != nil {
				t.Fatal(err)
			}
			all[q] = rows
		}
		return all
	}
	o, err := fakeforce.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	first := dump(o)
	got, err := o.Rows("SELECT Name, Owner.Username, Owner.UserRole.ParentRole.Name, AnnualRevenue, SystemModstamp FROM Account ORDER BY Name")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Acme,\n\"Inc\"", "u1@example.com", "CEO", "5.8734e+10", "2025-01-01T00:00:00.000Z"},
		{"Given", "u2@example.com", "", "", "2026-03-01T12:00:00.000Z"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if orgs := first["SELECT OrganizationType, IsSandbox FROM Organization"]; orgs[0][0] != "Unlimited Edition" || orgs[0][1] != "true" {
		t.Errorf("%v", orgs)
	}
	contacts, _ := o.Rows("SELECT Id FROM Contact")
	opts.Clock.Advance(time.Hour)
	if err := o.Delete("Contact", contacts[0][0]); err != nil {
		t.Fatal(err)
	}
	first = dump(o)

	// What is saved loads to the same org, and saves to the same bytes.
	if err := o.SaveDir(dir); err != nil {
		t.Fatal(err)
	}
	saved := readFolder(t, dir)
	again, err := fakeforce.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, dump(again)); d != "" {
		t.Error(d)
	}
	if err := again.SaveDir(dir); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(saved, readFolder(t, dir)); d != "" {
		t.Error(d)
	}
}

func readFolder(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func TestFoldersRefuse(t *testing.T) {
	cases := []struct{ file, content, want string }{
		{"Contact.csv", "LastName,Nope\nx,y\n", "line 2: INVALID_FIELD"},
		{"Contact.csv", "Id,LastName\nx,a\nx,b\n", `id "x" occurs twice`},
		{"Contact.csv", "LastName,AccountId\nx,unknown\n", "MALFORMED_ID"},
		{"Contact.csv", "LastName,Email\nx\n", "wrong number of fields"},
		{"Lead.csv", "LastName,AnnualRevenue\nx,much\n", "INVALID_TYPE_ON_FIELD_IN_RECORD"},
		{"org.json", `{"colour":"red"}`, "colour"},
		{"org.json", `{"customFields":{"Nope":[{"name":"A__c","type":"string"}]}}`, "no such object"},
		{"org.json", `{"hiddenFields":{"Contact":["Nope"]}}`, "no such field"},
	}
	for _, tc := range cases {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tc.file), []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := fakeforce.Open(dir, fakeforce.Options{}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %q: %v, want %q", tc.file, tc.content, err, tc.want)
		}
	}
}

func TestGenerated(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock, JobPolls: -1, PageSize: 1000})
	if err := c.org.Generate("Account", fakeforce.SyntheticAccounts(50, 7, epoch)); err != nil {
		t.Fatal(err)
	}
	if err := c.org.Generate("Contact", fakeforce.SyntheticContacts(3000, 7, epoch, 50)); err != nil {
		t.Fatal(err)
	}
	stored := c.insert("Contact", fields{"LastName": "Stored"})
	read := func(operation, soql string) map[string][]string {
		j := c.createQuery(operation, soql)
		rows, locator := map[string][]string{}, ""
		for locator != "null" {
			var page [][]string
			page, locator = c.page("jobs/query/" + j.ID + "/results?locator=" + locator)
			for _, r := range page[1:] {
				if rows[r[0]] != nil {
					t.Fatalf("row %s twice", r[0])
				}
				rows[r[0]] = r
			}
		}
		return rows
	}
	const soql = "SELECT Id, LastName, Name, Email, AccountId, SystemModstamp, Title, IsDeleted FROM Contact"
	all := read("query", soql)
	if len(all) != 3001 || all[stored][1] != "Stored" {
		t.Fatalf("%d rows", len(all))
	}
	if d := cmp.Diff(all, read("query", soql+" WHERE SystemModstamp <= 2026-03-01T12:00:00Z")); d != "" {
		t.Error("a filter that all rows pass changes them:", d)
	}
	byREST := map[string][]string{}
	rows, err := c.org.Rows(soql + " ORDER BY Email")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		byREST[r[0]] = r
	}
	if d := cmp.Diff(all, byREST); d != "" {
		t.Error("ordered rows differ:", d)
	}

	// Changes of generated rows are seen, and by an incremental read alone.
	ids := make([]string, 0, len(all))
	for id := range all {
		if id != stored {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	clock.Advance(time.Hour)
	for _, apply := range []error{
		c.org.Update("Contact", ids[0], fields{"LastName": "Changed"}), c.org.Delete("Contact", ids[1]), c.org.HardDelete("Contact", ids[2]),
	} {
		if apply != nil {
			t.Fatal(apply)
		}
	}
	if _, err := c.org.Get("Contact", ids[2]); err == nil {
		t.Error("a row that is gone for good can be read")
	}
	changed := read("queryAll", soql+" WHERE SystemModstamp > 2026-03-01T12:00:00Z")
	if len(changed) != 2 || changed[ids[0]][1] != "Changed" || changed[ids[1]][7] != "true" {
		t.Errorf("%v", changed)
	}
	if after := read("query", soql); len(after) != 2999 || after[ids[0]][1] != "Changed" {
		t.Errorf("%d rows", len(after))
	}
	if live, deleted, _ := c.org.Count("Contact"); live != 2999 || deleted != 1 {
		t.Errorf("%d live, %d deleted", live, deleted)
	}
	if got := c.query("SELECT Id, Account.Name FROM Contact WHERE Id = '" + ids[5] + "'"); len(got) != 1 || got[0]["Account"] == nil {
		t.Errorf("%v", got)
	}
	if n := c.query("SELECT COUNT(Id) n FROM Contact WHERE FirstName = 'ada'")[0]["n"].(float64); n == 0 {
		t.Error("nobody is called Ada")
	}
}

// TestConcurrentUse has readers and writers at once; the race detector watches. Every query sees each account with both of
// its halves equal, as they are at any one instant.
func TestConcurrentUse(t *testing.T) {
	c := newClient(t, fakeforce.Options{JobPolls: -1})
	var ids []string
	for range 50 {
		ids = append(ids, c.insert("Account", fields{"Name": "0", "Site": "0"}))
	}
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := range 100 {
				v := fmt.Sprint(w*1000 + i)
				if err := c.org.Update("Account", ids[(i*7+w)%50], fields{"Name": v, "Site": v}); err != nil {
					t.Error(err)
				}
				if _, err := c.org.Insert("Account", fields{"Name": v, "Site": v}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 10 {
				j := c.createQuery("query", "SELECT Id, Name, Site FROM Account")
				rows, _ := c.page("jobs/query/" + j.ID + "/results")
				for _, r := range rows[1:] {
					if r[1] != r[2] {
						t.Errorf("torn row %v", r)
					}
				}
				c.query("SELECT Id, Name FROM Account ORDER BY Name LIMIT 5")
			}
		})
	}
	wg.Wait()
	if live, _, _ := c.org.Count("Account"); live != 250 {
		t.Errorf("%d accounts", live)
	}
}

// TestStoredRowsAreSmall bounds what a stored Contact costs, so that a million fit in a gigabyte.
func TestStoredRowsAreSmall(t *testing.T) {
	o, err := fakeforce.New(fakeforce.Options{Clock: fakeforce.FixedClock(epoch)})
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range n {
		if _, err := o.Insert("Contact", fields{
			"FirstName": "Given", "LastName": fmt.Sprint("Surname ", i), "Email": fmt.Sprintf("person.%d@example.com", i), "Title": "Vice President, Operations",
			"Phone": "(555) 555-0100", "MailingStreet": "1 Market Street", "MailingCity": "Springfield", "MailingCountry": "United States", "AccountId": "001000000000001AAA",
		}); err != nil {
			t.Fatal(err)
		}
	}
	if each := (heap() - before) / n; each > 900 {
		t.Errorf("a contact takes %d bytes", each)
	} else {
		t.Logf("a contact takes %d bytes", each)
	}
	runtime.KeepAlive(o)
}

func BenchmarkBulkPage(b *testing.B) {
	o, err := fakeforce.New(fakeforce.Options{ClientSecret: secret, JobPolls: -1})
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Generate("Contact", fakeforce.SyntheticContacts(50_000, 1, epoch, 100)); err != nil {
		b.Fatal(err)
	}
	benchmarkPages(b, o)
}
