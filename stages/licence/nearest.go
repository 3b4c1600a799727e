package licence

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"github.com/mozillazg/go-unidecode"
)

// Candidate is a user who might hold a seat.
type Candidate struct {
	UserID string `json:"user_id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	// SeatID is a seat that the user holds already.
	SeatID string `json:"seat_id,omitempty"`
	// Score is how alike seat and user are, 0 to 1.
	Score float64 `json:"score"`
}

const (
	maxCandidates = 3
	// Users who are less alike than this are not worth showing: two unrelated names share about a third of their letters.
	leastScore = 0.6
)

// nearest returns the users who are most like a seat, the likeliest first, equal ones by id.
func nearest(s Seat, users []User, most int) []Candidate {
	of := portraitOf(s.Name, s.Email)
	var all []Candidate
	for _, u := range users {
		if score := of.alike(portraitOf(u.Name, u.Email)); score >= leastScore {
			all = append(all, Candidate{u.ID, u.Name, u.Email, u.SeatID, math.Round(score*100) / 100})
		}
	}
	slices.SortFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.UserID, b.UserID))
	})
	return all[:min(most, len(all))]
}

// portrait is what people are compared by: their name, and the name that their e-mail address is made of.
type portrait struct{ name, address string }

func portraitOf(name, email string) portrait {
	local, _, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "+")
	return portrait{words(name), words(local)}
}

// words are the words of a text in plain small letters, in the order of the alphabet, so that "Lee, Ann" is "Ann Lee".
func words(text string) string {
	list := strings.FieldsFunc(strings.ToLower(unidecode.Unidecode(text)), func(r rune) bool { return !unicode.IsLetter(r) })
	slices.Sort(list)
	return strings.Join(list, " ")
}

// alike is the better of names and addresses, the other counting for a fifth; an address may also be made of the other's name. It is
// symmetric, 1 for equal portraits that lack neither and 0 for those that have nothing to compare.
func (p portrait) alike(o portrait) float64 {
	names, addresses := similarity(p.name, o.name), similarity(p.address, o.address)
	crossed := 0.9 * max(similarity(p.name, o.address), similarity(p.address, o.name))
	best, other := max(names, addresses, crossed), min(names, addresses)
	return 0.8*best + 0.2*other
}

// similarity is the share of letters that two texts have in common: 1 less their edit distance over the longer one's length, with empty
// texts like none.
func similarity(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	return 1 - float64(levenshtein.ComputeDistance(a, b))/float64(max(len(a), len(b)))
}
