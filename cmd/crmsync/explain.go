package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
)

// explanation is why a record has the link it has.
type explanation struct {
	Object         string            `json:"object"`
	RecordID       string            `json:"record_id"`
	Record         string            `json:"record"`
	TargetID       string            `json:"target_id"`
	Target         string            `json:"target"`
	Decision       string            `json:"decision"`
	Origin         string            `json:"origin"`
	Probability    float64           `json:"probability"`
	Weight         float64           `json:"weight_bits"`
	RunnerUpID     *string           `json:"runner_up_id"`
	RunnerUpWeight *float64          `json:"runner_up_weight_bits"`
	DuplicateOf    *string           `json:"duplicate_of"`
	Model          string            `json:"model"`
	Evidence       []report.Evidence `json:"evidence"`
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain RECORD",
		Short:   "Show why a lead, contact or account has the link it has",
		Example: "  crmsync explain -c work/demo/crmsync.yaml 0035e00000AbCdEAAX",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				ctx := cmd.Context()
				var x explanation
				var evidence []byte
				r, err := s.db.Query(ctx, `
					SELECT object, record_id, target_id, decision, origin, probability, weight, runner_up_id, runner_up_weight, duplicate_of, model, evidence
					FROM crmsync.links WHERE contract = $1 AND left(record_id, 15) = left($2, 15)`, s.cfg.Contract, args[0])
				if err != nil {
					return err
				}
				defer r.Close()
				if !r.Next() {
					if err := r.Err(); err != nil {
						return err
					}
					return fmt.Errorf("record %s has no link, no candidate worth a review, and gave way to no other record", args[0])
				}
				err = r.Scan(&x.Object, &x.RecordID, &x.TargetID, &x.Decision, &x.Origin, &x.Probability, &x.Weight, &x.RunnerUpID, &x.RunnerUpWeight,
					&x.DuplicateOf, &x.Model, &evidence)
				if err != nil {
					return err
				}
				if err := json.Unmarshal(evidence, &x.Evidence); err != nil {
					return fmt.Errorf("evidence of %s: %w", x.RecordID, err)
				}
				if x.Record, err = s.describe(ctx, x.Object, x.RecordID); err != nil {
					return err
				}
				if x.Target, err = s.describe(ctx, map[bool]string{true: "company", false: "person"}[x.Object == "Account"], x.TargetID); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(x)
				}
				a.printExplanation(&x)
				return nil
			})
		},
	}
}

// printExplanation draws the evidence as a waterfall: each row starts where the one before ended.
func (a *app) printExplanation(x *explanation) {
	fmt.Fprintf(a.stdout, "%s %s  %s\n%s  %s\n%s by %s, probability %.4f, %.1f bits\n",
		x.Object, x.RecordID, x.Record, x.TargetID, x.Target, x.Decision, x.Origin, x.Probability, x.Weight)
	const width = 40
	low, high, sum := 0.0, 0.0, 0.0
	for _, e := range x.Evidence {
		sum += e.Bits
		low, high = min(low, sum), max(high, sum)
	}
	scale := width / max(high-low, 1)
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"feature", "level", "bits", "sum"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight}})
	sum = 0
	for _, e := range x.Evidence {
		from, to := min(sum, sum+e.Bits), max(sum, sum+e.Bits)
		sum += e.Bits
		mark := "█"
		if e.Bits < 0 {
			mark = "░"
		}
		bar := strings.Repeat(" ", int((from-low)*scale)) + strings.Repeat(mark, max(1, int((to-from)*scale+0.5)))
		t.AppendRow(table.Row{e.Feature, e.Level, fmt.Sprintf("%+.2f", e.Bits), bar})
	}
	t.AppendFooter(table.Row{"", "", fmt.Sprintf("%+.2f", sum), ""})
	fmt.Fprintln(a.stdout, t.Render())
	if x.RunnerUpID != nil && x.RunnerUpWeight != nil {
		fmt.Fprintf(a.stdout, "runner-up: %s, %.1f bits\n", *x.RunnerUpID, *x.RunnerUpWeight)
	}
	if x.DuplicateOf != nil {
		fmt.Fprintf(a.stdout, "gave way to: %s\n", *x.DuplicateOf)
	}
	fmt.Fprintf(a.stdout, "model: %s\n", x.Model)
}
