package salesforce_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func ingestAccounts(n int) []byte {
	var b strings.Builder
	b.WriteString("Name,Website\n")
	for i := range n {
		fmt.Fprintf(&b, "\"Account, \"\"%d\"\"\nof two lines\",\n", i)
	}
	return []byte(b.String())
}

func TestIngestJob(t *testing.T) {
	b := newBench(t, fakeforce.Options{JobPolls: 3}, nil)
	job, err := b.CreateIngestJob(t.Context(), "Account")
	if err != nil || job.State != salesforce.JobOpen {
		t.Fatalf("%+v, %v", job, err)
	}
	data := append(ingestAccounts(25), []byte(strings.Repeat("x", 256)+",\n")...)
	if err := errors.Join(b.UploadIngest(t.Context(), job, data), b.CloseIngestJob(t.Context(), job.ID), b.CloseIngestJob(t.Context(), job.ID)); err != nil {
		t.Fatal(err)
	}
	if early, err := b.WaitIngestJob(t.Context(), job.ID, 0); err != nil || early.Ended() {
		t.Errorf("one look: %+v, %v", early, err)
	}
	job, err = b.WaitIngestJob(t.Context(), job.ID, time.Hour)
	if err != nil || job.State != salesforce.JobComplete || job.Processed != 26 || job.Failed != 1 {
		t.Fatalf("%+v, %v", job, err)
	}
	made, err := b.IngestRows(t.Context(), job, salesforce.IngestSucceeded)
	if err != nil || len(made) != 25 {
		t.Fatalf("%d made, %v", len(made), err)
	}
	inOrder := true
	for i, row := range made {
		name := row.Fields["Name"]
		if got, err := b.org.Get("Account", row.ID); err != nil || got["Name"] != name {
			t.Errorf("%q is %v, %v", name, got, err)
		}
		inOrder = inOrder && strings.Contains(name, fmt.Sprintf(`"%d"`, i))
	}
	if inOrder {
		t.Error("the rows came in the order of the upload, so that what tells them apart was not tried")
	}
	failed, err := b.IngestRows(t.Context(), job, salesforce.IngestRefused)
	if err != nil || len(failed) != 1 || failed[0].ID != "" || failed[0].Error.Code != "STRING_TOO_LONG" || !slices.Equal(failed[0].Error.Fields, []string{"Name"}) {
		t.Errorf("refused %+v, %v", failed, err)
	}
	if rest, err := b.IngestRows(t.Context(), job, salesforce.IngestUnprocessed); err != nil || len(rest) != 0 {
		t.Errorf("unprocessed %+v, %v", rest, err)
	}
	if err := b.AbortIngestJob(t.Context(), job.ID); err == nil {
		t.Error("an ended job was aborted")
	}
}

// TestIngestAbortedIsFinal: after an abort, a close that comes late does nothing.
func TestIngestAbortedIsFinal(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	job, err := b.CreateIngestJob(t.Context(), "Account")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.UploadIngest(t.Context(), job, ingestAccounts(2)), b.AbortIngestJob(t.Context(), job.ID), b.AbortIngestJob(t.Context(), job.ID)); err != nil {
		t.Fatal(err)
	}
	if err := b.CloseIngestJob(t.Context(), job.ID); err == nil {
		t.Error("an aborted job was closed")
	}
	if job, err = b.WaitIngestJob(t.Context(), job.ID, time.Hour); err != nil || job.State != salesforce.JobAborted {
		t.Errorf("%+v, %v", job, err)
	}
	if rows, err := b.org.Rows("SELECT Id FROM Account"); err != nil || len(rows) != 0 {
		t.Errorf("%d accounts, %v", len(rows), err)
	}
}

// TestIngestLostAnswers cuts every call of a job once, after the org has taken it.
func TestIngestLostAnswers(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	cut := map[string]bool{}
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		step := r.Method + " " + r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if r.Method == http.MethodPatch || r.Method == http.MethodGet && call.JobID != "" && strings.HasSuffix(step, call.JobID) {
			step = r.Method
		}
		if call.Kind != fakeforce.KindIngest || cut[step] || step == "PUT batches" {
			next.ServeHTTP(w, r)
			return
		}
		cut[step] = true
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	job, err := b.CreateIngestJob(t.Context(), "Account")
	if err == nil {
		err = b.UploadIngest(t.Context(), job, ingestAccounts(3))
	}
	if err == nil {
		err = b.CloseIngestJob(t.Context(), job.ID)
	}
	if err == nil {
		job, err = b.WaitIngestJob(t.Context(), job.ID, time.Hour)
	}
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := b.IngestRows(t.Context(), job, salesforce.IngestSucceeded); err != nil || len(rows) != 3 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if len(cut) != 4 {
		t.Errorf("cut %v", cut)
	}
}

func TestIngestRefusals(t *testing.T) {
	b := newBench(t, fakeforce.Options{NoBulk: []string{"Account"}}, nil)
	if _, err := b.CreateIngestJob(t.Context(), "User"); !errors.Is(err, salesforce.ErrNotBulk) {
		t.Errorf("an object that is not served: %v", err)
	}
	if _, err := b.IngestJob(t.Context(), "750000000000099AAA"); !errors.Is(err, salesforce.ErrNotFound) {
		t.Errorf("no such job: %v", err)
	}
	if err := b.UploadIngest(t.Context(), salesforce.IngestJob{ID: "x"}, make([]byte, salesforce.MaxUpload+1)); err == nil {
		t.Error("too large an upload was sent")
	}
	for name, record := range map[string]salesforce.Record{
		"null":    {Fields: map[string]any{"Name": salesforce.IngestNull}},
		"column":  {Fields: map[string]any{"Other": "x"}},
		"no text": {Fields: map[string]any{"Name": 1}},
	} {
		if _, err := salesforce.IngestCSV([]string{"Name"}, []salesforce.Record{record}); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
}
