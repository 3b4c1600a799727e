package fakeforce

import (
	"errors"
	"fmt"
)

// ErrMalformedID marks a string that is no Salesforce id.
var ErrMalformedID = errors.New("malformed id")

const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	// pod is the instance part of every id that the org makes.
	pod = "Kf0"
	// serialDigits is the number of base-62 digits of an id's serial number.
	serialDigits = 9
)

// idKey is the case-sensitive 15-character form of an id, which identifies a row.
type idKey [15]byte

// MakeID returns the 18-character id with the key prefix (three characters) and the serial number n, n < 62^9.
func MakeID(prefix string, n uint64) string {
	var b [18]byte
	copy(b[:3], prefix)
	copy(b[3:6], pod)
	for i := 14; i >= 15-serialDigits; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	checkCharacters(&b)
	return string(b[:])
}

// serialOf is the inverse of MakeID: the serial number of an id that the org made.
func serialOf(k idKey) (uint64, bool) {
	if string(k[3:6]) != pod {
		return 0, false
	}
	var n uint64
	for _, c := range k[6:] {
		switch {
		case c >= '0' && c <= '9':
			n = n*62 + uint64(c-'0')
		case c >= 'A' && c <= 'Z':
			n = n*62 + uint64(c-'A') + 10
		default:
			n = n*62 + uint64(c-'a') + 36
		}
	}
	return n, true
}

// ID18 appends the three check characters to a 15-character id. Each stands for five characters: the bits say which of them
// are capital letters, so that the result is unique without regard to case. Other lengths are returned as they are.
func ID18(id string) string {
	if len(id) != 15 {
		return id
	}
	var b [18]byte
	copy(b[:], id)
	checkCharacters(&b)
	return string(b[:])
}

// checkCharacters fills in the last three characters from the first fifteen.
func checkCharacters(b *[18]byte) {
	for chunk := range 3 {
		bits := 0
		for i := range 5 {
			if c := b[chunk*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		b[15+chunk] = base32[bits]
	}
}

// parseID reads a 15- or 18-character id. The check characters of the long form are not verified, as in Salesforce.
func parseID(s string) (idKey, error) {
	var k idKey
	if len(s) != 15 && len(s) != 18 {
		return k, fmt.Errorf("%w: %d characters", ErrMalformedID, len(s))
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			return k, fmt.Errorf("%w: character %q", ErrMalformedID, c)
		}
	}
	copy(k[:], s)
	return k, nil
}
