package generate

import (
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

var companyHeader = strings.Split("company_id,page_url,name,other_names,website,industry,employee_count,phone,ticker,street,city,state,country,postal_code,parent_company_id", ",")

func (g *generator) companyRows(begin, end int, add func(row ...string)) {
	for i := begin; i < end; i++ {
		c := &g.companies[i]
		add(c.id, "https://example.com/company/"+c.id, c.name, strings.Join(c.aliases, schemas.ListSeparator), "https://www."+c.domain, c.industry, strconv.Itoa(c.employees),
			c.phone, c.ticker, c.street, c.at.name, c.at.region, c.country.label, c.postal, "")
	}
}

var personHeader = strings.Split("member_id,profile_url,first_name,last_name,full_name,headline,title,company_id,company,past_companies,city,state,country,postal_code,email,phone", ",")

func (g *generator) personRows(begin, end int, add func(row ...string)) {
	for i := begin; i < end; i++ {
		p := g.person(i)
		c := &g.companies[p.company]
		given, family := p.names()
		r := source(g.seed, streamPerson, -1-i) // what the profile tells
		email, phone, postal := "", "", ""
		if r.Float64() < 0.3 {
			email = p.email
			if r.Float64() < 0.3 {
				email = p.private
			}
		}
		if r.Float64() < 0.15 {
			phone = p.phone
		}
		if r.Float64() < 0.3 {
			postal = p.postal
		}
		at, region, label := p.at.name, p.at.region, p.country.label
		if r.Float64() < 0.05 {
			at, region = "", ""
		}
		employer := c.name
		if r.Float64() < 0.3 {
			employer = c.base
		}
		if r.Float64() < 0.03 {
			employer = ""
		}
		add(p.id, "https://example.com/in/"+p.id, given, family, given+" "+family, p.title+" at "+c.name, p.title, c.id, employer, g.former(&p), at, region, label, postal, email, phone)
	}
}
