package fakeforce_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// TestRules: rules hold for the API, until they are taken away, and not for what a test puts into the org.
func TestRules(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	o := c.org
	removeWord := o.AddRule(fakeforce.ValidationRule("Account", "No such names", func(field func(string) string) bool { return strings.Contains(field("Name"), "bad") }))
	insert := func(name string) (int, string) {
		resp := c.do(http.MethodPost, "sobjects/Account", fmt.Sprintf(`{"Name":%q}`, name))
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := insert("good"); status != http.StatusCreated {
		t.Errorf("good: %d %s", status, body)
	}
	if status, body := insert("bad"); status != http.StatusBadRequest || !strings.Contains(body, "FIELD_CUSTOM_VALIDATION_EXCEPTION") || !strings.Contains(body, "No such names") {
		t.Errorf("bad: %d %s", status, body)
	}
	if _, err := o.Insert("Account", map[string]any{"Name": "bad"}); err != nil {
		t.Error(err)
	}
	removeAll := o.AddRule(fakeforce.WithoutCreate("Account"))
	removeWord()
	if status, body := insert("good"); status != http.StatusBadRequest || !strings.Contains(body, "entity type cannot be inserted: Account") {
		t.Errorf("without the right: %d %s", status, body)
	}
	removeAll()
	removeAll()
	if status, body := insert("bad"); status != http.StatusCreated {
		t.Errorf("rules taken away: %d %s", status, body)
	}
}

// TestInterruptedJobs: what was made before the end is listed, the others are unprocessed; a late part is not told.
func TestInterruptedJobs(t *testing.T) {
	for _, tt := range []struct {
		name        string
		end         func(o *fakeforce.Org, id string) error
		state       fakeforce.JobState
		made        int
		unprocessed int
	}{
		{"aborted", func(o *fakeforce.Org, id string) error { return o.AbortJobAfter(id, 2) }, fakeforce.StateAborted, 2, 3},
		{"failed", func(o *fakeforce.Org, id string) error { return o.FailJobAfter(id, 4, "InternalServerError") }, fakeforce.StateFailed, 4, 1},
		{"aborted at once", func(o *fakeforce.Org, id string) error { return o.AbortJob(id) }, fakeforce.StateAborted, 0, 5},
		{"late", func(o *fakeforce.Org, id string) error {
			finish, err := o.AbortJobLate(id, 3)
			finish()
			finish()
			return err
		}, fakeforce.StateAborted, 3, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, fakeforce.Options{})
			o := c.org
			var j jobInfo
			c.json(200, "POST", "jobs/ingest", `{"object":"Account","operation":"insert"}`, &j)
			id := j.ID
			c.text(201, "PUT", "jobs/ingest/"+id+"/batches", "Name\na\nb\nc\nd\ne\n")
			c.json(200, "PATCH", "jobs/ingest/"+id, `{"state":"UploadComplete"}`, &j)
			if err := tt.end(o, id); err != nil {
				t.Fatal(err)
			}
			if got := o.Jobs()[0].State; got != tt.state {
				t.Errorf("state %s", got)
			}
			rows, err := o.Rows("SELECT Id FROM Account")
			if err != nil || len(rows) != tt.made {
				t.Errorf("%d made, %v; want %d", len(rows), err, tt.made)
			}
			if list := c.results(id, "unprocessedrecords"); len(list) != tt.unprocessed {
				t.Errorf("unprocessed: %v", list)
			}
		})
	}
}
