package demodata

import (
	"maps"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// How many accounts and contacts were entered twice, and how many leads were converted.
const (
	duplicateAccounts = 12
	duplicateContacts = 15
	convertedLeads    = 20
)

// makeDuplicates enters some accounts and contacts twice, the second time less carefully.
func (g *generator) makeDuplicates() {
	r := g.random("duplicates")
	accounts := len(g.accounts)
	for n, i := range r.Perm(accounts)[:duplicateAccounts] {
		first := g.accounts[i]
		if first == g.typo.account {
			first = g.accounts[(i+1)%accounts]
		}
		a := &account{id: g.id("001"), key: first.key, owner: pick(r, g.sellersAt(g.now)), created: between(r, g.now.AddDate(-1, 0, 0), g.now.AddDate(0, 0, -20))}
		a.row = maps.Clone(first.row)
		a.row["Id"], a.row["OwnerId"] = a.id, a.owner.id
		a.row["CreatedDate"], a.row["LastModifiedDate"] = instant(a.created), instant(a.created)
		for _, column := range []string{"Phone", "Rating", "NumberOfEmployees", "AnnualRevenue", "BillingPostalCode"} {
			delete(a.row, column)
		}
		name := titled(first.row["Name"])
		switch n % 4 {
		case 0:
			a.row["Name"] = name + ", Inc."
		case 1:
			a.row["Name"] = name + " Corporation"
			delete(a.row, "BillingCity")
		case 2:
			a.row["Name"] = "The " + name
			delete(a.row, "BillingStreet")
		case 3:
			a.row["Name"] = strings.ToLower(first.row["Name"])
			delete(a.row, "Website")
		}
		g.accounts = append(g.accounts, a)
		g.dups = append(g.dups, Duplicate{Object: "Account", ID: a.id, Of: first.id})
	}
	g.duplicateContacts(r)
}

func (g *generator) duplicateContacts(r *rand.Rand) {
	people := len(g.people)
	n := 0
	for _, i := range r.Perm(people) {
		first := g.people[i]
		if first.object != "Contact" || first.row["FirstName"] == "" {
			continue
		}
		p := &person{id: g.id("003"), object: "Contact", created: between(r, g.now.AddDate(-1, 0, 0), g.now.AddDate(0, 0, -20))}
		p.row = maps.Clone(first.row)
		p.row["Id"], p.row["CreatedDate"], p.row["LastModifiedDate"] = p.id, instant(p.created), instant(p.created)
		for _, column := range []string{"Phone", "Email", "MailingPostalCode"} {
			delete(p.row, column)
		}
		switch n % 3 {
		case 0:
			p.row["FirstName"] = initial(first.row["FirstName"]) + "."
		case 1:
			delete(p.row, "MailingCity")
			delete(p.row, "MailingState")
		case 2:
			p.row["Title"] = "Chief Executive"
			p.row["LastName"] = strings.ToUpper(first.row["LastName"])
		}
		g.people = append(g.people, p)
		g.dups = append(g.dups, Duplicate{Object: "Contact", ID: p.id, Of: first.id})
		if n++; n == duplicateContacts {
			return
		}
	}
}

// makeConvertedLeads adds the leads that some contacts were before.
func (g *generator) makeConvertedLeads() {
	r := g.random("converted leads")
	n := 0
	for _, i := range r.Perm(len(g.people)) {
		c := g.people[i]
		if c.object != "Contact" || c.account == nil {
			continue
		}
		p := &person{account: nil}
		g.lead(r, p, fields{
			"FirstName": c.row["FirstName"], "LastName": c.row["LastName"], "Title": c.row["Title"], "AccountName": titled(c.account.row["Name"]),
			"MailingCity": c.row["MailingCity"], "MailingState": c.row["MailingState"], "MailingCountry": c.row["MailingCountry"],
		})
		p.created = c.created.AddDate(0, 0, -7-r.IntN(60))
		maps.Copy(p.row, fields{
			"CreatedDate": instant(p.created), "LastModifiedDate": instant(c.created), "Status": "Closed - Converted", "IsConverted": "true",
			"IsUnreadByOwner": "false", "ConvertedDate": c.created.Format("2006-01-02"), "ConvertedContactId": c.id, "ConvertedAccountId": c.account.id,
		})
		g.people = append(g.people, p)
		if n++; n == convertedLeads {
			return
		}
	}
}

// titled writes a name in capitals as people do.
func titled(name string) string {
	words := strings.Fields(strings.ToLower(name))
	for i, w := range words {
		first := initial(w)
		words[i] = strings.ToUpper(first) + w[len(first):]
	}
	return strings.Join(words, " ")
}

func initial(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return word[:size]
}

// Duplicate is a record that was entered twice on purpose.
type Duplicate struct {
	Object string
	ID     string // the careless one
	Of     string // the original
}
