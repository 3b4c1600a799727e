// Package block chooses the pairs that are worth comparing.
//
// A Rule gives each row some keys (surname and initial, say); two rows that share a key are a candidate pair. The right side is
// indexed once, the left side's rows are looked up one by one, so candidates are streamed and never all held.
//
// A block of more right rows than the limit is split by a further field of the rule (its city, its company), and again by the
// next one. Pairs that agree in the key but cannot be told apart that way, because the further field is missing or the last split
// is still too large, are left uncompared and counted.
//
// Invariants: the candidates of a row depend on the values of the tables alone; they come sorted, each once.
package block

import (
	"slices"

	"github.com/sourcegraph/conc/pool"
	"github.com/zeebo/xxh3"
)

// Keys appends the keys of a row to dst.
type Keys func(row int, dst []uint64) []uint64

// Rule is one way in which matches find each other.
type Rule struct {
	Name        string
	Left, Right Keys
	// Refine splits blocks that are too large, in this order.
	Refine []Refiner
}

// Refiner gives the value of a further field, 0 when it is missing.
type Refiner struct {
	Name        string
	Left, Right func(row int) uint64
}

// Key makes a key from word numbers; 0 is never a key.
func Key(parts ...uint32) uint64 {
	h := uint64(len(parts))
	for _, p := range parts {
		h = Mix(h, uint64(p))
	}
	return h | 1<<63
}

// Text is the key of a text.
func Text(s string) uint64 { return xxh3.HashString(s) | 1<<63 }

// Mix joins a key with a further value.
func Mix(h, v uint64) uint64 {
	h ^= v + 0x9E3779B97F4A7C15 + h<<6 + h>>2
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// Index finds the right rows that share a key with a left row.
type Index struct {
	rules  []Rule
	levels [][]*level // per rule: level 0, then one per refiner
}

// level is the inverted list of one rule at one stage of refinement.
type level struct {
	keys   []uint64 // distinct, sorted
	starts []uint32 // of each key's rows; one more at the end
	rows   []uint32
	bucket []uint32 // first key at or after a prefix of the key
	shift  uint
	big    map[uint64]crowd
}

// crowd counts the rows of a key that had to be refined.
type crowd struct {
	rows    int64
	missing int64 // of these, without a value for the next refiner
}

type entry struct {
	key uint64
	row uint32
}

// Build indexes n right rows. No list is longer than limit.
func Build(n int, rules []Rule, limit, workers int) *Index {
	x := &Index{rules, make([][]*level, len(rules))}
	p := pool.New().WithMaxGoroutines(max(1, workers))
	for i, r := range rules {
		p.Go(func() { x.levels[i] = build(n, r, limit) })
	}
	p.Wait()
	return x
}

func build(n int, r Rule, limit int) []*level {
	entries := make([]entry, 0, n)
	var keys []uint64
	for row := range n {
		keys = unique(r.Right(row, keys[:0]))
		for _, k := range keys {
			entries = append(entries, entry{k, uint32(row)})
		}
	}
	var levels []*level
	for stage := 0; ; stage++ {
		slices.SortFunc(entries, func(a, b entry) int {
			if a.key != b.key {
				if a.key < b.key {
					return -1
				}
				return 1
			}
			return int(a.row) - int(b.row)
		})
		l := &level{big: map[uint64]crowd{}}
		var crowded []entry
		for begin := 0; begin < len(entries); {
			end := begin + 1
			for end < len(entries) && entries[end].key == entries[begin].key {
				end++
			}
			group := entries[begin:end]
			begin = end
			if len(group) <= limit {
				l.keys = append(l.keys, group[0].key)
				l.starts = append(l.starts, uint32(len(l.rows)))
				for _, e := range group {
					l.rows = append(l.rows, e.row)
				}
				continue
			}
			c := crowd{rows: int64(len(group)), missing: int64(len(group))}
			if stage < len(r.Refine) {
				c.missing = 0
				for _, e := range group {
					if v := r.Refine[stage].Right(int(e.row)); v != 0 {
						crowded = append(crowded, entry{Mix(e.key, v), e.row})
					} else {
						c.missing++
					}
				}
			}
			l.big[group[0].key] = c
		}
		l.starts = append(l.starts, uint32(len(l.rows)))
		l.fill()
		levels = append(levels, l)
		if len(crowded) == 0 {
			return levels
		}
		entries = crowded
	}
}

// fill makes the table of prefixes. Keys are hashes, so a prefix has about one key.
func (l *level) fill() {
	bits := uint(1)
	for 1<<bits < len(l.keys) {
		bits++
	}
	l.shift = 64 - bits
	l.bucket = make([]uint32, 1<<bits+1)
	at := 0
	for b := range l.bucket {
		for at < len(l.keys) && int(l.keys[at]>>l.shift) < b {
			at++
		}
		l.bucket[b] = uint32(at)
	}
}

func (l *level) find(key uint64) []uint32 {
	b := key >> l.shift
	for at := l.bucket[b]; at < l.bucket[b+1]; at++ {
		if l.keys[at] == key {
			return l.rows[l.starts[at]:l.starts[at+1]]
		}
	}
	return nil
}

// Lookup finds candidates. It is used by one goroutine.
type Lookup struct {
	x    *Index
	keys []uint64
	rows []uint32
	// Uncompared counts the pairs that share a key but were left out.
	Uncompared int64
}

// NewLookup returns a lookup on the index.
func (x *Index) NewLookup() *Lookup { return &Lookup{x: x} }

// Candidates returns the right rows that share a key with the left row, sorted; valid until the next call.
func (u *Lookup) Candidates(left int) []uint32 {
	u.rows = u.rows[:0]
	for i := range u.x.rules {
		r := &u.x.rules[i]
		u.keys = unique(r.Left(left, u.keys[:0]))
		for _, k := range u.keys {
			u.collect(r, u.x.levels[i], left, k)
		}
	}
	slices.Sort(u.rows)
	u.rows = slices.Compact(u.rows)
	return u.rows
}

func (u *Lookup) collect(r *Rule, levels []*level, left int, key uint64) {
	for stage, l := range levels {
		if found := l.find(key); found != nil {
			u.rows = append(u.rows, found...)
			return
		}
		c, crowded := l.big[key]
		if !crowded {
			return
		}
		if stage >= len(r.Refine) {
			u.Uncompared += c.rows
			return
		}
		v := r.Refine[stage].Left(left)
		if v == 0 {
			u.Uncompared += c.rows
			return
		}
		u.Uncompared += c.missing
		key = Mix(key, v)
	}
}

func unique(keys []uint64) []uint64 {
	if len(keys) < 2 {
		return keys
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
