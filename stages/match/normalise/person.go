package normalise

import (
	"slices"
	"strings"
)

// Person is a person's name in folded words. Suffixes (Jr, III), titles (Dr) and, in surnames, particles (van der) are gone.
type Person struct {
	Given   []string // in order; initials are words of one letter
	Surname []string // several when double-barrelled
}

var (
	titles = set(`mr mrs ms miss mx dr drs dra prof professor profa sir dame lord lady herr frau hr dipl ing mag rev hon capt col gen sen
		monsieur madame mme mlle dott dottssa avv sig signor signora senor senora srta inz mgr mudr judr rndr phdr doktor fru mevr dhr
		shri smt datuk dato`)
	// Titles that are names elsewhere count as such only before another word.
	leading  = set("sr sra pan pani bc doc haji hajji hajj sayin mevrouw meneer pastor dona arch")
	suffixes = set(`jr sr ii iii iv 2nd 3rd 4th esq phd md mba cpa cfa pe dds jd rn llm msc bsc dphil edd frcs obe mbe cbe shrm pmp cissp dba
		filho neto junior sobrinho hijo`)
	// particles stand before a surname, or between two.
	particles = set(`de da do dos das del della dello degli dei dalla dal delle di du la le las los lo les van von vom der den dem des ten ter tot te
		op het t vd zu zum zur bin ibn bint binti al el ul abu abou ben bat ap y e i und af av dela delos`)
	// glued are particles that are written together with the surname.
	glued = []string{"vander", "vanden", "delos", "dela", "della"}
	// joining are words that belong to the next one.
	joining = set("mc mac o fitz saint abd abdul abdel abdal abdur abder")
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
	if family, isHan := han(surname); isHan {
		if _, ok := han(given); ok {
			p = eastern(family, strings.TrimSpace(given))
		}
	}
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

// Given returns the words of a given name: of `Dr. William J. "Bill"`, william, j, bill; of one in Chinese characters its Chinese
// reading, and its likely Japanese ones.
func Given(s string) []string {
	if Placeholder(s) {
		return nil
	}
	words := read(s, givenKind)
	if len(words) < 2 {
		return words
	}
	if leading[words[0]] {
		words = words[1:]
	}
	words = servants(words)
	return keep(words, func(w string) bool { return !titles[w] && !suffixes[w] })
}

// Surname returns the words of a surname that tell families apart: of `van der Berg-Müller Jr.`, berg, muller.
func Surname(s string) []string {
	if Placeholder(s) {
		return nil
	}
	return family(read(uncamel(s), surnameKind))
}

// family drops from the words of a surname what does not tell families apart.
func family(words []string) []string {
	if len(words) == 1 {
		return []string{unglue(servant(words[0]))}
	}
	words = degrees(words)
	for len(words) > 1 && (suffixes[words[len(words)-1]] || words[len(words)-1] == "v") {
		words = words[:len(words)-1]
	}
	words = keep(words, func(w string) bool { return !titles[w] })
	words = servants(words)
	words = keep(words, func(w string) bool { return !particles[w] })
	joined := words[:0:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w == "st" && i+1 < len(words) {
			w = "saint"
		}
		if joining[w] && i+1 < len(words) {
			i++
			w += words[i]
		}
		joined = append(joined, unglue(w))
	}
	return joined
}

// unglue drops a particle written together with the surname: vanderberg is berg.
func unglue(w string) string {
	for _, p := range glued {
		if rest, ok := strings.CutPrefix(w, p); ok && len(rest) > 3 {
			return rest
		}
	}
	return w
}

// servants joins what Arabic names write apart: abd al rahman and abdul rahman are abdulrahman.
func servants(words []string) []string {
	if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "abd") }) {
		return words
	}
	out := words[:0:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch w {
		case "abd", "abdul", "abdel", "abdal", "abdur", "abder", "abdu":
			if i+1 < len(words) && (words[i+1] == "al" || words[i+1] == "el" || words[i+1] == "ul" || words[i+1] == "ar" || words[i+1] == "er" || words[i+1] == "ur") {
				i++
			}
			if i+1 < len(words) {
				i++
				w = "abdul" + words[i]
			}
		}
		out = append(out, servant(w))
	}
	return out
}

// servant spells abdel, abder and the like in one way.
func servant(w string) string {
	if len(w) < 8 || !strings.HasPrefix(w, "abd") || strings.HasPrefix(w, "abdul") {
		return w
	}
	switch w[3:5] {
	case "el", "al", "er", "ur", "ar", "us", "es", "as":
		return "abdul" + w[5:]
	}
	return w
}

// degrees joins what is spelt with points: ph d is phd.
func degrees(words []string) []string {
	for n := 3; n > 1; n-- {
		if at := len(words) - n; at > 0 {
			if j := strings.Join(words[at:], ""); len(j) > 2 && len(j) < 5 && suffixes[j] {
				return append(slices.Clone(words[:at]), j)
			}
		}
	}
	return words
}

// uncamel takes a particle off a name with a capital inside: DeSantis is De Santis, AlGhamdi Al Ghamdi. McDonald stays.
func uncamel(s string) string {
	for i := 2; i < len(s) && i < 6; i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' && s[i-1] >= 'a' && s[i-1] <= 'z' {
			if particles[strings.ToLower(s[:i])] {
				return s[:i] + " " + s[i:]
			}
			break
		}
	}
	return s
}

// keep returns the words that pass, or all of them when none does.
func keep(words []string, pass func(string) bool) []string {
	drop := func(w string) bool { return !pass(w) }
	if !slices.ContainsFunc(words, drop) {
		return words
	}
	kept := slices.DeleteFunc(slices.Clone(words), drop)
	if len(kept) == 0 {
		return words
	}
	return kept
}
