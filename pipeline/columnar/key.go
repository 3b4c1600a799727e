package columnar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/crmsync/crmsync/schemas"
)

// keys are the encoded keys of one record's rows: byte strings that compare as the rows do. A key of one required text column is
// the text itself and is not copied; all others are encoded.
type keys struct {
	data []byte
	offs []int32 // rows+1
}

func (k *keys) len() int        { return len(k.offs) - 1 }
func (k *keys) at(i int) []byte { return k.data[k.offs[i]:k.offs[i+1]] }

// search returns the first row in [from, len) whose key is not below the bound (above it, when past is set), by galloping: rows
// near from are found in few steps.
func (k *keys) search(from int, bound []byte, past bool) int {
	below := func(i int) bool {
		c := bytes.Compare(k.at(i), bound)
		return c < 0 || past && c == 0
	}
	n, step := k.len(), 1
	low := from
	for low+step <= n && below(low+step-1) {
		low += step
		step *= 2
	}
	high := min(low+step-1, n)
	for low < high {
		if mid := (low + high) / 2; below(mid) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// keyer finds and encodes the key columns of records.
type keyer struct {
	fields []schemas.Field
	data   []byte
	offs   []int32
}

func newKeyer(ds *schemas.Dataset, key []string) *keyer {
	return &keyer{fields: Fields(ds, key...)}
}

// plain reports whether keys are the bytes of one text column.
func (k *keyer) plain() bool {
	f := k.fields[0]
	return len(k.fields) == 1 && !f.Nullable() && (f.Type == schemas.String || f.Type == schemas.JSON)
}

// of returns the keys of a record; they are valid until the next call and while the record is held.
func (k *keyer) of(rec arrow.Record) (keys, error) {
	cols := make([]arrow.Array, len(k.fields))
	for i, f := range k.fields {
		at := rec.Schema().FieldIndices(f.Name)
		if len(at) == 0 {
			return keys{}, fmt.Errorf("record has no key column %s", f.Name)
		}
		cols[i] = rec.Column(at[0])
		if cols[i].NullN() > 0 && !f.Nullable() {
			return keys{}, fmt.Errorf("key column %s has %d nulls", f.Name, cols[i].NullN())
		}
	}
	rows := int(rec.NumRows())
	if a, ok := cols[0].(*array.String); ok && k.plain() {
		base := a.Data().Offset()
		offs := int32s(a.Data().Buffers()[1].Bytes())[base : base+rows+1]
		return keys{data: a.Data().Buffers()[2].Bytes(), offs: offs}, nil
	}
	k.data, k.offs = k.data[:0], append(k.offs[:0], 0)
	plain := k.plain()
	for row := range rows {
		for i, f := range k.fields {
			if err := k.encode(cols[i], f, row, plain); err != nil {
				return keys{}, err
			}
		}
		if len(k.data) > maxText {
			return keys{}, fmt.Errorf("keys of one record take more than %d bytes", maxText)
		}
		k.offs = append(k.offs, int32(len(k.data)))
	}
	return keys{data: k.data, offs: k.offs}, nil
}

// encode appends one value so that the bytes of encoded rows compare as the rows do: nullable values are preceded by 0 for null and
// 1 for a value, text is ended by 0 1 with its own zeros written as 0 255, numbers are big-endian with the sign flipped.
func (k *keyer) encode(a arrow.Array, f schemas.Field, row int, plain bool) error {
	if f.Nullable() {
		if a.IsNull(row) {
			k.data = append(k.data, 0)
			return nil
		}
		k.data = append(k.data, 1)
	}
	switch a := a.(type) {
	case *array.String:
		k.text(a.Value(row), plain)
	case *array.Dictionary:
		values, ok := a.Dictionary().(*array.String)
		if !ok {
			return fmt.Errorf("key column %s is %s", f.Name, a.DataType())
		}
		k.text(values.Value(a.GetValueIndex(row)), plain)
	case *array.Boolean:
		b := byte(0)
		if a.Value(row) {
			b = 1
		}
		k.data = append(k.data, b)
	case *array.Int64:
		k.number(uint64(a.Value(row)) ^ 1<<63)
	case *array.Date32:
		k.number(uint64(int64(a.Value(row))) ^ 1<<63)
	case *array.Timestamp:
		k.number(uint64(a.Value(row)) ^ 1<<63)
	case *array.Float64:
		bits := math.Float64bits(a.Value(row))
		if bits>>63 == 1 {
			bits = ^bits
		} else {
			bits ^= 1 << 63
		}
		k.number(bits)
	default:
		return fmt.Errorf("key column %s is %s", f.Name, a.DataType())
	}
	return nil
}

func (k *keyer) number(x uint64) { k.data = binary.BigEndian.AppendUint64(k.data, x) }

func (k *keyer) text(s string, plain bool) {
	if plain {
		k.data = append(k.data, s...)
		return
	}
	for i := range len(s) {
		if s[i] == 0 {
			k.data = append(k.data, 0, 255)
			continue
		}
		k.data = append(k.data, s[i])
	}
	k.data = append(k.data, 0, 1)
}
