package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/jobs/demo"
	"github.com/crmsync/crmsync/stages/writeback"
)

// TestWritebackRetry: nothing is tried again unless it is named or all are meant, and it is noted who said so.
func TestWritebackRetry(t *testing.T) {
	s := newSite(t, newWorld(t))
	if _, err := s.db.Exec(t.Context(), `INSERT INTO crmsync.writebacks (contract, activity_id, kind, seat_id, occurred_at, state, reason, cut, run_id, as_of)
		SELECT $1, 'act-' || n, 'InMail', 's1', now(), CASE WHEN n = 4 THEN 'waiting' ELSE 'refused' END, 'CODE: no ' || n, '{Description}', 'r', now()
		FROM generate_series(1, 4) n`, demo.Contract); err != nil {
		t.Fatal(err)
	}
	call := func(want int, args ...string) *bytes.Buffer {
		t.Helper()
		c, out := s.run(t.Context(), t, append([]string{"writeback"}, args...)...)
		_ = c.Run() // the exit code tells
		if got := c.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: exit code %d, want %d:\n%s", args, got, want, out)
		}
		return out
	}
	for _, args := range [][]string{{"retry"}, {"retry", "act-1", "--all-refused"}, {"retry", "--list", "act-1"}} {
		if out := call(exitUsage, args...); !strings.Contains(out.String(), "--all-refused") {
			t.Errorf("%v: %s", args, out)
		}
	}
	if out := call(exitDone, "list", "--state", "refused"); !strings.Contains(out.String(), "CODE: no 2") || !strings.Contains(out.String(), "Description") || strings.Contains(out.String(), "act-4") {
		t.Errorf("list: %s", out)
	}
	for _, step := range []struct {
		args []string
		says string
	}{
		{[]string{"retry", "act-2", "act-4"}, "1 activities"},
		{[]string{"retry", "--all-refused"}, "2 activities"},
		{[]string{"retry", "--all-refused"}, "0 activities"},
	} {
		if out := call(exitDone, step.args...); !strings.Contains(out.String(), step.says) {
			t.Errorf("%v: %s", step.args, out)
		}
	}
	var retries []writeback.Retried
	out := call(exitDone, "retry", "--list", "--json", "--quiet")
	if err := json.Unmarshal(out.Bytes(), &retries); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(retries) != 3 || retries[2].ActivityID != "act-2" || retries[2].By == "" || retries[2].FromReason != "CODE: no 2" {
		t.Errorf("audit %+v", retries)
	}
}
