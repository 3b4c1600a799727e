package demodata_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/directory"
)

// TestExportIsRead reads the export with the stage that the demonstration uses: nothing is refused, and what the Analytics exports
// hold twice is read once.
func TestExportIsRead(t *testing.T) {
	_, export := generate(t, demodata.DefaultSeed)
	dir := t.TempDir()
	if err := export.Write(dir); err != nil {
		t.Fatal(err)
	}
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runner := &pipeline.Runner{
		Contract: "demo", Home: home, Store: store, Log: slog.New(slog.DiscardHandler), Progress: pipeline.NoProgress{}, Budget: 64 << 20, Workers: 2,
		Now: func(context.Context) (time.Time, error) { return now, nil },
	}
	m, err := runner.Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{directory.Stage{Dir: dir}}})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int64{
		"rows.nav_people": 1007, "rows.nav_companies": 1001, "rows.nav_seats": 30, "duplicates.nav_usage": 50,
		"rejected.nav_people": 0, "rejected.nav_companies": 0, "rejected.nav_seats": 0, "rejected.nav_activities": 0, "rejected.nav_usage": 0, "ignored.nav_usage": 0,
	} {
		if got := m.Count(key); got != want {
			t.Errorf("%s is %d, want %d", key, got, want)
		}
	}
	kinds := map[string]int{}
	e, _ := m.Entry(schemas.Usage.Name)
	r, err := store.Read(t.Context(), schemas.Usage, e, "kind", "occurred_at")
	if err != nil {
		t.Fatal(err)
	}
	err = columnar.Each(t.Context(), r, func(rec arrow.Record) error {
		kind, at := columnar.Strings(rec, "kind"), columnar.Times(rec, "occurred_at")
		for i := range kind.Len() {
			kinds[kind.Value(i)]++
			if at.Value(i).After(now) {
				t.Errorf("an event lies in the future: %s", at.Value(i))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"profile_view", "save", "search", "alert", "inmail", "message", "connection"} {
		if kinds[kind] == 0 {
			t.Errorf("no usage of kind %s", kind)
		}
	}
	t.Logf("usage %v, activities %d", kinds, m.Count("rows.nav_activities"))
}
