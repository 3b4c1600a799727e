package block

import "slices"

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

func (s *stage) tag(key uint64) uint16 { return uint16(key >> (s.shift - 16)) }

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
