package columnar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/crmsync/crmsync/schemas"
)

// Common counts, for each of the others, how many of its keys the first stream has too. All are sorted by the data set's key, each
// key once; none is read further than needed. It closes all of them.
func Common(ctx context.Context, ds *schemas.Dataset, first RecordReader, others ...RecordReader) (counts []int64, err error) {
	m := &merger{ds: ds, schema: Schema(ds, ds.Key...)}
	open := func(r RecordReader) *cursor {
		return &cursor{Source: Source{Reader: r, Deletes: true}, keyer: newKeyer(ds, ds.Key)}
	}
	all := []*cursor{open(first)}
	for _, r := range others {
		all = append(all, open(r))
	}
	defer func() {
		for _, c := range all {
			if c.rec != nil {
				c.rec.Release()
			}
			err = errors.Join(err, c.Reader.Close())
		}
	}()
	base, ok := all[0], false
	if ok, err = m.load(ctx, base); err != nil || !ok {
		return make([]int64, len(others)), err
	}
	counts = make([]int64, len(others))
	for i := range others {
		if err := m.push(ctx, all[i+1]); err != nil {
			return nil, fmt.Errorf("compare keys: %w", err)
		}
		all[i+1].age = i
	}
	for len(m.heap) > 0 {
		c := m.heap[0]
		key := c.keys.at(c.row)
		at := base.keys.search(base.row, key, false)
		if base.row = at; at == base.keys.len() {
			if ok, err = m.load(ctx, base); err != nil || !ok {
				return counts, err
			}
			continue
		}
		if bytes.Equal(base.keys.at(at), key) {
			counts[c.age]++
		}
		if err := m.advance(ctx, c.row+1); err != nil {
			return nil, fmt.Errorf("compare keys: %w", err)
		}
	}
	return counts, nil
}

// Count reads a stream to its end, closes it, and returns the number of its rows.
func Count(ctx context.Context, r RecordReader) (n int64, err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		rec, err := r.Next(ctx)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += rec.NumRows()
		rec.Release()
	}
}
