package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
)

func TestRetainKeepsWhatNewerRunsNeed(t *testing.T) {
	r := newRunner(t)
	var n int64
	j, _, _ := job(func() int64 { return n })
	var runs []*pipeline.Manifest
	for n = 1; n <= 4; n++ {
		m, err := r.Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, m)
	}
	dropped, files, err := r.Home.Retain(t.Context(), r.Store, runs[2].AsOf)
	if err != nil {
		t.Fatal(err)
	}
	// The sums of two runs go; the numbers of all runs are layers of a chain that the newer ones read.
	if dropped != 2 || files != 2 {
		t.Errorf("dropped %d runs and %d files, want 2 and 2", dropped, files)
	}
	if diff := cmp.Diff(map[string]int64{"id001": 1, "id002": 2, "id003": 3, "id004": 4}, contents(t, r, runs[3], numbers)); diff != "" {
		t.Error(diff)
	}
	// However late it is, the latest successful run stays.
	if _, _, err := r.Home.Retain(t.Context(), r.Store, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	ids, err := r.Home.Runs()
	if err != nil || len(ids) != 1 || ids[0] != runs[3].RunID {
		t.Errorf("left %v, %v", ids, err)
	}
}

func TestLongChainsAreCompacted(t *testing.T) {
	r := newRunner(t)
	var n int64
	j, _, _ := job(func() int64 { return n })
	var runs []*pipeline.Manifest
	for n = 1; n <= 40; n++ {
		m, err := r.Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, m)
	}
	last := runs[len(runs)-1]
	e, _ := last.Entry(numbers.Name)
	if len(e.Layers) > 30 {
		t.Errorf("%d layers after 40 runs", len(e.Layers))
	}
	for i, m := range runs {
		if got := contents(t, r, m, numbers); len(got) != i+1 {
			t.Errorf("run %d has %d rows, want %d", i+1, len(got), i+1)
		}
	}
}

func TestFrequentJobsLeaveOneRun(t *testing.T) {
	r := newRunner(t)
	s := &step{name: "write", do: func(context.Context, *pipeline.Run) error { return nil }}
	often := pipeline.Job{Name: "writeback", Lock: "writeback", NoResume: true, Stages: []pipeline.Stage{s}}
	s.failures = 1
	if _, err := r.Run(t.Context(), often); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	var last *pipeline.Manifest
	for range 3 {
		var err error
		if last, err = r.Run(t.Context(), often); err != nil {
			t.Fatal(err)
		}
	}
	if ids, err := r.Home.Runs(); err != nil || len(ids) != 1 || ids[0] != last.RunID || last.Resumed != 0 {
		t.Errorf("left %v, %v; resumed %d", ids, err, last.Resumed)
	}
}
