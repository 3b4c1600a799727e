package salesforce_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// TestDeletedLog looks at the edges of the span, which the org itself cuts to minutes.
func TestDeletedLog(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	ids := insertAccounts(t, b.org, 6)
	var at []time.Time
	for _, id := range ids[:4] {
		b.org.Clock().Advance(10 * time.Second)
		if err := b.org.Delete("Account", id); err != nil {
			t.Fatal(err)
		}
		at = append(at, b.org.Clock().Now())
	}
	b.org.Clock().Advance(time.Hour)
	for _, tt := range []struct {
		from, to time.Time
		want     []string
	}{
		{at[0], at[3], ids[:3]},
		{at[1], at[1].Add(time.Millisecond), ids[1:2]},
		{at[1].Add(time.Millisecond), at[3].Add(time.Second), ids[2:4]},
		{epoch, at[0], nil},
		{epoch.Add(-14 * 24 * time.Hour), b.org.Clock().Now(), ids[:4]},
	} {
		log, err := b.Deleted(t.Context(), "Account", tt.from, tt.to)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range log.Deleted {
			got = append(got, r.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s to %s: %v, want %v", tt.from, tt.to, got, tt.want)
		}
		if want := b.org.Clock().Now().Add(-15 * 24 * time.Hour); !log.Earliest.Equal(want) {
			t.Errorf("the log begins at %s, want %s", log.Earliest, want)
		}
	}
	// What is removed for good leaves the log incomplete before that.
	if err := b.org.HardDelete("Account", ids[4]); err != nil {
		t.Fatal(err)
	}
	now := b.org.Clock().Now()
	log, err := b.Deleted(t.Context(), "Account", epoch, now)
	if err != nil || !log.Earliest.Equal(now) || len(log.Deleted) != 4 {
		t.Errorf("log %+v, error %v", log, err)
	}
	if n := b.Usage().Objects["Account"]; n != 6 {
		t.Errorf("%d calls about Account, want 6", n)
	}
}

// TestDeletedLogRefuses tells refusals of the question from those of the caller.
func TestDeletedLogRefuses(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	if _, err := b.Deleted(t.Context(), "Account", epoch.Add(-40*24*time.Hour), epoch); !errors.Is(err, salesforce.ErrLog) {
		t.Errorf("a span of 40 days: %v", err)
	}
	if _, err := b.Deleted(t.Context(), "Nonsense__c", epoch.Add(-time.Hour), epoch); !errors.Is(err, salesforce.ErrLog) {
		t.Errorf("no such object: %v", err)
	}
	for _, tt := range []struct {
		status int
		code   string
		log    bool
		other  error
	}{
		{http.StatusBadRequest, "EXCEEDED_ID_LIMIT", true, nil},
		{http.StatusBadRequest, "INVALID_TYPE_FOR_OPERATION", true, nil},
		{http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", false, salesforce.ErrQuota},
		{http.StatusForbidden, "INSUFFICIENT_ACCESS", false, salesforce.ErrPermission},
	} {
		remove := b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
			if call.Kind != fakeforce.KindChanges {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(tt.status)
			fmt.Fprintf(w, `[{"errorCode":%q,"message":"no"}]`, tt.code)
		})
		_, err := b.Deleted(t.Context(), "Account", epoch.Add(-time.Hour), epoch)
		if errors.Is(err, salesforce.ErrLog) != tt.log || tt.other != nil && !errors.Is(err, tt.other) {
			t.Errorf("%s: %v", tt.code, err)
		}
		remove()
	}
}

// TestQueryJobsAreListed lists jobs of two states, and the calls about them are counted under their objects.
func TestQueryJobsAreListed(t *testing.T) {
	b := newBench(t, fakeforce.Options{JobPolls: -1}, nil)
	insertAccounts(t, b.org, 3)
	var made []salesforce.Job
	for _, soql := range []string{"SELECT Id FROM Account", "SELECT Id FROM Contact"} {
		j, err := b.CreateQueryJob(t.Context(), soql, false)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, j)
	}
	if _, err := b.WaitQueryJob(t.Context(), made[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	jobs, complete, err := b.QueryJobs(t.Context())
	if err != nil || !complete || len(jobs) != 2 {
		t.Fatalf("jobs %+v, complete %t, error %v", jobs, complete, err)
	}
	for i, j := range jobs { // newest first
		want := made[1-i]
		if j.ID != want.ID || j.Object != want.Object || j.CreatedBy != b.org.UserID() || j.Ended() != (i == 1) {
			t.Errorf("job %+v, want %+v", j, want)
		}
	}
	u := b.Usage()
	if u.Objects["Account"] != 2 || u.Objects["Contact"] != 1 || u.Objects[""] != 1 || u.Total != 4 {
		t.Errorf("calls %+v", u)
	}
}
