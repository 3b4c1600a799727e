package generate

import "strconv"

var accountHeader = list("Id,Name,Website,Phone,Industry,NumberOfEmployees,TickerSymbol,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry")

// accountID is the Salesforce id of account i.
func accountID(i int) string { return recordID("001", i+1) }

// accountName is what the CRM calls the company of account i.
func (g *generator) accountName(i int) string {
	k := int(g.subjects.companies[i])
	return g.Errors.writeCompany(source(g.Seed, ofAccountName, i), &g.companies[k], func() []string { return g.office(k).others })
}

// account writes account i and the truth about it.
func (g *generator) account(i int, add func([]string), t *truth) {
	e := &g.Errors
	r := source(g.Seed, ofAccountRow, i)
	k := int(g.subjects.companies[i])
	c, o := &g.companies[k], g.office(k)
	id := accountID(i)
	switch other := g.subjects.repeats[i]; {
	case other >= 0:
		t.duplicate(id, accountID(int(other)), companyID(k))
	case k < g.Companies:
		t.pair(id, companyID(k), "same")
	}
	website := "www." + c.domain
	switch x := r.Float64(); {
	case x < e.NoWebsite:
		website = ""
	case x < e.NoWebsite+0.2:
		website = c.domain
	case x < e.NoWebsite+0.3:
		website = "https://www." + c.domain + "/"
	}
	employees := ""
	if !chance(r, e.NoEmployees) {
		employees = strconv.Itoa(max(1, int(float64(o.employees)*(0.7+0.6*r.Float64()))))
	}
	industry := o.industry
	if chance(r, e.NoIndustry) {
		industry = ""
	}
	a := e.writePlace(r, c.country, address{o.street, c.at, o.postal})
	telephone := o.phone
	switch x := r.Float64(); {
	case x < e.NoPhone:
		telephone = phone{}
	case x < e.NoPhone+e.Switchboard: // that of another office
		telephone = c.country.dial(r, false)
	}
	add([]string{id, g.accountName(i), website, e.writePhone(r, telephone), industry, employees, o.ticker, a.street, a.city, a.state, a.postal, a.country})
}
