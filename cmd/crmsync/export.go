package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

func (a *app) exportCommand() *cobra.Command {
	var out, runID string
	c := &cobra.Command{
		Use:   "export DATASET --out FILE.parquet",
		Short: "Write a data set, as a run saw it, to one plain Parquet file",
		Long: `export merges and decrypts a data set as of a run into one Parquet file that any reader opens. The file is no longer
protected by the snapshots' key: keep it where such data may lie.`,
		Example: "  crmsync export crm_contact --out contacts.parquet\n  crmsync export links --run r000007-20261123T070000Z-sync --out links.parquet",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			names := make([]string, len(schemas.All))
			for i, ds := range schemas.All {
				names[i] = ds.Name
			}
			at := slices.Index(names, args[0])
			if at < 0 {
				return usageError{fmt.Errorf("no data set is called %q; there are %v", args[0], names)}
			}
			if out == "" {
				return usageError{errors.New("--out: name the file to write")}
			}
			return a.with(cmd.Context(), func(s *session) (err error) {
				m, err := s.run(runID)
				if err != nil {
					return err
				}
				e, ok := m.Entry(args[0])
				if !ok {
					return fmt.Errorf("run %s has no %s: %w", m.RunID, args[0], pipeline.ErrNotPublished)
				}
				f, err := renameio.NewPendingFile(out, renameio.WithPermissions(0o600))
				if err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				defer func() { err = errors.Join(err, f.Cleanup()) }()
				if err := s.store.Export(cmd.Context(), schemas.All[at], e, f); err != nil {
					return err
				}
				if err := f.CloseAtomicallyReplace(); err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				info, err := os.Stat(out)
				if err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				if a.json {
					return a.printJSON(map[string]any{"file": out, "rows": e.Rows, "bytes": info.Size(), "run_id": m.RunID})
				}
				fmt.Fprintf(a.stdout, "%s: %d rows, %d bytes, as of %s\n", out, e.Rows, info.Size(), m.RunID)
				return nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write")
	c.Flags().StringVar(&runID, "run", "", "run whose state is wanted (default: the latest successful sync)")
	c.AddCommand(a.exportFilterCommand())
	return c
}

// run loads the manifest of a run; without an id, of the latest successful sync.
func (s *session) run(id string) (*pipeline.Manifest, error) {
	if id != "" {
		return s.home.Load(id)
	}
	m, err := s.home.Latest(jobs.SyncName, pipeline.Succeeded)
	if errors.Is(err, pipeline.ErrNoRun) {
		return nil, fmt.Errorf("contract %s was never synced; run `crmsync sync` first: %w", s.cfg.Contract, err)
	}
	return m, err
}
