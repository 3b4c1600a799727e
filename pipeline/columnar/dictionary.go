package columnar

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// dictionary numbers distinct texts in the order in which they were first seen. Its values only ever grow, so an array made of it
// stays right while more values come.
type dictionary struct {
	codes map[string]int32
	data  []byte
	offs  []int32
	last  arrow.Array // array of all values so far, nil when out of date
}

func newDictionary() *dictionary {
	return &dictionary{codes: map[string]int32{}, offs: []int32{0}}
}

func (d *dictionary) len() int { return len(d.offs) - 1 }

func (d *dictionary) code(v string) int32 {
	if c, ok := d.codes[v]; ok {
		return c
	}
	return d.add(v)
}

func (d *dictionary) add(v string) int32 {
	c := int32(d.len())
	d.data = append(d.data, v...)
	d.offs = append(d.offs, int32(len(d.data)))
	d.codes[string(d.data[len(d.data)-len(v):])] = c
	d.last = nil
	return c
}

// bytes is roughly the memory that the dictionary takes.
func (d *dictionary) bytes() int64 {
	return int64(2*cap(d.data) + 4*cap(d.offs) + 40*len(d.codes))
}

// array returns the values. They live on the Go heap, so records may share them without counting.
func (d *dictionary) array() arrow.Array {
	if d.last == nil {
		data := array.NewData(arrow.BinaryTypes.String, d.len(),
			[]*memory.Buffer{nil, memory.NewBufferBytes(asBytes(d.offs)), memory.NewBufferBytes(d.data)}, nil, 0, 0)
		d.last = array.NewStringData(data)
	}
	return d.last
}
