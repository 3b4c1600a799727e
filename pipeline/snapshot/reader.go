package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Read streams the named columns (none: all) of a data set as the entry describes it: merged over its layers, the newest row of each
// key, without the deleted ones, sorted by key. All files are opened at once, so later sweeping does not disturb the reader.
func (s *Store) Read(ctx context.Context, ds *schemas.Dataset, e Entry, columns ...string) (columnar.RecordReader, error) {
	if err := checkEntry(ds, e); err != nil {
		return nil, err
	}
	if len(e.Layers) == 1 {
		return s.readFiles(ctx, ds, e.Layers[0].files(Rows), 0, columns...)
	}
	var sources []columnar.Source
	undo := func(err error) error {
		for _, src := range sources {
			err = errors.Join(err, src.Reader.Close())
		}
		return err
	}
	with := withKey(ds, columns)
	rows := max(2*columnar.BatchRows/len(e.Layers), 1024) // one record of each layer is in memory
	for _, l := range e.Layers {
		for _, kind := range []string{Rows, Tombstones} {
			files := l.files(kind)
			if len(files) == 0 {
				continue
			}
			cols := with
			if kind == Tombstones {
				cols = ds.Key
			}
			r, err := s.readFiles(ctx, ds, files, min(rows, columnar.BatchRows), cols...)
			if err != nil {
				return nil, undo(err)
			}
			sources = append(sources, columnar.Source{Reader: r, Deletes: kind == Tombstones})
		}
	}
	return columnar.Merge(ds, sources, columnar.MergeOptions{Columns: columns, Allocator: s.o.Allocator}), nil
}

// ReadChanges streams the rows of the entry's last layer only.
func (s *Store) ReadChanges(ctx context.Context, ds *schemas.Dataset, e Entry, columns ...string) (columnar.RecordReader, error) {
	if err := checkEntry(ds, e); err != nil {
		return nil, err
	}
	return s.readFiles(ctx, ds, e.Layers[len(e.Layers)-1].files(Rows), 0, columns...)
}

// ReadDeleted streams the keys that the entry's last layer deleted.
func (s *Store) ReadDeleted(ctx context.Context, ds *schemas.Dataset, e Entry) (columnar.RecordReader, error) {
	if err := checkEntry(ds, e); err != nil {
		return nil, err
	}
	return s.readFiles(ctx, ds, e.Layers[len(e.Layers)-1].files(Tombstones), 0, ds.Key...)
}

func checkEntry(ds *schemas.Dataset, e Entry) error {
	if e.Dataset != ds.Name {
		return fmt.Errorf("entry is of data set %s, not %s", e.Dataset, ds.Name)
	}
	if len(e.Layers) == 0 || e.Layers[0].Kind != Base {
		return fmt.Errorf("entry of %s has no base: %w", ds.Name, ErrSnapshotIncomplete)
	}
	return nil
}

// withKey adds the key to the columns; nil, all columns, has it.
func withKey(ds *schemas.Dataset, columns []string) []string {
	if len(columns) == 0 {
		return nil
	}
	out := slices.Clone(columns)
	for _, k := range ds.Key {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// readFiles streams the parts of a layer, one after the other. batch is the number of rows of a record; 0 means the usual.
func (s *Store) readFiles(ctx context.Context, ds *schemas.Dataset, files []File, batch int, columns ...string) (columnar.RecordReader, error) {
	var readers []columnar.RecordReader
	for _, f := range files {
		r, err := s.openFile(ctx, ds, f, columnar.ReaderOptions{Columns: columns, BatchRows: batch, Allocator: s.o.Allocator})
		if err != nil {
			for _, r := range readers {
				err = errors.Join(err, r.Close())
			}
			return nil, err
		}
		readers = append(readers, r)
	}
	schema := columnar.Schema(ds, columns...)
	if len(readers) == 0 {
		return columnar.FromRecords(schema), nil
	}
	return columnar.Concat(schema, readers...), nil
}

func (s *Store) openFile(ctx context.Context, ds *schemas.Dataset, f File, o columnar.ReaderOptions) (columnar.RecordReader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, plain, size, err := s.openPlain(f)
	if err != nil {
		return nil, err
	}
	o.Closer = file
	r, err := columnar.NewReader(plain, size, ds, o)
	if err == nil && r.Rows() != f.Rows {
		err = fmt.Errorf("file has %d rows, its entry says %d: %w", r.Rows(), f.Rows, ErrCorrupt)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("snapshot %s: %w", s.Path(f), err), file.Close())
	}
	return named{r, s.Path(f)}, nil
}

// openPlain opens a file and checks that it is there and has the size that its entry says.
func (s *Store) openPlain(f File) (*os.File, io.ReaderAt, int64, error) {
	path := s.Path(f)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, 0, fmt.Errorf("snapshot %s: file is missing: %w", path, ErrSnapshotIncomplete)
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("open snapshot: %w", err)
	}
	fail := func(err error) (*os.File, io.ReaderAt, int64, error) {
		return nil, nil, 0, errors.Join(fmt.Errorf("snapshot %s: %w", path, err), file.Close())
	}
	info, err := file.Stat()
	if err != nil {
		return fail(err)
	}
	if info.Size() != f.Bytes {
		return fail(fmt.Errorf("file has %d bytes, its entry says %d: %w", info.Size(), f.Bytes, ErrCorrupt))
	}
	if !strings.HasSuffix(f.Path, sealedSuffix) {
		return file, file, f.Bytes, nil
	}
	plain, size, err := s.unseal(file, f.Bytes)
	if err != nil {
		return fail(err)
	}
	return file, plain, size, nil
}
