package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"time"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// session is a contract with its database and data sets open.
type session struct {
	cfg     config.Config
	log     *slog.Logger
	workDir string
	home    pipeline.Home
	key     config.Secret // of the snapshots and the token; empty when they lie unencrypted
	store   *snapshot.Store
	server  *postgres.Server // nil with a server of the user's own
	db      *postgres.DB
	dsn     string
}

// open starts or joins the database and opens the data sets of the configured contract. The caller closes the session.
func (a *app) open(ctx context.Context, cfg config.Config) (*session, error) {
	s, err := a.local(cfg)
	if err != nil {
		return nil, err
	}
	// A writer sorts within half of the memory, so that reading, decoding and compressing have the other half.
	s.store, err = snapshot.Open(s.home.DataDir(), snapshot.Options{Key: s.key.Reveal(), Budget: int64(cfg.Run.Memory) / 4})
	if err != nil {
		return nil, err
	}
	if err := s.openDB(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// local finds the contract's home and key. There are neither data sets nor a database yet.
func (a *app) local(cfg config.Config) (*session, error) {
	log, err := a.logger(cfg)
	if err != nil {
		return nil, err
	}
	s := &session{cfg: cfg, log: log, workDir: cfg.WorkDir}
	if s.workDir == "" {
		if s.workDir, err = postgres.DefaultWorkDir(); err != nil {
			return nil, err
		}
	}
	s.home = pipeline.Home{Dir: filepath.Join(s.workDir, "contracts", cfg.Contract)}
	if s.key, err = config.SecretFrom(config.SnapshotKeyVariable, cfg.Snapshots.KeyFile); err != nil {
		return nil, usageError{fmt.Errorf("snapshots.key_file: %w", err)}
	}
	if s.key == "" && !cfg.Snapshots.Unencrypted {
		return nil, usageError{errors.New("snapshots.key_file: no key is set, so imported data would lie unencrypted; " +
			"`crmsync init` makes a key, or set snapshots.unencrypted to true")}
	}
	return s, nil
}

// openDB starts or joins the database and brings its tables up to date. What it got is closed with the session, also when it fails.
func (s *session) openDB(ctx context.Context) error {
	if s.dsn = s.cfg.Database.URL.Reveal(); s.dsn == "" {
		dir, err := postgres.ServerDir(s.workDir)
		if err != nil {
			return err
		}
		s.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: dir, BinDir: s.cfg.Database.BinDir, Log: s.log})
		if err != nil {
			return err
		}
		s.dsn = s.server.DSN()
	}
	var err error
	if s.db, err = postgres.Open(ctx, s.dsn); err != nil {
		return err
	}
	_, err = s.db.Migrate(ctx, migrations.Migrations)
	return err
}

func (s *session) close() error {
	if s.db != nil {
		s.db.Close()
	}
	if s.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.server.Stop(ctx)
}

// runner makes the engine for the contract.
func (s *session) runner(progress pipeline.Progress, now func(context.Context) (time.Time, error), recorder pipeline.Recorder) *pipeline.Runner {
	return &pipeline.Runner{
		Contract: s.cfg.Contract, Home: s.home, Store: s.store, Log: s.log, Progress: progress, Recorder: recorder,
		Budget: int64(s.cfg.Run.Memory), Workers: s.workers(), Now: now, ResumeWithin: s.cfg.Run.ResumeWithin,
	}
}

// workers is how many goroutines the configuration allows.
func (s *session) workers() int {
	if n := s.cfg.Run.Workers; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// with opens the configured session for the time of fn.
func (a *app) with(ctx context.Context, fn func(*session) error) (err error) {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	s, err := a.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return fn(s)
}
