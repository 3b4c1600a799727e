package feature

import (
	"slices"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/record"
)

// How the employers of two people relate, best first. A person's company is known by name, by the account's own link, by the
// domain of web site and e-mail, and by former positions; these hang together, so they are one comparison.
const (
	employerLinked = 1 + iota
	employerExact
	employerAlias
	employerAcronym
	employerContained
	employerSimilar
	employerDomain
	employerFormer
	employerShares
	employerDiffers
)

var employerLevels = []Level{
	{Name: missing},
	{"linked", 0.55, 0.0004, true, true},
	{"exact", 0.60, 0.0006, true, true},
	{"alias", 0.02, 0.0003, true, true},
	{"acronym", 0.02, 0.0004, true, false},
	{"contained", 0.10, 0.0006, true, true},
	{"similar", 0.03, 0.0004, true, false},
	{"domain", 0.02, 0.0004, true, false},
	{"former", 0.05, 0.002, false, false},
	{"shares", 0.02, 0.002, false, true},
	{Differs, 0.12, 0.995, false, false},
}

func employerComparison(w *words, left, right *record.Table, workers int) (*Comparison, *lexicon, [2]column[employer]) {
	roles := []schemas.Role{schemas.Company, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email}
	l, r := employerColumn(left, w, workers, roles...), employerColumn(right, w, workers, roles...)
	x := newLexicon(w, l, r, false)
	return &Comparison{
		Name: "company", Levels: employerLevels, Ordered: true, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 { return x.employers(&l.values[a], &r.values[b]) },
		share: func(a, b uint32, level uint8) (float64, float64) {
			if names := r.values[b].names; level == employerLinked && len(names) > 0 {
				return x.names[names[0].joined], x.usualName
			}
			return x.share(l.values[a].names, r.values[b].names, employerToName(level))
		},
	}, x, [2]column[employer]{l, r}
}

// employers compares what two rows say of a company. Domains alone (of an e-mail address, say) never differ: people write from
// many domains.
func (x *lexicon) employers(a, b *employer) uint8 {
	if a.key != 0 && a.key == b.key {
		return employerLinked
	}
	name, _, _ := x.best(a.names, b.names)
	level := nameToEmployer(name)
	if level > employerDomain && intersectsUnsorted(a.domains, b.domains) {
		return employerDomain
	}
	if level > employerFormer {
		if former, _, _ := x.best(a.names, b.past); former <= nameContained {
			return employerFormer
		}
		if len(a.names) == 0 || len(b.names) == 0 {
			return 0
		}
	}
	return level
}

func nameToEmployer(n uint8) uint8 {
	switch {
	case n <= nameSimilar:
		return n + employerExact - nameExact
	case n == nameShares:
		return employerShares
	}
	return employerDiffers
}

func employerToName(e uint8) uint8 {
	switch {
	case e >= employerExact && e <= employerSimilar:
		return e - employerExact + nameExact
	case e == employerShares:
		return nameShares
	}
	return nameDiffers
}

func intersectsUnsorted(a, b []word) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}
