package main

import (
	"cmp"
	"errors"
	"fmt"
	"os/user"
	"slices"
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
	c.AddCommand(a.settingsShowCommand(), a.settingsSetCommand(), a.settingsResetCommand(), a.settingsHistoryCommand(),
		a.settingsExportCommand(), a.settingsImportCommand())
	return c
}

// shownSetting is a setting as `settings show --json` prints it.
type shownSetting struct {
	Key       string              `json:"key"`
	Type      schemas.SettingType `json:"type"`
	Value     any                 `json:"value"`
	Default   any                 `json:"default"`
	IsSet     bool                `json:"is_set"`
	Allowed   string              `json:"allowed"`
	Doc       string              `json:"doc"`
	ChangedBy string              `json:"changed_by,omitempty"`
	ChangedAt *time.Time          `json:"changed_at,omitempty"`
}

func (a *app) settingsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show [KEY]",
		Short:   "Show settings: value, default, what is allowed, and what it means",
		Example: "  crmsync settings show\n  crmsync settings show badge.style --json",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				values, err := control.List(cmd.Context(), s.db, s.cfg.Contract)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					v, err := control.Get(cmd.Context(), s.db, s.cfg.Contract, args[0])
					if err != nil {
						return asUsage(err)
					}
					values = []control.Value{v}
				}
				if a.json {
					return a.printJSON(shown(values))
				}
				return a.printSettings(values)
			})
		},
	}
}

func shown(values []control.Value) []shownSetting {
	list := make([]shownSetting, len(values))
	for i, v := range values {
		list[i] = shownSetting{v.Key, v.Type, v.Value, v.Default, v.IsSet, v.Allowed(), v.Doc, v.ChangedBy, nil}
		if v.IsSet {
			list[i].ChangedAt = &v.ChangedAt
		}
	}
	return list
}

func (a *app) printSettings(values []control.Value) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateRows = true
	t.AppendHeader(table.Row{"setting", "value", "what it means"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: 34, WidthMaxEnforcer: text.WrapSoft}, {Number: 3, WidthMax: 76, WidthMaxEnforcer: wrapLines}})
	for _, v := range values {
		value, err := v.Format(v.Value)
		if err != nil {
			return err
		}
		usual, err := v.Format(v.Default)
		if err != nil {
			return err
		}
		origin := "default"
		if v.IsSet {
			origin = fmt.Sprintf("default: %s; set by %s on %s", usual, v.ChangedBy, v.ChangedAt.UTC().Format(time.DateOnly))
		}
		t.AppendRow(table.Row{v.Key, value, fmt.Sprintf("%s\nallowed: %s (%s)\n%s", v.Doc, v.Allowed(), v.Type, origin)})
	}
	fmt.Fprintln(a.stdout, t.Render())
	return nil
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
					return asUsage(err)
				}
				if a.json {
					return a.printJSON(changes)
				}
				t := table.NewWriter()
				t.SetStyle(table.StyleLight)
				t.AppendHeader(table.Row{"when", "who", "setting", "from", "to"})
				t.SetColumnConfigs([]table.ColumnConfig{{Number: 4, WidthMax: 40, WidthMaxEnforcer: text.WrapSoft}, {Number: 5, WidthMax: 40, WidthMaxEnforcer: text.WrapSoft}})
				for _, c := range changes {
					t.AppendRow(table.Row{c.At.UTC().Format(time.RFC3339), c.By, c.Key, cmp.Or(c.From, "(default)"), cmp.Or(c.To, "(default)")})
				}
				fmt.Fprintln(a.stdout, t.Render())
				return nil
			})
		},
	}
}

// asUsage marks mistakes in what was typed as usage errors.
func asUsage(err error) error {
	if slices.ContainsFunc([]error{schemas.ErrUnknownSetting, schemas.ErrSettingValue, control.ErrFile, control.ErrActor}, func(target error) bool { return errors.Is(err, target) }) {
		return usageError{err}
	}
	return err
}

// whoami is the login name, for audits.
func whoami() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
