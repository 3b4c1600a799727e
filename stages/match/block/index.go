package block

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/sourcegraph/conc/pool"
)

// Index finds the right rows that share a key with a left row.
type Index struct {
	rules []ruleIndex
}

// ruleIndex is the inverted list of one rule: of the keys, then of the keys of blocks that were split, and so on.
type ruleIndex struct {
	name   string
	stages []*stage
}

// stage is an inverted list. The first bits of a key choose a bucket, in which the next sixteen, its tag, find its rows.
type stage struct {
	shift  uint
	starts []uint32 // of each bucket's entries; one more at the end
	tags   []uint16 // ascending in a bucket
	// rows ascend under a tag. Of a block that was split the first entry is its number in crowds, marked, and the others, in the last
	// stage, are the rows that stand for all.
	rows   []uint32
	crowds []crowd // blocks that were split, by key
}

// marked is the bit that tells the number of a crowd from a row.
const marked = 1 << 31

// crowd is a block that was split.
type crowd struct {
	key     uint64 // bucket and tag
	rows    uint32 // that are not under the tag any more
	missing uint32 // of these, without a value for the next refiner
}

// entry is a row under a key.
type entry struct {
	key uint64
	row uint32
}

// Build indexes n right rows. No list is longer than its rule's limit. Of blocks that no refiner could make small enough the rows of the
// smallest rank stand for all; ranks must not depend on the order of rows.
func Build(n int, rules []Rule, limit, workers int, rank func(row int) uint64) *Index {
	x := &Index{make([]ruleIndex, len(rules))}
	p := pool.New().WithMaxGoroutines(max(1, workers))
	for i := range rules {
		p.Go(func() {
			most := rules[i].Limit
			if most == 0 || most > limit {
				most = limit
			}
			x.rules[i] = ruleIndex{rules[i].Name, buildRule(n, rules[i], most, rank)}
		})
	}
	p.Wait()
	return x
}

func buildRule(n int, r Rule, limit int, rank func(row int) uint64) []*stage {
	// Keys are asked for once and kept, with how many each row has, until the list is made.
	all, counts := make([]uint64, 0, n+n/2), make([]uint32, n)
	var keys []uint64
	for row := range n {
		keys = unique(r.Right(row, keys[:0]))
		counts[row] = uint32(len(keys))
		all = append(all, keys...)
	}
	last := func(refiners int) func(int) uint64 {
		if refiners == len(r.Refine) {
			return rank
		}
		return nil
	}
	s, split := newStage(n, limit, last(0), func(yield func(key uint64, row uint32)) {
		at := 0
		for row, k := range counts {
			for range k {
				yield(all[at], uint32(row))
				at++
			}
		}
	})
	stages := []*stage{s}
	for i, f := range r.Refine {
		if len(split) == 0 {
			return stages
		}
		parts := refine(s, split, f)
		s, split = newStage(len(parts), limit, last(i+1), func(yield func(uint64, uint32)) {
			for _, e := range parts {
				yield(e.key, e.row)
			}
		})
		stages = append(stages, s)
	}
	return stages
}

// refine gives the rows of blocks that were split the keys of the next stage, and counts those that have none.
func refine(s *stage, split []entry, f Refiner) []entry {
	parts := split[:0]
	at := 0
	for _, e := range split {
		for s.crowds[at].key != e.key {
			at++
		}
		if v := f.Right(int(e.row)); v != 0 {
			parts = append(parts, entry{Mix(e.key, v), e.row})
			s.crowds[at].missing--
		}
	}
	return parts
}

// newStage makes an inverted list of what each yields, which it calls twice: to count, and to place. Blocks beyond the limit are
// taken out and returned, sorted by key; in the last stage, where there is a rank, some of their rows stay.
func newStage(n, limit int, rank func(row int) uint64, each func(yield func(key uint64, row uint32))) (s *stage, split []entry) {
	width := max(1, bits.Len(uint(n)))
	s = &stage{shift: uint(64 - width), starts: make([]uint32, 1<<width+1)}
	each(func(key uint64, _ uint32) { s.starts[key>>s.shift]++ })
	total := uint32(0)
	for b, count := range s.starts {
		s.starts[b] = total
		total += count
	}
	s.tags, s.rows = make([]uint16, total), make([]uint32, total)
	// While entries are placed, starts[b] is where the next entry of bucket b goes; in the end it is where bucket b+1 begins.
	each(func(key uint64, row uint32) {
		at := s.starts[key>>s.shift]
		s.starts[key>>s.shift]++
		s.tags[at], s.rows[at] = s.tag(key), row
	})
	copy(s.starts[1:], s.starts[:len(s.starts)-1])
	s.starts[0] = 0
	split = s.order(limit, rank)
	return s, split
}

func (s *stage) tag(key uint64) uint16 { return uint16(key >> (s.shift - 16)) }

// order sorts the buckets by tag and takes out blocks beyond the limit.
func (s *stage) order(limit int, rank func(row int) uint64) (split []entry) {
	to := uint32(0)
	var large []uint64
	for b := range len(s.starts) - 1 {
		begin, end := s.starts[b], s.starts[b+1]
		s.starts[b] = to
		tags, rows := s.tags[begin:end], s.rows[begin:end]
		large = sortBucket(tags, rows, large)
		for i := 0; i < len(tags); {
			j := i + 1
			for j < len(tags) && tags[j] == tags[i] {
				j++
			}
			if j-i <= limit {
				copy(s.tags[to:], tags[i:j])
				copy(s.rows[to:], rows[i:j])
				to += uint32(j - i)
			} else {
				key := uint64(b)<<16 | uint64(tags[i])
				tag, left := tags[i], uint32(j-i)
				var stay []uint32
				if rank != nil {
					stay = smallest(rows[i:j], limit-1, rank) // and the mark
					left -= uint32(len(stay))
				} else {
					for _, row := range rows[i:j] {
						split = append(split, entry{key, row})
					}
				}
				s.tags[to], s.rows[to] = tag, marked|uint32(len(s.crowds))
				to++
				for _, row := range stay {
					s.tags[to], s.rows[to] = tag, row
					to++
				}
				s.crowds = append(s.crowds, crowd{key, left, left})
			}
			i = j
		}
	}
	s.starts[len(s.starts)-1] = to
	s.tags, s.rows = slices.Clip(s.tags[:to]), slices.Clip(s.rows[:to])
	return split
}

// smallest returns the n rows of the smallest rank, ascending.
func smallest(rows []uint32, n int, rank func(row int) uint64) []uint32 {
	list := slices.Clone(rows)
	slices.SortFunc(list, func(a, b uint32) int { return cmp.Compare(rank(int(a)), rank(int(b))) })
	list = list[:min(n, len(list))]
	slices.Sort(list)
	return list
}

// sortBucket sorts entries, which come in the order of rows, by tag.
func sortBucket(tags []uint16, rows []uint32, large []uint64) []uint64 {
	if len(tags) <= 24 {
		for i := 1; i < len(tags); i++ {
			t, r := tags[i], rows[i]
			j := i
			for ; j > 0 && tags[j-1] > t; j-- {
				tags[j], rows[j] = tags[j-1], rows[j-1]
			}
			tags[j], rows[j] = t, r
		}
		return large
	}
	if slices.IsSorted(tags) {
		return large
	}
	large = large[:0]
	for i, t := range tags {
		large = append(large, uint64(t)<<32|uint64(rows[i]))
	}
	slices.Sort(large)
	for i, v := range large {
		tags[i], rows[i] = uint16(v>>32), uint32(v)
	}
	return large
}

// bucket returns where the entries of a key's bucket are.
func (s *stage) bucket(key uint64) (begin, end uint32) {
	b := key >> s.shift
	return s.starts[b], s.starts[b+1]
}

// within returns where the entries of a key are in its bucket.
func (s *stage) within(key uint64, begin, end uint32) (from, to uint32) {
	tag := s.tag(key)
	tags := s.tags[begin:end]
	i := 0
	if len(tags) > 16 {
		i, _ = slices.BinarySearch(tags, tag)
	}
	for i < len(tags) && tags[i] < tag {
		i++
	}
	j := i
	for j < len(tags) && tags[j] == tag {
		j++
	}
	return begin + uint32(i), begin + uint32(j)
}

// entries returns the rows of some entries of one key, and the block that it was if it was split.
func (s *stage) entries(from, to uint32) (rows []uint32, split *crowd) {
	if rows = s.rows[from:to]; len(rows) > 0 && rows[0]&marked != 0 {
		return rows[1:], &s.crowds[rows[0]&^marked]
	}
	return rows, nil
}
