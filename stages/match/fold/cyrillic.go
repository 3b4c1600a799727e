package fold

import (
	"strings"
	"unicode"
)

// Letters of Cyrillic as in Russian passports and on maps (BGN/PCGN, in its simple form without apostrophes).
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k", 'л': "l",
	'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh",
	'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya", 'ў': "u", 'і': "i", 'ї': "i", 'є': "ye", 'ґ': "g", 'ѣ': "e",
	'ә': "a", 'ғ': "g", 'қ': "k", 'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'җ': "j", 'ҷ': "j", 'ӣ': "i", 'ӯ': "u", 'ҳ': "h",
}

// What differs in Ukrainian, and in Serbian and Macedonian, which have a Latin spelling of their own. Their accents are gone, as they
// are from Latin text.
var (
	ukrainian = map[rune]string{'г': "h", 'и': "y", 'й': "i", 'є': "ie", 'ю': "iu", 'я': "ia"}
	serbian   = map[rune]string{
		'ж': "z", 'х': "h", 'ц': "c", 'ч': "c", 'ш': "s", 'ђ': "d", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", 'ѓ': "gj", 'ќ': "kj", 'ѕ': "dz",
	}
)

// languageOf returns what the language of a text has of its own among the languages written in Cyrillic: letters that only one
// language has tell it.
func languageOf(s string) map[rune]string {
	for _, r := range s {
		switch r {
		case 'і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є', 'Ґ':
			return ukrainian
		case 'ђ', 'ј', 'љ', 'њ', 'ћ', 'џ', 'ѓ', 'ќ', 'ѕ', 'Ђ', 'Ј', 'Љ', 'Њ', 'Ћ', 'Џ', 'Ѓ', 'Ќ', 'Ѕ':
			return serbian
		}
	}
	return nil
}

// appendCyrillic reads one word.
func appendCyrillic(b []byte, word string, own map[rune]string) []byte {
	word = strings.ToLower(word)
	before, first := rune(0), true
	for _, r := range word {
		s, ok := own[r]
		if !ok {
			s, ok = cyrillic[r]
		}
		switch {
		case own != nil && first && (r == 'є' || r == 'ю' || r == 'я'):
			s = cyrillic[r]
		case (before == 'ь' || before == 'ъ') && (r == 'е' || r == 'ё' || r == 'и' || r == 'о'):
			s = "i" + strings.TrimPrefix(s, "i") // Vasiliev, Soloviev
		case !ok && !unicode.Is(unicode.Mn, r):
			s = transliterated(r)
		}
		b = appendASCII(b, s)
		before, first = r, false
	}
	return b
}
