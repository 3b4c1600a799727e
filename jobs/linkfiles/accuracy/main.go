// Command accuracy links public labelled files as `crmsync link-files` does, measures the links as `crmsync eval` does, and fails
// when a figure is below its bar. Sets that are not there are skipped by name: not all of them may be passed on.
//
// It is run from the root of the project, by `make bench-accuracy`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match/eval"
)

// errBelow says that a figure is below its bar.
var errBelow = errors.New("accuracy is below the bar")

// figures are a line of the table, and of the JSON file.
type figures struct {
	Name       string  `json:"name"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Pairs      int64   `json:"pairs"`
	PairsRate  float64 `json:"pairs_per_core_second"` // of the whole job, reading and training included
	PeakRSS    int64   `json:"peak_rss_bytes"`        // of this process, up to this job
	Precision  float64 `json:"precision"`
	Recall     float64 `json:"recall"`
	F1         float64 `json:"f1"`
	BestF1     float64 `json:"best_f1"`
	ECE        float64 `json:"ece"`
	Bar        float64 `json:"bar"`
	Peer       string  `json:"peer,omitempty"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	data := flag.String("data", "", "folder with the sets that are not part of the project")
	own := flag.String("testdata", "testdata", "the project's testdata")
	lines := flag.String("json", "", "file to append the figures to, as JSON lines")
	flag.Parse()
	if err := run(ctx, os.Stdout, *data, *own, *lines, cases); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// run measures all sets that are there, prints the table, and reports figures below their bars.
func run(ctx context.Context, out io.Writer, data, own, lines string, cases []set) (err error) {
	dir, err := os.MkdirTemp("", "accuracy")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"set", "precision", "recall", "F1", "bar", "best F1", "ECE", "pairs", "s", "peer", ""})
	var below []error
	var done []figures
	for _, c := range cases {
		folder := filepath.Join(own, c.folder)
		if c.outside {
			folder = filepath.Join(data, c.folder)
		}
		if _, err := os.Stat(filepath.Join(folder, c.left)); errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(out, "skipped %s: %s is not in %s\n", c.name, c.left, folder)
			continue
		}
		f, err := c.measure(ctx, folder, own, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		done = append(done, f)
		verdict := "ok"
		if f.F1 < c.bar {
			verdict = "BELOW"
			below = append(below, fmt.Errorf("%w: %s has F1 %.4f, the bar is %g", errBelow, c.name, f.F1, c.bar))
		}
		t.AppendRow(table.Row{
			c.name, fmt.Sprintf("%.4f", f.Precision), fmt.Sprintf("%.4f", f.Recall), fmt.Sprintf("%.4f", f.F1), c.bar,
			fmt.Sprintf("%.4f", f.BestF1), fmt.Sprintf("%.4f", f.ECE), f.Pairs, fmt.Sprintf("%.2f", f.Seconds), c.peer, verdict,
		})
	}
	if len(done) == 0 {
		return errors.New("no set is there, so nothing was measured")
	}
	right := make([]table.ColumnConfig, 0, 8)
	for n := 2; n <= 9; n++ {
		right = append(right, table.ColumnConfig{Number: n, Align: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	fmt.Fprintln(out, t.Render())
	if lines != "" {
		if err := appendLines(lines, done); err != nil {
			return err
		}
	}
	return errors.Join(below...)
}

func appendLines(path string, list []figures) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	enc := json.NewEncoder(f)
	for _, x := range list {
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

// measure links the files of a set and compares the links with its truth.
func (c set) measure(ctx context.Context, folder, own, dir string) (figures, error) {
	f := figures{Name: "accuracy/" + c.name, Bar: c.bar, Peer: c.peer}
	left, right := filepath.Join(folder, c.left), filepath.Join(folder, c.right)
	truth, err := c.truth(left, folder)
	if err != nil {
		return f, err
	}
	spec, err := linkfiles.ReadSpec(filepath.Join(own, "accuracy", c.spec), false)
	if err != nil {
		return f, err
	}
	job := &linkfiles.Job{
		Spec: spec, Left: left, Right: right, Out: filepath.Join(dir, "links.csv"), Workers: runtime.GOMAXPROCS(0), Progress: pipeline.NoProgress{},
	}
	sum, err := job.Run(ctx)
	if err != nil {
		return f, err
	}
	links, err := eval.OpenLinks(job.Out)
	if err != nil {
		return f, err
	}
	r := eval.Compare(truth, links.Links, links.Candidates, c.aside...)
	f.Seconds, f.CPUSeconds, f.Pairs, f.PeakRSS = sum.Seconds, sum.CPUSeconds, sum.Pairs, sum.PeakRSS
	if f.CPUSeconds > 0 {
		f.PairsRate = float64(f.Pairs) / f.CPUSeconds
	}
	f.Precision, f.Recall, f.F1, f.BestF1 = r.Precision, r.Recall, r.F1, r.Best.F1
	f.ECE = eval.Calibrate(truth, links.Candidates, c.aside...).ECE
	return f, nil
}
