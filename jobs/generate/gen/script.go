package main

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// umlauts are letters that some countries write as two.
var umlauts = map[string]*strings.Replacer{
	"DE": strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss"),
	"DK": strings.NewReplacer("ø", "oe", "Ø", "Oe", "å", "aa", "Å", "Aa", "æ", "ae", "Æ", "Ae"),
}

// cyrillic and greek follow what passports and chambers of commerce write, without their marks.
var (
	cyrillic = strings.NewReplacer("ий", "y", "ый", "y", "а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "y",
		"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch",
		"ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya")
	greek = strings.NewReplacer("ου", "ou", "αυ", "av", "ευ", "ev", "μπ", "b", "γγ", "ng", "α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i", "θ", "th", "ι", "i",
		"κ", "k", "λ", "l", "μ", "m", "ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o")
)

// latin writes a text in ASCII.
func latin(s, country string) string {
	s = strings.ReplaceAll(s, "_", " ")
	switch r := []rune(s); {
	case len(r) == 0:
		return ""
	case unicode.Is(unicode.Cyrillic, r[0]):
		s = title(cyrillic.Replace(strings.ToLower(s)))
	case unicode.Is(unicode.Greek, r[0]):
		plain := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(strings.ToLower(s)))
		s = title(greek.Replace(plain))
	}
	if u := umlauts[country]; u != nil {
		s = u.Replace(s)
	}
	return strings.TrimSpace(unidecode.Unidecode(s))
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// isLatin reports whether the first letter is Latin.
func isLatin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.Is(unicode.Latin, r)
		}
	}
	return true
}

// rows of the kana table: the syllables of one consonant.
var kana = func() map[string]string {
	m := map[string]string{
		"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu", "ん": "n", "を": "o", "わ": "wa", "や": "ya", "ゆ": "yu", "よ": "yo",
		"しゃ": "sha", "しゅ": "shu", "しょ": "sho", "ちゃ": "cha", "ちゅ": "chu", "ちょ": "cho", "じゃ": "ja", "じゅ": "ju", "じょ": "jo",
	}
	vowels := []string{"a", "i", "u", "e", "o"}
	for consonant, row := range map[string]string{
		"": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご",
		"z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
	} {
		for i, r := range []rune(row) {
			if _, ok := m[string(r)]; !ok {
				m[string(r)] = consonant + vowels[i]
			}
			for _, small := range []string{"ゃ", "ゅ", "ょ"} {
				if y := string(r) + small; i == 1 && consonant != "" && m[y] == "" {
					m[y] = consonant + map[string]string{"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}[small]
				}
			}
		}
	}
	return m
}()

// long are vowels whose length passports do not write.
var long = strings.NewReplacer("oue", "oue", "ou", "o", "oo", "o", "uu", "u")

// hepburn writes kana as passports do.
func hepburn(s string) string {
	var b strings.Builder
	r := []rune(s)
	double := false
	for i := 0; i < len(r); i++ {
		if r[i] == 'っ' {
			double = true
			continue
		}
		syllable := kana[string(r[i])]
		if i+1 < len(r) {
			if both := kana[string(r[i:i+2])]; both != "" {
				syllable = both
				i++
			}
		}
		if double && syllable != "" {
			b.WriteByte(syllable[0])
			double = false
		}
		b.WriteString(syllable)
	}
	text := long.Replace(b.String())
	if text == "" {
		return ""
	}
	return title(text)
}
