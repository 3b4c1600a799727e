package salesforce_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

func TestQueryReadsAllBatches(t *testing.T) {
	b := newBench(t, fakeforce.Options{QueryBatchSize: 7}, nil)
	ids := insertAccounts(t, b.org, 50)
	if err := b.org.Delete("Account", ids[0]); err != nil {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		want := quotedIDs(ids[1:])
		query := b.Query
		if all {
			want, query = quotedIDs(ids), b.QueryAll
		}
		cur, err := query(t.Context(), "SELECT Id FROM Account WHERE CreatedDate >= 2000-01-01T00:00:00.000+00:00")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for more := true; more; {
			if cur.Total != int64(len(want)) {
				t.Errorf("total %d, want %d", cur.Total, len(want))
			}
			for _, r := range cur.Records {
				var row struct{ ID json.RawMessage }
				if err := json.Unmarshal(r, &row); err != nil {
					t.Fatal(err)
				}
				got = append(got, string(row.ID))
			}
			if more, err = cur.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("all %t: %d rows, want %d", all, len(got), len(want))
		}
	}
	_, err := b.Query(t.Context(), "SELECT Nonsense FROM Account")
	var e *salesforce.APIError
	if !errors.As(err, &e) || !e.HasCode("InvalidField") || e.Object != "Account" || e.Op != "query" {
		t.Errorf("error %v", err)
	}
}

func TestDescribe(t *testing.T) {
	b := newBench(t, fakeforce.Options{HiddenFields: map[string][]string{"Contact": {"Email"}}}, nil)
	o, err := b.Describe(t.Context(), "Contact")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := o.Field("Email"); ok {
		t.Error("a hidden field is shown")
	}
	if f, ok := o.Field("lastname"); !ok || f.Name != "LastName" || f.Type != "string" || f.Length != 80 || !f.Createable {
		t.Errorf("LastName %+v", f)
	}
	task, err := b.Describe(t.Context(), "Task")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, rt := range task.RecordTypes {
		if rt.Active && !rt.Master && rt.ID != "" {
			names = append(names, rt.Name)
		}
	}
	if !slices.Contains(names, "LinkedIn InMail") {
		t.Errorf("record types %+v", task.RecordTypes)
	}
	if _, err := b.Describe(t.Context(), "Nonsense__c"); !errors.Is(err, salesforce.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func TestVersions(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	v, err := b.Versions(t.Context())
	if err != nil || !slices.ContainsFunc(v, func(v salesforce.Version) bool { return v.Version == b.APIVersion() }) {
		t.Errorf("%+v, %v", v, err)
	}
}

func task(subject string) salesforce.Record {
	return salesforce.Record{Type: "Task", Fields: map[string]any{"Subject": subject, "Status": "Completed", "Priority": "Normal"}}
}

func TestInsertCollection(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	results, err := b.InsertCollection(t.Context(), []salesforce.Record{
		task("one"), {Type: "Note", Fields: map[string]any{"Title": "no parent"}}, task("two"),
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 3 || !results[0].Success || results[1].Success || !results[2].Success {
		t.Fatalf("%+v", results)
	}
	if e := results[1].Errors; len(e) != 1 || !e[0].HasCode("RequiredFieldMissing") || !slices.Contains(e[0].Fields, "ParentId") {
		t.Errorf("errors %+v", e)
	}
	for i, want := range map[int]string{0: "one", 2: "two"} {
		row, err := b.org.Get("Task", results[i].ID)
		if err != nil || row["Subject"] != want || row["CreatedById"] != b.org.UserID() {
			t.Errorf("%v, %v", row, err)
		}
	}
	if _, err := b.InsertCollection(t.Context(), make([]salesforce.Record, 201), false); err == nil {
		t.Error("201 records are taken")
	}
	if r, err := b.InsertCollection(t.Context(), nil, false); err != nil || r != nil {
		t.Errorf("%v, %v", r, err)
	}
}

// TestLostAnswerOfAnInsert has the org take the records and the answer vanish in different ways.
func TestLostAnswerOfAnInsert(t *testing.T) {
	tests := []struct {
		name  string
		hook  func(w http.ResponseWriter, r *http.Request, next http.Handler)
		tasks int
		want  error
	}{
		{"connection drops after the work", func(_ http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutter{ResponseWriter: httptest.NewRecorder()}, r)
			panic(http.ErrAbortHandler)
		}, 1, salesforce.ErrUncertain},
		{"answer is cut", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Content-Length", "500")
			next.ServeHTTP(&cutter{ResponseWriter: w, left: 20}, r)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 1, salesforce.ErrUncertain},
		{"gateway error after the work", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutter{ResponseWriter: httptest.NewRecorder()}, r)
			w.WriteHeader(http.StatusBadGateway)
		}, 1, salesforce.ErrUncertain},
		{"page of HTML", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutter{ResponseWriter: httptest.NewRecorder()}, r)
			_, _ = w.Write([]byte("<html>"))
		}, 1, salesforce.ErrUncertain},
		{"answer about fewer records", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutter{ResponseWriter: httptest.NewRecorder()}, r)
			_, _ = w.Write([]byte("[]"))
		}, 1, salesforce.ErrUncertain},
		{"refused for the moment, then taken", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusTooManyRequests)
		}, 1, nil},
		{"session ended, then taken", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`))
		}, 1, nil},
		{"refused for good", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"x"}]`))
		}, 0, salesforce.ErrQuota},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, nil)
			b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
				if call.Kind == fakeforce.KindCollections && call.N == 1 {
					tt.hook(w, r, next)
					return
				}
				next.ServeHTTP(w, r)
			})
			_, err := b.InsertCollection(t.Context(), []salesforce.Record{task("once")}, false)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || tt.want != salesforce.ErrUncertain && errors.Is(err, salesforce.ErrUncertain) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if n, _, err := b.org.Count("Task"); err != nil || n != tt.tasks {
				t.Errorf("%d tasks, want %d (%v)", n, tt.tasks, err)
			}
		})
	}
}
