package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match/record"
)

func (a *app) linkFilesCommand() *cobra.Command {
	var left, right, dedupe, spec, out, model, modelOut, index string
	var oneToOne, many bool
	var workers int
	c := &cobra.Command{
		Use:   "link-files --left FILE --right FILE --spec FILE --out FILE",
		Short: "Link the records of any two files, or find duplicates in one",
		Long: `link-files reads CSV or Parquet files, finds which records of the left one are which of the right one, and writes the links
with their probability and the level of every comparison. With --dedupe it compares a file with itself and writes clusters.
No labelled examples are needed: the model is trained on the files. A specification says which column has which role:

  entity: person            # or company
  left:  {id: Id,        columns: {given_name: FirstName, surname: LastName, company: AccountName, city: MailingCity}}
  right: {id: member_id, columns: {given_name: first_name, surname: last_name, company: company, city: city}}
  threshold: 0.9            # optional, as are review, margin, blocking, model, country

Several columns of one role are joined: street: [number, street]. With --index the right side is a prepared directory
('crmsync index'), which saves reading and preparing it.`,
		Example: "  crmsync link-files --left leads.csv --right people.csv --spec spec.yaml --out links.csv\n  crmsync link-files --dedupe leads.csv --spec spec.yaml --out pairs.csv",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case spec == "" || out == "":
				return usageError{errors.New("--spec and --out are needed")}
			case dedupe == "" && (left == "" || right == "" && index == ""):
				return usageError{errors.New("name two files with --left and --right (or --index), or one with --dedupe")}
			case dedupe != "" && (left != "" || right != "" || index != ""):
				return usageError{errors.New("--dedupe compares one file with itself: leave out --left, --right and --index")}
			case right != "" && index != "":
				return usageError{errors.New("--index takes the place of --right: leave out one of them")}
			case oneToOne && many:
				return usageError{errors.New("--one-to-one and --many exclude each other")}
			}
			s, err := linkfiles.ReadSpec(spec, dedupe != "" || index != "")
			if err != nil {
				return usageError{err}
			}
			if model != "" {
				s.Model = model
			}
			if dedupe != "" {
				left = dedupe
				many = !oneToOne
			}
			progress, done := a.bars()
			j := &linkfiles.Job{
				Spec: s, Left: left, Right: right, Index: index, Out: out, Many: many, ModelOut: modelOut, Workers: workers, Progress: progress,
			}
			sum, err := j.Run(cmd.Context())
			done()
			if errors.Is(err, record.ErrInput) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				var u syscall.Rusage
				_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for a bad pointer only
				return a.printJSON(struct {
					*linkfiles.Summary
					CPUSeconds float64 `json:"cpu_seconds"`
					PeakRSS    int64   `json:"peak_rss_bytes"`
				}{sum, seconds(u.Utime) + seconds(u.Stime), u.Maxrss << 10})
			}
			fmt.Fprintf(a.stdout, "%s left, %s right records; %s pairs compared, %s left uncompared\n", humanize.Comma(int64(sum.LeftRows)),
				humanize.Comma(int64(sum.RightRows)), humanize.Comma(sum.Pairs), humanize.Comma(sum.Uncompared))
			fmt.Fprintf(a.stdout, "%s links, %s for review, %s duplicates", humanize.Comma(int64(sum.Links)), humanize.Comma(int64(sum.Reviews)), humanize.Comma(int64(sum.Duplicates)))
			if sum.Clusters > 0 {
				fmt.Fprintf(a.stdout, ", %s clusters", humanize.Comma(int64(sum.Clusters)))
			}
			fmt.Fprintf(a.stdout, "; %.1f s\nwritten to %s\n", sum.Seconds, out)
			if t := sum.Training; t.Iterations > 0 && !t.Converged {
				fmt.Fprintf(a.stderr, "the model did not converge in %d rounds: look at the links before using them\n", t.Iterations)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&left, "left", "", "CSV or Parquet file")
	f.StringVar(&right, "right", "", "CSV or Parquet file")
	f.StringVar(&dedupe, "dedupe", "", "CSV or Parquet file to compare with itself")
	f.StringVar(&spec, "spec", "", "which column has which role (YAML)")
	f.StringVar(&out, "out", "", "file to write, CSV or .parquet")
	f.StringVar(&model, "model", "", "model file to use instead of training one")
	f.StringVar(&modelOut, "model-out", "", "file to write the model to")
	f.StringVar(&index, "index", "", "prepared directory in the place of --right")
	f.BoolVar(&oneToOne, "one-to-one", false, "a record is in at most one link (default for two files)")
	f.BoolVar(&many, "many", false, "every pair at or above the threshold (default with --dedupe)")
	f.IntVar(&workers, "workers", runtime.NumCPU(), "goroutines; the result is the same for any number")
	return c
}

func (a *app) indexCommand() *cobra.Command {
	var directory, spec, out string
	var workers int
	c := &cobra.Command{
		Use:   "index --directory FILE --spec FILE --out INDEX",
		Short: "Prepare a directory once for many runs of link-files",
		Long: `index reads the right side of a specification and writes it normalised, with its blocks, in the form in which
link-files --index uses it as it is. The file holds what the directory holds, unencrypted: keep it where such data may lie.
An index made by another version is refused.`,
		Example: "  crmsync index --directory people.csv --spec spec.yaml --out people.index\n  crmsync link-files --left leads.csv --index people.index --spec spec.yaml --out links.csv",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if directory == "" || spec == "" || out == "" {
				return usageError{errors.New("--directory, --spec and --out are needed")}
			}
			s, err := linkfiles.ReadSpec(spec, false)
			if err != nil {
				return usageError{err}
			}
			progress, done := a.bars()
			rows, err := linkfiles.Prepare(cmd.Context(), s, directory, out, workers, progress)
			done()
			if errors.Is(err, record.ErrInput) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]any{"rows": rows, "bytes": info.Size()})
			}
			fmt.Fprintf(a.stdout, "%s records prepared, %s written to %s\n", humanize.Comma(int64(rows)), humanize.IBytes(uint64(info.Size())), out)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&directory, "directory", "", "CSV or Parquet file")
	f.StringVar(&spec, "spec", "", "which column has which role (YAML); its right side is used")
	f.StringVar(&out, "out", "", "file to write")
	f.IntVar(&workers, "workers", runtime.NumCPU(), "goroutines")
	return c
}

// bars returns what shows progress: bars on a terminal, nothing elsewhere or when quiet.
func (a *app) bars() (pipeline.Progress, func()) {
	if f, ok := a.stderr.(*os.File); ok && !a.quiet && term.IsTerminal(int(f.Fd())) {
		b := pipeline.NewBars(f)
		return b, b.Wait
	}
	return pipeline.NoProgress{}, func() {}
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
