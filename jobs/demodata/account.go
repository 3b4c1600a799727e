package demodata

import (
	"math/rand/v2"
	"strings"
	"time"
)

type account struct {
	id, source string // source is the id in the lists, "" when invented
	key        string
	company    string // company id of the directory, "" when it has none
	owner      *user
	created    time.Time
	row        fields
	contacts   []*person
	weight     float64 // how often it has opportunities
}

func (g *generator) makeAccounts() {
	r := g.random("accounts")
	company := map[string]string{}
	for _, t := range g.lists.truthAccounts {
		company[t["crm_id"]] = t["company_id"]
	}
	owners := g.sellersAt(g.now.AddDate(-3, 0, 0))
	for _, in := range g.lists.accounts {
		a := &account{
			id: g.id("001"), source: in["Id"], key: companyKey(in["Name"]), company: company[in["Id"]], owner: pick(r, owners),
			created: between(r, g.now.AddDate(-5, 0, 0), g.now.AddDate(-3, 0, 0)), weight: 0.3 + r.ExpFloat64(),
		}
		a.row = fields{"Id": a.id, "OwnerId": a.owner.id, "CreatedDate": instant(a.created), "LastModifiedDate": instant(between(r, a.created, g.now.AddDate(0, 0, -2)))}
		for _, column := range []string{"Name", "Website", "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry", "NumberOfEmployees", "AnnualRevenue"} {
			a.row[column] = in[column]
		}
		a.row["Type"] = pick(r, []string{"Prospect", "Prospect", "Customer - Direct", "Customer - Direct", "Other"})
		if chance(r, 0.55) {
			a.row["Phone"] = g.phone()
		}
		if chance(r, 0.3) {
			a.row["Rating"] = pick(r, []string{"Hot", "Warm", "Cold"})
		}
		g.accounts = append(g.accounts, a)
	}
	g.misspell(r)
}

// typo is a mistake that a seller made in an account's name and corrects later.
type typo struct {
	account     *account
	right, typo string
}

// misspell swaps two letters in one account's name. The account stays recognisable by its web site.
func (g *generator) misspell(r *rand.Rand) {
	for {
		a := pick(r, g.accounts)
		name := a.row["Name"]
		if a.company == "" || len(name) < 10 || strings.ContainsAny(name[2:6], " .&") || name[3] == name[4] {
			continue
		}
		a.row["Name"] = name[:3] + name[4:5] + name[3:4] + name[5:]
		g.typo = typo{account: a, right: name, typo: a.row["Name"]}
		return
	}
}
