package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Merge brings one table, or the part of it that Scope names, to the state of a source.
type Merge struct {
	// Table is the target, "schema.table" or a table of the schema crmsync.
	Table string
	// Scope names the part of the table that this is about: rows whose columns have these values. All other rows are neither read
	// nor touched. New rows get the values.
	Scope map[string]any
	// Key identifies a row within the scope. Scope and Key together must be the columns of a unique index.
	Key []string
	// Columns are compared, and set when any of them differs.
	Columns []string
	// Always are set in new rows and whenever one of Columns differs, but are not compared: they say which run wrote a row.
	Always []string
	// Source yields rows of len(Key)+len(Columns)+len(Always) values, in that order.
	Source pgx.CopyFromSource
	// DeleteMissing deletes the rows of the scope whose keys the source lacks. It needs a Scope.
	DeleteMissing bool
}

// MergeResult counts what became of one Merge. Inserted, Updated and Unchanged add up to the rows of the source.
type MergeResult struct {
	Table                                 string
	Inserted, Updated, Unchanged, Deleted int64
}

// Changed says whether any row was written or deleted.
func (r MergeResult) Changed() bool { return r.Inserted+r.Updated+r.Deleted > 0 }

// FromSeq makes a source of an iterator. An error that it yields ends the load.
func FromSeq(rows iter.Seq2[[]any, error]) pgx.CopyFromSource {
	return &seqSource{rows: rows}
}

type seqSource struct {
	rows iter.Seq2[[]any, error]
	next func() ([]any, error, bool) // nil until the first row is asked for
	stop func()
	row  []any
	err  error
}

func (s *seqSource) Next() bool {
	if s.next == nil {
		s.next, s.stop = iter.Pull2(s.rows)
	}
	row, err, ok := s.next()
	if !ok || err != nil {
		s.err = err
		s.stop()
		return false
	}
	s.row = row
	return true
}

func (s *seqSource) Values() ([]any, error) { return s.row, nil }
func (s *seqSource) Err() error             { return s.err }

// Close ends the iterator when the load ends before its rows do.
func (s *seqSource) Close() {
	if s.stop != nil {
		s.stop()
	}
}

// plan is a Merge whose names were checked against the database.
type plan struct {
	Merge
	target pgx.Identifier
	stage  pgx.Identifier
	types  map[string]string // of the target's columns
	scope  []string          // its columns, sorted
}

func newPlan(ctx context.Context, tx pgx.Tx, m Merge, n int) (*plan, error) {
	p := &plan{Merge: m, scope: slices.Sorted(maps.Keys(m.Scope)), stage: pgx.Identifier{"pg_temp", fmt.Sprintf("stage_%d", n)}}
	if schema, table, ok := strings.Cut(m.Table, "."); ok {
		p.target = pgx.Identifier{schema, table}
	} else {
		p.target = pgx.Identifier{Schema, m.Table}
	}
	switch {
	case len(m.Key) == 0:
		return nil, errors.New("no key")
	case m.Source == nil:
		return nil, errors.New("no source")
	case m.DeleteMissing && len(m.Scope) == 0:
		return nil, errors.New("deleting what is missing needs a scope")
	}
	seen := map[string]bool{}
	for _, c := range slices.Concat(p.scope, p.staged()) {
		if seen[c] {
			return nil, fmt.Errorf("column %s is named twice", c)
		}
		seen[c] = true
	}
	return p, p.check(ctx, tx)
}

// staged are the columns of the source.
func (p *plan) staged() []string { return slices.Concat(p.Key, p.Columns, p.Always) }

// check looks the columns up, and a unique index on scope and key, without which a merge could double rows.
func (p *plan) check(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, p.target.Sanitize())
	if err != nil {
		return err
	}
	p.types = map[string]string{}
	var name, kind string
	if _, err := pgx.ForEachRow(rows, []any{&name, &kind}, func() error { p.types[name] = kind; return nil }); err != nil {
		return err
	}
	if len(p.types) == 0 {
		return errors.New("there is no such table")
	}
	for _, c := range slices.Concat(p.scope, p.staged()) {
		if p.types[c] == "" {
			return fmt.Errorf("the table has no column %s", c)
		}
	}
	identity := slices.Sorted(slices.Values(slices.Concat(p.scope, p.Key)))
	var unique bool
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass($1)
		AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid AND $2::text[] = ARRAY(
			SELECT a.attname::text COLLATE "C" FROM pg_attribute a
			WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts-1]) ORDER BY 1))`,
		p.target.Sanitize(), identity).Scan(&unique)
	if err != nil {
		return err
	}
	if !unique {
		return fmt.Errorf("no unique index on (%s)", strings.Join(identity, ", "))
	}
	return nil
}
