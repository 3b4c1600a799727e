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

// cut shortens a text to the limit at a word's end and marks it, and reports whether it had to. count tells the length of a text; it is
// that of its characters, added up.
func cut(s string, limit int, count func(string) int) (string, bool) {
	if count(s) <= limit {
		return s, false
	}
	room := limit - count(cutMark)
	used, hard, word := 0, 0, 0
	for i, r := range s {
		n := count(string(r))
		if unicode.IsSpace(r) {
			word = i
		}
		if used+n > room {
			break
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

// maxLink is how long an address may be that is written below a cut text.
const maxLink = 500

// linkTo is what stands below a cut text; nothing if the address is none that a reader can follow.
func linkTo(address string) string {
	if !strings.HasPrefix(address, "https://") || len(address) > maxLink || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7F }) {
		return ""
	}
	return "\nThe whole text: " + address
}

// plain makes a text that also those take who can't store characters outside the basic plane.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, s)
}

// strictest is the length by the strictest of the counts that Salesforce is known to make: bytes of UTF-8, line ends as two, and the
// characters that HTML escapes as their escapes.
func strictest(s string) int {
	n := len(s)
	for _, r := range s {
		switch r {
		case '\n':
			n++
		case '<', '>':
			n += len("&lt;") - 1
		case '&', '\'':
			n += len("&amp;") - 1
		case '"':
			n += len("&quot;") - 1
		}
	}
	return n
}

// units is the length in UTF-16 units, as Java counts, in which Salesforce is written: a character outside the basic plane is two.
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
