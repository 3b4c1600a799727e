package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// LoadAll runs the merges in one transaction, then after, if not nil, in the same one: readers see all of it or nothing. Loads with
// the same lock key wait for each other.
//
// Rows come by COPY into temporary tables, which no other session sees and which are gone with the transaction, however it ends.
// Missing rows are deleted first, last merge first; then rows are written, first merge first: name tables that others refer to
// before those. Deferrable constraints are checked at the end, so that values may change places.
func LoadAll(ctx context.Context, db *DB, lockKey string, merges []Merge, after func(ctx context.Context, tx pgx.Tx) error) (results []MergeResult, err error) {
	defer closeSources(merges)
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		results, err = loadIn(ctx, tx, lockKey, merges)
		if err != nil || after == nil {
			return err
		}
		return after(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return results, nil
}

func loadIn(ctx context.Context, tx pgx.Tx, lockKey string, merges []Merge) ([]MergeResult, error) {
	// A load is longer than a query, and its source may be slow.
	if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = '2h'; SET LOCAL lock_timeout = '30min'; SET LOCAL work_mem = '64MB'; SET CONSTRAINTS ALL DEFERRED"); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	plans := make([]*plan, len(merges))
	staged := make([]int64, len(merges))
	for i, m := range merges {
		p, err := newPlan(ctx, tx, m, i)
		if err == nil {
			staged[i], err = p.copy(ctx, tx)
		}
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", m.Table, err)
		}
		plans[i] = p
	}
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "crmsync load "+lockKey); err != nil {
		return nil, fmt.Errorf("wait for another load of %s: %w", lockKey, err)
	}
	results := make([]MergeResult, len(merges))
	for i, p := range slices.Backward(plans) {
		results[i].Table = p.Table
		if !p.DeleteMissing {
			continue
		}
		tag, err := tx.Exec(ctx, p.deleteSQL(), p.scopeArgs()...)
		if err != nil {
			return nil, fmt.Errorf("table %s: delete what is missing: %w", p.Table, err)
		}
		results[i].Deleted = tag.RowsAffected()
	}
	for i, p := range plans {
		if err := p.apply(ctx, tx, staged[i], &results[i]); err != nil {
			return nil, fmt.Errorf("table %s: merge: %w", p.Table, err)
		}
	}
	return results, nil
}

// copy fills the staging table and gives the planner its statistics.
func (p *plan) copy(ctx context.Context, tx pgx.Tx) (int64, error) {
	if _, err := tx.Exec(ctx, p.createSQL()); err != nil {
		return 0, fmt.Errorf("make staging: %w", err)
	}
	n, err := tx.CopyFrom(ctx, p.stage, p.staged(), p.Source)
	if cause := p.Source.Err(); cause != nil { // the server knows only its text
		return 0, fmt.Errorf("read the source: %w", cause)
	}
	if err != nil {
		return 0, fmt.Errorf("copy: %w", err)
	}
	if _, err := tx.Exec(ctx, "ANALYZE "+p.stage.Sanitize()); err != nil {
		return 0, fmt.Errorf("analyze staging: %w", err)
	}
	return n, nil
}

// ErrDuplicateKey says that a source holds a key twice.
var ErrDuplicateKey = errors.New("the source holds a key twice")

func (p *plan) apply(ctx context.Context, tx pgx.Tx, staged int64, r *MergeResult) error {
	if err := tx.QueryRow(ctx, p.countNewSQL(), p.scopeArgs()...).Scan(&r.Inserted); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, p.mergeSQL(), p.scopeArgs()...)
	if sqlState(err) == "21000" { // MERGE would touch a row twice
		return errors.Join(ErrDuplicateKey, err)
	}
	if err != nil {
		return err
	}
	r.Updated = tag.RowsAffected() - r.Inserted
	r.Unchanged = staged - tag.RowsAffected()
	if changed := tag.RowsAffected() + r.Deleted; changed > 0 && changed*10 >= staged {
		if _, err := tx.Exec(ctx, "ANALYZE "+p.target.Sanitize()); err != nil {
			return fmt.Errorf("analyze: %w", err)
		}
	}
	return nil
}

// closeSources ends iterators whose rows were not all read.
func closeSources(merges []Merge) {
	for _, m := range merges {
		if c, ok := m.Source.(interface{ Close() }); ok {
			c.Close()
		}
	}
}
