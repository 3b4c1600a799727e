package fakeforce_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// counter is a response that is counted and thrown away.
type counter struct {
	header http.Header
	n      int64
}

func (c *counter) Header() http.Header         { return c.header }
func (c *counter) WriteHeader(int)             {}
func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

// benchmarkPages measures how fast the org writes a result page of 50,000 Contacts, without a network.
func benchmarkPages(b *testing.B, o *fakeforce.Org) {
	call := func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		} else {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		o.ServeHTTP(w, r)
		return w
	}
	var login struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(call("POST", "/services/oauth2/token", "", "grant_type=client_credentials&client_id=client&client_secret="+secret).Body).Decode(&login); err != nil || login.AccessToken == "" {
		b.Fatal(err)
	}
	var job struct{ ID string }
	w := call("POST", "/services/data/v66.0/jobs/query", login.AccessToken, `{"operation":"query","query":"SELECT Id, FirstName, LastName, Email, Phone, Title, Department, AccountId, MailingStreet, MailingCity, MailingCountry, Description, CreatedDate, SystemModstamp FROM Contact"}`)
	if err := json.NewDecoder(w.Body).Decode(&job); err != nil || job.ID == "" {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), "GET", "/services/data/v66.0/jobs/query/"+job.ID+"/results", nil)
		r.Header.Set("Authorization", "Bearer "+login.AccessToken)
		c := &counter{header: http.Header{}}
		o.ServeHTTP(c, r)
		b.SetBytes(c.n)
	}
}
