package normalise

import (
	"slices"
	"strings"
	"unicode"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// Person is a person's name in folded words. Suffixes (Jr, III), titles (Dr) and, in surnames, particles (van der) are gone.
type Person struct {
	Given   []string // in order; initials are words of one letter
	Surname []string // several when double-barrelled
}

var (
	titles    = set("mr mrs ms miss dr prof professor sir dame lord lady herr frau dipl ing mag rev hon capt col gen sen")
	suffixes  = set("jr sr ii iii iv 2nd 3rd 4th esq phd md mba cpa cfa pe dds jd rn llm")
	particles = set("de da do dos das del della di du la le las los van von der den ten ter zu zum zur bin ibn bint al el abu ben y e af av")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// Name reads a person's name from its parts. The full name serves when given name or surname is missing.
func Name(given, surname, full string) Person {
	p := Person{Given(given), Surname(surname)}
	if (len(p.Given) == 0 || len(p.Surname) == 0) && full != "" {
		f := Full(full)
		switch {
		case len(p.Given) == 0 && len(p.Surname) == 0:
			return f
		case len(p.Given) == 0 && slices.Equal(f.Surname, p.Surname):
			p.Given = f.Given
		case len(p.Surname) == 0:
			p.Surname = f.Surname
		}
	}
	return p
}

// Given returns the words of a given name: of `Dr. William J. "Bill"`, william, j, bill.
func Given(s string) []string {
	words := fold.Words(s)
	return keep(words, func(w string) bool { return !titles[w] && !suffixes[w] })
}

// Surname returns the words of a surname that tell families apart: of `van der Berg-Müller Jr.`, berg, muller.
func Surname(s string) []string {
	words := fold.Words(s)
	for len(words) > 1 && (suffixes[words[len(words)-1]] || words[len(words)-1] == "v") {
		words = words[:len(words)-1]
	}
	words = keep(words, func(w string) bool { return !titles[w] })
	return keep(words, func(w string) bool { return !particles[w] })
}

// keep returns the words that pass, or all of them when none does.
func keep(words []string, pass func(string) bool) []string {
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !pass(w) })
	if len(kept) == 0 {
		return words
	}
	return kept
}

// Full splits a full name: `Surname, Given`, family name first where the script writes it so, else the surname is the last word
// with the particles before it.
func Full(s string) Person {
	if family, rest, ok := familyFirst(s); ok {
		return Person{Given(rest), Surname(family)}
	}
	if before, after, ok := strings.Cut(s, ","); ok {
		if w := fold.Words(after); len(w) > 0 && !suffixes[strings.Join(w, "")] && !suffixes[w[0]] {
			return Person{Given(after), Surname(before)}
		}
		s = before
	}
	words := keep(fold.Words(s), func(w string) bool { return !titles[w] })
	for len(words) > 1 && suffixes[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) < 2 {
		return Person{Surname: words}
	}
	at := len(words) - 1
	for at > 1 && particles[words[at-1]] {
		at--
	}
	return Person{words[:at], Surname(strings.Join(words[at:], " "))}
}

// familyFirst splits a name written in Chinese characters, or in Korean script, into family name and given name.
func familyFirst(s string) (family, rest string, ok bool) {
	s = strings.TrimSpace(s)
	letters := []rune(s)
	if len(letters) < 2 {
		return "", "", false
	}
	for _, r := range letters {
		if !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Hangul, r) && !unicode.IsSpace(r) {
			return "", "", false
		}
	}
	if family, rest, ok = strings.Cut(s, " "); ok {
		return family, rest, true
	}
	at := 1
	if len(letters) >= 4 {
		at = 2 // compound family names
	}
	return string(letters[:at]), string(letters[at:]), true
}
