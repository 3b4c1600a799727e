package demodata

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

type person struct {
	id, source string // source is the id in the lists, "" when invented
	object     string // Contact or Lead
	member     string // member id of the directory, "" when it has none
	account    *account
	created    time.Time
	row        fields
}

var leadSources = []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}

// makePeople turns the list's people into contacts of the account with their company's name, and into leads where there is none, or
// where a seller has not got round to it.
func (g *generator) makePeople() {
	r := g.random("people")
	member := map[string]string{}
	for _, t := range g.lists.truthPeople {
		member[t["crm_id"]] = t["member_id"]
	}
	byKey := map[string]*account{}
	for _, a := range g.accounts {
		byKey[a.key] = a
	}
	for _, in := range g.lists.contacts {
		p := &person{source: in["Id"], member: member[in["Id"]], account: byKey[companyKey(in["AccountName"])], object: "Contact"}
		if p.account == nil && chance(r, 0.9) || p.account != nil && chance(r, 0.14) {
			p.object = "Lead"
		}
		if p.object == "Contact" {
			g.contact(r, p, in)
		} else {
			g.lead(r, p, in)
		}
		g.people = append(g.people, p)
	}
}

// contact fills in a contact from a row of the list.
func (g *generator) contact(r *rand.Rand, p *person, in fields) {
	p.id, p.created = g.id("003"), between(r, g.now.AddDate(-4, 0, 0), g.now.AddDate(0, -1, 0))
	p.row = fields{
		"Id": p.id, "FirstName": in["FirstName"], "LastName": in["LastName"], "Title": in["Title"], "MailingCity": in["MailingCity"],
		"MailingState": in["MailingState"], "MailingPostalCode": in["MailingPostalCode"], "MailingCountry": in["MailingCountry"],
		"LeadSource": pick(r, leadSources), "CreatedDate": instant(p.created), "LastModifiedDate": instant(between(r, p.created, g.now.AddDate(0, 0, -2))),
	}
	if p.account != nil {
		p.row["AccountId"], p.row["OwnerId"] = p.account.id, p.account.owner.id
		p.account.contacts = append(p.account.contacts, p)
	}
	g.reach(r, p)
}

// lead fills in a lead from a row of the list.
func (g *generator) lead(r *rand.Rand, p *person, in fields) {
	p.id, p.created, p.object = g.id("00Q"), between(r, g.now.AddDate(-2, 0, 0), g.now.AddDate(0, 0, -10)), "Lead"
	p.row = fields{
		"Id": p.id, "FirstName": in["FirstName"], "LastName": in["LastName"], "Title": in["Title"], "Company": in["AccountName"],
		"City": in["MailingCity"], "State": in["MailingState"], "PostalCode": in["MailingPostalCode"], "Country": in["MailingCountry"],
		"LeadSource": pick(r, leadSources), "Status": pick(r, []string{"Open - Not Contacted", "Working - Contacted", "Working - Contacted"}),
		"IsConverted": "false", "IsUnreadByOwner": fmt.Sprint(chance(r, 0.2)), "OwnerId": pick(r, g.sellersAt(g.now)).id,
		"CreatedDate": instant(p.created), "LastModifiedDate": instant(between(r, p.created, g.now.AddDate(0, 0, -2))),
	}
	g.reach(r, p)
}

// reach gives some people an address and a number, both invented.
func (g *generator) reach(r *rand.Rand, p *person) {
	if chance(r, 0.45) {
		p.row["Email"] = g.email(p.row["FirstName"], p.row["LastName"])
	}
	if chance(r, 0.4) {
		p.row["Phone"] = g.phone()
	}
}

// email returns an address at example.com that nobody else has.
func (g *generator) email(first, last string) string {
	local := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c == '.' {
			return c
		}
		return -1
	}, strings.ToLower(first)+"."+strings.ToLower(last))
	local = strings.Trim(local, ".")
	for n := 1; ; n++ {
		address := local + "@example.com"
		if n > 1 {
			address = fmt.Sprintf("%s%d@example.com", local, n)
		}
		if !g.mails[address] {
			g.mails[address] = true
			return address
		}
	}
}

const (
	testAccount = "Example Test Account"
	testEmail   = "test.contact@example.com"
)

// makeStrangers adds invented people whom the directory does not have, and the contact on whom write-back is tried.
func (g *generator) makeStrangers() {
	r := g.random("strangers")
	for n := range 25 {
		p := &person{}
		g.lead(r, p, fields{
			"FirstName": "Sample" + string(rune('A'+n)), "LastName": pick(r, userLast), "Title": "Generated Title",
			"AccountName": fmt.Sprintf("Example Industries %02d", n+1), "MailingCity": "Exampleville", "MailingState": "California", "MailingCountry": "USA",
		})
		g.people = append(g.people, p)
	}
	home := &account{id: g.id("001"), owner: g.users[1], created: g.now.AddDate(-1, 0, 0)}
	home.row = fields{
		"Id": home.id, "Name": testAccount, "BillingCity": "Exampleville", "BillingState": "CA", "BillingCountry": "US", "Website": "https://test.example.com", "Type": "Other", "OwnerId": home.owner.id,
		"Description":      "Invented account for trying write-back.",
		"CreatedDate":      instant(home.created),
		"LastModifiedDate": instant(home.created),
	}
	g.accounts = append(g.accounts, home)
	g.test = &person{account: home, object: "Contact"}
	g.contact(r, g.test, fields{"FirstName": "Test", "LastName": "Contact", "Title": "Test Contact for Write-back", "MailingCity": "Exampleville", "MailingState": "California", "MailingCountry": "USA"})
	g.test.row["Email"], g.test.row["Description"] = testEmail, "Invented contact on whom write-back is tried."
	g.people = append(g.people, g.test)
}
