package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/pipeline"
)

func (a *app) reportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:     "report",
		Short:   "Write report.html: match rates, score distribution, ROI; it opens without a network",
		Example: "  crmsync report -c crmsync.yaml --out report.html",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				d, err := s.latest(cmd.Context())
				if err != nil {
					return err
				}
				if err := writeReport(d, out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(d.Summary)
				}
				fmt.Fprintln(a.stdout, out)
				return nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "report.html", "file to write")
	return c
}

// latest gathers the report of the latest successful sync.
func (s *session) latest(ctx context.Context) (*report.Data, error) {
	m, err := s.run("")
	if err != nil {
		return nil, err
	}
	return s.gather(ctx, []*pipeline.Manifest{m}...)
}

func writeReport(d *report.Data, path string) error {
	var page bytes.Buffer
	if err := d.WriteHTML(&page); err != nil {
		return fmt.Errorf("draw the report: %w", err)
	}
	if err := renameio.WriteFile(path, page.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
