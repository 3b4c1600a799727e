package salesforce_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// lines is the consumer of a page in these tests: the rows as text, without the header.
type lines struct{ rows []string }

func (l *lines) read(r io.Reader) (int64, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	all := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	l.rows = all[1:]
	return int64(len(l.rows)), nil
}

// pagesOf reads all pages of a job and returns their rows, sorted.
func pagesOf(t *testing.T, c *salesforce.Client, job salesforce.Job, pageRows int, listed bool) []string {
	t.Helper()
	var all []string
	if listed {
		refs, err := c.ListPages(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			var l lines
			if _, err := c.ReadPage(t.Context(), job, ref, pageRows, l.read); err != nil {
				t.Fatal(err)
			}
			all = append(all, l.rows...)
		}
	} else {
		for ref := (salesforce.PageRef{}); ; {
			var l lines
			p, err := c.ReadPage(t.Context(), job, ref, pageRows, l.read)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, l.rows...)
			if p.Last {
				break
			}
			ref = p.Next
		}
	}
	slices.Sort(all)
	return all
}

func quotedIDs(ids []string) []string {
	q := make([]string, len(ids))
	for i, id := range ids {
		q[i] = fmt.Sprintf("%q", id)
	}
	slices.Sort(q)
	return q
}

func TestQueryJob(t *testing.T) {
	for _, pageRows := range []int{1, 7, 25, 1000} {
		for _, listed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%t", pageRows, listed), func(t *testing.T) {
				b := newBench(t, fakeforce.Options{JobPolls: 3, PageSize: pageRows}, nil)
				want := quotedIDs(insertAccounts(t, b.org, 50))
				job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
				if err != nil {
					t.Fatal(err)
				}
				var states []salesforce.JobState
				if job, err = b.WaitQueryJob(t.Context(), job.ID, func(j salesforce.Job) { states = append(states, j.State) }); err != nil {
					t.Fatal(err)
				}
				if job.Records != 50 || job.Object != "Account" || len(states) != 4 {
					t.Errorf("job %+v after %v", job, states)
				}
				if got := pagesOf(t, b.Client, job, pageRows, listed); !slices.Equal(got, want) {
					t.Errorf("%d rows, want %d", len(got), len(want))
				}
				if err := b.DeleteQueryJob(t.Context(), job.ID); err != nil {
					t.Fatal(err)
				}
				if _, err := b.QueryJob(t.Context(), job.ID); !errors.Is(err, salesforce.ErrNotFound) {
					t.Errorf("deleted job: %v", err)
				}
				if n := len(b.org.Jobs()); n != 0 {
					t.Errorf("%d jobs are left", n)
				}
			})
		}
	}
}

func TestEmptyResult(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Lead", true)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = b.WaitQueryJob(t.Context(), job.ID, nil); err != nil || job.Operation != "queryAll" {
		t.Fatalf("%+v, %v", job, err)
	}
	p, err := b.ReadPage(t.Context(), job, salesforce.PageRef{}, 10, (&lines{}).read)
	if err != nil || p.Rows != 0 || !p.Last {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestJobEndsBadly(t *testing.T) {
	tests := []struct {
		name string
		do   func(*fakeforce.Org, string) error
		want error
		says string
	}{
		{"failed", func(o *fakeforce.Org, id string) error { return o.FailJob(id, "TransientError: try later") }, salesforce.ErrJobFailed, "try later"},
		{"failed without a word", func(o *fakeforce.Org, id string) error { return o.FailJob(id, "") }, salesforce.ErrJobFailed, "no reason"},
		{"aborted", (*fakeforce.Org).AbortJob, salesforce.ErrJobAborted, "someone"},
		{"stuck", (*fakeforce.Org).HoldJob, salesforce.ErrJobStuck, "InProgress"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, nil)
			job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.do(b.org, job.ID); err != nil {
				t.Fatal(err)
			}
			_, err = b.WaitQueryJob(t.Context(), job.ID, nil)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), job.ID) {
				t.Errorf("error %v", err)
			}
			if tt.name == "stuck" {
				if n := b.Usage().Calls[salesforce.KindJobStatus]; n > 150 {
					t.Errorf("waiting four hours cost %d calls", n)
				}
				if err := b.AbortQueryJob(t.Context(), job.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestPagesAreReadAgain breaks the first attempts at a page in different ways.
func TestPagesAreReadAgain(t *testing.T) {
	tests := map[string]func(w http.ResponseWriter, r *http.Request, next http.Handler){
		"cut in the middle": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutter{ResponseWriter: w, left: 200}, r)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"ends too soon without a sign": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Del("Accept-Encoding")
			next.ServeHTTP(&cutter{ResponseWriter: w, left: 210}, r)
		},
		"session ends": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`))
		},
		"page of HTML": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<html>"))
		},
		"count is wrong once": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&recount{ResponseWriter: w, count: "51"}, r)
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{}, nil)
			want := quotedIDs(insertAccounts(t, b.org, 50))
			b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
				if call.Kind == fakeforce.KindQueryResults && call.N == 1 {
					spoil(w, r, next)
					return
				}
				next.ServeHTTP(w, r)
			})
			job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
			if err != nil {
				t.Fatal(err)
			}
			if job, err = b.WaitQueryJob(t.Context(), job.ID, nil); err != nil {
				t.Fatal(err)
			}
			if got := pagesOf(t, b.Client, job, 1000, false); !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d", len(got), len(want))
			}
			if n := b.org.Calls()[fakeforce.KindQueryResults]; n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

// cutter drops what comes after some bytes; a short write goes unnoticed by the org.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	if _, err := c.ResponseWriter.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// recount tells another number of records.
type recount struct {
	http.ResponseWriter
	count string
}

func (c *recount) WriteHeader(status int) {
	c.Header().Set("Sforce-NumberOfRecords", c.count)
	c.ResponseWriter.WriteHeader(status)
}

func TestWrongCountIsAnError(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	insertAccounts(t, b.org, 50)
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindQueryResults {
			w = &recount{ResponseWriter: w, count: "49"}
		}
		next.ServeHTTP(w, r)
	})
	job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = b.WaitQueryJob(t.Context(), job.ID, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ReadPage(t.Context(), job, salesforce.PageRef{}, 0, (&lines{}).read); !errors.Is(err, salesforce.ErrRowCount) {
		t.Errorf("error %v", err)
	}
}

// TestConsumersErrorIsFinal has text that arrives whole and is wrong.
func TestConsumersErrorIsFinal(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = b.WaitQueryJob(t.Context(), job.ID, nil); err != nil {
		t.Fatal(err)
	}
	wrong := errors.New("wrong value")
	if _, err := b.ReadPage(t.Context(), job, salesforce.PageRef{}, 0, func(io.Reader) (int64, error) { return 0, wrong }); !errors.Is(err, wrong) {
		t.Errorf("error %v", err)
	}
	if n := b.org.Calls()[fakeforce.KindQueryResults]; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestPageListSpellings accepts what the guides say in different places.
func TestPageListSpellings(t *testing.T) {
	tests := map[string][2]string{
		"resultUrl, nextRecordsUrl": {`{"resultPages":[{"resultUrl":"/a"}],"nextRecordsUrl":"/more","done":false}`, `{"resultPages":[{"resultUrl":"/b"}],"done":true}`},
		"resultLink, nextRecordUrl": {`{"resultPages":[{"resultLink":"/a"}],"nextRecordUrl":"/more"}`, `{"resultPages":[{"resultLink":"/b"}],"nextRecordUrl":null}`},
		"done with a next address":  {`{"resultPages":[{"resultUrl":"/a"},{"resultUrl":"/b"}],"nextRecordsUrl":"/more","done":true}`, ""},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []http.HandlerFunc{say(200, answers[0]), say(200, answers[1])}}
			c, _ := answer(t, s.ServeHTTP, nil)
			refs, err := c.ListPages(t.Context(), salesforce.Job{ID: "750"})
			if err != nil || !slices.Equal(refs, []salesforce.PageRef{{URL: "/a"}, {URL: "/b"}}) {
				t.Errorf("%v, %v", refs, err)
			}
		})
	}
	endless := &script{steps: []http.HandlerFunc{say(200, `{"resultPages":[],"nextRecordsUrl":"/more"}`)}}
	c, _ := answer(t, endless.ServeHTTP, nil)
	if _, err := c.ListPages(t.Context(), salesforce.Job{ID: "750"}); err == nil {
		t.Error("an endless list ends")
	}
}

func TestBulkRefusals(t *testing.T) {
	tests := map[string]error{
		`[{"errorCode":"INVALIDENTITY","message":"Entity 'X' is not supported by the Bulk API."}]`:                            salesforce.ErrNotBulk,
		`[{"errorCode":"API_ERROR","message":"Selecting compound data not supported in Bulk Query"}]`:                         salesforce.ErrNotBulk,
		`[{"errorCode":"API_ERROR","message":"Implementation restriction: needs View All Data"}]`:                             salesforce.ErrPermission,
		`[{"errorCode":"LIMIT_EXCEEDED","message":"Max bulk v2 query jobs (10000) per 24 hrs has been reached for the org"}]`: salesforce.ErrQuota,
	}
	for body, want := range tests {
		s := &script{steps: []http.HandlerFunc{say(400, body)}}
		c, _ := answer(t, s.ServeHTTP, nil)
		if _, err := c.CreateQueryJob(t.Context(), "SELECT Id FROM X", false); !errors.Is(err, want) || s.n != 1 {
			t.Errorf("%s: error %v after %d requests", body, err, s.n)
		}
	}
}

func TestGzipIsAskedForAndUndone(t *testing.T) {
	b := newBench(t, fakeforce.Options{}, nil)
	insertAccounts(t, b.org, 5)
	var asked []string
	b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		next.ServeHTTP(w, r)
		if call.Kind == fakeforce.KindQueryResults {
			asked = append(asked, r.Header.Get("Accept-Encoding"), w.Header().Get("Content-Encoding"))
		}
	})
	job, err := b.CreateQueryJob(t.Context(), "SELECT Id FROM Account", false)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = b.WaitQueryJob(t.Context(), job.ID, nil); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := b.ReadPage(t.Context(), job, salesforce.PageRef{}, 0, func(r io.Reader) (int64, error) { return 5, second(text.ReadFrom(r)) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []string{"gzip", "gzip"}) || !strings.HasPrefix(text.String(), "\"Id\"\n") {
		t.Errorf("headers %v, text %q", asked, text.String())
	}
}

func second[A any](_ A, err error) error { return err }
