package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/crmsync/crmsync/stages/match/eval"
)

// fileReport is what eval says of a file of links.
type fileReport struct {
	eval.Report
	// Score names the column that best_threshold is about, "" when the file has none.
	Score string `json:"score"`
	// ECE and Reliability are left out for a file without probabilities.
	ECE         *float64          `json:"ece,omitempty"`
	Reliability *eval.Reliability `json:"reliability,omitempty"`
	// Other counts the rows that are neither links nor to review, such as duplicates, which are judged nowhere.
	Other int `json:"other"`
}

func (a *app) evalFile(path string, truth eval.Truth, aside []string, show, unordered, transitive bool) error {
	links, err := eval.OpenLinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{fmt.Errorf("--links: %w", err)}
	}
	if err != nil {
		return err
	}
	if unordered {
		links, truth = links.Unordered(), truth.Unordered()
	}
	if transitive {
		if truth, err = truth.Transitive(aside...); err != nil {
			return err
		}
	}
	r := fileReport{Report: eval.Compare(truth, links.Links, links.Candidates, aside...), Score: links.Score, Other: links.Other}
	if c := eval.Calibrate(truth, links.Candidates, aside...); c.Pairs > 0 {
		r.Reliability, r.ECE = &c, &c.ECE
	}
	if a.json {
		return a.printJSON(r)
	}
	a.printFigures(r.Report)
	if r.Score != "" {
		fmt.Fprintf(a.stdout, "best F1 %.4f at a %s of %.4g or more  (precision %.4f, recall %.4f)\n", r.Best.F1, r.Score, r.BestThreshold, r.Best.Precision, r.Best.Recall)
	}
	if r.Reliability != nil {
		a.printReliability(*r.Reliability, r.Other)
	}
	if show {
		a.printMistakes(r.Report)
	}
	return nil
}

func (a *app) printReliability(r eval.Reliability, other int) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"probability", "pairs", "mean", "share true"})
	for _, b := range r.Bins {
		t.AppendRow(table.Row{fmt.Sprintf("%g to %g", b.From, b.To), b.Pairs, fmt.Sprintf("%.4f", b.Mean), fmt.Sprintf("%.4f", b.Share)})
	}
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight}, {Number: 3, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight},
	})
	fmt.Fprintf(a.stdout, "expected calibration error %.4f over %d pairs", r.ECE, r.Pairs)
	if other > 0 {
		fmt.Fprintf(a.stdout, " (%d rows that are neither link nor review left out)", other)
	}
	fmt.Fprintf(a.stdout, "\n%s\n", t.Render())
}
