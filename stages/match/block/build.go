package block

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/crmsync/crmsync/stages/match/arrays"

	"github.com/sourcegraph/conc/pool"
)

// Build indexes n right rows. No list is longer than its rule's limit. Of blocks that no refiner could make small enough the rows of the
// smallest rank stand for all; ranks must not depend on the order of rows.
func Build(n int, rules []Rule, limit, workers int, rank func(row int) uint64) *Index {
	x := &Index{make([]ruleIndex, len(rules))}
	workers = max(1, min(workers, len(rules)))
	builders := make(chan *builder, workers)
	for range workers {
		builders <- &builder{n: n, rank: rank}
	}
	p := pool.New().WithMaxGoroutines(workers)
	for i := range rules {
		p.Go(func() {
			b := <-builders
			defer func() { builders <- b }()
			b.limit = limit
			if own := rules[i].Limit; own != 0 {
				b.limit = min(own, limit)
			}
			x.rules[i] = ruleIndex{rules[i].Name, b.rule(rules[i])}
		})
	}
	p.Wait()
	return x
}

// builder makes the inverted lists of rules, one after the other. Its memory serves all of them.
type builder struct {
	n     int // rows
	limit int
	rank  func(row int) uint64

	// keys are those of the stage to be made, in the order of rows, each with its row.
	keys []uint64
	rows []uint32
	// packed are the same by the first bits of the key; see stage.
	packed []uint64
	sorted []uint64 // a part of them
	counts []uint32 // of the buckets of a part
	split  []entry
}

// entry is a row under a key.
type entry struct {
	key uint64 // bucket and tag
	row uint32
}

func (b *builder) rule(r Rule) (stages []*stage) {
	b.keys, b.rows = arrays.Grow(b.keys[:0], b.n+b.n/2), arrays.Grow(b.rows[:0], b.n+b.n/2)
	var keys []uint64
	for row := range b.n {
		keys = unique(r.Right(row, keys[:0]))
		b.keys = append(b.keys, keys...)
		for range keys {
			b.rows = append(b.rows, uint32(row))
		}
	}
	n := b.n
	for _, f := range r.Refine {
		s := b.stage(n, nil)
		stages = append(stages, s)
		if len(b.split) == 0 {
			return stages
		}
		b.refine(s, f)
		n = len(b.keys)
	}
	return append(stages, b.stage(n, b.rank))
}

// refine gives the rows of blocks that were split the keys of the next stage, and counts those that have none.
func (b *builder) refine(s *stage, f Refiner) {
	b.keys, b.rows = b.keys[:0], b.rows[:0]
	at := 0
	for _, e := range b.split {
		for s.crowds[at].key != e.key {
			at++
		}
		if v := f.Right(int(e.row)); v != 0 {
			b.keys, b.rows = append(b.keys, Mix(e.key, v)), append(b.rows, e.row)
			s.crowds[at].missing--
		}
	}
}

// stage makes the inverted list of the keys, with buckets for n of them. Blocks beyond the limit are taken out: their rows are in b.split
// then, sorted by key, or, in the last stage, where there is a rank, some of them stay.
//
// Entries are dealt by the first bits of their keys into parts that fit a processor's cache, and sorted there. An entry is packed into one
// number, from which the bits of the part and those that no tag holds are left out: the rest of its bucket, its tag, its row.
func (b *builder) stage(n int, rank func(row int) uint64) *stage {
	width, low := max(1, bits.Len(uint(n))), bits.Len(uint(b.n))
	cut := min(width, max(8, width+16+low-64))
	s := &stage{shift: uint(64 - width), starts: arrays.Make[uint32](1<<width + 1)}
	ends := b.deal(cut, int(s.shift)-16, low)
	s.tags, s.rows = arrays.Make[uint16](len(b.keys))[:0], arrays.Make[uint32](len(b.keys))[:0]
	b.split = b.split[:0]
	buckets, begin := 1<<(width-cut), uint32(0)
	for part, end := range ends {
		b.sort(b.packed[begin:end], buckets, low+16)
		at := uint32(0)
		for i, count := range b.counts {
			s.starts[part*buckets+i] = uint32(len(s.rows))
			if count > 0 {
				b.bucket(s, b.sorted[at:at+count], uint64(part)<<(width-cut+16), low, rank)
				at += count
			}
		}
		begin = end
	}
	s.starts[len(s.starts)-1] = uint32(len(s.rows))
	s.tags, s.rows = slices.Clip(s.tags), slices.Clip(s.rows)
	return s
}

// deal packs the entries by the first bits of their keys and returns where each part ends. Of keys the last bits are dropped, to make
// room for the low bits that a row takes.
func (b *builder) deal(cut, drop, low int) (ends []uint32) {
	ends = make([]uint32, 1<<cut)
	for _, k := range b.keys {
		ends[k>>(64-cut)]++
	}
	total := uint32(0)
	for p, count := range ends {
		ends[p] = total
		total += count
	}
	b.packed = arrays.Grow(b.packed[:0], len(b.keys))[:len(b.keys)]
	for i, k := range b.keys {
		p := k >> (64 - cut)
		b.packed[ends[p]] = k<<cut>>cut>>drop<<low | uint64(b.rows[i])
		ends[p]++
	}
	return ends
}

// sort sorts a part of the packed entries into b.sorted and counts, in b.counts, those of each bucket, whose number is in the bits from
// shift on.
func (b *builder) sort(list []uint64, buckets, shift int) {
	b.sorted, b.counts = slices.Grow(b.sorted[:0], len(list))[:len(list)], slices.Grow(b.counts[:0], buckets)[:buckets]
	clear(b.counts)
	for _, v := range list {
		b.counts[v>>shift]++
	}
	total := uint32(0)
	for i, count := range b.counts {
		b.counts[i] = total
		total += count
	}
	for _, v := range list { // counts[i] becomes the end of bucket i
		at := &b.counts[v>>shift]
		b.sorted[*at] = v
		*at++
	}
	begin := uint32(0)
	for i, end := range b.counts {
		if end-begin > 1 {
			sortBucket(b.sorted[begin:end])
		}
		b.counts[i], begin = end-begin, end
	}
}

// sortBucket sorts the entries of a bucket, which come in the order of rows.
func sortBucket(list []uint64) {
	if len(list) > 24 {
		slices.Sort(list)
		return
	}
	for i := 1; i < len(list); i++ {
		v, j := list[i], i
		for ; j > 0 && list[j-1] > v; j-- {
			list[j] = list[j-1]
		}
		list[j] = v
	}
}

// bucket adds the sorted entries of a bucket to a stage. part holds the bits of their keys that packing left out.
func (b *builder) bucket(s *stage, list []uint64, part uint64, low int, rank func(row int) uint64) {
	mask := uint64(1)<<low - 1
	for len(list) > 0 {
		key := list[0] >> low
		n := 1
		for n < len(list) && list[n]>>low == key {
			n++
		}
		block := list[:n]
		list = list[n:]
		tag := uint16(key)
		if n <= b.limit {
			for _, v := range block {
				s.tags, s.rows = append(s.tags, tag), append(s.rows, uint32(v&mask))
			}
			continue
		}
		s.tags, s.rows = append(s.tags, tag), append(s.rows, marked|uint32(len(s.crowds)))
		left := uint32(n)
		if rank == nil {
			for _, v := range block {
				b.split = append(b.split, entry{part | key, uint32(v & mask)})
			}
		} else {
			for _, row := range smallest(block, b.limit-1, mask, rank) { // and the mark
				s.tags, s.rows = append(s.tags, tag), append(s.rows, row)
				left--
			}
		}
		s.crowds = append(s.crowds, crowd{part | key, left, left})
	}
}

// smallest returns the n rows of the smallest rank, ascending.
func smallest(block []uint64, n int, mask uint64, rank func(row int) uint64) []uint32 {
	list := make([]uint32, len(block))
	for i, v := range block {
		list[i] = uint32(v & mask)
	}
	slices.SortFunc(list, func(a, b uint32) int { return cmp.Compare(rank(int(a)), rank(int(b))) })
	list = list[:min(n, len(list))]
	slices.Sort(list)
	return list
}
