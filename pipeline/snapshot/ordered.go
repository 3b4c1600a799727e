package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// ErrOrder says that rows came out of the order that an Ordered writer needs.
var ErrOrder = errors.New("rows are not in the order of their key")

// Ordered makes a base from rows that come in the order of their key, each key once, so that nothing needs sorting. Its keys are
// texts. It is for one goroutine at a time.
type Ordered struct {
	store  *Store
	ds     *schemas.Dataset
	runID  string
	dir    string
	claims func()
	rows   *partWriter
	last   []string // the key of the last row; nil before the first
	ended  bool
}

// CreateOrdered begins a base of a data set that is no chain. End it with Publish or Abort.
func (s *Store) CreateOrdered(_ context.Context, ds *schemas.Dataset, runID string) (*Ordered, error) {
	if ds.Chain {
		return nil, fmt.Errorf("create snapshot of %s in order: the data set is a chain", ds.Name)
	}
	for _, k := range ds.Key {
		if ds.Field(k).Type != schemas.String {
			return nil, fmt.Errorf("create snapshot of %s in order: key %s is no text", ds.Name, k)
		}
	}
	claims, err := s.claim(ds, runID, writing)
	if err != nil {
		return nil, fmt.Errorf("create snapshot of %s: %w", ds.Name, err)
	}
	dir, err := s.prepare(ds, runID, writing)
	if err != nil {
		claims()
		return nil, fmt.Errorf("create snapshot of %s: %w", ds.Name, err)
	}
	rows := &partWriter{store: s, ds: ds, runID: runID, dir: dir, what: Base, kind: Rows}
	return &Ordered{store: s, ds: ds, runID: runID, dir: dir, claims: claims, rows: rows}, nil
}

// Write appends rows; the record has the data set's columns, and the caller keeps it. A row that does not follow the last one gives
// an error that wraps ErrOrder.
func (o *Ordered) Write(_ context.Context, rec arrow.Record) error {
	if o.ended {
		return fmt.Errorf("write %s: the writer has ended", o.ds.Name)
	}
	for i, f := range o.ds.Fields {
		if i >= int(rec.NumCols()) || rec.ColumnName(i) != f.Name {
			return fmt.Errorf("write %s: column %d is not %s", o.ds.Name, i, f.Name)
		}
		if n := rec.Column(i).NullN(); n > 0 && !f.Nullable() {
			return fmt.Errorf("write %s: required column %s has %d nulls", o.ds.Name, f.Name, n)
		}
	}
	if err := o.check(rec); err != nil {
		return err
	}
	return o.rows.write(rec)
}

// check compares every row with the one before it.
func (o *Ordered) check(rec arrow.Record) error {
	rows := int(rec.NumRows())
	if rows == 0 {
		return nil
	}
	keys := make([]columnar.StringColumn, len(o.ds.Key))
	for k, name := range o.ds.Key {
		keys[k] = columnar.Strings(rec, name)
	}
	before := func(k, row int) string {
		if row > 0 {
			return keys[k].Value(row - 1)
		}
		return o.last[k]
	}
	for row := range rows {
		if row == 0 && o.last == nil {
			continue
		}
		ascends := false
		for k := range keys {
			if was, is := before(k, row), keys[k].Value(row); was != is {
				ascends = was < is
				break
			}
		}
		if !ascends {
			return fmt.Errorf("write %s: row %d: %w", o.ds.Name, o.rows.written()+int64(row), ErrOrder)
		}
	}
	o.last = o.last[:0]
	for k := range keys {
		o.last = append(o.last, strings.Clone(keys[k].Value(rows-1)))
	}
	return nil
}

// Publish completes the files and ends the writer, also on an error. What Writer.Publish says of files holds here.
func (o *Ordered) Publish(ctx context.Context) (_ Entry, err error) {
	if o.ended {
		return Entry{}, fmt.Errorf("publish %s: the writer has ended", o.ds.Name)
	}
	defer func() {
		err = errors.Join(err, o.end())
		if err != nil {
			err = fmt.Errorf("publish %s: %w", o.ds.Name, err)
		}
	}()
	if err := o.rows.finish(); err != nil {
		return Entry{}, err
	}
	if err := o.store.clear(o.ds, o.runID, nil, Base, Delta, Tombstones); err != nil {
		return Entry{}, err
	}
	if err := o.rows.name(); err != nil {
		return Entry{}, err
	}
	if err := o.store.disk.syncDir(o.store.dir(o.ds)); err != nil {
		return Entry{}, err
	}
	return o.store.entry(ctx, o.ds, nil, Layer{RunID: o.runID, Kind: Base, Files: o.rows.done})
}

// Abort ends the writer without a trace. After Publish it does nothing.
func (o *Ordered) Abort() error {
	if o.ended {
		return nil
	}
	return o.end()
}

func (o *Ordered) end() error {
	o.ended = true
	defer o.claims()
	return errors.Join(o.rows.abandon(), o.store.disk.remove(o.dir))
}
