package record

import (
	"fmt"
	"math/bits"

	"github.com/crmsync/crmsync/stages/match/arrays"

	"github.com/crmsync/crmsync/schemas"
)

// merger puts parsed pieces together.
type merger struct {
	layout
	ids    Texts
	hashes []uint64
	lines  []int32
	dicts  []Dictionary
	codes  [][]uint32
	pieces int // expected, 0 when not known
	// written is how the records were written, nil when that was not asked for or is not clear.
	written *Written
}

// grow makes room for as many rows as the file seems to have.
func (m *merger) grow(rows, bytes int) {
	rows, bytes = rows+rows/16, bytes+bytes/16
	m.ids = Texts{arrays.Make[byte](bytes)[:0], arrays.Make[uint64](rows)[:0]}
	m.hashes, m.lines = arrays.Make[uint64](rows)[:0], arrays.Make[int32](rows)[:0]
	for i := range m.codes {
		m.codes[i] = arrays.Make[uint32](rows)[:0]
	}
}

func newMerger(l layout) *merger {
	m := &merger{layout: l, dicts: make([]Dictionary, len(l.roles)), codes: make([][]uint32, len(l.roles))}
	for i := range m.dicts {
		m.dicts[i].Code("")
	}
	return m
}

// add appends a piece. Values are numbered in the order in which they first came in the file.
func (m *merger) add(p *parsed) error {
	if p.err != nil {
		return p.err
	}
	if m.ids.Len() == 0 && m.pieces > 1 {
		m.grow(p.ids.Len()*m.pieces, len(p.ids.data)*m.pieces)
	}
	m.ids.join(&p.ids)
	m.hashes = append(m.hashes, p.hashes...)
	if m.written != nil {
		m.written.Hashes = append(m.written.Hashes, p.texts...)
		if len(m.written.Hashes) != m.ids.Len() {
			m.written = nil
		}
	}
	for _, line := range p.lines {
		m.lines = append(m.lines, int32(p.first)+line)
	}
	for i := range m.dicts {
		c := &p.columns[i]
		whole := c.by.number(&c.texts, &m.dicts[i])
		for _, code := range c.codes {
			m.codes[i] = append(m.codes[i], whole[code])
		}
	}
	return nil
}

// numbering numbers the values of a column in some pieces of a file. Its dictionary is used where they are parsed, the rest where they
// are put together.
type numbering struct {
	dict  Dictionary
	whole []uint32 // the number of each value in the whole file, as far as that is known
}

// mostNumbered is from how many values a numbering is given up for a new one: one that holds most values of a column twice would take
// as much memory as the column.
const mostNumbered = 1 << 17

func newNumbering() *numbering {
	n := &numbering{}
	n.dict.Code("")
	return n
}

// number returns the number in the whole file of each of the texts, which are all or the first of those of its dictionary.
func (n *numbering) number(texts *Texts, whole *Dictionary) []uint32 {
	for at := len(n.whole); at < texts.Len(); at++ {
		n.whole = append(n.whole, whole.Code(texts.At(at)))
	}
	return n.whole
}

// table checks that no id occurs twice.
func (m *merger) table() (*Table, error) {
	if first, second, twice := m.twice(); twice {
		return nil, fmt.Errorf("%w: line %d: id %s was on line %d already: ids must be unique", ErrInput, m.lines[second], m.ids.At(second), m.lines[first])
	}
	t := &Table{ids: m.ids, columns: map[schemas.Role]*Column{}, written: m.written}
	for i, role := range m.roles {
		t.columns[role] = &Column{m.codes[i], &m.dicts[i].Texts}
	}
	return t, nil
}

// twice finds an id that occurs twice. Rows are looked up by the hashes of their ids in a table that is dropped afterwards.
func (m *merger) twice() (first, second int, twice bool) {
	mask := uint64(1)<<bits.Len(uint(2*len(m.hashes))) - 1
	slots := arrays.Make[uint32](int(mask + 1)) // row+1, 0 is empty
	clear(slots)                                // see Dictionary
	for row, h := range m.hashes {
		at := h & mask
		for slots[at] != 0 {
			other := int(slots[at] - 1)
			if m.hashes[other] == h && m.ids.At(other) == m.ids.At(row) {
				return other, row, true
			}
			at = (at + 1) & mask
		}
		slots[at] = uint32(row + 1)
	}
	return 0, 0, false
}
