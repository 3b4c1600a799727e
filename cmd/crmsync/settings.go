package main

import (
	"cmp"
	"errors"
	"fmt"
	"os/user"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
)

func (a *app) settingsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "settings",
		Short: "Show and change what an administrator decides; every change is audited",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.settingsShowCommand(), a.settingsSetCommand(), a.settingsHistoryCommand())
	return c
}

func (a *app) settingsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "Show every setting, its value and what it means",
		Example: "  crmsync settings show --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				values, err := control.Values(cmd.Context(), s.db, s.cfg.Contract)
				if err != nil {
					return err
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.AppendHeader(table.Row{"setting", "value", "what it means"})
				t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: 34, WidthMaxEnforcer: text.WrapSoft}, {Number: 3, WidthMax: 70, WidthMaxEnforcer: text.WrapSoft}})
				all := map[string]any{}
				for _, setting := range schemas.AllSettings {
					v, ok := values[setting.Key]
					if !ok {
						v = setting.Default
					}
					all[setting.Key] = v
					shown, err := setting.Format(v)
					if err != nil {
						return err
					}
					t.AppendRow(table.Row{setting.Key, shown, setting.Doc})
				}
				if a.json {
					return a.printJSON(all)
				}
				fmt.Fprintln(a.stdout, t.Render())
				return nil
			})
		},
	}
}

func (a *app) settingsSetCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "set KEY VALUE",
		Short:   "Change a setting; it applies from the next run on",
		Example: "  crmsync settings set roi.authorised true\n  crmsync settings set writeback.kinds InMail,Note",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				err := control.Set(cmd.Context(), s.db, s.cfg.Contract, cmp.Or(by, whoami()), args[0], args[1])
				if errors.Is(err, schemas.ErrUnknownSetting) || errors.Is(err, schemas.ErrSettingValue) {
					return usageError{err}
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&by, "by", "", "who makes the change (default: the login name)")
	return c
}

func (a *app) settingsHistoryCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "history [KEY]",
		Short:   "Show who changed which setting when, newest first",
		Example: "  crmsync settings history writeback.enabled",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			key := ""
			if len(args) == 1 {
				key = args[0]
			}
			return a.with(cmd.Context(), func(s *session) error {
				changes, err := control.History(cmd.Context(), s.db, s.cfg.Contract, key)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(changes)
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.AppendHeader(table.Row{"when", "who", "setting", "from", "to"})
				for _, c := range changes {
					t.AppendRow(table.Row{c.At.UTC().Format(time.RFC3339), c.By, c.Key, cmp.Or(c.From, "(default)"), cmp.Or(c.To, "(default)")})
				}
				fmt.Fprintln(a.stdout, t.Render())
				return nil
			})
		},
	}
}

// whoami is the login name, for audits.
func whoami() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
