package roi

import "hash/maphash"

// table numbers distinct texts in the order in which they come, in little more memory than the texts themselves.
type table struct {
	seed  maphash.Seed
	data  []byte
	ends  []int64 // of the texts in data
	slots []slot  // open addressing; a power of two
}

// slot holds a number + 1, 0 for free, and a part of its text's hash: looking up a text that is not there seldom touches other memory.
type slot struct {
	number int32
	tag    uint32
}

func newTable() *table { return &table{seed: maphash.MakeSeed(), slots: make([]slot, 64)} }

func (t *table) len() int { return len(t.ends) }

func (t *table) at(i int32) string {
	var from int64
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.data[from:t.ends[i]])
}

func (t *table) is(i int32, s string) bool {
	var from int64
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.data[from:t.ends[i]]) == s
}

// place returns where s is or belongs, and its tag.
func (t *table) place(s string) (int, uint32) {
	hash := maphash.String(t.seed, s)
	tag, mask := uint32(hash>>32), len(t.slots)-1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		if x := t.slots[at]; x.number == 0 || x.tag == tag && t.is(x.number-1, s) {
			return at, tag
		}
	}
}

// find returns the number of s, or -1.
func (t *table) find(s string) int32 {
	at, _ := t.place(s)
	return t.slots[at].number - 1
}

// add returns the number of s, which gets one if it has none.
func (t *table) add(s string) int32 {
	at, tag := t.place(s)
	if n := t.slots[at].number; n > 0 {
		return n - 1
	}
	t.data = append(t.data, s...)
	t.ends = append(t.ends, int64(len(t.data)))
	t.slots[at] = slot{int32(len(t.ends)), tag}
	if len(t.ends) > len(t.slots)/2 {
		t.grow()
	}
	return int32(len(t.ends)) - 1
}

func (t *table) grow() {
	t.slots = make([]slot, 2*len(t.slots))
	for i := range t.ends {
		at, tag := t.place(t.at(int32(i)))
		t.slots[at] = slot{int32(i) + 1, tag}
	}
}

func (t *table) bytes() int64 {
	return int64(cap(t.data) + 8*cap(t.ends) + 8*cap(t.slots))
}

// edges lead from numbered things to numbered things. Add all, then seal; then read.
type edges struct {
	pairs []edge
	start []int32 // of each thing's references; one more than things
	refs  []int32
}

type edge struct{ from, to int32 }

func (e *edges) add(from, to int32) { e.pairs = append(e.pairs, edge{from, to}) }

// seal orders the edges by where they start; n is the number of things that they start from. Repeated edges may stay.
func (e *edges) seal(n int) {
	e.start = make([]int32, n+1)
	for _, p := range e.pairs {
		e.start[p.from+1]++
	}
	for i := range n {
		e.start[i+1] += e.start[i]
	}
	e.refs = make([]int32, len(e.pairs))
	next := append([]int32(nil), e.start[:n]...)
	for _, p := range e.pairs {
		e.refs[next[p.from]] = p.to
		next[p.from]++
	}
	e.pairs = nil
}

// of returns what the edges from i lead to.
func (e *edges) of(i int32) []int32 { return e.refs[e.start[i]:e.start[i+1]] }

func (e *edges) bytes() int64 { return int64(8*cap(e.pairs) + 4*cap(e.start) + 4*cap(e.refs)) }
