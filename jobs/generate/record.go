package generate

import "math/rand/v2"

var (
	contactHeader = list("Id,AccountId,AccountName,FirstName,LastName,Title,Email,Phone,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry")
	leadHeader    = list("Id,FirstName,LastName,Company,Title,Email,Phone,Website,Street,City,State,PostalCode,Country")
)

// object is a kind of record about people.
type object struct {
	name, prefix string
	header       []string
	people       []int32 // whom the records are about
	beyond       int     // first of the people beyond the directory that are theirs
	subject, row kind
}

func (g *generator) objects() []object {
	return []object{
		{"contacts", "003", contactHeader, g.subjects.contacts, g.People, ofContact, ofContactRow},
		{"leads", "00Q", leadHeader, g.subjects.leads, g.People + g.Contacts, ofLead, ofLeadRow},
	}
}

// about returns the number of the person of record i, and which record it repeats, -1 for none. A person of the directory's number or
// more is not in it.
func (g *generator) about(o *object, i int) (person, repeats int) {
	r := source(g.Seed, o.subject, i)
	switch x := r.Float64(); {
	case x < g.Errors.Absent:
		return o.beyond + i, -1
	case x < g.Errors.Absent+g.Errors.Duplicate && i > 0:
		other := r.IntN(i)
		if p, again := g.about(o, other); p < g.People && again < 0 {
			return p, other
		}
	}
	return int(o.people[i]), -1
}

// stranger makes somebody who is not in the directory: a colleague of those who are, or of no one, and perhaps a namesake.
func (g *generator) stranger(r *rand.Rand, o *object, i int) person {
	employer := g.sizes.draw(r)
	switch n := len(g.subjects.companies); {
	case n > 0 && o.row == ofContactRow:
		employer = int(g.subjects.companies[r.IntN(n)])
	case n > 0 && chance(r, 0.3): // a company that the directory does not have either
		employer = g.Companies + r.IntN(n)
	}
	p := g.person(i, employer)
	if chance(r, g.Errors.Namesake) {
		other := g.person(r.IntN(g.People), -1)
		p.sex, p.given, p.family, p.local = other.sex, other.given, other.family, other.local
	}
	return p
}

// record writes contact or lead i and the truth about it.
func (g *generator) record(o *object, i int, add func([]string), t *truth) {
	e := &g.Errors
	r := source(g.Seed, o.row, i)
	about, repeats := g.about(o, i)
	id, relation := recordID(o.prefix, i+1), "same_company"
	var p person
	var employer int
	var moved bool
	if about < g.People {
		p = g.person(about, -1)
		if employer, moved = g.known(about, p.career); moved {
			relation = "moved"
		}
		if repeats >= 0 {
			t.duplicate(id, recordID(o.prefix, repeats+1), memberID(about))
		} else {
			t.pair(id, memberID(about), relation)
		}
	} else {
		p = g.stranger(r, o, about)
		employer = p.employer
	}
	k := &g.companies[employer]
	given, family := e.writeName(r, &p)
	title := p.title
	switch x := r.Float64(); {
	case x < e.NoTitle:
		title = ""
	case x < e.NoTitle+e.OtherTitle:
		title = p.country.job(r)
	}
	if chance(r, e.ShortTitle) {
		title = brief.Replace(title)
	}
	email := p.mailAt(k)
	switch x := r.Float64(); {
	case x < e.NoEmail:
		email = ""
	case x < e.NoEmail+e.OtherEmail:
		email = p.private
	case x < e.NoEmail+e.OtherEmail+e.EmailTypo:
		email = typo(r, email)
	}
	telephone := p.mobile
	if chance(r, 0.6) {
		if telephone = p.direct; moved { // the desk stayed
			telephone = k.country.dial(r, false)
		}
	}
	switch x := r.Float64(); {
	case x < e.NoPhone:
		telephone = phone{}
	case x < e.NoPhone+e.Switchboard:
		telephone = g.office(employer).phone
	case x < e.NoPhone+e.Switchboard+e.PhoneTypo:
		telephone.parts = misdial(r, telephone.parts)
	}
	home := address{"", p.at, p.postal}
	if p.at == k.at && chance(r, 0.6) {
		office := g.office(employer)
		home.street, home.postal = office.street, office.postal
	} else {
		home.street = p.country.street(r)
	}
	a := e.writePlace(r, p.country, home)
	if o.row == ofContactRow {
		account, company := "", ""
		if n := g.subjects.account[employer]; n >= 0 && !chance(r, e.NoCompany) {
			account, company = accountID(int(n)), g.accountName(int(n))
		}
		add([]string{id, account, company, given, family, title, email, e.writePhone(r, telephone), a.street, a.city, a.state, a.postal, a.country})
		return
	}
	company, website := "", ""
	if !chance(r, e.NoCompany) {
		company = e.writeCompany(r, k, func() []string { return g.office(employer).others })
		if !chance(r, e.NoWebsite) && chance(r, 0.3) {
			website = k.domain
		}
	}
	add([]string{id, given, family, company, title, email, e.writePhone(r, telephone), website, a.street, a.city, a.state, a.postal, a.country})
}

// recordID makes an 18-character Salesforce id: 15 characters, and three that say which of them are capitals.
func recordID(prefix string, n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := []byte(prefix + "Gn0000000000   ")
	for i := 14; i > 5 && n > 0; i-- {
		b[i] = digits[n%62]
		n /= 62
	}
	for part := range 3 {
		capitals := 0
		for i, c := range b[part*5 : part*5+5] {
			if c >= 'A' && c <= 'Z' {
				capitals |= 1 << i
			}
		}
		b[15+part] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals]
	}
	return string(b)
}
