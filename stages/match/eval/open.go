package eval

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// OpenTruth reads a truth file, Parquet when its name ends in .parquet, otherwise CSV.
func OpenTruth(path string) (truth Truth, err error) {
	err = open(path, func(in rows) error {
		truth, err = readTruth(in)
		return err
	})
	return truth, err
}

// OpenLinks reads a file of links (see ReadLinks), Parquet when its name ends in .parquet, otherwise CSV.
func OpenLinks(path string) (links *Links, err error) {
	err = open(path, func(in rows) error {
		links, err = readLinks(in)
		return err
	})
	return links, err
}

func open(path string, read func(rows) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := csvRows(f)
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		in = parquetRows(f, info.Size())
	}
	if err := read(in); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// parquetRows reads the rows of a flat Parquet file as text.
func parquetRows(r io.ReaderAt, size int64) rows {
	return func(header func([]string), row func([]string) error) (err error) {
		file, err := parquet.OpenFile(r, size)
		if err != nil {
			return fmt.Errorf("not a Parquet file: %w", err)
		}
		var names []string
		for _, path := range file.Schema().Columns() {
			leaf, ok := file.Schema().Lookup(path...)
			if !ok || len(path) > 1 || leaf.Node.Repeated() {
				return fmt.Errorf("column %s is not flat", strings.Join(path, "."))
			}
			names = append(names, path[0])
		}
		header(names)
		at := 0
		rec, buf := make([]string, len(names)), make([]parquet.Row, 256)
		for _, group := range file.RowGroups() {
			if err := groupRows(group, buf, func(values parquet.Row) error {
				at++
				clear(rec)
				for _, v := range values {
					if !v.IsNull() {
						rec[v.Column()] = strings.TrimSpace(v.String())
					}
				}
				if err := row(rec); err != nil {
					return fmt.Errorf("row %d: %w", at, err)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}
}

func groupRows(group parquet.RowGroup, buf []parquet.Row, fn func(parquet.Row) error) (err error) {
	in := group.Rows()
	defer func() { err = errors.Join(err, in.Close()) }()
	for {
		n, err := in.ReadRows(buf)
		for _, r := range buf[:n] {
			if err := fn(r); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
