package generate

// plan says whom the records of the CRM are about.
type plan struct {
	contacts, leads []int32 // people of the directory; a record that is about somebody else leaves its entry unused
	account         []int32 // by company: its first account, -1 for none
	companies       []int32 // by account: its company
	repeats         []int32 // by account: the account that it repeats, -1 for none
}

// plan chooses companies for the accounts, people who work (or worked, when the CRM is behind) at companies with an account for the
// contacts, and others for the leads. No two records are about one person, but for the duplicates, which are chosen when written.
func (g *generator) plan() plan {
	r := source(g.Seed, ofPlan, -1)
	p := plan{account: make([]int32, len(g.companies)), companies: make([]int32, g.Accounts), repeats: make([]int32, g.Accounts)}
	for i := range p.account {
		p.account[i] = -1
	}
	order := newPermutation(g.Companies, r)
	for i := range g.Accounts {
		r := source(g.Seed, ofAccount, i)
		x := r.Float64()
		k := order.at(i)
		p.repeats[i] = -1
		switch {
		case x < g.Errors.Absent:
			k = g.Companies + i
		case x < g.Errors.Absent+g.Errors.Duplicate && i > 0:
			if other := r.IntN(i); p.repeats[other] < 0 && int(p.companies[other]) < g.Companies {
				k, p.repeats[i] = int(p.companies[other]), int32(other)
			}
		}
		p.companies[i] = int32(k)
		if p.account[k] < 0 {
			p.account[k] = int32(i)
		}
	}
	people := newPermutation(g.People, r)
	var spare []int32 // people without an account that no lead is about, as many as contacts may need
	for i := 0; i < g.People && (len(p.contacts) < g.Contacts || len(p.leads) < g.Leads); i++ {
		q := people.at(i)
		employer, _ := g.employer(q)
		known := p.account[employer] >= 0
		switch {
		case known && len(p.contacts) < g.Contacts && (len(p.leads) >= g.Leads || !chance(r, 0.2)):
			p.contacts = append(p.contacts, int32(q))
		case len(p.leads) < g.Leads:
			p.leads = append(p.leads, int32(q))
		case len(spare) < g.Contacts:
			spare = append(spare, int32(q))
		}
	}
	p.contacts = append(p.contacts, spare[:g.Contacts-len(p.contacts)]...)
	return p
}

// employer is the company that the CRM has for person i of the directory, and whether it is a former one.
func (g *generator) employer(i int) (company int, moved bool) {
	return g.known(i, g.career(source(g.Seed, ofPerson, i)))
}

// known is employer for a career that is at hand.
func (g *generator) known(i int, c career) (company int, moved bool) {
	r := source(g.Seed, ofMove, i)
	if !chance(r, g.Errors.Moved) || g.Companies < 2 {
		return c.employer, false
	}
	if len(c.past) > 0 && chance(r, g.Errors.PastListed) {
		if k := int(one(r, c.past)); k != c.employer {
			return k, true
		}
	}
	for {
		if k := g.sizes.draw(r); k != c.employer {
			return k, true
		}
	}
}
