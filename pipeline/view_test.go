package pipeline_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// TestViewShowsARunAsItEnded reads an old run beside a newer one, with the files that it kept. What is staged with the view stays there.
func TestViewShowsARunAsItEnded(t *testing.T) {
	r := newRunner(t)
	n := int64(0)
	j, _, second := job(func() int64 { n++; return n })
	work := second.do
	second.do = func(ctx context.Context, run *pipeline.Run) error {
		if err := run.SaveFile("note.txt", []byte(run.ID)); err != nil {
			return err
		}
		return work(ctx, run)
	}
	var runs []*pipeline.Manifest
	for range 2 {
		m, err := r.Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, m)
	}
	for i, want := range []map[string]int64{{"sum": 1}, {"sum": 3}} {
		view := r.Home.View(r.Store, runs[i], r.Log)
		reader, err := view.Read(t.Context(), sums)
		if err != nil {
			t.Fatal(err)
		}
		got, err := get(t.Context(), reader)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("run %d:\n%s", i, d)
		}
		if b, err := r.Home.File(view.ID, "note.txt"); err != nil || string(b) != runs[i].RunID {
			t.Errorf("file of run %d: %q, %v", i, b, err)
		}
		view.Count("seen", 1)
		view.PublishEntry(&schemas.Dataset{Name: "more"}, runs[i].Datasets["sums"])
		m, err := r.Home.Load(view.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.Entry("more"); ok || m.Count("seen") != 0 || len(runs[i].Datasets) != 2 {
			t.Errorf("run %d was changed by its view", i)
		}
	}
	if _, err := r.Home.File(runs[0].RunID, "none.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was not kept: %v", err)
	}
}
