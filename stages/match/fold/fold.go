// Package fold reduces text in any script to lower-case ASCII words, so that spellings of one name meet: accents go, other
// scripts are transliterated, punctuation separates.
//
// Invariants: the result holds only a-z, 0-9 and single spaces between words; folding a folded text changes nothing.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// Text folds s. Apostrophes vanish (O'Neil is oneil), every other mark separates words.
func Text(s string) string {
	if plain(s) {
		return s
	}
	b := make([]byte, 0, len(s)+8)
	if ascii(s) {
		return string(trim(appendASCII(b, s)))
	}
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r < utf8.RuneSelf:
			b = appendASCII(b, string(r))
		case unicode.Is(unicode.Mn, r) || r == utf8.RuneError || apostrophe(r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word := unidecode.Unidecode(string(r))
			if unicode.Is(unicode.Han, r) {
				b = appendASCII(b, " ")
			}
			for i := range len(word) { // apostrophes of a transliteration stand for soft signs and the like
				if c := word[i]; c != '\'' && c != '`' && c != '"' {
					b = appendASCII(b, word[i:i+1])
				}
			}
		default:
			b = appendASCII(b, " ")
		}
	}
	return string(trim(b))
}

// Words returns the words of the folded text.
func Words(s string) []string { return strings.Fields(Text(s)) }

// Skeleton reduces a folded word further, so that transliterations meet: mueller and muller, schroeder and schroder, ivanoff and
// ivanov, alexey and aleksei.
func Skeleton(w string) string {
	b := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		c := w[i]
		next := byte(0)
		if i+1 < len(w) {
			next = w[i+1]
		}
		switch {
		case next == 'e' && (c == 'u' || c == 'o' || c == 'a') && i > 0:
			i++ // ue, oe, ae write an umlaut
		case c == 'p' && next == 'h', c == 'f' && next == 'f' && i+2 == len(w):
			c, i = 'f', i+1
		case c == 'k' && next == 's':
			c, i = 'x', i+1
		case c == 'c' && next == 'k':
			c, i = 'k', i+1
		case c == 'y' || c == 'j':
			c = 'i'
		case c == 'w':
			c = 'v'
		}
		if c == 'f' && i+1 == len(w) && len(b) > 2 && b[len(b)-1] == 'o' {
			c = 'v' // -off and -of end what -ov ends
		}
		if n := len(b); n > 0 && b[n-1] == c {
			continue // doubled letters
		}
		b = append(b, c)
	}
	return string(b)
}

func apostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´'
}

// plain reports whether s is folded already, which most values of a second pass are.
func plain(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c == ' ' {
			if space {
				return false
			}
			space = true
			continue
		}
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
		space = false
	}
	return !space || len(s) == 0
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendASCII(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c == '\'' || c == '`':
		default:
			if n := len(b); n > 0 && b[n-1] != ' ' {
				b = append(b, ' ')
			}
		}
	}
	return b
}

func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == ' ' {
		return b[:n-1]
	}
	return b
}
