package columnar

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// layout is how a column's values lie in memory.
type layout uint8

const (
	layoutText  layout = iota // offsets and bytes
	layoutCoded               // int32 codes into a dictionary
	layoutBits                // one bit a value
	layoutFour                // date32
	layoutEight               // int64, float64, timestamp
)

// vector is a column in the making: it takes single values, and ranges of finished columns.
type vector struct {
	field  schemas.Field
	typ    arrow.DataType
	layout layout

	rows, nulls int
	valid       buffer // unused until the first null
	data        buffer // bytes of text, codes, bits or numbers
	offs        buffer // ends of texts, without the leading 0

	dict    *dictionary
	keep    int64                       // size up to which the dictionary outlives finish
	recodes map[arrow.ArrayData][]int32 // codes of other dictionaries in ours, -1 where not yet met
	tables  int                         // how many dictionaries to keep such tables for; they stay in memory
}

func newVector(mem memory.Allocator, f schemas.Field) *vector {
	v := &vector{field: f, typ: arrowType(f), valid: buffer{mem: mem}, data: buffer{mem: mem}, offs: buffer{mem: mem}}
	switch v.typ.ID() {
	case arrow.STRING:
		v.layout = layoutText
	case arrow.DICTIONARY:
		v.layout = layoutCoded
		v.dict = newDictionary()
	case arrow.BOOL:
		v.layout = layoutBits
	case arrow.DATE32:
		v.layout = layoutFour
	default:
		v.layout = layoutEight
	}
	return v
}

// bytes is the size of what the vector holds, its dictionary apart.
func (v *vector) bytes() int64 { return int64(v.valid.n + v.data.n + v.offs.n) }

// mark records whether the next n rows are valid; the caller has not counted them yet.
func (v *vector) mark(n int, valid bool) {
	if valid && v.valid.n == 0 {
		v.rows += n
		return
	}
	if v.valid.n == 0 { // the first null: all rows so far were valid
		fill := v.valid.extend(int(bitutil.BytesForBits(int64(v.rows))))
		for i := range fill {
			fill[i] = 0xff
		}
	}
	v.growBits(&v.valid, n)
	bitutil.SetBitsTo(v.valid.b, int64(v.rows), int64(n), valid)
	v.rows += n
	if !valid {
		v.nulls += n
	}
}

func (v *vector) growBits(b *buffer, n int) {
	if want := int(bitutil.BytesForBits(int64(v.rows + n))); want > b.n {
		clear(b.extend(want - b.n))
	}
}

func (v *vector) appendNulls(n int) {
	switch v.layout {
	case layoutText:
		end := uint32(v.data.n)
		to := v.offs.extend(4 * n)
		for i := range n {
			binary.LittleEndian.PutUint32(to[4*i:], end)
		}
	case layoutCoded, layoutFour:
		clear(v.data.extend(4 * n))
	case layoutBits:
		v.growBits(&v.data, n)
	case layoutEight:
		clear(v.data.extend(8 * n))
	}
	v.mark(n, false)
}

func (v *vector) appendText(s string) {
	if v.layout == layoutCoded {
		v.appendFour(uint32(v.dict.code(s)))
		return
	}
	copy(v.data.extend(len(s)), s)
	binary.LittleEndian.PutUint32(v.offs.extend(4), uint32(v.data.n))
	v.mark(1, true)
}

func (v *vector) appendFour(x uint32) {
	binary.LittleEndian.PutUint32(v.data.extend(4), x)
	v.mark(1, true)
}

func (v *vector) appendEight(x uint64) {
	binary.LittleEndian.PutUint64(v.data.extend(8), x)
	v.mark(1, true)
}

func (v *vector) appendBool(x bool) {
	v.growBits(&v.data, 1)
	bitutil.SetBitTo(v.data.b, v.rows, x)
	v.mark(1, true)
}

// truncate drops the rows from n on.
func (v *vector) truncate(n int) {
	if n >= v.rows {
		return
	}
	if v.valid.n > 0 {
		v.nulls = n - bitutil.CountSetBits(v.valid.b, 0, n)
		v.valid.n = int(bitutil.BytesForBits(int64(n)))
	}
	switch v.layout {
	case layoutText:
		v.offs.n = 4 * n
		v.data.n = 0
		if n > 0 {
			v.data.n = int(binary.LittleEndian.Uint32(v.offs.b[4*n-4:]))
		}
	case layoutCoded, layoutFour:
		v.data.n = 4 * n
	case layoutBits:
		v.data.n = int(bitutil.BytesForBits(int64(n)))
	case layoutEight:
		v.data.n = 8 * n
	}
	v.rows = n
}

// finish returns the column and starts anew.
func (v *vector) finish() arrow.Array {
	var valid *memory.Buffer
	if v.valid.n > 0 {
		valid = v.valid.finish()
	}
	var out arrow.Array
	switch v.layout {
	case layoutText:
		ends := int32s(v.offs.b[:v.offs.n])
		offs := buffer{mem: v.offs.mem}
		to := int32s(offs.extend(4 * (len(ends) + 1)))
		to[0] = 0
		copy(to[1:], ends)
		v.offs.hint = v.offs.n
		v.offs.release()
		out = v.array([]*memory.Buffer{valid, offs.finish(), v.data.finish()}, nil)
	case layoutCoded:
		out = v.array([]*memory.Buffer{valid, v.data.finish()}, v.dict)
		if v.keep == 0 || v.dict.bytes() > v.keep {
			v.forget()
		}
	default:
		out = v.array([]*memory.Buffer{valid, v.data.finish()}, nil)
	}
	v.rows, v.nulls = 0, 0
	return out
}

// forget begins a new dictionary.
func (v *vector) forget() { v.dict, v.recodes = newDictionary(), nil }

// recode returns the table that turns codes of another dictionary into ours.
func (v *vector) recode(d arrow.ArrayData, n int) []int32 {
	if t, ok := v.recodes[d]; ok {
		return t
	}
	if v.recodes == nil || len(v.recodes) >= max(v.tables, 1) {
		v.recodes = map[arrow.ArrayData][]int32{}
	}
	t := make([]int32, n)
	for i := range t {
		t[i] = -1
	}
	v.recodes[d] = t
	return t
}

func (v *vector) array(buffers []*memory.Buffer, dict *dictionary) arrow.Array {
	var data *array.Data
	if dict != nil {
		data = array.NewDataWithDictionary(v.typ, v.rows, buffers, v.nulls, 0, dict.array().Data().(*array.Data))
	} else {
		data = array.NewData(v.typ, v.rows, buffers, nil, v.nulls, 0)
	}
	for _, b := range buffers {
		if b != nil {
			b.Release() // the data holds its own reference
		}
	}
	defer data.Release()
	return array.MakeFromData(data)
}

func (v *vector) release() {
	v.valid.release()
	v.data.release()
	v.offs.release()
	v.rows, v.nulls = 0, 0
}

// fits returns an error when n more bytes of text would pass what one column of a record can hold.
func (v *vector) fits(n int) error {
	if v.layout == layoutText && v.data.n+n > maxText {
		return fmt.Errorf("column %s: more than %d bytes of text in one record", v.field.Name, math.MaxInt32)
	}
	return nil
}
