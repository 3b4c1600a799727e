// Package block chooses the pairs that are worth comparing.
//
// A Rule gives each row some keys (surname and initial, say); two rows that share a key are a candidate pair. The right side is
// indexed once, the left side's rows are looked up one by one, so candidates are streamed and never all held.
//
// A block of more right rows than the limit is split by a further field of the rule (its city, its company), and again by the
// next one. Pairs that agree in the key but cannot be told apart that way, because the further field is missing or the last split
// is still too large, are left uncompared and counted; of the last split some rows stand for all, so that equal records meet.
//
// Keys are hashes of values, of which the index keeps some forty bits: once in a million look-ups a stranger comes along, which
// costs one comparison and nothing else.
//
// Invariant: the candidates of a row depend on the values of the tables alone, not on the order of rows.
package block

import "github.com/zeebo/xxh3"

// Keys appends the keys of a row to dst.
type Keys func(row int, dst []uint64) []uint64

// Rule is one way in which matches find each other.
type Rule struct {
	Name        string
	Left, Right Keys
	// Limit is how many right rows a block may hold before it is split; 0 takes the limit of Build.
	Limit int
	// Refine splits blocks that are too large, in this order.
	Refine []Refiner
}

// Refiner gives the value of a further field, 0 when it is missing.
type Refiner struct {
	Name        string
	Left, Right func(row int) uint64
}

// Key makes a key of a kind from the hashes of values.
func Key(kind uint64, parts ...uint64) uint64 {
	h := kind
	for _, p := range parts {
		h = Mix(h, p)
	}
	return h
}

// Text is the hash of a text, never 0.
func Text(s string) uint64 { return xxh3.HashString(s) | 1 }

// Mix joins a key with a further value.
func Mix(h, v uint64) uint64 {
	h ^= v + 0x9E3779B97F4A7C15 + h<<6 + h>>2
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// unique drops the keys of a row that came before; rows have a few.
func unique(keys []uint64) []uint64 {
	n := 0
next:
	for _, k := range keys {
		for _, known := range keys[:n] {
			if k == known {
				continue next
			}
		}
		keys[n] = k
		n++
	}
	return keys[:n]
}
