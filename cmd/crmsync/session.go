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
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

// session is a contract with its database and data sets open.
type session struct {
	cfg     config.Config
	log     *slog.Logger
	workDir string
	home    pipeline.Home
	store   *snapshot.Store
	server  *postgres.Server // nil with a server of the user's own
	db      *postgres.DB
	dsn     string
}

// open starts or joins the database and opens the data sets of the configured contract. The caller closes the session.
func (a *app) open(ctx context.Context, cfg config.Config) (_ *session, err error) {
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
	key, err := config.SecretFrom(config.SnapshotKeyVariable, cfg.Snapshots.KeyFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("snapshots.key_file: %w", err)}
	}
	if key == "" && !cfg.Snapshots.Unencrypted {
		return nil, usageError{errors.New("snapshots.key_file: no key is set, so imported data would lie unencrypted; " +
			"`crmsync init` makes a key, or set snapshots.unencrypted to true")}
	}
	// A writer sorts within half of the memory, so that reading, decoding and compressing have the other half.
	s.store, err = snapshot.Open(s.home.DataDir(), snapshot.Options{Key: key.Reveal(), Budget: int64(cfg.Run.Memory) / 4})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.dsn = cfg.Database.URL.Reveal(); s.dsn == "" {
		dir, err := postgres.ServerDir(s.workDir)
		if err != nil {
			return nil, err
		}
		s.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: dir, BinDir: cfg.Database.BinDir, Log: log})
		if err != nil {
			return nil, err
		}
		s.dsn = s.server.DSN()
	}
	if s.db, err = postgres.Open(ctx, s.dsn); err != nil {
		return nil, err
	}
	_, err = s.db.Migrate(ctx, migrations.Migrations)
	return s, err
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

// client makes the Salesforce client; it sends nothing yet.
func (s *session) client() (*salesforce.Client, error) {
	c := s.cfg.Salesforce
	key, err := config.SecretFrom(config.PrivateKeyVariable, c.PrivateKeyFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("salesforce.private_key_file: %w", err)}
	}
	secret, err := config.SecretFrom(config.ClientSecretVariable, c.ClientSecretFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("salesforce.client_secret_file: %w", err)}
	}
	client, err := salesforce.New(salesforce.Config{
		LoginURL: c.LoginURL, APIVersion: c.APIVersion, ClientID: c.ClientID, Username: c.Username, Flow: salesforce.Flow(c.Flow),
		PrivateKey: salesforce.NewSecret(key.Reveal()), ClientSecret: salesforce.NewSecret(secret.Reveal()),
		AllowSandbox: c.AllowSandbox, Reserve: c.Reserve, Timeout: c.Timeout, Log: s.log,
	})
	if err != nil {
		return nil, usageError{err}
	}
	return client, nil
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
