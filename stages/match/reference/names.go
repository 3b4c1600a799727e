package reference

import (
	"strconv"
	"strings"
	"sync"
)

var (
	nicknames = lazy("nicknames")
	surnames  = lazy("surnames")
	freeMail  = lazy("freemail")
	forms     = sync.OnceValue(loadForms)
)

// FormalNames returns the formal given names that a folded given name is short for: william for bill; none when it is unknown or
// formal itself.
func FormalNames(given string) []string {
	found := nicknames().find(given)
	if len(found) == 0 {
		return nil
	}
	return strings.Split(found[0], ",")
}

// SurnameShare returns the share of people in the US census of 2010 who bear the folded surname; 0 when it is not among the
// 10,000 commonest.
func SurnameShare(surname string) float64 {
	found := surnames().find(surname)
	if len(found) == 0 {
		return 0
	}
	perMillion, err := strconv.ParseFloat(found[0], 64)
	if err != nil {
		return 0
	}
	return perMillion / 1e6
}

// FreeMail reports whether anyone can have an address at the domain, so that it says nothing about an employer.
func FreeMail(domain string) bool { return freeMail().has(domain) }

// LegalForm reports how many words at the end of a company's folded words are a legal form (`gmbh co kg`: 3), 0 when none.
func LegalForm(words []string) int { return forms().suffix(words) }

// LeadingForm is LegalForm for the words at the beginning (`ooo romashka`).
func LeadingForm(words []string) int { return forms().prefix(words) }

type formTable struct {
	known   map[string]bool
	longest int
}

func loadForms() formTable {
	t := formTable{known: map[string]bool{}}
	for line := range strings.Lines(unpack("forms")) {
		form := strings.TrimSuffix(line, "\n")
		t.known[form] = true
		t.longest = max(t.longest, strings.Count(form, " ")+1)
	}
	return t
}

func (t formTable) suffix(words []string) int {
	for n := min(t.longest, len(words)); n > 0; n-- {
		if t.known[strings.Join(words[len(words)-n:], " ")] {
			return n
		}
	}
	return 0
}

func (t formTable) prefix(words []string) int {
	for n := min(t.longest, len(words)); n > 0; n-- {
		if t.known[strings.Join(words[:n], " ")] {
			return n
		}
	}
	return 0
}
