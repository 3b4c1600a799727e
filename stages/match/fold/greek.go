package fold

import (
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters of Greek by ELOT 743, as in passports. Upsilon after another vowel is read in appendGreek.
var greek = map[rune]string{
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n",
	'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}

// bases holds the letter under the accents of each Greek letter.
var bases = sync.OnceValue(func() map[rune]rune {
	m := map[rune]rune{}
	for _, block := range [][2]rune{{0x370, 0x400}, {0x1F00, 0x2000}} {
		for r := block[0]; r < block[1]; r++ {
			for _, c := range norm.NFKD.String(string(r)) {
				m[r] = unicode.ToLower(c)
				break
			}
		}
	}
	return m
})

// appendGreek reads one word.
func appendGreek(b []byte, word string, _ map[rune]string) []byte {
	letters := []rune(word)
	for i, r := range letters {
		letters[i] = bases()[r]
	}
	at := func(i int) rune {
		if i < 0 || i >= len(letters) {
			return 0
		}
		return letters[i]
	}
	for i, r := range letters {
		before, next := at(i-1), at(i+1)
		s, ok := greek[r]
		switch {
		case !ok:
			s = transliterated(r)
		case r == 'υ' && before == 'ο':
			s = "u"
		case r == 'υ' && (before == 'α' || before == 'ε' || before == 'η'):
			s = "v"
			switch next {
			case 0, 'θ', 'κ', 'ξ', 'π', 'σ', 'τ', 'φ', 'χ', 'ψ':
				s = "f"
			}
		case r == 'γ' && (next == 'γ' || next == 'ξ' || next == 'χ'):
			s = "n"
		case i == 0 && r == 'μ' && next == 'π':
			s = ""
		case i == 1 && r == 'π' && before == 'μ':
			s = "b"
		case i == 0 && r == 'ν' && next == 'τ':
			s = ""
		case i == 1 && r == 'τ' && before == 'ν':
			s = "d"
		case i == 0 && r == 'γ' && next == 'κ':
			s = ""
		case i == 1 && r == 'κ' && before == 'γ':
			s = "g"
		}
		b = appendASCII(b, s)
	}
	return b
}
