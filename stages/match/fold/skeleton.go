package fold

import "bytes"

// Skeleton reduces a folded word further, so that spellings of one sound meet: mueller and muller, schroeder and schroder, ivanoff
// and ivanov, alexey and aleksei, carl and karl, petrowitsch and petrovic, mahmood and mahmoud. A skeleton has no skeleton but
// itself, and is never longer than its word.
func Skeleton(w string) string {
	var room [64]byte
	was := append(room[:0], w...)
	b := make([]byte, 0, len(w))
	for {
		b = ending(respell(b[:0], was))
		if bytes.Equal(b, was) {
			return string(b)
		}
		was = append(was[:0], b...)
	}
}

// respell writes groups of letters that sound alike in one way, each no longer than before.
func respell(b, w []byte) []byte {
	for i := 0; i < len(w); i++ {
		c, more := sound(w, i)
		i += more
		if n := len(b); n > 0 && b[n-1] == c {
			continue // doubled letters
		}
		if c == shush {
			b = append(b, 's', 'h')
			continue
		}
		if c == church {
			b = append(b, 'c', 'h')
			continue
		}
		b = append(b, c)
	}
	return b
}

// Sounds of two letters.
const (
	shush  = 1
	church = 2
)

// sound returns the letter that is written for what stands at i, and how many letters after it go with it.
func sound(w []byte, i int) (c byte, more int) {
	at := func(k int) byte {
		if i+k < len(w) {
			return w[i+k]
		}
		return 0
	}
	c, next := w[i], at(1)
	switch {
	case next == 'e' && (c == 'u' || c == 'o' || c == 'a') && (i > 0 || len(w) > 3 && c == 'o'):
		return c, 1 // ue, oe, ae write an umlaut
	case c == 'o' && (next == 'u' || next == 'o'):
		return 'u', 1
	case c == 'e' && next == 'e':
		return 'i', 1
	case c == 'p' && next == 'h':
		return 'f', 1
	case c == 't' && next == 's' && at(2) == 'c' && at(3) == 'h':
		return church, 3
	case c == 't' && next == 'c' && at(2) == 'h':
		return church, 2
	case c == 's' && next == 'c' && at(2) == 'h':
		return shush, 2
	case c == 's' && next == 'z', c == 's' && next == 'h':
		return shush, 1
	case c == 'c' && (next == 'z' || next == 'h'):
		return church, 1
	case c == 'k' && next == 'h' && (i > 0 || len(w) > 4):
		return 'h', 1
	case c == 't' && next == 'h':
		return 't', 1
	case c == 'z' && next == 'h':
		return 'z', 1
	case c == 'k' && next == 's':
		return 'x', 1
	case c == 'c' && (next == 'k' || next == 'q'):
		return 'k', 1
	case c == 'q' && next == 'u' && (at(2) == 'e' || at(2) == 'i'):
		return 'k', 1
	case c == 'q', c == 'c' && next != 'e' && next != 'i' && next != 'y':
		return 'k', 0
	case c == 'y' || c == 'j':
		return 'i', 0
	case c == 'w':
		return 'v', 0
	}
	return c, 0
}

// endings are endings that families spell in several ways. Each is no longer than what it stands for.
var endings = []struct{ from, to string }{
	{"off", "ov"}, {"of", "ov"}, {"hiov", "hev"}, {"hiev", "hev"}, {"iov", "iev"}, {"ich", "ik"}, {"dt", "t"}, {"ah", "a"}, {"oh", "o"}, {"eh", "e"},
}

func ending(b []byte) []byte {
	for _, e := range endings {
		if len(b) > len(e.from)+1 && bytes.HasSuffix(b, []byte(e.from)) {
			return append(b[:len(b)-len(e.from)], e.to...)
		}
	}
	return b
}
