package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// deletedColumn marks tombstones among the rows while they are sorted.
const deletedColumn = "_deleted"

// Writer makes one layer of a data set. Rows come in any order; of rows and deletions with the same key the last written wins. Its
// methods may be called from several goroutines.
type Writer struct {
	store  *Store
	ds     *schemas.Dataset
	runID  string
	dir    string // what lies aside
	claims func()

	mu      sync.Mutex
	sorter  *columnar.Sorter
	deletes *columnar.Builder // nil: not a chain
	ended   bool
}

// Create begins a layer of a data set for a run. End the writer with Publish or Abort.
func (s *Store) Create(_ context.Context, ds *schemas.Dataset, runID string) (*Writer, error) {
	claims, err := s.claim(ds, runID, writing)
	if err != nil {
		return nil, fmt.Errorf("create snapshot of %s: %w", ds.Name, err)
	}
	dir, err := s.prepare(ds, runID, writing)
	if err != nil {
		claims()
		return nil, fmt.Errorf("create snapshot of %s: %w", ds.Name, err)
	}
	w := &Writer{store: s, ds: ds, runID: runID, dir: dir, claims: claims}
	o := columnar.SorterOptions{Budget: s.o.Budget, Dir: dir, Allocator: s.o.Allocator}
	if s.identity != nil {
		o.Seal = ageSeal{s.identity}
	}
	if !ds.Chain {
		w.sorter = columnar.NewSorter(ds, o)
		return w, nil
	}
	marked := markedDataset(ds)
	w.sorter = columnar.NewSorter(marked, o)
	w.deletes = columnar.NewBuilder(s.o.Allocator, marked)
	return w, nil
}

// markedDataset is the data set whose rows are those of ds and tombstones, told apart by a column.
func markedDataset(ds *schemas.Dataset) *schemas.Dataset {
	m := ds.Extend(schemas.Field{Name: deletedColumn, Type: schemas.Bool})
	for i, f := range m.Fields {
		if f.Name != deletedColumn && !slices.Contains(ds.Key, f.Name) {
			m.Fields[i].Flags |= schemas.Nullable
		}
	}
	return m
}

// prepare makes a task's folder, without what an earlier, killed attempt left in it.
func (s *Store) prepare(ds *schemas.Dataset, runID, what string) (string, error) {
	dir := filepath.Join(s.dir(ds), task{ds.Name, runID, what}.aside())
	if err := s.disk.remove(dir); err != nil {
		return "", err
	}
	if err := s.disk.mkdir(dir); err != nil {
		return "", err
	}
	return dir, s.disk.syncDir(s.root)
}

// clear removes files of the given kinds that an earlier, killed attempt of the run left; those that the entry names stay.
func (s *Store) clear(ds *schemas.Dataset, runID string, prev *Entry, what ...string) error {
	named := map[string]bool{}
	if prev != nil {
		prev.name(named)
	}
	files, err := os.ReadDir(s.dir(ds))
	if err != nil {
		return err
	}
	for _, f := range files {
		id, kind, ok := parseName(f.Name())
		if !ok || id != runID || !slices.Contains(what, kind) || named[ds.Name+"/"+f.Name()] {
			continue
		}
		if err := s.disk.remove(filepath.Join(s.dir(ds), f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Write adds rows; the record has all columns of the data set by name, and the caller keeps it.
func (w *Writer) Write(ctx context.Context, rec arrow.Record) error {
	for _, f := range w.ds.Fields {
		at := rec.Schema().FieldIndices(f.Name)
		if len(at) == 0 {
			return fmt.Errorf("write %s: record has no column %s", w.ds.Name, f.Name)
		}
		if n := rec.Column(at[0]).NullN(); n > 0 && !f.Nullable() {
			return fmt.Errorf("write %s: required column %s has %d nulls", w.ds.Name, f.Name, n)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return fmt.Errorf("write %s: the writer has ended", w.ds.Name)
	}
	if w.deletes == nil {
		return w.sorter.Write(ctx, rec)
	}
	if err := w.flushDeletes(ctx); err != nil {
		return err
	}
	marked := mark(rec)
	defer marked.Release()
	return w.sorter.Write(ctx, marked)
}

// mark adds the column that says of each row that it is no tombstone.
func mark(rec arrow.Record) arrow.Record {
	n := int(rec.NumRows())
	bits := memory.NewBufferBytes(make([]byte, n/8+1))
	data := array.NewData(arrow.FixedWidthTypes.Boolean, n, []*memory.Buffer{nil, bits}, nil, 0, 0)
	defer data.Release()
	col := array.NewBooleanData(data)
	defer col.Release()
	fields := append(slices.Clone(rec.Schema().Fields()), arrow.Field{Name: deletedColumn, Type: arrow.FixedWidthTypes.Boolean})
	return array.NewRecord(arrow.NewSchema(fields, nil), append(slices.Clone(rec.Columns()), col), int64(n))
}

// Delete adds a tombstone for a key, given as text in the order of the data set's key. A key that does not exist is no error.
func (w *Writer) Delete(ctx context.Context, key ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ended:
		return fmt.Errorf("delete from %s: the writer has ended", w.ds.Name)
	case w.deletes == nil:
		return fmt.Errorf("delete from %s: the data set is not a chain", w.ds.Name)
	case len(key) != len(w.ds.Key):
		return fmt.Errorf("delete from %s: %d key values for %v", w.ds.Name, len(key), w.ds.Key)
	}
	for i, at := range w.ds.KeyIndexes() {
		w.deletes.Text(at, key[i])
	}
	w.deletes.Bool(len(w.ds.Fields), true)
	if err := w.deletes.EndRow(); err != nil {
		return fmt.Errorf("delete from %s: %w", w.ds.Name, err)
	}
	if w.deletes.Full() {
		return w.flushDeletes(ctx)
	}
	return nil
}

func (w *Writer) flushDeletes(ctx context.Context) error {
	if w.deletes.Len() == 0 {
		return nil
	}
	rec := w.deletes.NewRecord()
	defer rec.Release()
	return w.sorter.Write(ctx, rec)
}

// Abort ends the writer without a trace. After Publish it does nothing.
func (w *Writer) Abort() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return nil
	}
	return w.end()
}

// end frees the writer and removes what lies aside.
func (w *Writer) end() error {
	w.ended = true
	defer w.claims()
	err := w.sorter.Close()
	if w.deletes != nil {
		w.deletes.Release()
	}
	return errors.Join(err, w.store.disk.remove(w.dir))
}
