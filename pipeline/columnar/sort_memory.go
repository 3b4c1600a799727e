package columnar

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// chunkBytes is about how large a chunk of a sorter's memory becomes.
const chunkBytes = 1 << 20

// keyChunk holds the encoded keys of a chunk's rows.
type keyChunk struct {
	data []byte
	ends []uint32
}

func (k *keyChunk) len() int     { return len(k.ends) }
func (k *keyChunk) bytes() int64 { return int64(cap(k.data) + 4*cap(k.ends)) }

func (k *keyChunk) at(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = k.ends[i-1]
	}
	return k.data[from:k.ends[i]]
}

func (k *keyChunk) add(ks keys, from, to int) {
	shift := uint32(len(k.data)) - uint32(ks.offs[from])
	k.data = append(k.data, ks.data[ks.offs[from]:ks.offs[to]]...)
	for _, end := range ks.offs[from+1 : to+1] {
		k.ends = append(k.ends, uint32(end)+shift)
	}
}

// segment is a column of a chunk: the raw buffers of a vector.
type segment struct {
	valid []byte // empty: all valid
	data  []byte
	ends  []int32 // of texts
}

// chunk is a part of the rows in memory, in the order written.
type chunk struct {
	keys keyChunk
	cols []segment
}

// entryBytes is what sorting takes beside each row.
const entryBytes = 16

func (s *Sorter) endChunk() {
	if s.chunk.len() == 0 {
		return
	}
	c := chunk{keys: keyChunk{data: slices.Clip(slices.Clone(s.chunk.data)), ends: slices.Clip(slices.Clone(s.chunk.ends))}}
	size := c.keys.bytes() + int64(entryBytes*c.keys.len())
	for _, v := range s.vecs {
		seg := segment{data: v.data.take()}
		if v.valid.n > 0 {
			seg.valid = v.valid.take()
		}
		if v.layout == layoutText {
			seg.ends = int32s(v.offs.take())
		}
		v.rows, v.nulls = 0, 0
		size += int64(cap(seg.data) + cap(seg.valid) + 4*cap(seg.ends))
		c.cols = append(c.cols, seg)
	}
	s.full = append(s.full, c)
	s.size += size
	s.chunk.data, s.chunk.ends = s.chunk.data[:0], s.chunk.ends[:0]
}

// entry stands for a row while sorting: the first bytes of its key that tell rows apart, and where it is.
type entry struct {
	prefix uint64
	chunk  uint32
	row    uint32
}

// sorted returns an entry for each row in memory, in the order of their keys. Of rows with equal keys only the last stays, unless all
// are kept.
func (s *Sorter) sorted() []entry {
	n := 0
	for i := range s.full {
		n += s.full[i].keys.len()
	}
	entries := make([]entry, 0, n)
	skip := s.commonPrefix()
	inOrder := true
	for c := range s.full {
		ks := &s.full[c].keys
		for r := range ks.len() {
			e := entry{prefix: prefix(ks.at(r)[skip:]), chunk: uint32(c), row: uint32(r)}
			if inOrder && len(entries) > 0 && s.compare(entries[len(entries)-1], e) > 0 {
				inOrder = false
			}
			entries = append(entries, e)
		}
	}
	if !inOrder {
		slices.SortFunc(entries, func(a, b entry) int {
			if c := s.compare(a, b); c != 0 {
				return c
			}
			return cmp.Or(cmp.Compare(a.chunk, b.chunk), cmp.Compare(a.row, b.row))
		})
	}
	if s.o.KeepAll {
		return entries
	}
	kept := entries[:0]
	for i, e := range entries {
		if i+1 == len(entries) || s.compare(e, entries[i+1]) != 0 {
			kept = append(kept, e)
		}
	}
	return kept
}

func (s *Sorter) compare(a, b entry) int {
	if c := cmp.Compare(a.prefix, b.prefix); c != 0 {
		return c
	}
	return bytes.Compare(s.full[a.chunk].keys.at(int(a.row)), s.full[b.chunk].keys.at(int(b.row)))
}

// commonPrefix is the number of bytes with which all keys begin: the ids of an object share their first letters.
func (s *Sorter) commonPrefix() int {
	if len(s.full) == 0 {
		return 0
	}
	first := s.full[0].keys.at(0)
	n := len(first)
	for c := range s.full {
		ks := &s.full[c].keys
		for r := range ks.len() {
			k := ks.at(r)
			n = min(n, len(k))
			for !bytes.Equal(k[:n], first[:n]) {
				n--
			}
		}
	}
	return n
}

func prefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var x uint64
	for i, c := range b {
		x |= uint64(c) << (56 - 8*i)
	}
	return x
}

// inMemory streams the rows in memory, sorted.
func (s *Sorter) inMemory(rows int, size int64) RecordReader {
	r := &memoryReader{schema: Schema(s.ds, s.o.Columns...), chunks: s.full, entries: s.sorted(), rows: rows, size: size}
	for _, v := range s.vecs {
		out := newVector(s.o.Allocator, v.field)
		if v.dict != nil {
			out.dict, out.keep = v.dict, math.MaxInt64
		}
		r.out = append(r.out, out)
	}
	return r
}

// memoryReader streams sorted rows by gathering them from their chunks, column by column.
type memoryReader struct {
	schema  *arrow.Schema
	chunks  []chunk
	entries []entry
	out     []*vector
	rows    int
	size    int64
}

func (r *memoryReader) Schema() *arrow.Schema { return r.schema }

func (r *memoryReader) Next(ctx context.Context) (arrow.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.entries) == 0 {
		return nil, io.EOF
	}
	n, size := 0, int64(0)
	for len(r.entries) > 0 && n < r.rows && size < r.size {
		some := r.entries[:min(writeRows, len(r.entries), r.rows-n)]
		size = 0
		for i, v := range r.out {
			v.gather(r.chunks, i, some)
			size += v.bytes()
		}
		n += len(some)
		r.entries = r.entries[len(some):]
	}
	return newRecord(r.schema, r.out, n), nil
}

func (r *memoryReader) Close() error {
	for _, v := range r.out {
		v.release()
	}
	r.chunks, r.entries, r.out = nil, nil, nil
	return nil
}

// gather appends rows of column i wherever they lie.
func (v *vector) gather(chunks []chunk, i int, entries []entry) {
	for _, e := range entries {
		seg, row := &chunks[e.chunk].cols[i], int(e.row)
		if len(seg.valid) > 0 && !bitutil.BitIsSet(seg.valid, row) {
			v.appendNulls(1)
			continue
		}
		switch v.layout {
		case layoutText:
			from := int32(0)
			if row > 0 {
				from = seg.ends[row-1]
			}
			v.appendText(bytesAsString(seg.data[from:seg.ends[row]]))
		case layoutBits:
			v.appendBool(bitutil.BitIsSet(seg.data, row))
		case layoutCoded, layoutFour:
			v.appendFour(binary.LittleEndian.Uint32(seg.data[4*row:]))
		case layoutEight:
			v.appendEight(binary.LittleEndian.Uint64(seg.data[8*row:]))
		}
	}
}
