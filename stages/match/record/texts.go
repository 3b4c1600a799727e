package record

import (
	"unsafe"

	"github.com/crmsync/crmsync/stages/match/arrays"

	"github.com/zeebo/xxh3"
)

// Texts is a list of strings kept in one block of memory, so that millions of them cost no pointers.
type Texts struct {
	data []byte
	ends []uint64
}

// Len is the number of texts.
func (t *Texts) Len() int { return len(t.ends) }

// At returns text i. It shares the list's memory and stays valid for ever.
func (t *Texts) At(i int) string {
	begin := uint64(0)
	if i > 0 {
		begin = t.ends[i-1]
	}
	b := t.data[begin:t.ends[i]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Add appends a text.
func (t *Texts) Add(s string) {
	t.data = append(t.data, s...)
	t.ends = append(t.ends, uint64(len(t.data)))
}

// join appends the texts of another list.
func (t *Texts) join(more *Texts) {
	from := uint64(len(t.data))
	t.data = append(t.data, more.data...)
	for _, end := range more.ends {
		t.ends = append(t.ends, from+end)
	}
}

// Dictionary numbers distinct texts from 0 in the order in which they first came.
type Dictionary struct {
	Texts
	// slots are an open addressing table: the upper half of a text's hash, and its code+1; 0 is empty. The hash saves looking at the
	// text, which is elsewhere in memory.
	slots []uint64
}

// Code returns the number of s, giving it the next one when s is new.
func (d *Dictionary) Code(s string) uint32 {
	if 4*d.Len() >= 3*len(d.slots) {
		d.grow()
	}
	h := xxh3.HashString(s)
	at := d.slot(s, h)
	if d.slots[at] == 0 {
		d.Add(s)
		d.slots[at] = h>>32<<32 | uint64(d.Len())
	}
	return uint32(d.slots[at]) - 1
}

// Find returns the number of s; false when it has none.
func (d *Dictionary) Find(s string) (uint32, bool) {
	if len(d.slots) == 0 {
		return 0, false
	}
	c := uint32(d.slots[d.slot(s, xxh3.HashString(s))])
	return c - 1, c > 0
}

func (d *Dictionary) slot(s string, h uint64) uint64 {
	mask := uint64(len(d.slots) - 1)
	at := h & mask
	for d.slots[at] != 0 && (d.slots[at]>>32 != h>>32 || d.At(int(uint32(d.slots[at])-1)) != s) {
		at = (at + 1) & mask
	}
	return at
}

// Reserve makes room for n texts in all.
func (d *Dictionary) Reserve(n int) {
	size := 64
	for 4*n >= 3*size {
		size *= 2
	}
	if size > len(d.slots) {
		d.rehash(size)
	}
}

// grow makes room, a small dictionary more of it, since each time all texts are put in their places anew.
func (d *Dictionary) grow() {
	factor := 2
	if len(d.slots) < 1<<16 {
		factor = 4
	}
	d.rehash(max(64, factor*len(d.slots)))
}

func (d *Dictionary) rehash(size int) {
	d.slots = arrays.Make[uint64](size)
	clear(d.slots) // a page that is read before it is written costs two trips to the system
	mask := uint64(len(d.slots) - 1)
	for i := range d.Len() {
		h := xxh3.HashString(d.At(i))
		at := h & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = h>>32<<32 | uint64(i+1)
	}
}
