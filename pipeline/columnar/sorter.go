package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// Seal encrypts what a sorter writes to its scratch folder.
type Seal interface {
	// Seal returns a writer whose Close ends the encrypted stream without closing w.
	Seal(w io.Writer) (io.WriteCloser, error)
	// Unseal returns the plain bytes of a stream that Seal made.
	Unseal(r io.Reader) (io.Reader, error)
}

// DefaultSortBudget is the memory that a Sorter takes when none is given.
const DefaultSortBudget = 64 << 20

// SorterOptions tune a Sorter.
type SorterOptions struct {
	// Columns are the columns of the rows, in order; none means all.
	Columns []string
	// Key is what to sort by; none means the data set's key. Other fields may be used, nullable ones too.
	Key []string
	// KeepAll keeps all rows with equal keys, in the order written. Otherwise the last written wins.
	KeepAll bool
	// Budget is the memory for rows in bytes; 0 means DefaultSortBudget. One row must fit several times.
	Budget int64
	// Dir is the folder for what does not fit; it is made when needed. Files in it have no name, so that none outlives the process.
	Dir string
	// Seal encrypts the files in Dir; nil leaves them plain.
	Seal Seal
	// Allocator is for the sorted records; nil means the Go heap.
	Allocator memory.Allocator
}

// Sorter sorts rows by a key within a memory budget: what does not fit is written, sorted, to scratch files and merged in the end.
// Write everything, then call Sort once, or Close. It is not safe for use by several goroutines.
type Sorter struct {
	ds    *schemas.Dataset
	o     SorterOptions
	keyer *keyer
	vecs  []*vector
	chunk keyChunk // keys of the rows in vecs
	full  []chunk
	size  int64 // of the full chunks
	runs  []*run
	rows  int64

	spilled atomic.Int64
	ended   bool
}

// NewSorter returns a sorter of rows of the data set.
func NewSorter(ds *schemas.Dataset, o SorterOptions) *Sorter {
	if o.Budget <= 0 {
		o.Budget = DefaultSortBudget
	}
	if len(o.Key) == 0 {
		o.Key = ds.Key
	}
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	s := &Sorter{ds: ds, o: o, keyer: newKeyer(ds, o.Key)}
	for _, f := range Fields(ds, o.Columns...) {
		v := newVector(memory.DefaultAllocator, f)
		v.keep = math.MaxInt64 // one dictionary for all chunks, until they are spilled
		s.vecs = append(s.vecs, v)
	}
	return s
}

// Rows is the number of rows written so far.
func (s *Sorter) Rows() int64 { return s.rows }

// Spilled is the number of bytes written to the scratch folder so far.
func (s *Sorter) Spilled() int64 { return s.spilled.Load() }

// writeRows is how many rows are copied before the budget is looked at again.
const writeRows = 256

// Write adds the rows of a record, which must have the sorter's columns by name; the caller keeps the record.
func (s *Sorter) Write(ctx context.Context, rec arrow.Record) error {
	if s.ended {
		return fmt.Errorf("sort %s: write after the end", s.ds.Name)
	}
	ks, err := s.keyer.of(rec)
	if err != nil {
		return fmt.Errorf("sort %s: %w", s.ds.Name, err)
	}
	cols := make([]arrow.Array, len(s.vecs))
	for i, v := range s.vecs {
		at := rec.Schema().FieldIndices(v.field.Name)
		if len(at) == 0 {
			return fmt.Errorf("sort %s: record has no column %s", s.ds.Name, v.field.Name)
		}
		cols[i] = rec.Column(at[0])
	}
	for from := 0; from < ks.len(); from += writeRows {
		to := min(from+writeRows, ks.len())
		for i, v := range s.vecs {
			if err := v.appendRange(cols[i], from, to); err != nil {
				return fmt.Errorf("sort %s: %w", s.ds.Name, err)
			}
		}
		s.chunk.add(ks, from, to)
		s.rows += int64(to - from)
		if err := s.bound(ctx); err != nil {
			return fmt.Errorf("sort %s: %w", s.ds.Name, err)
		}
	}
	return nil
}

// bound ends the chunk when it is large, and spills when the budget for rows, five eighths of the whole, is used up. The rest is for
// what sorting and writing need.
func (s *Sorter) bound(ctx context.Context) error {
	size := s.chunk.bytes()
	for _, v := range s.vecs {
		size += v.bytes()
	}
	limit := s.o.Budget / 8 * 5
	if size >= min(chunkBytes, limit/4) || s.chunk.len() >= BatchRows {
		s.endChunk()
		size = 0
	}
	if size += s.size; size < limit {
		if size+s.dictionaries() < limit {
			return nil
		}
	}
	return s.spill(ctx)
}

func (s *Sorter) dictionaries() int64 {
	var n int64
	for _, v := range s.vecs {
		if v.dict != nil {
			n += v.dict.bytes()
		}
	}
	return n
}

// Sort ends the writing and returns the rows sorted by the key. The reader's Close frees the sorter's memory and files.
func (s *Sorter) Sort(ctx context.Context) (RecordReader, error) {
	if s.ended {
		return nil, fmt.Errorf("sort %s: sorted twice", s.ds.Name)
	}
	s.endChunk()
	if len(s.runs) == 0 {
		s.ended = true
		return s.inMemory(BatchRows, BatchBytes), nil
	}
	if err := s.spill(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sort %s: %w", s.ds.Name, err), s.Close())
	}
	for len(s.runs) > s.fanIn() {
		if err := s.mergeRuns(ctx, 0, s.fanIn()); err != nil {
			return nil, errors.Join(fmt.Errorf("sort %s: %w", s.ds.Name, err), s.Close())
		}
	}
	s.ended = true
	out, err := s.merge(s.runs)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sort %s: %w", s.ds.Name, err), s.Close())
	}
	s.runs = nil
	return out, nil
}

// Close frees the sorter's memory and files. After Sort it does nothing: the reader owns them.
func (s *Sorter) Close() error {
	s.ended = true
	var errs []error
	for _, r := range s.runs {
		errs = append(errs, r.close())
	}
	s.runs, s.full, s.chunk = nil, nil, keyChunk{}
	for _, v := range s.vecs {
		v.release()
	}
	return errors.Join(errs...)
}
