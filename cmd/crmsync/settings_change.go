package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dustin/go-humanize"
	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/stages/control"
)

const appliesFrom = "from the next run on"

// changed is what a change of settings did, or would do.
type changed struct {
	Contract string               `json:"contract"`
	By       string               `json:"by"`
	DryRun   bool                 `json:"dry_run"`
	Applies  string               `json:"applies"`
	Changes  []control.Difference `json:"changes"`
}

func (a *app) settingsSetCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "set KEY VALUE",
		Short:   "Change a setting; it applies from the next run on",
		Example: "  crmsync settings set roi.authorised true\n  crmsync settings set writeback.kinds InMail,Note",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := control.Want(args[0], args[1])
			if err != nil {
				return asUsage(err)
			}
			return a.changeSettings(cmd.Context(), by, []control.Wanted{w}, false)
		},
	}
	byFlag(c, &by)
	return c
}

func (a *app) settingsResetCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "reset KEY",
		Short:   "Put a setting's default in force again, from the next run on",
		Example: "  crmsync settings reset roi.window_days",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := control.WantDefault(args[0])
			if err != nil {
				return asUsage(err)
			}
			return a.changeSettings(cmd.Context(), by, []control.Wanted{w}, false)
		},
	}
	byFlag(c, &by)
	return c
}

func byFlag(c *cobra.Command, by *string) {
	c.Flags().StringVar(by, "by", "", "who makes the change (default: the login name)")
}

func (a *app) settingsExportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the settings as YAML, to review and keep",
		Long: `export writes every setting with its meaning. Those that were not set are null, which stands for the default. The file can
be kept in version control, edited, and brought back with 'crmsync settings import'.`,
		Example: "  crmsync settings export --out settings.yaml",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) (err error) {
				values, err := control.List(cmd.Context(), s.db, s.cfg.Contract)
				if err != nil {
					return err
				}
				if out == "" {
					return control.WriteFile(a.stdout, s.cfg.Contract, values)
				}
				f, err := renameio.NewPendingFile(out, renameio.WithPermissions(0o644))
				if err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				defer func() { err = errors.Join(err, f.Cleanup()) }()
				if err := control.WriteFile(f, s.cfg.Contract, values); err != nil {
					return err
				}
				if err := f.CloseAtomicallyReplace(); err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				if a.json {
					return a.printJSON(map[string]any{"file": out, "settings": len(values)})
				}
				fmt.Fprintf(a.stdout, "%s: %d settings of contract %s\n", out, len(values), s.cfg.Contract)
				return nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return c
}

func (a *app) settingsImportCommand() *cobra.Command {
	var by string
	var dryRun bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Bring settings from YAML into force, all of them or none",
		Long: `import reads what 'crmsync settings export' writes; - reads standard input. It shows what changes. Settings that the file does
not name stay as they are, and null puts the default in force. A mistake anywhere in the file changes nothing at all; every mistake is
told with its line. Each change is audited.`,
		Example: "  crmsync settings import settings.yaml --dry-run\n  crmsync settings import settings.yaml --by ann@example.com",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var in io.Reader = cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return usageError{fmt.Errorf("read settings: %w", err)}
				}
				defer func() { _ = f.Close() }() // it is only read
				in = f
			}
			file, err := control.ReadFile(in)
			if err != nil {
				return asUsage(fmt.Errorf("%s: %w", args[0], err))
			}
			return a.changeSettings(cmd.Context(), by, file, dryRun)
		},
	}
	byFlag(c, &by)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would change, and change nothing")
	return c
}

// changeSettings brings settings into force and tells what changed.
func (a *app) changeSettings(ctx context.Context, by string, wanted []control.Wanted, dryRun bool) error {
	return a.with(ctx, func(s *session) error {
		c := changed{Contract: s.cfg.Contract, By: cmp.Or(by, whoami()), DryRun: dryRun, Applies: appliesFrom}
		var err error
		if c.Changes, err = control.Import(ctx, s.db, s.cfg.Contract, c.By, wanted, dryRun); err != nil {
			return asUsage(err)
		}
		if a.json {
			return a.printJSON(c)
		}
		for _, d := range c.Changes {
			fmt.Fprintf(a.stdout, "%s\n  - %s\n  + %s\n", d.Key, cmp.Or(d.From, "(default)"), cmp.Or(d.To, "(default)"))
			if d.RemovedRows > 0 {
				fmt.Fprintf(a.stdout, "  the ROI reports were removed from the database: %s rows\n", humanize.Comma(d.RemovedRows))
			}
		}
		switch {
		case len(c.Changes) == 0:
			fmt.Fprintln(a.stdout, "nothing changes")
		case dryRun:
			fmt.Fprintf(a.stdout, "%d settings would change; nothing was changed\n", len(c.Changes))
		default:
			fmt.Fprintf(a.stdout, "%d changed by %s; applies %s\n", len(c.Changes), c.By, appliesFrom)
		}
		return nil
	})
}
