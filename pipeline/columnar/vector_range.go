package columnar

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// appendRange copies the rows [from, to) of a finished column of the same field. Text may be plain or dictionary-encoded on
// either side.
func (v *vector) appendRange(a arrow.Array, from, to int) error {
	n := to - from
	if n == 0 {
		return nil
	}
	switch a := a.(type) {
	case *array.String:
		if v.layout == layoutText {
			return v.copyText(a, from, to)
		}
		if v.layout == layoutCoded {
			for i := from; i < to; i++ {
				v.appendTextOf(a, i)
			}
			return nil
		}
	case *array.Dictionary:
		if values, ok := a.Dictionary().(*array.String); ok && (v.layout == layoutText || v.layout == layoutCoded) {
			return v.copyCoded(a, values, from, to)
		}
	case *array.Boolean:
		if v.layout == layoutBits {
			v.growBits(&v.data, n)
			bits := a.Data().Buffers()[1].Bytes()
			bitutil.CopyBitmap(bits, a.Offset()+from, n, v.data.b, v.rows)
			v.markLike(a, from, to)
			return nil
		}
	default:
		if arrow.TypeEqual(a.DataType(), v.typ) {
			width := 8
			if v.layout == layoutFour {
				width = 4
			}
			raw := a.Data().Buffers()[1].Bytes()
			at := a.Data().Offset()
			copy(v.data.extend(width*n), raw[width*(at+from):width*(at+to)])
			v.markLike(a, from, to)
			return nil
		}
	}
	return fmt.Errorf("column %s: values of type %s where %s is wanted", v.field.Name, a.DataType(), v.typ)
}

func (v *vector) appendTextOf(a *array.String, i int) {
	if a.IsNull(i) {
		v.appendNulls(1)
		return
	}
	v.appendText(a.Value(i))
}

func (v *vector) copyText(a *array.String, from, to int) error {
	begin, end := a.ValueOffset(from), a.ValueOffset(to)
	if err := v.fits(end - begin); err != nil {
		return err
	}
	raw := a.Data().Buffers()[2]
	shift := int32(v.data.n - begin)
	if end > begin {
		copy(v.data.extend(end-begin), raw.Bytes()[begin:end])
	}
	ends := int32s(v.offs.extend(4 * (to - from)))
	for i := range ends {
		ends[i] = int32(a.ValueOffset(from+i+1)) + shift
	}
	v.markLike(a, from, to)
	return nil
}

func (v *vector) copyCoded(a *array.Dictionary, values *array.String, from, to int) error {
	codes := a.Indices().(*array.Int32).Int32Values()
	if v.layout == layoutText {
		for i := from; i < to; i++ {
			if a.IsNull(i) {
				v.appendNulls(1)
				continue
			}
			s := values.Value(int(codes[i]))
			if err := v.fits(len(s)); err != nil {
				return err
			}
			v.appendText(s)
		}
		return nil
	}
	recode := v.recode(a.Data().Dictionary(), values.Len())
	nulls := a.NullN() > 0
	out := int32s(v.data.extend(4 * (to - from)))
	for i := range out {
		if nulls && a.IsNull(from+i) {
			out[i] = 0
			continue
		}
		c := codes[from+i]
		mine := recode[c]
		if mine < 0 {
			mine = v.dict.code(values.Value(int(c)))
			recode[c] = mine
		}
		out[i] = mine
	}
	v.markLike(a, from, to)
	return nil
}

// markLike takes over which of the rows [from, to) of a are null.
func (v *vector) markLike(a arrow.Array, from, to int) {
	n := to - from
	bits := a.NullBitmapBytes()
	if a.NullN() == 0 || len(bits) == 0 {
		v.mark(n, true)
		return
	}
	at := v.rows
	set := bitutil.CountSetBits(bits, a.Data().Offset()+from, n)
	if set == n {
		v.mark(n, true)
		return
	}
	v.mark(n, false)
	bitutil.CopyBitmap(bits, a.Data().Offset()+from, n, v.valid.b, at)
	v.nulls -= set
}

// appendTexts copies texts that lie one after the other; offs holds their starts and the last end.
func (v *vector) appendTexts(data []byte, offs []uint32) error {
	begin, end := offs[0], offs[len(offs)-1]
	if err := v.fits(int(end) - int(begin)); err != nil {
		return err
	}
	shift := uint32(v.data.n) - begin
	copy(v.data.extend(int(end-begin)), data[begin:end])
	ends := int32s(v.offs.extend(4 * (len(offs) - 1)))
	last := begin
	for i, o := range offs[1:] {
		if o < last {
			return fmt.Errorf("column %s: text ends before it begins: %w", v.field.Name, ErrCorrupt)
		}
		ends[i], last = int32(o+shift), o
	}
	v.mark(len(ends), true)
	return nil
}

// appendBits copies n bits from the given one on.
func (v *vector) appendBits(bits []byte, from, n int) {
	v.growBits(&v.data, n)
	if n > 0 {
		bitutil.CopyBitmap(bits, from, n, v.data.b, v.rows)
	}
	v.mark(n, true)
}

// appendFixed copies values of the given width.
func (v *vector) appendFixed(width int, raw []byte) {
	copy(v.data.extend(len(raw)), raw)
	v.mark(len(raw)/width, true)
}
