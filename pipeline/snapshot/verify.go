package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Verify reads every file of an entry and checks size, SHA-256, and number of rows. It returns all errors, each naming its file.
func (s *Store) Verify(ctx context.Context, ds *schemas.Dataset, e Entry) error {
	if err := checkEntry(ds, e); err != nil {
		return err
	}
	var errs []error
	for _, l := range e.Layers {
		for _, f := range l.Files {
			if err := s.verifyFile(ctx, ds, f); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (s *Store) verifyFile(ctx context.Context, ds *schemas.Dataset, f File) error {
	columns := ds.Key
	r, err := s.openFile(ctx, ds, f, columnar.ReaderOptions{Columns: columns, Allocator: s.o.Allocator})
	if err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	file, err := os.Open(s.Path(f))
	if err != nil {
		return fmt.Errorf("verify snapshot: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader{ctx, file}); err != nil {
		return fmt.Errorf("verify snapshot %s: %w", s.Path(f), err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("verify snapshot %s: SHA-256 is %s, its entry says %s: %w", s.Path(f), got, f.SHA256, ErrCorrupt)
	}
	return nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// Export writes the data set as the entry describes it, merged and decrypted, as one Parquet file.
func (s *Store) Export(ctx context.Context, ds *schemas.Dataset, e Entry, w io.Writer) error {
	r, err := s.Read(ctx, ds, e)
	if err != nil {
		return fmt.Errorf("export %s: %w", ds.Name, err)
	}
	out := columnar.NewWriter(w, ds, columnar.WriterOptions{})
	if err := columnar.Each(ctx, r, func(rec arrow.Record) error { return out.Write(rec) }); err != nil {
		return fmt.Errorf("export %s: %w", ds.Name, err)
	}
	return out.Close()
}
