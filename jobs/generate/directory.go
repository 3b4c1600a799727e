package generate

import (
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// companyID and memberID are the directory's ids.
func companyID(i int) string { return "c" + strconv.Itoa(i) }
func memberID(i int) string  { return "m" + strconv.Itoa(i) }

// companyRow is the page of company i, in the order of the registry.
func (g *generator) companyRow(i int) []string {
	k, o := &g.companies[i], g.office(i)
	parent := ""
	if k.parent >= 0 {
		parent = companyID(int(k.parent))
	}
	id := companyID(i)
	return []string{
		id, "https://example.com/company/" + id, k.name(), strings.Join(o.others, schemas.ListSeparator), "https://www." + k.domain, o.industry, strconv.Itoa(o.employees),
		o.phone.international(), o.ticker, o.street, k.at.name.local, k.at.region, k.country.label, o.postal, parent,
	}
}

// personRow is the profile of person i, in the order of the registry.
func (g *generator) personRow(i int) []string {
	e := &g.Errors
	p := g.person(i, -1)
	r := source(g.Seed, ofProfile, i)
	given, family := p.names()
	if chance(r, e.ProfileNick) {
		given = nickname(r, given)
	}
	k := &g.companies[p.employer]
	employer, id := k.name(), companyID(p.employer)
	if chance(r, e.ShortEmployer) {
		employer = k.brand
	}
	headline := p.title + " at " + k.brand
	if chance(r, e.NoEmployer) {
		employer, id, headline = "", "", p.title
	}
	email, telephone, postal := "", "", ""
	if chance(r, e.ShowEmail) {
		email = p.mailAt(k)
		if chance(r, e.ShowPrivate) {
			email = p.private
		}
	}
	if chance(r, e.ShowPhone) {
		telephone = p.mobile.international()
		if chance(r, 0.5) {
			telephone = p.direct.international()
		}
	}
	if chance(r, e.ShowPostal) {
		postal = p.postal
	}
	city, region := p.at.name.local, p.at.region
	if chance(r, e.HidePlace) {
		city, region, postal = "", "", ""
	}
	member := memberID(i)
	return []string{
		member, "https://example.com/in/" + member, given, family, given + " " + family, headline, p.title, id, employer, g.former(&p), city, region, p.country.label, postal, email, telephone,
	}
}

// former returns the names of former employers.
func (g *generator) former(p *person) string {
	if len(p.past) == 0 {
		return ""
	}
	names := make([]string, len(p.past))
	for i, k := range p.past {
		names[i] = g.companies[k].name()
	}
	return strings.Join(names, schemas.ListSeparator)
}
