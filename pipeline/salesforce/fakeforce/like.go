package fakeforce

import (
	"strings"
	"unicode/utf8"
)

// like compiles a pattern of LIKE: % is any text, _ any character, a backslash takes the next one literally. Case does not
// matter.
func like(pattern string) func(string) bool {
	type piece struct {
		r        rune
		any, one bool
	}
	var pieces []piece
	escaped := false
	for _, r := range strings.ToLower(pattern) {
		switch {
		case escaped:
			pieces, escaped = append(pieces, piece{r: r}), false
		case r == '\\':
			escaped = true
		case r == '%':
			if len(pieces) == 0 || !pieces[len(pieces)-1].any {
				pieces = append(pieces, piece{any: true})
			}
		case r == '_':
			pieces = append(pieces, piece{one: true})
		default:
			pieces = append(pieces, piece{r: r})
		}
	}
	return func(v string) bool {
		if v == "" {
			return false
		}
		s := strings.ToLower(v)
		// Greedy matching with one point to fall back to, the last %: linear in practice, quadratic at worst.
		at, p, backAt, backP := 0, 0, -1, -1
		for at < len(s) {
			r, size := utf8.DecodeRuneInString(s[at:])
			switch {
			case p < len(pieces) && pieces[p].any:
				backAt, backP = at, p
				p++
			case p < len(pieces) && (pieces[p].one || pieces[p].r == r):
				at += size
				p++
			case backP >= 0:
				_, skip := utf8.DecodeRuneInString(s[backAt:])
				backAt += skip
				at, p = backAt, backP+1
			default:
				return false
			}
		}
		for p < len(pieces) && pieces[p].any {
			p++
		}
		return p == len(pieces)
	}
}
