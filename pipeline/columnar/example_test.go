package columnar_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Rows become a record, the record a Parquet file, and the file a stream of chosen columns.
func Example() {
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.UserRole)
	defer b.Release()
	for _, name := range []string{"Sales", "Sales Europe"} {
		b.String(0, fmt.Sprintf("00E%015d", b.Len()))
		b.String(1, name)
		b.Text(3, "2026-11-23T08:00:00Z")
		if err := b.EndRow(); err != nil {
			fmt.Println(err)
			return
		}
	}
	rec := b.NewRecord()
	defer rec.Release()

	var file bytes.Buffer
	w := columnar.NewWriter(&file, schemas.UserRole, columnar.WriterOptions{})
	if err := w.Write(rec); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}

	r, err := columnar.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), schemas.UserRole,
		columnar.ReaderOptions{Columns: []string{"Name", "ParentRoleId"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = columnar.Each(context.Background(), r, func(rec arrow.Record) error {
		name, parent := columnar.Strings(rec, "Name"), columnar.Strings(rec, "ParentRoleId")
		for i := range name.Len() {
			fmt.Println(name.Value(i), parent.IsNull(i))
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// Sales true
	// Sales Europe true
	// <nil>
}

// A sorter takes rows in any order; of rows with the same key the last stays.
func ExampleSorter() {
	ctx := context.Background()
	s := columnar.NewSorter(schemas.Settings, columnar.SorterOptions{Budget: 1 << 20, Dir: os.TempDir()})
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.Settings)
	defer b.Release()
	for _, kv := range [][2]string{{"b", "1"}, {"a", "2"}, {"b", "3"}} {
		b.String(0, kv[0])
		b.String(1, kv[1])
		if err := b.EndRow(); err != nil {
			fmt.Println(err)
			return
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	if err := s.Write(ctx, rec); err != nil {
		fmt.Println(err)
		return
	}
	sorted, err := s.Sort(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(columnar.WriteCSV(ctx, os.Stdout, sorted))
	// Output:
	// key,value
	// a,2
	// b,3
	// <nil>
}
