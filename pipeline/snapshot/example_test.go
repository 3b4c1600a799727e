package snapshot_test

import (
	"context"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// A base, a delta with a deletion, and both states read as of their runs.
func Example() {
	err := func() error {
		ctx := context.Background()
		dir, err := os.MkdirTemp("", "store")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		store, err := snapshot.Open(dir, snapshot.Options{})
		if err != nil {
			return err
		}
		first, err := layer(ctx, store, "r000001-sync", nil, "Sales", "Service")
		if err != nil {
			return err
		}
		second, err := layer(ctx, store, "r000002-sync", &first, "Sales and Marketing")
		if err != nil {
			return err
		}
		for _, e := range []snapshot.Entry{first, second} {
			r, err := store.Read(ctx, schemas.UserRole, e, "Id", "Name")
			if err != nil {
				return err
			}
			fmt.Println(e.Rows, "rows,", e.Deleted, "deleted")
			if err := columnar.WriteCSV(ctx, os.Stdout, r); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 rows, 0 deleted
	// Id,Name
	// 00E0,Sales
	// 00E1,Service
	// 1 rows, 1 deleted
	// Id,Name
	// 00E0,Sales and Marketing
}

// layer writes roles; a delta also deletes the second role.
func layer(ctx context.Context, store *snapshot.Store, runID string, prev *snapshot.Entry, names ...string) (snapshot.Entry, error) {
	w, err := store.Create(ctx, schemas.UserRole, runID)
	if err != nil {
		return snapshot.Entry{}, err
	}
	defer w.Abort() // does nothing after Publish
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.UserRole)
	defer b.Release()
	for i, name := range names {
		b.String(0, fmt.Sprintf("00E%d", i))
		b.String(1, name)
		b.Text(3, "2026-11-23T08:00:00Z")
		if err := b.EndRow(); err != nil {
			return snapshot.Entry{}, err
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	if err := w.Write(ctx, rec); err != nil {
		return snapshot.Entry{}, err
	}
	if prev != nil {
		if err := w.Delete(ctx, "00E1"); err != nil {
			return snapshot.Entry{}, err
		}
	}
	return w.Publish(ctx, prev)
}
