package writeback

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// TestPassingRefusals lets the org answer that a row is locked until patience ends.
func TestPassingRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	locked := true
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindCollections || !locked {
			next.ServeHTTP(w, r)
			return
		}
		var in struct{ Records []json.RawMessage }
		if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &in) != nil {
			panic(http.ErrAbortHandler)
		}
		results := make([]salesforce.SaveResult, len(in.Records))
		for i := range results {
			results[i].Errors = []salesforce.SaveError{{Code: "UNABLE_TO_LOCK_ROW", Message: "unable to obtain exclusive access to this record"}}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(results); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
	few := func(j *Job) { j.MaxAttempts = 3 }
	if r := b.run([]activity{mail("a")}, few); r.Delayed != 1 {
		t.Errorf("result %+v", r)
	}
	b.state("a", "waiting", "UNABLE_TO_LOCK_ROW")
	if r := b.run(nil, few); r.Delayed+r.Written+r.Held != 0 {
		t.Errorf("it was tried again at once: %+v", r)
	}
	for range 2 {
		b.org.Clock().Advance(time.Hour)
		b.run(nil, few)
	}
	if e := b.state("a", "failed", "UNABLE_TO_LOCK_ROW"); e.Attempts != 3 {
		t.Errorf("%d attempts", e.Attempts)
	}
	locked = false
	if _, err := b.retry(); err != nil {
		t.Fatal(err)
	}
	b.run(nil, few)
	b.wantWritten(mail("a"))
}

// TestCallLevelRefusals: an exhausted allowance leaves everything waiting; a batch that the org can't read is taken apart.
func TestCallLevelRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	var answer func(records []map[string]any) (int, string)
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindCollections {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		var in struct{ Records []map[string]any }
		if err != nil || json.Unmarshal(body, &in) != nil {
			panic(http.ErrAbortHandler)
		}
		if status, text := answer(in.Records); status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		next.ServeHTTP(w, r)
	})
	var list []activity
	for i := range 9 {
		list = append(list, mail(fmt.Sprint("a", i)))
	}
	answer = func([]map[string]any) (int, string) {
		return 403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`
	}
	if _, err := b.try(list); !errors.Is(err, salesforce.ErrQuota) {
		t.Errorf("without allowance: %v", err)
	}
	if e := b.state("a3", "waiting", "REQUEST_LIMIT_EXCEEDED"); e.Attempts != 0 {
		t.Errorf("%d attempts counted that the org had no part in", e.Attempts)
	}
	b.org.Clock().Advance(2 * time.Minute)
	answer = func(records []map[string]any) (int, string) {
		for _, r := range records {
			if r["Subject"] == "Subject a4" {
				return 400, `[{"errorCode":"JSON_PARSER_ERROR","message":"unexpected character"}]`
			}
		}
		return 0, ""
	}
	if r := b.run(nil); r.Written != 8 || r.Refused != 1 {
		t.Errorf("result %+v", r)
	}
	b.state("a4", "refused", "JSON_PARSER_ERROR: unexpected character")
	b.wantWritten(append(list[:4:4], list[5:]...)...)
}
