package fakeforce

import (
	"encoding/binary"
	"fmt"
)

// A row is one string: for each field in the object's order the length of its value as a varint, then the value. An empty
// value is null. Rows are immutable, so whoever holds one holds a snapshot of it. Trailing empty values are not stored.

// encodeRow packs the cells.
func encodeRow(cells []string) string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	size := 0
	for _, c := range cells {
		size += len(c) + 1
		if len(c) > 0x7f {
			size += 4
		}
	}
	buf := make([]byte, 0, size)
	for _, c := range cells {
		buf = binary.AppendUvarint(buf, uint64(len(c)))
		buf = append(buf, c...)
	}
	return string(buf)
}

// decodeRow unpacks a row into cells, whose strings share the row's memory.
func decodeRow(row string, cells []string) {
	at, col := 0, 0
	for at < len(row) {
		n := int(row[at])
		at++
		if n > 0x7f {
			n &= 0x7f
			for shift := 7; ; shift += 7 {
				b := row[at]
				at++
				n |= int(b&0x7f) << shift
				if b < 0x80 {
					break
				}
			}
		}
		cells[col] = row[at : at+n]
		at += n
		col++
	}
	clear(cells[col:])
}

// Generator computes rows when they are read, so that an org can serve millions of rows that nobody holds.
//
// Rows are numbered from 0 to Len()-1 and must be the same at every reading. The org gives them their Id; IsDeleted is false.
type Generator interface {
	// Len is the number of rows.
	Len() int
	// Bind returns a function that writes the values of the named fields of row i to dst, in the order of fields, in the
	// org's own spelling (see Canonical); empty is null. The function is called by several goroutines at once. It is an
	// error to be asked for a field that the generator does not know: it gives null.
	Bind(fields []string) func(i int, dst []string)
}

// fill writes the wanted columns of generated row i to full-width cells.
type fill func(i int, cells []string)

// bindColumns adapts a generator to full-width cells. Id, booleans and serial numbers are the table's affair.
func bindColumns(obj *Object, gen Generator, columns []int) fill {
	names := make([]string, 0, len(columns))
	at := make([]int, 0, len(columns))
	wantsID := false
	for _, c := range columns {
		if c == 0 {
			wantsID = true
			continue
		}
		names = append(names, obj.Fields[c].Name)
		at = append(at, c)
	}
	write := gen.Bind(names)
	return func(i int, cells []string) {
		// Columns of a plan ascend, so values written densely can be moved to their places from the last to the first.
		dst := cells[:len(names)]
		write(i, dst)
		for j := len(at) - 1; j >= 0; j-- {
			v := dst[j]
			if v == "" && obj.Fields[at[j]].Type == TypeBoolean {
				v = "false"
			}
			cells[at[j]] = v
		}
		if wantsID {
			cells[0] = MakeID(obj.Prefix, generatedSerial+uint64(i))
		}
	}
}

// allColumns lists every position of an object's fields.
func allColumns(obj *Object) []int {
	columns := make([]int, len(obj.Fields))
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// validateGenerator reads the generator's first rows and reports a value that the object's field cannot hold.
func validateGenerator(obj *Object, gen Generator) error {
	cells := make([]string, len(obj.Fields))
	get := bindColumns(obj, gen, allColumns(obj))
	for i := range min(gen.Len(), 3) {
		get(i, cells)
		for j := range obj.Fields {
			f := &obj.Fields[j]
			want, err := Canonical(f, cells[j])
			if err != nil {
				return fmt.Errorf("generator of %s, row %d, field %s: %w", obj.Name, i, f.Name, err)
			}
			if want != cells[j] {
				return fmt.Errorf("generator of %s, row %d, field %s: %q should be %q", obj.Name, i, f.Name, cells[j], want)
			}
		}
	}
	return nil
}
