package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode/table"
	"golang.org/x/text/unicode/norm"
)

// letters holds what each letter below U+3000 folds to: " " for what separates words, "" for what vanishes.
var letters = sync.OnceValue(func() *[0x3000]string {
	var t [0x3000]string
	for r := range rune(len(t)) {
		t[r] = letter(r)
	}
	return &t
})

// sounds are letters that the transliteration has no letters for.
var sounds = map[rune]string{'ə': "a", 'Ə': "a", 'ʿ': "", 'ʾ': "", 'ʻ': "", 'ʼ': "", 'ʹ': "", 'ʺ': "", 'ˈ': "", '׳': "", '״': "", 'ـ': ""}

func appendLetter(b []byte, r rune) []byte {
	if int(r) < len(letters()) {
		return appendASCII(b, letters()[r])
	}
	return appendASCII(b, letter(r))
}

// letter folds one letter without its neighbours.
func letter(r rune) string {
	if s, ok := sounds[r]; ok {
		return s
	}
	if r < utf8.RuneSelf {
		return string(appendByte([]byte{'x'}, byte(r))[1:])
	}
	switch {
	case apostrophe(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r):
		return ""
	case unicode.Is(unicode.Han, r):
		return " " + transliterated(r) + " "
	case r == '™' || r == '℠':
		return " "
	case unicode.Is(unicode.Hangul, r):
		return transliterated(r)
	}
	var b strings.Builder
	for _, c := range norm.NFKD.String(string(r)) {
		switch {
		case c < utf8.RuneSelf:
			b.WriteRune(c)
		case accent(c) || apostrophe(c):
		case unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c):
			b.WriteString(transliterated(c))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// accent reports whether r is a mark that changes nothing: an accent, or a vowel point of Hebrew or Arabic, which are written for
// beginners. The vowel signs of Indian scripts are letters.
func accent(r rune) bool {
	return unicode.Is(unicode.Mn, r) && (r < 0x900 || r >= 0x1AB0 && r < 0x1B00 || r >= 0x1DC0 && r < 0x1E00 || r >= 0x20D0 && r < 0x2100 || r >= 0xFE00)
}

// transliterated returns the ASCII letters and digits for r; the apostrophes of a transliteration stand for soft signs and the like.
func transliterated(r rune) string {
	section := table.Tables[r>>8]
	if int(r&0xFF) >= len(section) {
		return ""
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\'' || c == '`' || c == '"' || c == '@':
			return -1
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return c
	}, strings.TrimSpace(section[r&0xFF]))
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´', '′', '‛', '＇':
		return true
	}
	return false
}
