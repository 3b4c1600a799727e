package feature

import (
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

// How two company names relate, best first.
const (
	nameExact = 1 + iota
	nameAlias
	nameAcronym
	nameContained
	nameSimilar
	nameShares
	nameDiffers
)

var nameLevels = []Level{
	{Name: missing},
	{"exact", 0.86, 0.00002, true, true},
	{"alias", 0.02, 0.00001, true, true},
	{"acronym", 0.02, 0.0004, true, false},
	{"contained", 0.06, 0.0004, true, true},
	{"similar", 0.02, 0.0002, true, false},
	{"shares", 0.01, 0.002, false, true},
	{Differs, 0.02, 0.997, false, false},
}

// companyName is one name of a company.
type companyName struct {
	words    []word // distinct
	joined   word
	acronyms []word
	first    byte
	long     []longWord // words that may be misspelt
	weight   float32    // of all words, set by the lexicon
}

// longWord is a word of six letters and more.
type longWord struct {
	id    word
	first byte
}

// employer is what a row says of a company.
type employer struct {
	names   []companyName // the main one first
	past    []companyName // of former employers
	key     word          // company id on the directory's side
	domains []word        // of web site and e-mail
}

// raw is an employer before its words are numbered.
type rawEmployer struct {
	names, past []normalise.CompanyName
	key         string
	domains     []string
}

func companyNames(w *words, list []normalise.CompanyName) []companyName {
	out := make([]companyName, len(list))
	for i, n := range list {
		out[i] = companyName{words: distinct(w.numbers(n.Words)), joined: w.number(n.Joined()), acronyms: w.numbers(n.Acronyms), first: n.Words[0][0]}
		for _, id := range out[i].words {
			if s := w.text(id); len(s) > 5 {
				out[i].long = append(out[i].long, longWord{id, s[0]})
			}
		}
	}
	return out
}

// distinct drops the words that came before.
func distinct(list []word) []word {
	out := list[:0]
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// employerRoles are read in this order by readEmployer.
var employerRoles = source{schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email}

func readEmployer(args []string) rawEmployer {
	e := rawEmployer{names: normalise.Company(args[0]), key: args[3]}
	for _, other := range strings.Split(args[1], schemas.ListSeparator) {
		e.names = append(e.names, normalise.Company(other)...)
	}
	if args[2] != "" {
		for _, former := range strings.Split(args[2], schemas.ListSeparator) {
			e.past = append(e.past, normalise.Company(former)...)
		}
	}
	for _, site := range strings.Split(args[4], schemas.ListSeparator) {
		if d, _ := normalise.Domain(site); d != "" {
			e.domains = append(e.domains, d)
		}
	}
	for _, address := range strings.Split(args[5], schemas.ListSeparator) {
		if a := normalise.Email(address); a.Domain != "" && !a.Free {
			e.domains = append(e.domains, a.Domain)
		}
	}
	return e
}

// key identifies what the employer says, so that equal ones meet.
func (e rawEmployer) text() string {
	var b strings.Builder
	for i, list := range [][]normalise.CompanyName{e.names, e.past} {
		for _, n := range list {
			b.WriteByte(byte('0' + i))
			b.WriteString(strings.Join(n.Words, " "))
			b.WriteByte('/')
			b.WriteString(strings.Join(n.Acronyms, " "))
			b.WriteByte('|')
		}
	}
	if e.key != "" {
		b.WriteString("#" + e.key)
	}
	for _, d := range e.domains {
		b.WriteString("@" + d)
	}
	return b.String()
}

func employerColumn(t *record.Table, w *words, workers int, roles ...schemas.Role) column[employer] {
	from := slices.Clone(employerRoles)
	for i, r := range from {
		if !slices.Contains(roles, r) {
			from[i] = schemas.NoRole
		}
	}
	return derive(t, from, workers, readEmployer, func(e rawEmployer) (string, employer) {
		v := employer{names: companyNames(w, e.names), past: companyNames(w, e.past), domains: w.numbers(e.domains)}
		if e.key != "" {
			v.key = w.number("#" + e.key)
		}
		return e.text(), v
	})
}
