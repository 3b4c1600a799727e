package directory_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/directory"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bench runs the stage as a job and shows what it published.
type bench struct {
	t      *testing.T
	runner *pipeline.Runner
	log    *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	asOf := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &bench{t: t, log: log, runner: &pipeline.Runner{
		Contract: "test", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(log, nil)), Progress: pipeline.NoProgress{},
		Budget: 64 << 20, Workers: 2, Fresh: true,
		Now: func(context.Context) (time.Time, error) { asOf = asOf.Add(time.Hour); return asOf, nil },
	}}
}

func (b *bench) run(s directory.Stage) (*pipeline.Manifest, error) {
	return b.runner.Run(b.t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{s}})
}

func (b *bench) mustRun(s directory.Stage) *pipeline.Manifest {
	b.t.Helper()
	m, err := b.run(s)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// rows is a data set as CSV.
func (b *bench) rows(m *pipeline.Manifest, ds *schemas.Dataset) string {
	b.t.Helper()
	e, ok := m.Entry(ds.Name)
	if !ok {
		b.t.Fatalf("%s was not published", ds.Name)
	}
	r, err := b.runner.Store.Read(b.t.Context(), ds, e)
	if err != nil {
		b.t.Fatal(err)
	}
	var out strings.Builder
	if err := columnar.WriteCSV(b.t.Context(), &out, r); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

// folder makes an export folder of files by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		text = b.String()
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update accepts it):\n%s", name, diff)
	}
}

func TestRejectsKeepPlaceAndReason(t *testing.T) {
	b := newBench(t)
	dir := folder(t, map[string]string{
		"companies.csv": "company_id,name,employee_count\n" +
			"c1,Alpha,\"1,200\"\n" + // 2
			"c2,Beta,about ten\n" + // 3
			",Gamma,3\n" + // 4
			"c4,  ,4\n" + // 5
			"c5,Delta\n" + // 6
			"c6,\"Eps\"ilon\",6\n" + // 7
			"c7,\"two\nlines\",7.0\n" + // 8, 9
			"c8,Z\xe9ta,8\n" + // 10
			"c9,Eta\x00,9\n" + // 11
			"c10,Theta,10\n",
		"activities.ndjson": `{"activity_id":"a1","type":"in mail","seat_id":1,"occurred_at":"2026-01-01T10:00:00+02:00","log_to_crm":true}` + "\n\n" +
			`{"activity_id":"a2","type":"Fax","seat_id":1,"occurred_at":"2026-01-01","log_to_crm":true}` + "\n" +
			`{"activity_id":"a3","type":"Call","seat_id":1,"occurred_at":"last week"}` + "\n" +
			`{"activity_id":"a4","type":"Call","seat_id":1,"occurred_at":"2026-01-01 08:00"}` + "\n" +
			`{"activity_id":"a5","type":"Call"` + "\n" +
			`["a6"]` + "\n" +
			`{"activity_id":"a7","type":"Note","seat_id":[{"x":1}],"occurred_at":"2026-01-01"}` + "\n" +
			`{"activity_id":"a8","type":"Note","seat_id":1,"Seat Id":2,"occurred_at":"2026-01-01"}` + "\n" +
			`{"activity_id":"a9","type":"Note","seat_id":1,"occurred_at":1767225600000,"log_to_crm":"maybe"}` + "\n" +
			`{"activity_id":"a10","type":"Note","seat_id":1,"occurred_at":1767225600000,"log_to_crm":null}` + "\n",
	})
	m := b.mustRun(directory.Stage{Dir: dir, MaxRejected: 1})
	golden(t, "rejects.golden.csv", b.rows(m, schemas.Rejects))
	golden(t, "companies.golden.csv", b.rows(m, schemas.Companies))
	golden(t, "activities.golden.csv", b.rows(m, schemas.Activities))
	for _, secret := range []string{"about ten", "last week", "maybe"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds the refused value %q", secret)
		}
	}
}

func TestTooManyRejectsFail(t *testing.T) {
	dir := folder(t, map[string]string{"seats.csv": "seat_id,active,licence_type\n" + strings.Repeat("s,perhaps,Team\n", 2) + strings.Repeat("s,yes,Team\n", 18)})
	if _, err := newBench(t).run(directory.Stage{Dir: dir, MaxRejected: 0.1}); err != nil {
		t.Errorf("2 of 20 rows refused at a limit of 10 %%: %v", err)
	}
	_, err := newBench(t).run(directory.Stage{Dir: dir, MaxRejected: directory.DefaultMaxRejected})
	var rejected *directory.RejectedError
	if !errors.As(err, &rejected) {
		t.Fatalf("got %v, want a *RejectedError", err)
	}
	want := &directory.RejectedError{
		Dataset: "nav_seats", Rows: 20, Rejected: 2, Limit: 0.05,
		Reasons: []directory.Reason{{Field: "active", Text: "is neither true nor false", Rows: 2, File: "seats.csv", Line: 2}},
	}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Error(diff)
	}
	if text := "2 of 20 rows were refused (10.0 %, the limit navigator.max_rejected is 5.0 %): 2 × active is neither true nor false, first at seats.csv:2"; rejected.Error() != text {
		t.Errorf("got  %s\nwant %s", rejected, text)
	}
}

// TestOpenQuoteCountsTheLinesThatItSwallows: one missing quote must not make profiles vanish unnoticed.
func TestOpenQuoteCountsTheLinesThatItSwallows(t *testing.T) {
	text := "member_id,full_name\n" + strings.Repeat("m1,One\n", 50) + "m2,\"Two\n" + strings.Repeat("m3,Three\n", 50)
	_, err := newBench(t).run(directory.Stage{Dir: folder(t, map[string]string{"people.csv": text}), MaxRejected: 0.4})
	var rejected *directory.RejectedError
	if !errors.As(err, &rejected) || rejected.Rejected < 51 {
		t.Errorf("got %v, want at least 51 rows refused", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	const header = "member_id,full_name\n"
	for _, c := range []struct {
		name, file, text, want string
		mapping                map[string]map[string]string
	}{
		{"required column", "people.csv", "id,full_name\n1,One\n", `people.csv: required column "member_id" is missing; set navigator.mapping.people.member_id`, nil},
		{"mapped column", "people.csv", header + "1,One\n", `required column "Member" is missing`, map[string]map[string]string{"people": {"member_id": "Member"}}},
		{"required member", "people.ndjson", `{"id":"1"}` + "\n", `people.ndjson: required column "member_id" is missing`, nil},
		{"column twice", "people.csv", "member_id,MemberID\n1,2\n", `columns "member_id" and "MemberID" are both member_id`, nil},
		{"UTF-16", "people.csv", "\xff\xfem\x00e\x00", "people.csv: file is UTF-16; save it as UTF-8", nil},
		{"UTF-16 without a mark", "people.csv", "m\x00e\x00m\x00", "file is UTF-16", nil},
		{"empty", "people.csv", "", "people.csv: file is empty", nil},
		{"mark only", "people.csv", "\xef\xbb\xbf", "people.csv: file has no header line", nil},
		{"too long", "people.csv", header + "1,\"" + strings.Repeat("x", 17<<20), "people.csv: after line 1: record is longer than 16 MiB", nil},
		{"too long line", "people.ndjson", `{"member_id":"` + strings.Repeat("x", 17<<20), "record is longer than 16 MiB", nil},
		{"damaged Parquet", "people.parquet", "PAR1nothing of the kindPAR1", "people.parquet: ", nil},
		{"empty Parquet", "people.parquet", "", "people.parquet: ", nil},
		{"unknown data set", "people.csv", header, "navigator.mapping.persons: no such data set", map[string]map[string]string{"persons": {}}},
		{"unknown field", "people.csv", header, "navigator.mapping.people.id: no such column", map[string]map[string]string{"people": {"id": "x"}}},
		{"no data set", "persons.csv", header, "holds no file of any data set", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			_, err := b.run(directory.Stage{Dir: folder(t, map[string]string{c.file: c.text}), Mapping: c.mapping, MaxRejected: 1})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %s", err, c.want)
			}
		})
	}
	truncated := folder(t, map[string]string{"people.csv.gz": header + strings.Repeat("1,One\n", 1000)})
	path := filepath.Join(truncated, "people.csv.gz")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-12], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := newBench(t).run(directory.Stage{Dir: truncated, MaxRejected: 1}); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("a truncated gzip file gives %v", err)
	}
	if _, err := newBench(t).run(directory.Stage{Dir: filepath.Join(truncated, "nowhere")}); !errors.Is(err, directory.ErrNoExport) {
		t.Errorf("a missing folder gives %v, want ErrNoExport", err)
	}
}

func TestMissingDataSetIsPublishedEmpty(t *testing.T) {
	b := newBench(t)
	m := b.mustRun(directory.Stage{Dir: folder(t, map[string]string{"people.csv": "member_id\nm1\n", "notes.txt": "x", "people-old.bak": "x"})})
	if got := m.Count("missing.nav_usage"); got != 1 {
		t.Errorf("missing.nav_usage is %d, want 1", got)
	}
	if got := b.rows(m, schemas.Usage); strings.Count(got, "\n") != 1 {
		t.Errorf("usage is not empty: %s", got)
	}
	if !strings.Contains(b.log.String(), "people-old.bak") {
		t.Error("a file that is not used is not reported")
	}
}
