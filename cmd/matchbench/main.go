// Command matchbench measures the matcher: speed, memory and accuracy of whole jobs, each in a process of its own, and the speed of
// its parts against what the machine's memory can do. It prints a table and writes the same figures as JSON lines.
//
// The jobs are those of the product's own generator and, when their generator is at hand (-peers), those on which other systems
// were measured. With -python the peer itself runs in turn on the same files.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// figure is one measurement.
type figure struct {
	Name        string  `json:"name"`
	Seconds     float64 `json:"seconds"`
	CPUSeconds  float64 `json:"cpu_seconds,omitempty"`
	Pairs       int64   `json:"pairs,omitempty"`
	PairsPerCPU float64 `json:"pairs_per_core_second,omitempty"`
	PeakRSS     int64   `json:"peak_rss_bytes,omitempty"`
	Precision   float64 `json:"precision,omitempty"`
	Recall      float64 `json:"recall,omitempty"`
	F1          float64 `json:"f1,omitempty"`
	BestF1      float64 `json:"best_f1,omitempty"`
	ECE         float64 `json:"ece,omitempty"`
	// Complete is the share of true pairs that became candidates.
	Complete float64 `json:"pair_completeness,omitempty"`
	// Bound says what the figure is up against, in words.
	Bound string `json:"bound,omitempty"`
	// Phases say where the time went, in seconds.
	Phases []phase `json:"phases,omitempty"`
}

type phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// bench is what every measurement shares.
type bench struct {
	program string // crmsync
	work    string // folder for files that are made
	peers   string // folder of the peers' generator, empty for none
	python  string // interpreter that has the peer, empty for none
	large   bool
	figures []figure
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var b bench
	var out string
	flag.StringVar(&b.program, "crmsync", "bin/crmsync", "the program to measure")
	flag.StringVar(&b.work, "work", filepath.Join(os.TempDir(), "crmsync-bench"), "folder for generated files, kept for the next time")
	flag.StringVar(&b.peers, "peers", "", "folder of the peers' generator and script")
	flag.StringVar(&b.python, "python", "", "Python that has the peer installed, to run it in turn")
	flag.BoolVar(&b.large, "large", false, "5 M profiles too (needs 2 GiB and a few minutes)")
	flag.StringVar(&out, "out", "bench.json", "file for the figures, JSON lines")
	flag.Parse()
	if err := b.run(ctx, out); err != nil {
		fmt.Fprintln(os.Stderr, "matchbench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context, out string) error {
	if err := os.MkdirAll(b.work, 0o700); err != nil {
		return err
	}
	b.bandwidth()
	var errs []error
	for _, part := range []func(context.Context) error{b.kernels, b.generated, b.peersFiles} {
		errs = append(errs, part(ctx))
	}
	var lines strings.Builder
	for _, f := range b.figures {
		data, err := json.Marshal(f)
		if err != nil {
			return err
		}
		lines.Write(append(data, '\n'))
	}
	errs = append(errs, renameio.WriteFile(out, []byte(lines.String()), 0o644))
	return errors.Join(errs...)
}

// add prints a figure and keeps it.
func (b *bench) add(f figure) {
	b.figures = append(b.figures, f)
	fmt.Printf("%-44s %8.2f s", f.Name, f.Seconds)
	part := func(format string, v float64, show bool) {
		if show {
			fmt.Printf(format, v)
		}
	}
	part("  %7.2f CPU s", f.CPUSeconds, f.CPUSeconds > 0)
	part("  %6.2f M pairs", float64(f.Pairs)/1e6, f.Pairs > 0)
	part("  %6.2f M pairs/core s", f.PairsPerCPU/1e6, f.PairsPerCPU > 0)
	part("  %5.0f MiB", float64(f.PeakRSS)/(1<<20), f.PeakRSS > 0)
	if f.F1 > 0 {
		fmt.Printf("  P %.4f R %.4f F1 %.4f (best %.4f)", f.Precision, f.Recall, f.F1, f.BestF1)
	}
	part("  ECE %.4f", f.ECE, f.ECE > 0)
	part("  complete %.4f", f.Complete, f.Complete > 0)
	if f.Bound != "" {
		fmt.Printf("  [%s]", f.Bound)
	}
	fmt.Println()
	for _, p := range f.Phases {
		fmt.Printf("    %-12s %6.2f s\n", p.Name, p.Seconds)
	}
}
