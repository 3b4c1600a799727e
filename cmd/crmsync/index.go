package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/linkfiles"
)

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
			if err != nil {
				return fileError(err)
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
