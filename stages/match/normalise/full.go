package normalise

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference"
)

var (
	// eastAsian are surnames of China and Korea in Latin letters that are no given names elsewhere.
	eastAsian = set(`wang zhang liu chen yang huang zhao wu zhou xu zhu hu guo he gao luo zheng liang xie tang feng deng cao peng zeng xiao cai pan
		jiang yu dong yuan su ye lu wei cheng ding shen ren lin song han fu zhong tan liao xiong jin shi hou meng qin yin xue duan lei qian kim lee
		park choi jung jeong kang cho yoon jang lim oh seo shin kwon hwang ahn yoo jeon hong moon yang bae baek heo nam noh ha kwak woo chang
		chan cheung chow chu fung ho kwok lam lau leung ng tam tsang tse wong yip yeung hsu hsieh tsai chiang`)
	vietnamese = set("nguyen tran pham huynh hoang phan truong dang bui duong ngo dinh trinh")
	// iberian are surnames that people have two of.
	iberian = set(`garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez martin jimenez ruiz hernandez diaz moreno munoz alvarez romero
		alonso gutierrez navarro torres dominguez vazquez ramos gil ramirez serrano blanco molina morales suarez ortega delgado castro ortiz rubio
		marin sanz nunez iglesias medina garrido cortes castillo santos lozano guerrero cano prieto mendez cruz flores herrera pena marquez leon
		cabrera reyes vega fuentes carrasco aguilar vargas rojas silva rivera mendoza chavez guzman salazar contreras estrada castaneda
		ferreira pereira oliveira sousa souza costa rodrigues martins alves gomes lopes fernandes goncalves ribeiro pinto carvalho teixeira moreira
		correia mendes nunes soares vieira monteiro cardoso rocha almeida araujo barbosa lima nascimento azevedo machado`)
	syllable = regexp.MustCompile(`^(?i:[bcdfghjklmnpqrstwxyz]{0,3}[aeiouy]+(?:n|ng|k|l|m|p|h)?)$`)
)

// Full splits a full name. The surname comes first before a comma, in Chinese characters and Korean script, when it alone is in
// capitals, and where words tell: a patronymic at the end, a Vietnamese, Korean, Chinese or Japanese name in its own order. Else it
// is the last word with the particles before it, or the last two where people have two surnames.
func Full(s string) Person {
	if family, rest, ok := familyFirst(s); ok {
		return eastern(family, rest)
	}
	if before, after, ok := strings.Cut(s, ","); ok {
		if w := fold.Words(after); len(w) > 0 && !suffixes[strings.Join(w, "")] && !suffixes[w[0]] {
			return Person{Given(after), Surname(before)}
		}
		s = before
	}
	if family, rest, ok := capitals(s); ok {
		return Person{Given(rest), Surname(family)}
	}
	fields := strings.Fields(s)
	if n := len(fields); n > 1 {
		fields[n-1] = uncamel(fields[n-1])
		s = strings.Join(fields, " ")
	}
	words := whole(s)
	if len(words) < 2 {
		return Person{Surname: words}
	}
	if p, ok := ownOrder(s, words); ok {
		return p
	}
	at := len(words) - 1
	if n := len(fields); n > 1 && strings.Contains(fields[n-1], "-") {
		if double := fold.Words(fields[n-1]); len(double) > 0 && len(double) < len(words) && slices.Equal(double, words[len(words)-len(double):]) {
			at = len(words) - len(double)
		}
	}
	if at > 1 && (joining[words[at-1]] || words[at-1] == "st") {
		at--
	}
	if at > 1 && iberian[words[at]] && iberian[words[at-1]] {
		at--
	} else if at > 2 && (words[at-1] == "y" || words[at-1] == "e") && iberian[words[at-2]] {
		at -= 2
	}
	for at > 1 && particles[words[at-1]] {
		at--
	}
	return Person{servants(words[:at]), family(words[at:])}
}

// whole returns the words of a full name without titles and suffixes; the last one is read as a surname.
func whole(s string) []string {
	all := read(s, givenKind)
	if strings.ContainsFunc(s, unreadable) {
		if t := tokens(s); len(t) > 1 {
			all = append(read(strings.Join(t[:len(t)-1], " "), givenKind), read(t[len(t)-1], surnameKind)...)
		}
	}
	all = degrees(all)
	if len(all) > 1 && leading[all[0]] {
		all = all[1:]
	}
	all = keep(all, func(w string) bool { return !titles[w] })
	for len(all) > 1 && suffixes[all[len(all)-1]] {
		all = all[:len(all)-1]
	}
	return all
}

// ownOrder reads names whose order their words tell.
func ownOrder(s string, words []string) (Person, bool) {
	n := len(words)
	first, last := words[0], words[n-1]
	switch {
	case n > 2 && patronymic(last) && !patronymic(words[n-2]):
		return Person{words[1:], family(words[:1])}, true
	case n > 2 && vietnamese[first] && !vietnamese[last]:
		given := []string{last} // people go by the last one; Van and Thi say man and woman
		for _, w := range words[1 : n-1] {
			if w != "van" && w != "thi" {
				given = append(given, w)
			}
		}
		return Person{given, words[:1]}, true
	case n == 3 && eastAsian[first] && !eastAsian[last] && strings.Contains(s, "-") && len(strings.Fields(s)) == 2 &&
		syllable.MatchString(words[1]) && syllable.MatchString(last):
		return Person{words[1:], words[:1]}, true
	case n == 2:
		surname, alsoGiven := reference.Japanese(first)
		lastSurname, given := reference.Japanese(last)
		if surname && !alsoGiven && given && !lastSurname {
			return Person{words[1:], words[:1]}, true
		}
	}
	return Person{}, false
}

// patronymic reports whether a word says whose son or daughter someone is, in Russian and its neighbours.
func patronymic(w string) bool {
	for _, end := range []string{"ovich", "evich", "ovna", "evna", "yevich", "yich", "ichna", "ovych", "ivna"} {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// capitals finds a surname that alone is in capitals: DUPONT Jean, Jean DUPONT, NGUYEN Van An. Two letters may be initials, unless they
// are a surname.
func capitals(s string) (surname, rest string, ok bool) {
	fields := strings.Fields(s)
	from, to := -1, -1
	for i, f := range fields {
		bare := strings.Trim(f, ".'-()\"")
		switch folded := fold.Text(bare); {
		case bare == "" || titles[folded] || suffixes[folded]:
			continue
		case !capital(bare) || strings.Contains(f, ".") || len(bare) < 3 && !eastAsian[folded]:
			continue
		}
		if from >= 0 && to != i {
			return "", "", false
		}
		if from < 0 {
			from = i
		}
		to = i + 1
	}
	if from < 0 || to-from == len(fields) || from > 0 && to < len(fields) && !suffixes[fold.Text(fields[to])] {
		return "", "", false
	}
	rest = strings.Join(append(append([]string{}, fields[:from]...), fields[to:]...), " ")
	if !strings.ContainsFunc(rest, unicode.IsLower) {
		return "", "", false
	}
	return strings.Join(fields[from:to], " "), rest, true
}

func capital(s string) bool {
	upper := 0
	for _, r := range s {
		if unicode.IsLower(r) || unicode.IsDigit(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper > 1
}

// familyFirst splits a name written in Chinese characters, or in Korean script, into family name and given name.
func familyFirst(s string) (family, rest string, ok bool) {
	s = strings.TrimSpace(s)
	letters := []rune(s)
	if len(letters) < 2 {
		return "", "", false
	}
	korean := true
	for _, r := range letters {
		if !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Hangul, r) && !unicode.IsSpace(r) && !(isKana(r) && unicode.Is(unicode.Han, letters[0])) {
			return "", "", false
		}
		korean = korean && !unicode.Is(unicode.Han, r)
	}
	if at := strings.IndexFunc(s, unicode.IsSpace); at > 0 {
		return strings.TrimSpace(s[:at]), strings.TrimSpace(s[at:]), true
	}
	if korean {
		at := 1
		if len(letters) > 3 && len(reference.Readings(surnameKind, string(letters[:2]))) > 0 {
			at = 2
		}
		return string(letters[:at]), string(letters[at:]), true
	}
	if _, isHan := han(s); !isHan {
		if at := strings.IndexFunc(s, isKana); at > 0 {
			return s[:at], s[at:], true
		}
		return "", "", false // Korean script among Chinese characters
	}
	family, rest = splitHan(s)
	return family, rest, true
}

func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) || r == 'ー' }
