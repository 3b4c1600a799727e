package fakeforce_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// ingest runs a job from its creation to its end.
func (c *client) ingest(object, operation, extra, upload string) jobInfo {
	c.t.Helper()
	var j jobInfo
	c.json(200, "POST", "jobs/ingest", fmt.Sprintf(`{"object":%q,"operation":%q,"contentType":"CSV","lineEnding":"LF"%s}`, object, operation, extra), &j)
	if j.State != "Open" || !strings.HasSuffix(j.ContentURL, j.ID+"/batches") {
		c.t.Fatalf("created: %+v", j)
	}
	path := "jobs/ingest/" + j.ID
	c.text(201, "PUT", path+"/batches", upload)
	c.json(200, "PATCH", path, `{"state":"UploadComplete"}`, &j)
	if j.State != "UploadComplete" {
		c.t.Fatalf("closed: %+v", j)
	}
	c.fails(400, "INVALIDJOBSTATE", "GET", path+"/successfulResults", "")
	c.complete(path)
	c.json(200, "GET", path, "", &j)
	return j
}

// results reads a result of an ingest job as maps by column.
func (c *client) results(id, name string) []map[string]string {
	c.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(c.text(200, "GET", "jobs/ingest/"+id+"/"+name, ""))).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	var list []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, v := range r {
			m[rows[0][i]] = v
		}
		list = append(list, m)
	}
	return list
}

func TestIngest(t *testing.T) {
	c := newClient(t, fakeforce.Options{CustomFields: map[string][]fakeforce.Field{
		"Task": {{Name: "LID__Activity_Id__c", Type: fakeforce.TypeString, Length: 80, Unique: true, ExternalID: true}},
	}})
	who := c.insert("Contact", fields{"LastName": "Doe"})
	upload := "LID__Activity_Id__c,Subject,Description,WhoId\n" +
		"a1,Hello,\"two\nlines, \"\"quoted\"\"\"," + who + "\n" +
		"a2,World,," + who + "\n" +
		"a1,Again,,\n" +
		"a3,Nobody,,003000000000001AAA\n"
	j := c.ingest("Task", "insert", "", upload)
	if j.State != "JobComplete" || j.NumberRecordsProcessed != 4 || j.NumberRecordsFailed != 2 || j.JobType != "V2Ingest" {
		t.Fatalf("job: %+v", j)
	}
	ok := c.results(j.ID, "successfulResults")
	if len(ok) != 2 || ok[0]["LID__Activity_Id__c"] == "a1" && ok[1]["LID__Activity_Id__c"] == "a2" {
		t.Errorf("successes, which must not come in the order of the upload: %v", ok)
	}
	for _, r := range ok {
		row, err := c.org.Get("Task", r["sf__Id"])
		if err != nil || r["sf__Created"] != "true" || row["Subject"] != r["Subject"] || row["Description"] != r["Description"] || row["WhoId"] != who {
			t.Errorf("%v: %v, %v", r, row, err)
		}
	}
	failed := map[string]string{}
	for _, r := range c.results(j.ID, "failedResults") {
		failed[r["Subject"]] = r["sf__Error"]
	}
	if !strings.HasPrefix(failed["Again"], "DUPLICATE_VALUE:duplicate value found: LID__Activity_Id__c duplicates value on record with id: 00T") ||
		failed["Nobody"] != "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:WhoId --" {
		t.Errorf("failures: %v", failed)
	}
	if rest := c.results(j.ID, "unprocessedrecords"); len(rest) != 0 {
		t.Errorf("unprocessed: %v", rest)
	}

	id := ok[0]["sf__Id"]
	j = c.ingest("Task", "update", "", "Id,Subject,Description\n"+id+",New,#N/A\n00T000000000001AAA,x,y\n")
	row, _ := c.org.Get("Task", id)
	if j.NumberRecordsFailed != 1 || row["Subject"] != "New" || row["Description"] != "" {
		t.Errorf("update: %+v %v", j, row)
	}
	j = c.ingest("Task", "upsert", `,"externalIdFieldName":"LID__Activity_Id__c"`, "LID__Activity_Id__c,Subject\na1,Upserted\na9,Made\n")
	created := map[string]string{}
	for _, r := range c.results(j.ID, "successfulResults") {
		created[r["LID__Activity_Id__c"]] = r["sf__Created"]
	}
	if d := cmp.Diff(map[string]string{"a1": "false", "a9": "true"}, created); d != "" {
		t.Error(d)
	}
	j = c.ingest("Task", "delete", "", "Id\n"+id+"\n")
	if live, deleted, _ := c.org.Count("Task"); j.NumberRecordsFailed != 0 || live != 2 || deleted != 1 {
		t.Errorf("after delete: %d live, %d deleted", live, deleted)
	}
}

func TestIngestFails(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	cases := []struct{ operation, upload, message string }{
		{"insert", "LastName,Nope\nx,y\n", "InvalidBatch : Field name not found : Nope"},
		{"insert", "", "InvalidBatch : The upload is empty"},
		{"insert", "LastName,lastname\nx,y\n", "Duplicate field name"},
		{"insert", "LastName,FirstName\nx\n", "Failed to parse CSV"},
		{"insert", "LastName\n\"open\n", "Failed to parse CSV"},
		{"update", "LastName\nx\n", "Field name not found : Id"},
	}
	for _, tc := range cases {
		j := c.ingest("Contact", tc.operation, "", tc.upload)
		if j.State != "Failed" || !strings.Contains(j.ErrorMessage, tc.message) {
			t.Errorf("%q: %+v", tc.upload, j)
		}
	}
	if live, _, _ := c.org.Count("Contact"); live != 0 {
		t.Errorf("failed jobs made %d rows", live)
	}
	c.fails(400, "INVALIDENTITY", "POST", "jobs/ingest", `{"object":"User","operation":"insert"}`)
	c.fails(400, "INVALID_TYPE", "POST", "jobs/ingest", `{"object":"Nope","operation":"insert"}`)
	c.fails(400, "API_ERROR", "POST", "jobs/ingest", `{"object":"Contact","operation":"merge"}`)
	var j jobInfo
	c.json(200, "POST", "jobs/ingest", `{"object":"Contact","operation":"insert"}`, &j)
	c.text(201, "PUT", "jobs/ingest/"+j.ID+"/batches", "LastName\nx\n")
	if msg := c.fails(400, "INVALIDBATCH", "PUT", "jobs/ingest/"+j.ID+"/batches", "LastName\ny\n"); !strings.Contains(msg, "only do 'PUT' once") {
		t.Error(msg)
	}
	c.fails(400, "API_ERROR", "PATCH", "jobs/ingest/"+j.ID, `{"state":"JobComplete"}`)
	c.json(200, "PATCH", "jobs/ingest/"+j.ID, `{"state":"Aborted"}`, &j)
	c.fails(400, "INVALIDJOBSTATE", "PUT", "jobs/ingest/"+j.ID+"/batches", "LastName\ny\n")
	c.text(204, "DELETE", "jobs/ingest/"+j.ID, "")
	if live, _, _ := c.org.Count("Contact"); live != 0 {
		t.Errorf("an aborted job made %d rows", live)
	}
}
