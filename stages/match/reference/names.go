package reference

import (
	"strconv"
	"strings"
	"sync"
)

var (
	nicknames  = lazy(nicknamesText)
	cognates   = lazy(cognatesText)
	spellings  = lazy(spellingsText)
	readings   = lazy(readingsText)
	romaji     = lazy(romajiText)
	surnames   = lazy(surnamesText)
	givenNames = lazy(givennamesText)
	freeMail   = lazy(freemailText)
	forms      = sync.OnceValue(loadForms)
)

// FormalNames returns the formal given names that a folded given name is short for, or another spelling of, in any of many
// languages: william for bill, francisco for paco, muhammad for mohamed; none when it is unknown or formal itself.
func FormalNames(given string) []string { return nicknames().list(given) }

// CognateNames returns labels of the names that a folded given name is in other languages: michael for miguel, mikhail and michel.
// Two names that have a label in common are one name in two languages, which says less than a nickname: people do not translate
// their names often. None when the name has no such relatives.
func CognateNames(given string) []string { return cognates().list(given) }

// SurnameSpellings returns labels of the surnames that a folded surname may be another spelling of, by dialect or system of
// transcription: chen for chan, tan and chen; zhang for cheung. Two surnames that have a label in common may be the same, or not.
func SurnameSpellings(surname string) []string { return spellings().list(surname) }

// The kinds of Readings.
const (
	GivenReading    = 'g' // of given names in Arabic, Hebrew, Chinese, Korean
	SurnameReading  = 's' // of surnames there
	JapaneseSurname = 'j' // of Japanese surnames in Chinese characters
	JapaneseGiven   = 'k' // of Japanese given names in Chinese characters
)

// Readings returns how a name in its own script is written in Latin letters, folded, the likeliest first, at most six; none when
// that is not known.
func Readings(kind byte, written string) []string {
	var room [64]byte
	key := append(append(room[:0], kind), written...)
	return readings().list(string(key))
}

// Japanese reports whether a folded word is a common Japanese surname, and whether it is a common Japanese given name.
func Japanese(word string) (surname, given bool) {
	kinds, _ := romaji().find(word)
	return strings.Contains(kinds, "s"), strings.Contains(kinds, "g")
}

// SurnameShare returns the share of people who bear the folded surname: the larger one of those in the US census of 2010 and in the
// world, so that a name that is common somewhere never counts as rare. The world's is made of the counts of 45 countries, divided
// by all people; it is a lower bound. 0 when the name is in no list.
func SurnameShare(surname string) float64 { return share(surnames(), surname) }

// GivenName reports whether many people bear the folded given name, somewhere, so that it is hardly another one misspelt.
func GivenName(given string) bool {
	_, ok := givenNames().find(given)
	return ok
}

// IsPlace reports whether a folded word is the name of a populated place.
func IsPlace(word string) bool {
	_, ok := placeNames().find(word)
	return ok
}

func share(t *table, name string) float64 {
	fields, ok := t.find(name)
	if !ok {
		return 0
	}
	us, world, _ := strings.Cut(fields, "\t")
	a, errA := strconv.ParseFloat(us, 64)
	b, errB := strconv.ParseFloat(world, 64)
	if errA != nil || errB != nil {
		return 0
	}
	return max(a, b) / 1e6
}

// FreeMail reports whether anyone can have an address at the domain, so that it says nothing about an employer.
func FreeMail(domain string) bool {
	_, ok := freeMail().find(domain)
	return ok
}

// LegalForm reports how many words at the end of a company's folded words are a legal form (`gmbh co kg`: 3), 0 when none.
func LegalForm(words []string) int { return forms().suffix(words) }

// LeadingForm is LegalForm for the words at the beginning (`ooo romashka`).
func LeadingForm(words []string) int { return forms().prefix(words) }

// formTable knows legal forms by their words.
type formTable struct {
	known   map[string]bool
	last    map[string]int // last word -> words of the longest form that ends so
	first   map[string]int // first word -> words of the longest form that begins so
	longest int
}

func loadForms() formTable {
	t := formTable{map[string]bool{}, map[string]int{}, map[string]int{}, 0}
	for line := range strings.Lines(formsText) {
		form := strings.TrimSuffix(line, "\n")
		words := strings.Fields(form)
		n := len(words)
		t.known[form] = true
		t.last[words[n-1]] = max(t.last[words[n-1]], n)
		t.first[words[0]] = max(t.first[words[0]], n)
		t.longest = max(t.longest, n)
	}
	return t
}

func (t formTable) suffix(words []string) int {
	if len(words) == 0 {
		return 0
	}
	for n := min(t.last[words[len(words)-1]], len(words)); n > 0; n-- {
		if t.known[strings.Join(words[len(words)-n:], " ")] {
			return n
		}
	}
	return 0
}

func (t formTable) prefix(words []string) int {
	if len(words) == 0 {
		return 0
	}
	for n := min(t.first[words[0]], len(words)); n > 0; n-- {
		if t.known[strings.Join(words[:n], " ")] {
			return n
		}
	}
	return 0
}
