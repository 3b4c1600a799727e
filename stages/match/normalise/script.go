package normalise

import (
	"strings"
	"unicode"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// What a name is, as its readings tell (reference.Readings).
const (
	givenKind   = reference.GivenReading
	surnameKind = reference.SurnameReading
)

// read returns the folded words of a name. Scripts that do not say how they are read are read by the tables of reference, as far as
// these go.
func read(s string, kind byte) []string {
	if !strings.ContainsFunc(s, unreadable) {
		return fold.Words(s)
	}
	var out []string
	tokens := tokens(s)
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t == "عبد" && i+1 < len(tokens) {
			i++
			t += tokens[i]
		}
		out = append(out, readToken(t, kind)...)
	}
	return out
}

// unreadable reports whether r belongs to a script whose letters do not say how they are read: Hebrew, Arabic, Chinese characters,
// Korean.
func unreadable(r rune) bool {
	return r >= 0x590 && (r < 0x900 || r >= 0x3400 && r < 0xA000 || r >= 0xAC00 && r < 0xD7B0 || r >= 0xF900 && r < 0xFB00 || r >= 0xFB1D && r < 0xFF00 || r >= 0x20000)
}

// tokens splits at spaces and at the dots between the words of foreign names.
func tokens(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '·' || r == '・' || r == '‧' || r == '，' || r == ',' || r == '-'
	})
}

func readToken(t string, kind byte) []string {
	if name, ok := han(t); ok {
		if kind == givenKind {
			return hanGiven(name)
		}
		if surname := hanSurname(name); surname != "" {
			return []string{surname}
		}
		return nil // characters that nobody has a reading for
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == 'ـ' || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, t)
	if list := reference.Readings(kind, bare); len(list) > 0 {
		return list[:1]
	}
	if rest, ok := strings.CutPrefix(bare, "ال"); ok && len(rest) > 4 {
		if list := reference.Readings(kind, rest); len(list) > 0 {
			return list[:1]
		}
		return fold.Words(rest)
	}
	return fold.Words(bare)
}

// han returns a name in Chinese characters without spaces; false when there are other letters.
func han(s string) (string, bool) {
	if s == "" || s[0] < 0xE0 && s[0] != ' ' {
		return "", false
	}
	s = strings.Join(strings.Fields(s), "")
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return "", false
		}
	}
	return s, s != ""
}

// hanSurname reads a surname: a Japanese one of two characters or more, else as Chinese, if it is one; else as Japanese.
func hanSurname(name string) string {
	japanese := reference.Readings(reference.JapaneseSurname, name)
	if len([]rune(name)) > 1 && len(japanese) > 0 {
		return japanese[0]
	}
	if list := reference.Readings(surnameKind, name); len(list) > 0 {
		return list[0]
	}
	chinese := joined(name)
	if len(japanese) > 0 && reference.SurnameShare(chinese) < 1e-4 {
		return japanese[0]
	}
	return chinese
}

// hanGiven reads a given name as Chinese and, when it is a known Japanese one, as Japanese, what is likelier first.
func hanGiven(name string) []string {
	chinese := joined(name)
	japanese := reference.Readings(reference.JapaneseGiven, name)
	switch {
	case chinese == "":
		return japanese
	case len(japanese) == 0:
		return []string{chinese}
	case likelyJapanese(name):
		return append(japanese[:len(japanese):len(japanese)], chinese)
	}
	return append([]string{chinese}, japanese...)
}

// likelyJapanese reports whether a given name ends as Japanese ones do and Chinese ones seldom do.
func likelyJapanese(name string) bool {
	letters := []rune(name)
	return len(letters) > 1 && strings.ContainsRune("郎子介輔彦恵奈々也哉太男夫雄治朗里", letters[len(letters)-1])
}

func joined(s string) string { return strings.ReplaceAll(fold.Text(s), " ", "") }

// eastern reads a name in Chinese characters or Korean script whose surname is known.
func eastern(surname, given string) Person {
	if _, ok := han(surname); !ok {
		return Person{Given(given), Surname(surname)}
	}
	p := Person{Surname: []string{hanSurname(surname)}}
	name, ok := han(given)
	japanese := len([]rune(surname)) > 1 && len(reference.Readings(reference.JapaneseSurname, surname)) > 0
	switch list := reference.Readings(reference.JapaneseGiven, name); {
	case !ok:
		p.Given = Given(given)
	case japanese && len(list) > 0:
		p.Given = list
	case japanese || len(list) > 0 && likelyJapanese(name):
		p.Given = hanGiven(name)
		if romaji := reference.Readings(reference.JapaneseSurname, surname); len(romaji) > 0 {
			p.Surname = romaji[:1]
		}
	default:
		p.Given = []string{joined(name)}
	}
	if p.Surname[0] == "" {
		p.Surname = nil
	}
	if len(p.Given) > 0 && p.Given[0] == "" {
		p.Given = nil
	}
	return p
}

// splitHan splits a whole name in Chinese characters into surname and given name: a Japanese surname of two characters and more, or a
// Chinese one of two, else the first character.
func splitHan(name string) (surname, given string) {
	letters := []rune(name)
	for n := min(3, len(letters)-1); n > 1; n-- {
		s := string(letters[:n])
		if len(reference.Readings(reference.JapaneseSurname, s)) > 0 || len(reference.Readings(surnameKind, s)) > 0 {
			return s, string(letters[n:])
		}
	}
	at := 1
	if len(letters) >= 4 {
		at = 2 // two surnames, or one that is not in the tables
	}
	return string(letters[:at]), string(letters[at:])
}
