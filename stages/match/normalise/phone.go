package normalise

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a telephone number.
type Number struct {
	E164      string // +14155550123
	National  string // digits without the country code
	Extension string // digits; empty when there is none
}

// extension finds the words for an extension that the library does not know.
var extension = regexp.MustCompile(`(?i)[\s,;]*(?:durchwahl|dw|poste|interno|ramal|toestel|wewn?|вн|内線|內線|분기)[.:]?\s*(\d{1,6})\s*$`)

// Phone reads a telephone number as typed in a country (ISO alpha-2, for numbers without a country code; the US when empty); the empty
// value when it cannot be one.
func Phone(s, country string) Number {
	if len(s) < 5 || len(s) > 100 {
		return Number{}
	}
	if country == "" {
		country = "US"
	}
	n, ok := plainPhone(s, country)
	if !ok {
		n = parsedPhone(s, country)
	}
	if made(n.National) {
		return Number{}
	}
	return n
}

// made reports whether a number was made up to fill a field: one digit all along, but for the first three, or digits in their order.
func made(digits string) bool {
	if len(digits) < 6 {
		return false
	}
	rest := digits[min(3, len(digits)-5):]
	return strings.Trim(rest, rest[:1]) == "" || strings.Contains("01234567890123456789", digits) || strings.Contains("98765432109876543210", digits)
}

// parsedPhone is Phone by the library, for any text.
func parsedPhone(s, country string) Number {
	if m := extension.FindStringSubmatchIndex(s); m != nil {
		s = s[:m[0]] + " ext. " + s[m[2]:m[3]]
	}
	n, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return Number{}
	}
	n.Extension, s = nil, n.GetExtension()
	return Number{phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetNationalSignificantNumber(n), s}
}

// trimPhone returns the digits of a number that is written with nothing but digits, blanks, hyphens, points and brackets, and whether
// a plus stands before them.
func trimPhone(room *[16]byte, s string) (digits []byte, plus, ok bool) {
	s = strings.TrimSpace(s)
	digits = room[:0]
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if len(digits) == 15 {
				return nil, false, false
			}
			digits = append(digits, c)
		case c == '+' && i == 0:
			plus = true
		case c != ' ' && c != '-' && c != '.' && c != '(' && c != ')':
			return nil, false, false
		}
	}
	return digits, plus, len(digits) > 6
}
