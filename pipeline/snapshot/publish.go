package snapshot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Publish sorts and writes the layer's files and ends the writer, also on an error. Files that an earlier, killed attempt of the run
// left are replaced, so a run publishes a data set once. Without prev the layer is a base, and deletions
// only cancel rows written before them; with prev it is a delta on it. When it returns, the files are complete and synced, but
// unreferenced until a manifest names the entry.
func (w *Writer) Publish(ctx context.Context, prev *Entry) (_ Entry, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return Entry{}, fmt.Errorf("publish %s: the writer has ended", w.ds.Name)
	}
	defer func() {
		err = errors.Join(err, w.end())
		if err != nil {
			err = fmt.Errorf("publish %s: %w", w.ds.Name, err)
		}
	}()
	if err := w.accepts(prev); err != nil {
		return Entry{}, err
	}
	if w.deletes != nil {
		if err := w.flushDeletes(ctx); err != nil {
			return Entry{}, err
		}
	}
	sorted, err := w.sorter.Sort(ctx)
	if err != nil {
		return Entry{}, err
	}
	if err := w.store.clear(w.ds, w.runID, prev, Base, Delta, Tombstones); err != nil {
		return Entry{}, errors.Join(err, sorted.Close())
	}
	layer, err := w.store.writeLayer(ctx, w.ds, w.runID, w.dir, sorted, prev == nil)
	if err != nil {
		return Entry{}, err
	}
	return w.store.entry(ctx, w.ds, prev, layer)
}

func (w *Writer) accepts(prev *Entry) error {
	if prev == nil {
		return nil
	}
	if !w.ds.Chain {
		return errors.New("the data set is not a chain, so it has no deltas")
	}
	if err := checkEntry(w.ds, *prev); err != nil {
		return err
	}
	for _, l := range prev.Layers {
		if l.RunID == w.runID && l.Kind == Delta {
			return fmt.Errorf("run %s has written a delta of it before", w.runID)
		}
	}
	return nil
}

// writeLayer writes a sorted stream as the files of a layer, gives them their names and syncs the folder. A stream with the column
// of tombstones is split; a base has none. It closes the stream.
func (s *Store) writeLayer(ctx context.Context, ds *schemas.Dataset, runID, dir string, sorted columnar.RecordReader, base bool) (_ Layer, err error) {
	kind := Delta
	if base {
		kind = Base
	}
	rows := &partWriter{store: s, ds: ds, runID: runID, dir: dir, what: kind, kind: Rows}
	dead := &partWriter{store: s, ds: ds, runID: runID, dir: dir, what: Tombstones, kind: Tombstones, columns: ds.Key}
	defer func() { err = errors.Join(err, rows.abandon(), dead.abandon()) }()
	marked := sorted.Schema().HasField(deletedColumn)
	err = columnar.Each(ctx, sorted, func(rec arrow.Record) error {
		if !marked {
			return rows.write(rec)
		}
		alive, deleted, err := columnar.Split(s.o.Allocator, ds, rec, deletedColumn)
		if err != nil {
			return err
		}
		defer alive.Release()
		defer deleted.Release()
		if !base {
			if err := dead.write(deleted); err != nil {
				return err
			}
		}
		return rows.write(alive)
	})
	if err != nil {
		return Layer{}, err
	}
	layer := Layer{RunID: runID, Kind: kind}
	for _, p := range []*partWriter{rows, dead} {
		if err := p.finish(); err != nil {
			return Layer{}, err
		}
		layer.Files = append(layer.Files, p.done...)
	}
	for _, p := range []*partWriter{rows, dead} {
		if err := p.name(); err != nil {
			return Layer{}, err
		}
	}
	return layer, s.disk.syncDir(s.dir(ds))
}

// entry describes prev with a further layer, or the layer alone, and counts the live rows by comparing keys.
func (s *Store) entry(ctx context.Context, ds *schemas.Dataset, prev *Entry, layer Layer) (Entry, error) {
	e := Entry{Dataset: ds.Name, Columns: ds.Names()}
	var dead int64
	for _, f := range layer.Files {
		if f.Kind == Rows {
			e.Changed += f.Rows
		} else {
			dead += f.Rows
		}
	}
	if prev == nil {
		e.Layers, e.Rows = []Layer{layer}, e.Changed
		return e, nil
	}
	e.Layers = append(slices.Clone(prev.Layers), layer)
	e.Watermark, e.Fingerprint, e.Rows = prev.Watermark, prev.Fingerprint, prev.Rows
	if e.Rows < 0 {
		old, err := s.Read(ctx, ds, *prev, ds.Key...)
		if err != nil {
			return Entry{}, err
		}
		if e.Rows, err = columnar.Count(ctx, old); err != nil {
			return Entry{}, err
		}
	}
	if e.Changed+dead == 0 {
		return e, nil
	}
	updated, deleted, err := s.overlap(ctx, ds, *prev, layer)
	if err != nil {
		return Entry{}, fmt.Errorf("count rows: %w", err)
	}
	e.Deleted = deleted
	e.Rows += e.Changed - updated - deleted
	return e, nil
}

// overlap counts which of the layer's rows and tombstones are about rows alive in prev.
func (s *Store) overlap(ctx context.Context, ds *schemas.Dataset, prev Entry, layer Layer) (updated, deleted int64, err error) {
	var readers []columnar.RecordReader
	undo := func(err error) error {
		for _, r := range readers {
			err = errors.Join(err, r.Close())
		}
		return err
	}
	old, err := s.Read(ctx, ds, prev, ds.Key...)
	if err != nil {
		return 0, 0, err
	}
	readers = append(readers, old)
	for _, kind := range []string{Rows, Tombstones} {
		r, err := s.readFiles(ctx, ds, layer.files(kind), 0, ds.Key...)
		if err != nil {
			return 0, 0, undo(err)
		}
		readers = append(readers, r)
	}
	counts, err := columnar.Common(ctx, ds, readers[0], readers[1:]...)
	if err != nil {
		return 0, 0, err
	}
	return counts[0], counts[1], nil
}
