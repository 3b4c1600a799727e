package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/load"
)

func (a *app) syncCommand() *cobra.Command {
	var fresh bool
	c := &cobra.Command{
		Use:   "sync",
		Short: "Read the org and the export, match, and load the results",
		Long: `sync reads what changed in the Salesforce org since the last sync (everything the first time), reads the Sales
Navigator export, matches the two, and loads links, badges, saves and ROI into Postgres. Run it every 12 hours.

A sync that was killed or failed is resumed by the next one at its first unfinished stage.`,
		Example: "  crmsync sync -c /etc/crmsync/crmsync.yaml",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				o, err := a.sync(cmd.Context(), s, fresh)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(o)
				}
				o.print(a.stdout)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&fresh, "fresh", false, "abandon an unfinished run instead of resuming it")
	return c
}

// sync runs the sync job once.
func (a *app) sync(ctx context.Context, s *session, fresh bool) (*outcome, error) {
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if s.cfg.Navigator.Dir == "" {
		return nil, usageError{fmt.Errorf("navigator.dir: no export folder is set")}
	}
	values, err := control.Values(ctx, s.db, s.cfg.Contract)
	if err != nil {
		return nil, err
	}
	model, err := s.model()
	if err != nil {
		return nil, err
	}
	job := jobs.Sync{
		DB: s.db, Client: client, Store: s.store,
		PageRows: s.cfg.Salesforce.PageRows, Overlap: s.cfg.Salesforce.Overlap, Lag: s.cfg.Salesforce.Lag,
		ObjectsAtOnce: s.cfg.Salesforce.ObjectsAtOnce, SweepEvery: s.cfg.Salesforce.SweepEvery, MaxVanished: s.cfg.Salesforce.MaxVanished,
		RevenueField: values.Text("roi.revenue_field"),
		ExportDir:    s.cfg.Navigator.Dir, Mapping: s.cfg.Navigator.Mapping, MaxRejected: s.cfg.Navigator.MaxRejected,
		LinkProbability: s.cfg.Match.LinkProbability, ReviewProbability: s.cfg.Match.ReviewProbability, MarginBits: s.cfg.Match.MarginBits,
		RetrainShare: s.cfg.Match.RetrainShare,
		Model:        model,
	}.Job()
	progress, done := a.progress(s.log)
	runner := s.runner(progress, client.ServerTime, &load.Recorder{DB: s.db})
	runner.Fresh = fresh
	started := time.Now()
	m, err := runner.Run(ctx, job)
	done()
	if err != nil {
		return nil, err
	}
	return newOutcome(m, time.Since(started), schemas.CRMObjects), s.retain(ctx, m.AsOf)
}

// retain drops past states that are older than the configuration keeps. When another job works for the contract, the next sync does it.
func (s *session) retain(ctx context.Context, now time.Time) (err error) {
	if s.cfg.Snapshots.KeepFor == 0 {
		return nil
	}
	// Every job that writes to the store must rest, since its files are named by no manifest yet.
	for _, name := range []string{jobs.SyncName, jobs.WritebackName, jobs.BackfillName} {
		lock, err := s.home.TryLock(name, "retain")
		if errors.As(err, new(*pipeline.LockedError)) {
			s.log.Info("old runs are kept until the next sync, since another job works", "contract", s.cfg.Contract)
			return nil
		}
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lock.Unlock()) }()
	}
	runs, files, err := s.home.Retain(ctx, s.store, now.Add(-s.cfg.Snapshots.KeepFor))
	if err == nil && runs > 0 {
		s.log.Info("old runs were dropped", "contract", s.cfg.Contract, "runs", runs, "files", files)
	}
	return err
}

var _ pipeline.Recorder = (*load.Recorder)(nil)
