package generate

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// neighbours are the keys beside each letter.
var neighbours = map[rune]string{
	'a': "sqz", 'b': "vgn", 'c': "xdv", 'd': "sfe", 'e': "wrd", 'f': "dgr", 'g': "fht", 'h': "gjy", 'i': "uok", 'j': "hku", 'k': "jli", 'l': "ko", 'm': "nj", 'n': "bm",
	'o': "ipl", 'p': "ol", 'q': "wa", 'r': "etf", 's': "adw", 't': "ryg", 'u': "yij", 'v': "cb", 'w': "qes", 'x': "zc", 'y': "tu", 'z': "xa",
}

// sounds are spellings that sound alike.
var sounds = [][2]string{
	{"ph", "f"},
	{"f", "ph"},
	{"ck", "k"},
	{"ie", "y"},
	{"y", "i"},
	{"ei", "ie"},
	{"ei", "ai"},
	{"c", "k"},
	{"th", "t"},
	{"ll", "l"},
	{"nn", "n"},
	{"tt", "t"},
	{"z", "s"},
	{"w", "v"},
	{"ai", "ay"},
	{"ou", "u"},
	{"son", "sen"},
	{"sen", "son"},
	{"ee", "ea"},
	{"sch", "sh"},
	{"gh", "g"},
	{"ine", "yne"},
	{"ey", "y"},
}

// typo makes one error in a text, by the keyboard or by ear; the first letter stays. Texts of less than three letters, and those
// that no keyboard of letters writes, stay as they are.
func typo(r *rand.Rand, s string) string {
	list := []rune(s)
	if len(list) < 3 || !unicode.In(list[0], unicode.Latin, unicode.Nd) {
		return s
	}
	if chance(r, 0.3) {
		first, rest := string(list[:1]), string(list[1:])
		from := r.IntN(len(sounds))
		for k := range sounds {
			if pair := sounds[(from+k)%len(sounds)]; strings.Contains(rest, pair[0]) {
				return first + strings.Replace(rest, pair[0], pair[1], 1)
			}
		}
	}
	i := 1 + r.IntN(len(list)-2)
	near := neighbours[unicode.ToLower(list[i])]
	if near == "" {
		near = "aeio"
	}
	other := rune(near[r.IntN(len(near))])
	switch x := r.Float64(); {
	case x < 0.3: // left out
		list = append(list[:i], list[i+1:]...)
	case x < 0.55 && list[i] != list[i+1]: // in each other's place
		list[i], list[i+1] = list[i+1], list[i]
	case x < 0.8: // another key
		list[i] = other
	case x < 0.9: // twice
		list = append(list[:i], append([]rune{list[i]}, list[i:]...)...)
	default: // one more key
		list = append(list[:i], append([]rune{other}, list[i:]...)...)
	}
	return string(list)
}

// misdial replaces one of the last six digits of a number.
func misdial(r *rand.Rand, parts string) string {
	b := []byte(parts)
	for {
		i := len(b) - 1 - r.IntN(min(6, len(b)))
		if b[i] != ' ' {
			b[i] = '0' + (b[i]-'0'+1+byte(r.IntN(9)))%10
			return string(b)
		}
	}
}

// recase writes a text in capitals or, less often, in small letters.
func recase(r *rand.Rand, s string) string {
	if chance(r, 0.7) {
		return strings.ToUpper(s)
	}
	return strings.ToLower(s)
}
