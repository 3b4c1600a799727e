package writeback

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// cutMark ends a text that was cut.
const cutMark = " […]"

// clean makes a text that Salesforce takes: valid UTF-8, without control characters that XML knows no way to write, without
// white space around it.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return r
		case r < ' ' || r == 0x7F || r == 0xFFFE || r == 0xFFFF:
			return -1
		}
		return r
	}, s)
	return canonical(s)
}

// cut shortens a text to the limit at a word's end and marks it, and reports whether it had to. Characters outside the basic plane
// count twice, as in the strictest of Salesforce's counts.
func cut(s string, limit int) (string, bool) {
	if units(s) <= limit {
		return s, false
	}
	room := limit - units(cutMark)
	used, hard, word := 0, 0, 0
	for i, r := range s {
		n := utf16.RuneLen(r)
		if used+n > room {
			if unicode.IsSpace(r) {
				word = i
			}
			break
		}
		if unicode.IsSpace(r) {
			word = i
		}
		used += n
		hard = i + len(string(r))
	}
	// A text without a word's end in its last part is cut where the room ends.
	if word > hard/2 {
		hard = word
	}
	return strings.TrimRightFunc(s[:hard], unicode.IsSpace) + cutMark, true
}

// units is the length in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// storable makes a text that Postgres takes: it knows no NUL.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
