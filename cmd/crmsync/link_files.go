package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

func (a *app) linkFilesCommand() *cobra.Command {
	var left, right, dedupe, spec, out, model, modelOut, index, scores string
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

Roles are given_name, surname, full_name, company, other_names, past_companies, email, phone, website, ticker, street, city,
state, postal_code, country, lat, lng, title, industry, employees, date, code and text. Several columns of one role are
joined: street: [number, street]. A row's decision is link, review (not sure enough, or another one is as near) or duplicate
(another left record holds the link). 'crmsync eval --links' measures the result against labelled pairs.

With --index the right side is a prepared directory ('crmsync index'), which saves reading and preparing it. With --scores too, only
left records that are new or have changed since the scores were written are scored, by the same model, until a tenth of them have.`,
		Example: "  crmsync link-files --left leads.csv --right people.csv --spec spec.yaml --out links.csv\n  crmsync link-files --dedupe leads.csv --spec spec.yaml --out pairs.csv",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// What lives long here are large arrays without pointers, which cost nothing to mark: collecting sooner takes no more time, and at
			// five million profiles saves a fifth of a GB. With a prepared directory little lives, and collecting often is what costs.
			if os.Getenv("GOGC") == "" {
				percent := 60
				switch {
				case scores != "":
					percent = 800
				case index != "":
					percent = 400
				}
				debug.SetGCPercent(percent)
			}
			switch {
			case spec == "" || out == "":
				return usageError{errors.New("--spec and --out are needed")}
			case dedupe == "" && (left == "" || right == "" && index == ""):
				return usageError{errors.New("name two files with --left and --right (or --index), or one with --dedupe")}
			case dedupe != "" && (left != "" || right != "" || index != ""):
				return usageError{errors.New("--dedupe compares one file with itself: leave out --left, --right and --index")}
			case right != "" && index != "":
				return usageError{errors.New("--index takes the place of --right: leave out one of them")}
			case scores != "" && index == "":
				return usageError{errors.New("--scores needs --index: scores are kept for one prepared directory")}
			case scores != "" && many:
				return usageError{errors.New("--scores and --many exclude each other")}
			case oneToOne && many:
				return usageError{errors.New("--one-to-one and --many exclude each other")}
			case workers < 1:
				return usageError{fmt.Errorf("--workers %d: at least one is needed", workers)}
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
				Spec: s, SpecFile: spec, Left: left, Right: right, Index: index, Out: out, Many: many, ModelOut: modelOut, Scores: scores,
				Workers: workers, Progress: progress,
			}
			sum, err := j.Run(cmd.Context())
			done()
			if err != nil {
				return fileError(err)
			}
			switch {
			case s.Model != "" || sum.Training.Converged:
			case sum.Training.Candidates == 0:
				a.say("no pair shares a key, so there was nothing to train a model on")
			default:
				a.say("the model did not converge in %d rounds: look at the links before using them", sum.Training.Iterations)
			}
			if a.json {
				return a.printJSON(sum)
			}
			a.printLinked(sum, dedupe != "", out)
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
	f.StringVar(&scores, "scores", "", "file of scores to go on from, and to write for the next run (with --index)")
	f.BoolVar(&oneToOne, "one-to-one", false, "a record is in at most one link (default for two files)")
	f.BoolVar(&many, "many", false, "every pair at or above the threshold (default with --dedupe)")
	f.IntVar(&workers, "workers", runtime.NumCPU(), "goroutines; the result is the same for any number")
	return c
}

// fileError marks what the user gave as the cause of errors of the user's files.
func fileError(err error) error {
	for _, cause := range []error{linkfiles.ErrSpec, linkfiles.ErrOverwrite, record.ErrInput, weigh.ErrModel} {
		if errors.Is(err, cause) {
			return usageError{err}
		}
	}
	return err
}

func (a *app) printLinked(sum *linkfiles.Summary, dedupe bool, out string) {
	n := func(i int) string { return humanize.Comma(int64(i)) }
	if dedupe {
		fmt.Fprintf(a.stdout, "%s records", n(sum.LeftRows))
	} else {
		fmt.Fprintf(a.stdout, "%s left and %s right records", n(sum.LeftRows), n(sum.RightRows))
	}
	fmt.Fprintf(a.stdout, "; %s pairs compared by %s", humanize.Comma(sum.Pairs), strings.Join(sum.Comparisons, ", "))
	if sum.Uncompared > 0 {
		fmt.Fprintf(a.stdout, "; %s left uncompared, in blocks too large", humanize.Comma(sum.Uncompared))
	}
	fmt.Fprintf(a.stdout, "\n%s links, %s for review", n(sum.Links), n(sum.Reviews))
	if sum.Duplicates > 0 {
		fmt.Fprintf(a.stdout, ", %s duplicates of a linked record", n(sum.Duplicates))
	}
	if dedupe {
		fmt.Fprintf(a.stdout, "; %s clusters, the largest of %s records, %s pairs in them by a chain only", n(sum.Clusters), n(sum.Largest), humanize.Comma(sum.Chained))
	}
	fmt.Fprintf(a.stdout, "\n%s written in %.1f s; model %s\n", out, sum.Seconds, sum.Model)
}

// bars returns what shows progress: bars on a terminal, nothing elsewhere or when quiet.
func (a *app) bars() (pipeline.Progress, func()) {
	if f, ok := a.stderr.(*os.File); ok && !a.quiet && term.IsTerminal(int(f.Fd())) {
		b := pipeline.NewBars(f)
		return b, b.Wait
	}
	return pipeline.NoProgress{}, func() {}
}
