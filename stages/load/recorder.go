package load

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Recorder keeps the tables runs and run_stages as the manifests are (R44).
type Recorder struct {
	DB *postgres.DB
}

var _ pipeline.Recorder = (*Recorder)(nil)

// Record implements pipeline.Recorder. Recording the same manifest again changes nothing.
func (r *Recorder) Record(ctx context.Context, m *pipeline.Manifest) error {
	err := pgx.BeginFunc(ctx, r.DB, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(`INSERT INTO crmsync.contracts (id) VALUES ($1) ON CONFLICT DO NOTHING`, m.Contract)
		b.Queue(sqlRun, m.Contract, m.RunID, m.Job, m.AsOf, m.Base, string(m.State), m.Started, orNull(m.Ended), m.Resumed, storable(m.Error))
		for i, s := range m.Stages {
			counts, rows, err := countsOf(s)
			if err != nil {
				return err
			}
			b.Queue(sqlStage, m.Contract, m.RunID, s.Name, i+1, string(s.State), s.Started, orNull(s.Ended), rows, counts, storable(s.Error))
		}
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return fmt.Errorf("write to the tables runs and run_stages: %w", err)
	}
	return nil
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// countsOf returns the counts as JSON and the sum of those that count rows.
func countsOf(s pipeline.StageRecord) (string, int64, error) {
	if s.Counts == nil {
		return "{}", 0, nil
	}
	var rows int64
	for key, n := range s.Counts {
		if strings.HasPrefix(key, "rows.") {
			rows += n
		}
	}
	b, err := json.Marshal(s.Counts)
	return string(b), rows, err
}

const sqlRun = `INSERT INTO crmsync.runs AS r (contract, run_id, job, as_of, base_run, state, started_at, ended_at, resumed, error, sandbox)
	SELECT $1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $9, nullif($10, ''), c.sandbox FROM crmsync.contracts c WHERE c.id = $1
	ON CONFLICT (contract, run_id) DO UPDATE SET job = excluded.job, as_of = excluded.as_of, base_run = excluded.base_run, state = excluded.state,
		started_at = excluded.started_at, ended_at = excluded.ended_at, resumed = excluded.resumed, error = excluded.error, sandbox = excluded.sandbox
	WHERE (r.job, r.as_of, r.base_run, r.state, r.started_at, r.ended_at, r.resumed, r.error, r.sandbox) IS DISTINCT FROM
		(excluded.job, excluded.as_of, excluded.base_run, excluded.state, excluded.started_at, excluded.ended_at, excluded.resumed, excluded.error, excluded.sandbox)`

const sqlStage = `INSERT INTO crmsync.run_stages AS s (contract, run_id, stage, ordinal, state, started_at, ended_at, rows, counts, error, sandbox)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, ''), c.sandbox FROM crmsync.contracts c WHERE c.id = $1
	ON CONFLICT (contract, run_id, stage) DO UPDATE SET ordinal = excluded.ordinal, state = excluded.state, started_at = excluded.started_at,
		ended_at = excluded.ended_at, rows = excluded.rows, counts = excluded.counts, error = excluded.error, sandbox = excluded.sandbox
	WHERE (s.ordinal, s.state, s.started_at, s.ended_at, s.rows, s.counts, s.error, s.sandbox) IS DISTINCT FROM
		(excluded.ordinal, excluded.state, excluded.started_at, excluded.ended_at, excluded.rows, excluded.counts, excluded.error, excluded.sandbox)`
