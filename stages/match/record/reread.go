package record

import (
	"context"
	"errors"
	"io"
	"math/bits"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
)

// Reread is a CSV file that was read before, with the values of those records that are written otherwise now, or are new.
type Reread struct {
	// IDs is a table of all records without their values.
	IDs *Table
	// Same is the row of each record in the reading before, -1 for one that is written otherwise.
	Same []int32
	// Rows are the rows written otherwise, ascending, and Table has their values in this order.
	Rows    []int
	Table   *Table
	Written *Written
}

// leastBlock is how many bytes are looked at at a time: what was read is still in the processor's cache.
const leastBlock = 1 << 18

// OpenAgain reads a CSV file of which an earlier reading left how its records were written, and their ids. Where anything is in doubt it
// returns nil, and the file is to be opened in whole: what is wrong with it shows then.
func OpenAgain(ctx context.Context, path, id string, columns map[schemas.Role][]string, before *Written, ids *Dictionary, o Options) (*Reread, error) {
	in, err := openText(path)
	if err != nil {
		return nil, nil
	}
	defer in.Close()
	cut := newCutter(in, leastBlock, 1)
	head, err := cut.record()
	if err != nil || !utf8.Valid(head.data) {
		return nil, nil
	}
	header, comma, err := readHeader(head.data, id, in.comma)
	if err != nil {
		return nil, nil
	}
	l, err := newLayout(header, id, columns)
	if err != nil || formOf(header, comma, l) != before.Form || len(before.Hashes) != ids.Len() {
		return nil, nil
	}
	a := &again{before: before.Hashes, ids: ids, used: make([]bool, ids.Len())}
	clear(a.used) // a page that is read before it is written costs two trips to the system
	a.Written = &Written{Form: before.Form, Hashes: make([]uint64, 0, ids.Len()+ids.Len()/16)}
	a.Same = make([]int32, 0, cap(a.Written.Hashes))
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part, err := cut.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil
		}
		rows := len(a.Same)
		eachText(part.data, a.add)
		cut.free(part)
		if o.Progress != nil {
			o.Progress(len(a.Same) - rows)
		}
	}
	return a.finish(l, comma), nil
}

// again puts records beside those of the reading before.
type again struct {
	Reread
	before  []uint64 // hashes of texts
	ids     *Dictionary
	used    []bool   // by row of before
	next    int      // row of before that is likely to be next
	slots   []uint32 // open addressing: rows of before plus one, by hash; made when a record is not where it was
	changed []byte   // texts of the records that are written otherwise
	twice   bool     // two records are written the same
}

// add takes the text of the next record.
func (a *again) add(text []byte) {
	h, row := xxh3.Hash(text), a.next
	if row >= len(a.before) || a.before[row] != h {
		row = a.find(h)
	}
	a.Written.Hashes, a.Same = append(a.Written.Hashes, h), append(a.Same, int32(row))
	if row < 0 {
		a.Rows = append(a.Rows, len(a.Same)-1)
		a.changed = append(append(a.changed, text...), '\n')
		a.next++
		return
	}
	a.twice = a.twice || a.used[row]
	a.used[row] = true
	a.next = row + 1
}

// find returns the row of before with a hash, -1 when there is none.
func (a *again) find(h uint64) int {
	mask := uint64(1)<<bits.Len(uint(2*len(a.before))) - 1
	if a.slots == nil {
		a.slots = arrays.Make[uint32](int(mask + 1))
		clear(a.slots)
		for row, h := range a.before {
			at := h & mask
			for a.slots[at] != 0 {
				at = (at + 1) & mask
			}
			a.slots[at] = uint32(row + 1)
		}
	}
	for at := h & mask; a.slots[at] != 0; at = (at + 1) & mask {
		if row := int(a.slots[at] - 1); a.before[row] == h {
			return row
		}
	}
	return -1
}

// finish parses the records that are written otherwise; nil when something is in doubt.
func (a *again) finish(l layout, comma rune) *Reread {
	if a.twice || !utf8.Valid(a.changed) {
		return nil
	}
	m, out := newMerger(l), &parsed{}
	l.parse(piece{data: a.changed, line: 1}, comma, make(reader, len(l.roles)), out)
	if err := m.add(out); err != nil {
		return nil
	}
	var err error
	if a.Table, err = m.table(); err != nil || a.Table.Len() != len(a.Rows) {
		return nil
	}
	is := make([]int32, len(a.Rows)) // the row of before with the id, -1 for a new one
	for i := range is {
		was, known := a.ids.Find(a.Table.ID(i))
		switch {
		case !known:
			is[i] = -1
		case a.used[was]:
			return nil // the id is that of another record too
		default:
			is[i] = int32(was)
		}
	}
	a.IDs = NewTable(a.idsNow(is))
	return &a.Reread
}

// idsNow returns the ids of all records, those of the reading before when they're the same. is has the row of before with the id of each
// record that is written otherwise.
func (a *again) idsNow(is []int32) Texts {
	same, at := len(a.Same) == a.ids.Len(), 0
	for row := 0; row < len(a.Same) && same; row++ {
		was := a.Same[row]
		if was < 0 {
			was = is[at]
			at++
		}
		same = int(was) == row
	}
	if same {
		return a.ids.Texts
	}
	var ids Texts
	at = 0
	for _, was := range a.Same {
		if was >= 0 {
			ids.Add(a.ids.At(int(was)))
		} else {
			ids.Add(a.Table.ID(at))
			at++
		}
	}
	return ids
}
