package generate

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/directory"
)

// TestDirectoryStageTakesTheExport reads the directory as a sync does.
func TestDirectoryStageTakesTheExport(t *testing.T) {
	dir := small(t, 2, 2)
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	runner := &pipeline.Runner{
		Contract: "test", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(&log, nil)), Progress: pipeline.NoProgress{}, Budget: 64 << 20, Workers: 2, Fresh: true,
		Now: func(context.Context) (time.Time, error) { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil },
	}
	m, err := runner.Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{directory.Stage{Dir: filepath.Join(dir, "directory")}}}) // no row may be refused
	if err != nil {
		t.Fatal(err)
	}
	for ds, want := range map[*schemas.Dataset]int64{schemas.People: 20_000, schemas.Companies: 1_000, schemas.Rejects: 0} {
		if e, ok := m.Entry(ds.Name); !ok || e.Rows != want {
			t.Errorf("%s: %d rows, want %d", ds.Name, e.Rows, want)
		}
	}
	if strings.Contains(log.String(), "columns are not used") {
		t.Errorf("the stage does not know some columns:\n%s", log.String())
	}
}

// TestSpecsFitTheFiles makes sure that link-files takes the specifications and that their columns are there.
func TestSpecsFitTheFiles(t *testing.T) {
	dir := small(t, 2, 2)
	for name, right := range map[string]string{"accounts": "companies", "contacts": "people", "leads": "people"} {
		s, err := linkfiles.ReadSpec(filepath.Join(dir, "spec", name+".yaml"), false)
		if err != nil {
			t.Fatal(err)
		}
		for file, side := range map[string]linkfiles.Side{"crm/" + name + ".csv": s.Left, "directory/" + right + ".csv": s.Right} {
			row := read(t, dir, file)[0]
			columns := []string{side.ID}
			for _, c := range side.Columns {
				columns = append(columns, c...)
			}
			for _, c := range columns {
				if _, ok := row[c]; !ok {
					t.Errorf("%s: %s has no column %s", name, file, c)
				}
			}
		}
	}
}

// TestDirectoryIsWhole looks at what profiles and pages refer to.
func TestDirectoryIsWhole(t *testing.T) {
	dir := small(t, 2, 2)
	domains, names := map[string]bool{}, map[string]string{}
	for _, c := range read(t, dir, "directory/companies.csv") {
		if domains[c["website"]] {
			t.Errorf("%s has a web site of another company: %s", c["company_id"], c["website"])
		}
		domains[c["website"]] = true
		names[c["company_id"]] = c["name"]
	}
	for _, c := range read(t, dir, "directory/companies.csv") {
		if parent := c["parent_company_id"]; parent != "" && (names[parent] == "" || parent == c["company_id"]) {
			t.Errorf("%s is part of %s", c["company_id"], parent)
		}
	}
	for _, p := range read(t, dir, "directory/people.csv") {
		if id := p["company_id"]; id != "" && !strings.Contains(names[id], p["company"]) || (id == "") != (p["company"] == "") {
			t.Fatalf("%s works at %s %q, which is %q", p["member_id"], id, p["company"], names[id])
		}
		if p["first_name"] == "" || p["last_name"] == "" || p["full_name"] != p["first_name"]+" "+p["last_name"] {
			t.Fatalf("%s is called %q %q %q", p["member_id"], p["first_name"], p["last_name"], p["full_name"])
		}
	}
}
