package fold

import "strings"

// kana are the syllables in Hepburn's spelling, by hiragana.
var kana = map[rune]string{
	'あ': "a", 'い': "i", 'う': "u", 'え': "e", 'お': "o", 'か': "ka", 'き': "ki", 'く': "ku", 'け': "ke", 'こ': "ko", 'が': "ga", 'ぎ': "gi", 'ぐ': "gu", 'げ': "ge", 'ご': "go",
	'さ': "sa", 'し': "shi", 'す': "su", 'せ': "se", 'そ': "so", 'ざ': "za", 'じ': "ji", 'ず': "zu", 'ぜ': "ze", 'ぞ': "zo", 'た': "ta", 'ち': "chi", 'つ': "tsu", 'て': "te", 'と': "to",
	'だ': "da", 'ぢ': "ji", 'づ': "zu", 'で': "de", 'ど': "do", 'な': "na", 'に': "ni", 'ぬ': "nu", 'ね': "ne", 'の': "no", 'は': "ha", 'ひ': "hi", 'ふ': "fu", 'へ': "he", 'ほ': "ho",
	'ば': "ba", 'び': "bi", 'ぶ': "bu", 'べ': "be", 'ぼ': "bo", 'ぱ': "pa", 'ぴ': "pi", 'ぷ': "pu", 'ぺ': "pe", 'ぽ': "po", 'ま': "ma", 'み': "mi", 'む': "mu", 'め': "me", 'も': "mo",
	'や': "ya", 'ゆ': "yu", 'よ': "yo", 'ら': "ra", 'り': "ri", 'る': "ru", 'れ': "re", 'ろ': "ro", 'わ': "wa", 'ゐ': "i", 'ゑ': "e", 'を': "o", 'ん': "n", 'ゔ': "vu", 'ゕ': "ka", 'ゖ': "ke",
}

// small are the syllables that join the one before them.
var small = map[rune]string{'ぁ': "a", 'ぃ': "i", 'ぅ': "u", 'ぇ': "e", 'ぉ': "o", 'ゃ': "ya", 'ゅ': "yu", 'ょ': "yo", 'ゎ': "wa"}

// appendKana reads a run of hiragana and katakana. Long vowels are written short, as in passports (さとう is sato, ゆうき yuki), except
// where two words meet (いのうえ is inoue).
func appendKana(b []byte, run string, _ map[rune]string) []byte {
	letters := []rune(run)
	for i, r := range letters {
		if r >= 'ァ' && r <= 'ヶ' {
			letters[i] = r - 'ァ' + 'ぁ'
		}
	}
	start, double := len(b), false
	for i, r := range letters {
		next, before := rune(0), byte(0)
		if i+1 < len(letters) {
			next = letters[i+1]
		}
		if len(b) > start {
			before = b[len(b)-1]
		}
		switch {
		case r == 'っ':
			double = true
			continue
		case r == 'ー', r == 'お' && before == 'o', r == 'う' && before == 'u',
			r == 'う' && before == 'o' && next != 'え' && (next != 'ち' || letters[i-1] != 'の'):
			continue
		}
		if s := small[r]; s != "" {
			b = join(b, start, s)
			continue
		}
		s := kana[r]
		if s == "" {
			s = strings.TrimSpace(transliterated(r))
		}
		if double && s != "" && strings.IndexByte("aiueon", s[0]) < 0 {
			if s[0] == 'c' {
				b = append(b, 't')
			} else {
				b = append(b, s[0])
			}
		}
		double = false
		b = appendASCII(b, s)
	}
	return b
}

// join adds a small syllable to the one at the end of b: ki and ya are kya, shi and ya sha, fu and a fa.
func join(b []byte, start int, s string) []byte {
	n := len(b)
	if n-start < 2 {
		return append(b, s...)
	}
	switch last, before := b[n-1], b[n-2]; {
	case last == 'i' && s[0] == 'y' && (before == 'h' || before == 'j'):
		return append(b[:n-1], s[1:]...)
	case last == 'i' && s[0] == 'y', last == 'i' && s == "e" && (before == 'h' || before == 'j'):
		return append(b[:n-1], s...)
	case (last == 'u' || last == 'e' || last == 'o') && s[0] != 'y' && before != 'a' && before != 'i':
		return append(b[:n-1], s...)
	case last == 'e' && s == "yu":
		return append(b[:n-1], s...)
	}
	return append(b, s...)
}
