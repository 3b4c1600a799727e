package columnar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// Source is one input of a merge: a stream sorted by the key, each key once (unless MergeOptions.KeepAll).
type Source struct {
	Reader RecordReader
	// Deletes says that the stream holds keys only: rows of earlier sources with these keys are dropped.
	Deletes bool
}

// MergeOptions tune a merge; the zero value is right for most.
type MergeOptions struct {
	// Columns are the columns of the result; none means all. Sources need these and the key.
	Columns []string
	// Key is what the sources are sorted by; none means the data set's key.
	Key []string
	// KeepAll keeps rows with equal keys, those of earlier sources first. Otherwise the last source that has a key wins.
	KeepAll bool
	// BatchRows and BatchBytes bound records; 0 means the constants of the same names.
	BatchRows  int
	BatchBytes int64
	Allocator  memory.Allocator // nil means the Go heap
}

// Merge joins sorted streams into one sorted stream. Later sources are newer. It reads one record of each source at a time, and
// copies runs of rows by column; a run as long as a record is passed on without a copy. The result closes the sources.
func Merge(ds *schemas.Dataset, sources []Source, o MergeOptions) RecordReader {
	if o.BatchRows == 0 {
		o.BatchRows = BatchRows
	}
	if o.BatchBytes == 0 {
		o.BatchBytes = BatchBytes
	}
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	if len(o.Key) == 0 {
		o.Key = ds.Key
	}
	m := &merger{ds: ds, schema: Schema(ds, o.Columns...), o: o}
	for _, f := range Fields(ds, o.Columns...) {
		v := newVector(o.Allocator, f)
		v.keep, v.tables = dictionaryMax, len(sources)+1
		m.out = append(m.out, v)
	}
	for i, s := range sources {
		m.all = append(m.all, &cursor{Source: s, age: i, keyer: newKeyer(ds, o.Key)})
	}
	return m
}

// cursor is a source and its current record.
type cursor struct {
	Source
	age   int // position among the sources: higher is newer
	keyer *keyer
	cols  []int
	rec   arrow.Record
	keys  keys
	row   int
}

type merger struct {
	ds     *schemas.Dataset
	schema *arrow.Schema
	o      MergeOptions
	out    []*vector
	rows   int

	all     []*cursor
	heap    []*cursor // by key, then by who wins
	started bool
	last    []byte // the key decided last, when others may still have it
	decided bool
	err     error
}

func (m *merger) Schema() *arrow.Schema { return m.schema }

func (m *merger) Next(ctx context.Context) (_ arrow.Record, err error) {
	if m.err != nil {
		return nil, m.err
	}
	defer func() { m.err = err }()
	if !m.started {
		m.started = true
		for _, c := range m.all {
			if err := m.push(ctx, c); err != nil {
				return nil, err
			}
		}
	}
	for len(m.heap) > 0 {
		rec, err := m.step(ctx)
		if err != nil || rec != nil {
			return rec, err
		}
		if m.rows >= m.o.BatchRows || m.size() >= m.o.BatchBytes {
			return m.flush(), nil
		}
	}
	if m.rows > 0 {
		return m.flush(), nil
	}
	return nil, io.EOF
}

// step takes the next run of rows from the source that is first. It returns a record when the run itself is one, or when the rows
// gathered so far have to leave before it.
func (m *merger) step(ctx context.Context) (arrow.Record, error) {
	c := m.heap[0]
	key := c.keys.at(c.row)
	if m.decided && bytes.Equal(key, m.last) { // a newer source has spoken
		return nil, m.advance(ctx, c.row+1)
	}
	m.decided = false
	end := c.keys.len()
	if other := m.second(); other != nil {
		bound := other.keys.at(other.row)
		end = c.keys.search(c.row, bound, m.o.KeepAll && c.age < other.age)
		if end == c.row { // equal keys, and c wins
			end = c.row + 1
			m.last, m.decided = append(m.last[:0], key...), !m.o.KeepAll
		}
	}
	if c.Deletes {
		return nil, m.advance(ctx, end)
	}
	if end-c.row >= m.o.BatchRows/2 {
		if m.rows > 0 {
			m.decided = false // the run is looked at again
			return m.flush(), nil
		}
		whole := project(c.rec, m.schema, c.cols)
		defer whole.Release()
		part := whole.NewSlice(int64(c.row), int64(end))
		if err := m.advance(ctx, end); err != nil {
			part.Release()
			return nil, err
		}
		return part, nil
	}
	for i, v := range m.out {
		if err := v.appendRange(c.rec.Column(c.cols[i]), c.row, end); err != nil {
			return nil, fmt.Errorf("merge %s: %w", m.ds.Name, err)
		}
	}
	m.rows += end - c.row
	return nil, m.advance(ctx, end)
}

func (m *merger) size() int64 {
	var n int64
	for _, v := range m.out {
		n += v.bytes()
	}
	return n
}

func (m *merger) flush() arrow.Record {
	rec := newRecord(m.schema, m.out, m.rows)
	m.rows = 0
	return rec
}

// advance moves the first source to the given row, or to its next record, and restores the order.
func (m *merger) advance(ctx context.Context, row int) error {
	c := m.heap[0]
	c.row = row
	if row < c.keys.len() {
		m.sink(0)
		return nil
	}
	ok, err := m.load(ctx, c)
	if err != nil {
		return err
	}
	if !ok {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.sink(0)
	return nil
}

// load reads the source's next record; false at its end.
func (m *merger) load(ctx context.Context, c *cursor) (bool, error) {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
	rec, err := c.Reader.Next(ctx)
	if err == io.EOF {
		return false, c.Reader.Close()
	}
	if err != nil {
		return false, err
	}
	c.rec, c.row = rec, 0
	if c.keys, err = c.keyer.of(rec); err != nil {
		return false, fmt.Errorf("merge %s: %w", m.ds.Name, err)
	}
	if c.cols == nil && !c.Deletes {
		for _, f := range m.schema.Fields() {
			at := rec.Schema().FieldIndices(f.Name)
			if len(at) == 0 {
				return false, fmt.Errorf("merge %s: record has no column %s", m.ds.Name, f.Name)
			}
			c.cols = append(c.cols, at[0])
		}
	}
	return true, nil
}

func (m *merger) push(ctx context.Context, c *cursor) error {
	ok, err := m.load(ctx, c)
	if err != nil || !ok {
		return err
	}
	m.heap = append(m.heap, c)
	for i := len(m.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !m.before(m.heap[i], m.heap[up]) {
			break
		}
		m.heap[i], m.heap[up] = m.heap[up], m.heap[i]
		i = up
	}
	return nil
}

// before reports whether a's row comes before b's: the smaller key, of equal keys the newer source, or with KeepAll the older.
func (m *merger) before(a, b *cursor) bool {
	if c := bytes.Compare(a.keys.at(a.row), b.keys.at(b.row)); c != 0 {
		return c < 0
	}
	return (a.age > b.age) != m.o.KeepAll
}

func (m *merger) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heap); child++ {
			if m.before(m.heap[child], m.heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}

// second returns the source that comes after the first, or nil.
func (m *merger) second() *cursor {
	switch {
	case len(m.heap) < 2:
		return nil
	case len(m.heap) > 2 && m.before(m.heap[2], m.heap[1]):
		return m.heap[2]
	default:
		return m.heap[1]
	}
}

func (m *merger) Close() error {
	var errs []error
	for _, c := range m.all {
		if c.rec != nil {
			c.rec.Release()
			c.rec = nil
		}
		errs = append(errs, c.Reader.Close())
	}
	m.all, m.heap = nil, nil
	for _, v := range m.out {
		v.release()
	}
	m.rows = 0
	if m.err == nil {
		m.err = io.EOF
	}
	return errors.Join(errs...)
}
