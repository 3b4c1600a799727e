package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
)

// openParquet reads a table from a Parquet file, a row group after the other.
func openParquet(ctx context.Context, path, id string, columns map[schemas.Role][]string, o Options) (t *Table, err error) {
	// The library panics on some damaged files.
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("%w: the Parquet file is damaged: %v", ErrInput, r)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%w: not a Parquet file: %w", ErrInput, err)
	}
	var header []string
	for _, path := range file.Schema().Columns() {
		header = append(header, strings.Join(path, "."))
	}
	l, err := newLayout(header, id, columns)
	if err != nil {
		return nil, err
	}
	m, by := newMerger(l), make(reader, len(l.roles))
	for _, group := range file.RowGroups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := l.readGroup(group, m.ids.Len(), by)
		if err != nil {
			return nil, err
		}
		if err := m.add(p); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(p.ids.Len())
		}
	}
	return m.table()
}

// readGroup reads the wanted columns of a row group. Rows take the place of lines in errors, counted from 1.
func (l layout) readGroup(group parquet.RowGroup, before int, by reader) (*parsed, error) {
	out := &parsed{}
	l.begin(out, by, before+1, int(group.NumRows()))
	texts := map[int][]string{}
	want := func(field int) error {
		if texts[field] != nil {
			return nil
		}
		list, err := readChunk(group.ColumnChunks()[field], int(group.NumRows()))
		texts[field] = list
		return err
	}
	if err := want(l.id); err != nil {
		return nil, err
	}
	for row, id := range texts[l.id] {
		if id == "" {
			return nil, fmt.Errorf("%w: row %d has no id", ErrInput, before+row+1)
		}
		out.ids.Add(id)
		out.hashes = append(out.hashes, xxh3.HashString(id))
		out.lines = append(out.lines, int32(row))
	}
	for i, fields := range l.at {
		c := &out.columns[i]
		for _, f := range fields {
			if err := want(f); err != nil {
				return nil, err
			}
		}
		rec, at := make([]string, len(fields)), make([]int, len(fields))
		for k := range at {
			at[k] = k
		}
		for row := range out.ids.Len() {
			for k, f := range fields {
				rec[k] = texts[f][row]
			}
			c.codes = append(c.codes, c.by.dict.Code(value(rec, at)))
		}
	}
	out.end()
	return out, nil
}

// readChunk reads a column as text, one value a row; null is "". Lists are refused.
func readChunk(chunk parquet.ColumnChunk, rows int) (list []string, err error) {
	text, pages := textOf(chunk.Type()), chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	list = make([]string, 0, rows)
	buf := make([]parquet.Value, 1024)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInput, err)
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(buf)
			for _, v := range buf[:n] {
				list = append(list, strings.TrimSpace(text(v)))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				parquet.Release(page)
				return nil, fmt.Errorf("%w: %w", ErrInput, err)
			}
		}
		parquet.Release(page)
	}
	if len(list) != rows {
		return nil, fmt.Errorf("%w: a column has %d values for %d rows: lists cannot be compared", ErrInput, len(list), rows)
	}
	return list, nil
}
