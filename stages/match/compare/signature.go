package compare

import "math/bits"

// Signature holds what bounds the likeness of two words from above without looking at their letters one by one.
type Signature struct {
	Letters uint64 // two bits a letter: it occurs; it occurs twice
	Head    uint32 // the first four bytes
	Len     uint16 // bytes, at most 255
	More    uint16 // letters beyond the second of their kind, and bytes that are no letters
}

// Sign makes the signature of a folded word.
func Sign(s string) Signature {
	g := Signature{Len: uint16(min(len(s), 255))}
	more := 0
	for i := range len(s) {
		c := s[i]
		if i < 4 {
			g.Head |= uint32(c) << (8 * i)
		}
		if c < 'a' || c > 'z' {
			more++
			continue
		}
		switch bit := uint64(1) << (2 * (c - 'a')); {
		case g.Letters&bit == 0:
			g.Letters |= bit
		case g.Letters&(bit<<1) == 0:
			g.Letters |= bit << 1
		default:
			more++
		}
	}
	g.More = uint16(min(more, 255))
	return g
}

// longest is the length up to which a bound is kept; longer words are never ruled out.
const longest = 32

// Bound tells words that cannot be alike from those that may be.
type Bound struct {
	// least is the number of common letters without which two words of these lengths, with so many equal first letters, are
	// neither one edit apart, nor one the beginning of the other, nor reach the similarity.
	least [longest][longest][5]uint8
}

// NewBound makes the bound for a Jaro-Winkler similarity. Jaro's measure is at most (m/a + m/b + 1)/3 when m letters of words of
// lengths a and b are common.
func NewBound(similarity float64) *Bound {
	t := &Bound{}
	for a := 1; a < longest; a++ {
		for b := 1; b < longest; b++ {
			for p := range 5 {
				t.least[a][b][p] = leastCommon(a, b, p, similarity)
			}
		}
	}
	return t
}

func leastCommon(a, b, prefix int, similarity float64) uint8 {
	short, long := min(a, b), max(a, b)
	least := short
	if long-short <= 1 {
		least = long - 1
	}
	share := 0.1 * float64(prefix)
	enough := (3*(similarity-share)/(1-share) - 1) * float64(a*b) / float64(a+b) // the inequality below, solved for m
	for m := max(1, int(enough)-1); m < least; m++ {
		jaro := (float64(m)/float64(a) + float64(m)/float64(b) + 1) / 3
		if jaro+share*(1-jaro) >= similarity-1e-9 {
			least = m
		}
	}
	return uint8(least)
}

// Unlike reports whether two words are surely less alike than the bound's similarity, more than one edit apart, and neither the
// beginning of the other. A false answer says nothing.
func (t *Bound) Unlike(a, b *Signature) bool {
	if a.Len >= longest || b.Len >= longest {
		return false
	}
	prefix := bits.TrailingZeros32(a.Head^b.Head) >> 3
	common := bits.OnesCount64(a.Letters&b.Letters) + int(min(a.More, b.More))
	return common < int(t.least[a.Len][b.Len][prefix])
}
