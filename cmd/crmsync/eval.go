package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/eval"
)

func (a *app) evalCommand() *cobra.Command {
	var truthFile, linksFile, runID string
	var aside []string
	var show, unordered, transitive bool
	c := &cobra.Command{
		Use:   "eval --truth FILE [--links FILE]",
		Short: "Measure the links of a run, or of a file, against labelled pairs",
		Long: `eval prints precision, recall and F1 of a run's links. The truth is CSV: its first two columns are the CRM record's id and the
member or company id, a third, if there, the kind of the pair. Only objects that the truth names records of are measured.

With --links it measures a file that link-files wrote (CSV or Parquet) instead: the links at the threshold that they were
made with, the best F1 over all thresholds down to what is in review, and how far probabilities mean what they say: per bin
of probability the number of pairs, their mean probability and the share that is true; the expected calibration error is
the mean distance of the two. It needs no configuration and no database.`,
		Example: "  crmsync eval -c work/demo/crmsync.yaml --truth work/demo/truth/truth_accounts.csv --aside successor\n" +
			"  crmsync eval --links links.csv --truth truth.csv\n" +
			"  crmsync eval --links pairs.csv --truth duplicates.csv --unordered --transitive --aside=",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case truthFile == "":
				return usageError{errors.New("--truth: name the file of labelled pairs")}
			case linksFile != "" && runID != "":
				return usageError{errors.New("--links measures a file, --run a run: leave out one of them")}
			case unordered && linksFile == "":
				return usageError{errors.New("--unordered is for pairs of one file: name it with --links")}
			case transitive && !unordered:
				return usageError{errors.New("--transitive is for pairs of one file: add --unordered")}
			}
			truth, err := eval.OpenTruth(truthFile)
			if errors.Is(err, fs.ErrNotExist) {
				return usageError{fmt.Errorf("--truth: %w", err)}
			}
			if err != nil {
				return err
			}
			if linksFile != "" {
				return a.evalFile(linksFile, truth, aside, show, unordered, transitive)
			}
			return a.with(cmd.Context(), func(s *session) error {
				links, err := s.links(cmd.Context(), runID, truth)
				if err != nil {
					return err
				}
				report := eval.Compare(truth, links, nil, aside...)
				if a.json {
					return a.printJSON(report)
				}
				a.printFigures(report)
				if show {
					a.printMistakes(report)
				}
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&truthFile, "truth", "", "CSV of labelled pairs")
	f.StringVar(&linksFile, "links", "", "file of links to measure, CSV or .parquet, instead of a run")
	f.BoolVar(&unordered, "unordered", false, "with --links: pairs of one file, in which a-b and b-a are the same")
	f.BoolVar(&transitive, "transitive", false, "with --unordered: pairs that follow from the truth are true too (a-b and b-c make a-c)")
	f.BoolVar(&show, "show", false, "list the wrong and the missed pairs")
	f.StringVar(&runID, "run", "", "run to measure (default: the latest successful sync)")
	f.StringSliceVar(&aside, "aside", []string{"successor", "moved", "duplicate"}, "kinds of pairs that count neither way")
	return c
}

func (a *app) printFigures(report eval.Report) {
	fmt.Fprintf(a.stdout, "precision %.4f  recall %.4f  F1 %.4f  (%d links, %d true, %d expected)\n",
		report.Precision, report.Recall, report.F1, report.Links, report.True, report.Expected)
	for _, kind := range slices.Sorted(maps.Keys(report.Kinds)) {
		if kind == "" {
			continue // the truth names no kinds
		}
		k := report.Kinds[kind]
		note := ""
		if k.Aside {
			note = "  (set aside: counts neither way)"
		}
		fmt.Fprintf(a.stdout, "  %-14s %d of %d found%s\n", kind, k.Found, k.Expected, note)
	}
}

func (a *app) printMistakes(report eval.Report) {
	for _, p := range report.Wrong {
		fmt.Fprintf(a.stdout, "wrong  %s %s\n", p.Left, p.Right)
	}
	for _, p := range report.Missed {
		fmt.Fprintf(a.stdout, "missed %s %s\n", p.Left, p.Right)
	}
}

// links reads a run's links to the kind of target that the truth is about.
func (s *session) links(ctx context.Context, runID string, truth eval.Truth) ([]eval.Scored, error) {
	m, err := s.run(runID)
	if err != nil {
		return nil, err
	}
	e, ok := m.Entry(schemas.Links.Name)
	if !ok {
		return nil, fmt.Errorf("run %s has no links", m.RunID)
	}
	r, err := s.store.Read(ctx, schemas.Links, e, "record_id", "target_kind", "target_id", "decision", "probability")
	if err != nil {
		return nil, err
	}
	targets := map[string]bool{}
	for p := range truth {
		targets[p.Right] = true
	}
	byKind := map[string][]eval.Scored{}
	measured := map[string]bool{}
	err = columnar.Each(ctx, r, func(rec arrow.Record) error {
		id, kind, target := columnar.Strings(rec, "record_id"), columnar.Strings(rec, "target_kind"), columnar.Strings(rec, "target_id")
		decision, p := columnar.Strings(rec, "decision"), columnar.Floats(rec, "probability")
		for i := range int(rec.NumRows()) {
			if decision.Value(i) != "link" {
				continue
			}
			k := kind.Value(i)
			byKind[k] = append(byKind[k], eval.Scored{Pair: eval.Pair{Left: id.Value(i), Right: target.Value(i)}, Score: p.Value(i)})
			measured[k] = measured[k] || targets[target.Value(i)]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var links []eval.Scored
	for _, k := range slices.Sorted(maps.Keys(measured)) {
		if measured[k] {
			links = append(links, byKind[k]...)
		}
	}
	return links, nil
}
