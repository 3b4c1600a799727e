package columnar

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// The size of a record as streams make them: whichever is reached first. One row may be larger than BatchBytes.
const (
	BatchRows  = 8192
	BatchBytes = 8 << 20
)

// RecordReader is a stream of records with one schema. It is read by one goroutine at a time.
type RecordReader interface {
	Schema() *arrow.Schema
	// Next returns the next record, which the caller releases, or io.EOF at the end. Records have at least one row.
	Next(ctx context.Context) (arrow.Record, error)
	// Close frees the stream's files and memory; records already handed out stay valid. Closing twice is harmless.
	Close() error
}

// Each calls fn for every record of a reader, releasing them, and closes the reader. An error of fn ends it.
func Each(ctx context.Context, r RecordReader, fn func(arrow.Record) error) (err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := r.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = fn(rec)
		rec.Release()
		if err != nil {
			return err
		}
	}
}

// FromRecords streams records that are in memory; it takes over the caller's references.
func FromRecords(schema *arrow.Schema, recs ...arrow.Record) RecordReader {
	return &recordSlice{schema: schema, recs: recs}
}

type recordSlice struct {
	schema *arrow.Schema
	recs   []arrow.Record
}

func (s *recordSlice) Schema() *arrow.Schema { return s.schema }

func (s *recordSlice) Next(ctx context.Context) (arrow.Record, error) {
	for len(s.recs) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec := s.recs[0]
		s.recs = s.recs[1:]
		if rec.NumRows() > 0 {
			return rec, nil
		}
		rec.Release()
	}
	return nil, io.EOF
}

func (s *recordSlice) Close() error {
	for _, rec := range s.recs {
		rec.Release()
	}
	s.recs = nil
	return nil
}

// Concat streams readers of one schema, one after the other, and closes them.
func Concat(schema *arrow.Schema, readers ...RecordReader) RecordReader {
	if len(readers) == 1 {
		return readers[0]
	}
	return &concat{schema: schema, readers: readers}
}

type concat struct {
	schema  *arrow.Schema
	readers []RecordReader
}

func (c *concat) Schema() *arrow.Schema { return c.schema }

func (c *concat) Next(ctx context.Context) (arrow.Record, error) {
	for len(c.readers) > 0 {
		rec, err := c.readers[0].Next(ctx)
		if err != io.EOF {
			return rec, err
		}
		if err := c.readers[0].Close(); err != nil {
			return nil, err
		}
		c.readers = c.readers[1:]
	}
	return nil, io.EOF
}

func (c *concat) Close() error {
	var errs []error
	for _, r := range c.readers {
		errs = append(errs, r.Close())
	}
	c.readers = nil
	return errors.Join(errs...)
}

// project returns the record with the given columns only; the caller releases it.
func project(rec arrow.Record, schema *arrow.Schema, at []int) arrow.Record {
	cols := make([]arrow.Array, len(at))
	for i, c := range at {
		cols[i] = rec.Column(c)
	}
	return array.NewRecord(schema, cols, rec.NumRows())
}
