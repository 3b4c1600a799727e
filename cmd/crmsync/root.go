package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/pipeline"
)

// app is what every verb shares: where to write, and the flags that choose the configuration.
type app struct {
	stdout, stderr io.Writer

	configFile string
	overrides  []string
	json       bool
	quiet      bool
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	a := &app{stdout: stdout, stderr: stderr}
	root := &cobra.Command{
		Use:   "crmsync",
		Short: "Keep Sales Navigator and Salesforce in step",
		Long: `crmsync reads a Salesforce org, finds which of its leads, contacts and accounts are which profiles and companies of a
Sales Navigator directory, publishes what follows (badges, contact info, filters, auto-saves, licences, ROI) into
Postgres, and writes the activities that sellers chose back to Salesforce.

Start with 'crmsync demo': it needs no org. Then 'crmsync init' writes a configuration for a real one.

Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 another run holds the lock,
4 stopped by an external limit (quota, revoked access) with nothing lost.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.configFile, "config", "c", os.Getenv(config.FileVariable), "configuration file (YAML)")
	f.StringArrayVar(&a.overrides, "set", nil, "set a configuration key: --set run.memory=1GiB (repeatable)")
	f.BoolVar(&a.json, "json", false, "print JSON for machines")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "log warnings and errors only, show no progress")

	root.AddGroup(
		&cobra.Group{ID: "start", Title: "Start:"},
		&cobra.Group{ID: "run", Title: "Run:"},
		&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "admin", Title: "Administer:"},
	)
	root.SetHelpCommandGroupID("admin")
	root.SetCompletionCommandGroupID("admin")
	for group, commands := range map[string][]*cobra.Command{
		"start": {a.demoCommand(), a.initCommand(), a.connectCommand(), a.checkCommand()},
		"run":   {a.syncCommand(), a.writebackCommand(), a.backfillCommand(), a.linkFilesCommand(), a.indexCommand(), a.genCommand()},
		"look":  {a.statusCommand(), a.explainCommand(), a.reportCommand(), a.roiCommand(), a.evalCommand(), a.psqlCommand(), a.exportCommand(), a.modelCommand()},
		"admin": {a.reviewCommand(), a.linkCommand(), a.settingsCommand(), a.seatsCommand(), a.licencesCommand(), a.disconnectCommand()},
	} {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	return root
}

// load reads the configuration; every mistake in it is a usage error.
func (a *app) load() (config.Config, error) {
	c, err := config.Load(config.Source{File: a.configFile, Environ: os.Environ(), Overrides: a.overrides})
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// logger writes to standard error, so that standard output holds results alone.
func (a *app) logger(c config.Config) (*slog.Logger, error) {
	level, err := config.ParseLevel(c.Log.Level)
	if err != nil {
		return nil, usageError{err}
	}
	if a.quiet {
		level = max(level, slog.LevelWarn)
	}
	opts := &slog.HandlerOptions{Level: level}
	format := c.Log.Format
	if format == "auto" && !isTerminal(a.stderr) {
		format = "json"
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, opts)), nil
	}
	return slog.New(slog.NewTextHandler(a.stderr, opts)), nil
}

// progress draws bars on a terminal and logs lines elsewhere. The returned function ends the drawing.
func (a *app) progress(log *slog.Logger) (pipeline.Progress, func()) {
	switch {
	case a.quiet:
		return pipeline.NoProgress{}, func() {}
	case isTerminal(a.stderr):
		bars := pipeline.NewBars(a.stderr)
		return bars, bars.Wait
	default:
		return pipeline.Lines{Log: log, Interval: 10 * time.Second}, func() {}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
