// Package fold reduces text in any script to lower-case ASCII words, so that spellings of one name meet: accents go, other
// scripts are transliterated, punctuation separates.
//
// Cyrillic, Greek and Japanese kana are read by rules of their own, since what a letter sounds like there depends on its
// neighbours or on the language; every other script goes letter by letter.
//
// Invariants: the result holds only a-z, 0-9 and single spaces between words; folding a folded text changes nothing.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text folds s. Apostrophes vanish (O'Neil is oneil), every other mark separates words.
func Text(s string) string {
	if plain(s) {
		return s
	}
	if ascii(s) {
		return string(trim(appendASCII(make([]byte, 0, len(s)), s)))
	}
	return string(trim(appendText(make([]byte, 0, len(s)+8), s)))
}

// Words returns the words of the folded text.
func Words(s string) []string {
	folded := Text(s)
	if folded == "" {
		return nil
	}
	words := make([]string, 0, strings.Count(folded, " ")+1)
	for folded != "" {
		word, rest, _ := strings.Cut(folded, " ")
		words, folded = append(words, word), rest
	}
	return words
}

func appendText(b []byte, s string) []byte {
	if unusual(s) {
		s = norm.NFKC.String(s)
	}
	own := languageOf(s)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			b = appendByte(b, s[i])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if read := scriptOf(r); read != nil {
			end := i + size
			for end < len(s) {
				next, n := utf8.DecodeRuneInString(s[end:])
				if !same(r, next) {
					break
				}
				end += n
			}
			b = read(b, s[i:end], own)
			i = end
			continue
		}
		i += size
		b = appendLetter(b, r)
	}
	return b
}

// unusual reports whether s holds letters that are written in more than one way: with marks of their own, in full or half width, as
// parts of a syllable.
func unusual(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x300:
		case r < 0x370, r >= 0x1100 && r < 0x1200, r == 0x3099, r == 0x309A, r >= 0x3200 && r < 0x3400, r >= 0xF900:
			return true
		}
	}
	return false
}

// A reader appends the reading of a run of letters of its script, own being what the language of the whole text has of its own.
type reader func(b []byte, run string, own map[rune]string) []byte

func scriptOf(r rune) reader {
	switch {
	case isGreek(r):
		return appendGreek
	case isCyrillic(r):
		return appendCyrillic
	case isKana(r):
		return appendKana
	}
	return nil
}

func same(a, b rune) bool {
	return isGreek(a) && isGreek(b) || isCyrillic(a) && isCyrillic(b) || isKana(a) && isKana(b)
}

func isGreek(r rune) bool {
	return r >= 0x370 && r < 0x400 && unicode.IsLetter(r) || r >= 0x1F00 && r < 0x2000 && unicode.IsLetter(r)
}
func isCyrillic(r rune) bool { return r >= 0x400 && r < 0x530 && unicode.IsLetter(r) }
func isKana(r rune) bool {
	return r >= 0x3041 && r <= 0x3096 || r >= 0x30A1 && r <= 0x30FA || r == 'ー'
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
		b = appendByte(b, s[i])
	}
	return b
}

func appendByte(b []byte, c byte) []byte {
	switch {
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		return append(b, c)
	case c >= 'A' && c <= 'Z':
		return append(b, c+'a'-'A')
	case c == '\'' || c == '`':
		return b
	}
	if n := len(b); n > 0 && b[n-1] != ' ' {
		return append(b, ' ')
	}
	return b
}

func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == ' ' {
		return b[:n-1]
	}
	return b
}
