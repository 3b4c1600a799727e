package feature

import (
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// givenValue is a given name.
type givenValue struct {
	sign     compare.Signature // of lead
	sets     uint64            // bloom of the names that it may be called by
	lead     word              // the first word that is not an initial; 0 when there are only initials
	bare     word              // skeleton of lead
	joined   word              // all words as one
	single   uint32            // letters of the words of one letter
	first    byte              // first letter of the first word
	start    byte              // first letter of lead, or of the first word
	common   uint16            // 1 when so many people bear lead that it is hardly another one misspelt
	letters  uint32            // first letters under which it may be found: its own words' and its formal names'
	words    list
	formal   list   // what lead is short for, and lead
	cognates list   // labels of what lead is in other languages
	key      uint64 // hash of the skeleton of lead, 0 without lead
}

// familyValue is a surname.
type familyValue struct {
	sign   compare.Signature // of joined
	joined word
	bare   word
	words  list
	key    uint64 // hash of the skeleton
	sound  uint64 // hash of its consonants
	parts  list   // hashes of the words' skeletons, of a surname of several words, in two halves
	// spellings are labels of the surnames that it may be another spelling of.
	spellings  list
	sets       uint64 // bloom of the words and the labels
	generation uint32 // see normalise.Generation
	common     uint32 // 1 when so many people bear it that it is hardly another one misspelt
}

// readSurname is a surname before its words are numbered.
type readSurname struct {
	words      []string
	generation uint32
}

// commonSurname is the share of people from which a surname is hardly another one misspelt.
const commonSurname = 1e-5

// bears reports whether the table has values of a role.
func bears(t *record.Table, r schemas.Role) bool {
	c := t.Column(r)
	return c != nil && c.Values.Len() > 1
}

// incompleteNames reports whether a row may have a name that completeNames fills: most tables have none, which a look at the codes
// tells.
func incompleteNames(t *record.Table) bool {
	if bears(t, schemas.FullName) {
		return true
	}
	given, surname := t.Column(schemas.GivenName), t.Column(schemas.Surname)
	if surname == nil || !bears(t, schemas.GivenName) {
		return false
	}
	several := make([]bool, surname.Values.Len())
	for i := range several {
		several[i] = strings.ContainsRune(surname.Values.At(i), ' ')
	}
	for row, code := range given.Codes {
		if code == 0 && several[surname.Codes[row]] {
			return true
		}
	}
	return false
}

// completeNames returns the table with given names and surnames filled where they are missing: from full names, and from surnames
// that hold the whole name, as people type it when the first field is forgotten.
func completeNames(t *record.Table) *record.Table {
	if !incompleteNames(t) {
		return t
	}
	roles := []schemas.Role{schemas.GivenName, schemas.Surname, schemas.FullName}
	c, codes := combine(t, roles)
	var dicts [2]record.Dictionary
	for i := range dicts {
		dicts[i].Code("")
	}
	n := len(c.codes) / len(c.columns)
	recode := [2][]uint32{make([]uint32, n), make([]uint32, n)}
	args, changed := make([]string, len(roles)), false
	// Where nobody has a given name, two words are two surnames.
	forgotten := bears(t, schemas.GivenName)
	for i := range n {
		c.fill(i, args)
		given, surname, full := args[0], args[1], args[2]
		if forgotten && full == "" && given == "" && strings.ContainsRune(surname, ' ') {
			full, surname = surname, ""
		}
		if full != "" && (given == "" || surname == "") {
			if p := normalise.Name(given, surname, full); len(p.Surname) > 0 {
				given, surname = strings.Join(p.Given, " "), strings.Join(p.Surname, " ")
				changed = true
			}
		}
		recode[0][i], recode[1][i] = dicts[0].Code(given), dicts[1].Code(surname)
	}
	if !changed {
		return t
	}
	for k, role := range roles[:2] {
		own := make([]uint32, len(codes))
		for row, code := range codes {
			own[row] = recode[k][code]
		}
		t = t.WithColumn(role, &record.Column{Codes: own, Values: &dicts[k].Texts})
	}
	return t
}

func givenColumn(t *record.Table, w *words, workers int) *column[givenValue] {
	return derive(t, source{schemas.GivenName}, workers,
		func(args []string) []string { return normalise.Given(args[0]) },
		func(list []string) string { return strings.Join(list, " ") },
		func(c *column[givenValue], list []string) givenValue {
			v := givenValue{joined: w.number(strings.Join(list, "")), first: list[0][0], start: list[0][0]}
			var own, formal []word
			for _, s := range list {
				n := w.number(s)
				own = append(own, n)
				v.letters |= letter(s[0])
				if len(s) == 1 {
					v.single |= letter(s[0])
					continue
				}
				v.sets |= bloom(n)
				if v.lead == 0 {
					v.lead, v.bare, v.sign, v.start = n, w.bare(n), compare.Sign(s), s[0]
					v.key = block.Text(w.text(v.bare))
					formal = w.formal(s, nil)
					if reference.GivenName(s) {
						v.common = 1
					}
				}
			}
			for _, f := range formal {
				v.letters |= letter(w.text(f)[0])
			}
			cognates := w.labels("cognate ", reference.CognateNames(w.text(v.lead)))
			v.sets |= bloom(formal...) | bloom(cognates...)
			v.words, v.formal, v.cognates = c.keep(own), c.keep(formal), c.keep(cognates)
			return v
		})
}

func familyColumn(t *record.Table, w *words, workers int) *column[familyValue] {
	return derive(t, source{schemas.Surname}, workers,
		func(args []string) readSurname {
			return readSurname{normalise.Surname(args[0]), normalise.Generation(args[0])}
		},
		func(s readSurname) string {
			key := strings.Join(s.words, " ")
			if s.generation > 0 && key != "" {
				key += "\x00" + strconv.Itoa(int(s.generation))
			}
			return key
		},
		func(c *column[familyValue], s readSurname) familyValue {
			list := s.words
			joined := strings.Join(list, "")
			v := familyValue{sign: compare.Sign(joined), joined: w.number(joined), generation: s.generation}
			if reference.SurnameShare(joined) >= commonSurname {
				v.common = 1
			}
			v.bare = w.bare(v.joined)
			skeleton := w.text(v.bare)
			v.key, v.sound = block.Text(skeleton), block.Text(consonants(skeleton))
			var own, parts []word
			for _, s := range list {
				n := w.number(s)
				own = append(own, n)
				v.sets |= bloom(n)
				if len(list) > 1 {
					h := block.Text(w.text(w.bare(n)))
					parts = append(parts, uint32(h), uint32(h>>32))
				}
			}
			spellings := w.labels("spelling ", reference.SurnameSpellings(joined))
			v.sets |= bloom(spellings...)
			v.words, v.parts, v.spellings = c.keep(own), c.keep(parts), c.keep(spellings)
			return v
		})
}

// consonants is a rough phonetic key of a surname: its first letter and its next consonants, at most four letters.
func consonants(s string) string {
	b := make([]byte, 0, 4)
	for i := range len(s) {
		c := s[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'h':
			if i > 0 {
				continue
			}
		case 'c', 'q':
			c = 'k'
		case 'z':
			c = 's'
		case 'd':
			c = 't'
		}
		if n := len(b); n > 0 && b[n-1] == c {
			continue
		}
		if b = append(b, c); len(b) == 4 {
			break
		}
	}
	return string(b)
}
