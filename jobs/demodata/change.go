package demodata

import "slices"

// Change is an edit in the org, in the form that fakeforce takes.
type Change struct {
	Op     string         `json:"op"` // insert, update or delete
	Object string         `json:"object"`
	ID     string         `json:"id,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
}

// Changes are the edits that the demonstration makes before the second sync, in order. The ids of inserts are given, so that what
// follows can refer to them.
func Changes(o *Org) []Change { return slices.Clone(o.changes) }

// makeChanges chooses what changes. Nothing that a labelled link needs goes away.
func (g *generator) makeChanges() (changes []Change, added []Truth) {
	c := &changer{generator: g}
	c.corrections()
	c.handOver()
	c.newDeal()
	c.closeDeals()
	added = c.newLeads()
	c.deletions()
	return c.changes, added
}

type changer struct {
	*generator
	changes []Change
}

func (c *changer) update(object, id string, f map[string]any) {
	c.changes = append(c.changes, Change{Op: "update", Object: object, ID: id, Fields: f})
}

func (c *changer) insert(object, id string, row fields) {
	f := map[string]any{}
	for k, v := range row {
		if k != "Id" && k != "CreatedDate" && k != "LastModifiedDate" && v != "" {
			f[k] = v
		}
	}
	c.changes = append(c.changes, Change{Op: "insert", Object: object, ID: id, Fields: f})
}

// corrections mend a misspelt account, and update a few records.
func (c *changer) corrections() {
	c.update("Account", c.typo.account.id, map[string]any{"Name": c.typo.right})
	r := c.random("corrections")
	for range 2 {
		a := pick(r, c.accounts[:len(c.lists.accounts)])
		c.update("Account", a.id, map[string]any{"Rating": "Hot", "Description": "Generated note: visited at the fair."})
	}
	n := 0
	for _, i := range r.Perm(len(c.people)) {
		p := c.people[i]
		if p.source == "" {
			continue
		}
		c.update(p.object, p.id, map[string]any{"Phone": c.phone(), "Title": "Chief Executive Officer"})
		if n++; n == 4 {
			return
		}
	}
}

// open returns the open deals of accounts that the directory knows, with a contact.
func (c *changer) open() []*opportunity {
	return slices.DeleteFunc(slices.Clone(c.opps), func(o *opportunity) bool {
		return o.closed() || o.account.company == "" || o.primary == nil || o.primary.member == ""
	})
}

// otherSeller returns a seller with a seat that gets the sync, who is not the one given.
func (c *changer) otherSeller(than ...*user) *user {
	for _, u := range c.sellersAt(c.now) {
		if u.active && u.seat != nil && u.seat.syncs() && !slices.Contains(than, u) {
			return u
		}
	}
	return c.users[1]
}

// handOver gives an open deal, which its owner has saves because of, to another seller (R23). The deals that are closed afterwards are left
// out, since their new owner would get no saves, and so are those whose owner has an earlier one with the account: that is then the reason.
func (c *changer) handOver() {
	open := c.open()
	first := map[[2]any]*opportunity{}
	for _, o := range slices.Backward(c.opps) {
		if !o.closed() {
			first[[2]any{o.owner, o.account}] = o
		}
	}
	open = slices.DeleteFunc(open[:len(open)-2], func(o *opportunity) bool {
		return !o.owner.active || o.owner.seat == nil || !o.owner.seat.syncs() || first[[2]any{o.owner, o.account}] != o
	})
	o := pick(c.random("hand over"), open)
	c.update("Opportunity", o.id, map[string]any{"OwnerId": c.otherSeller(o.owner, o.account.owner).id})
}

// newDeal opens a deal of an account for somebody who had none there, with its contact.
func (c *changer) newDeal() {
	o := pick(c.random("new deal"), c.open())
	owner := c.otherSeller(o.owner, o.account.owner, c.otherSeller(o.owner, o.account.owner))
	id := c.id("006")
	c.insert("Opportunity", id, fields{
		"AccountId": o.account.id, "Name": "Generated deal opened between syncs - " + titled(o.account.row["Name"]), "Amount": "125000",
		"StageName": "Qualification", "CloseDate": c.now.AddDate(0, 2, 0).Format("2006-01-02"), "OwnerId": owner.id, "Type": "New Business", "LeadSource": "Web",
	})
	c.insert("OpportunityContactRole", c.id("00K"), fields{"OpportunityId": id, "ContactId": o.primary.id, "Role": "Decision Maker", "IsPrimary": "true"})
}

// closeDeals ends two open deals.
func (c *changer) closeDeals() {
	open := c.open()
	for i, stage := range []string{"Closed Won", "Closed Lost"} {
		o := open[len(open)-1-i]
		c.update("Opportunity", o.id, map[string]any{"StageName": stage, "CloseDate": c.now.Format("2006-01-02")})
	}
}

// newLeads inserts two chief executives of 2020 whom the CRM did not have, and one invented person.
func (c *changer) newLeads() []Truth {
	r := c.random("new leads")
	listed := map[string]bool{}
	for _, t := range c.lists.truthPeople {
		listed[t["member_id"]] = true
	}
	surname := map[string]bool{}
	for _, p := range c.lists.contacts {
		surname[p["LastName"]] = true
	}
	var added []Truth
	for _, i := range r.Perm(len(c.lists.members)) {
		m := c.lists.members[i]
		if listed[m["member_id"]] || surname[m["last_name"]] {
			continue
		}
		p := &person{}
		c.lead(r, p, fields{
			"FirstName": m["first_name"], "LastName": m["last_name"], "Title": "CEO", "AccountName": m["company"],
			"MailingCity": m["city"], "MailingState": m["state"], "MailingCountry": "USA",
		})
		c.insert("Lead", p.id, p.row)
		added = append(added, Truth{RecordID: p.id, TargetID: m["member_id"], Kind: "same_company"})
		if len(added) == 2 {
			break
		}
	}
	p := &person{}
	c.lead(r, p, fields{"FirstName": "Newly", "LastName": "Sampleton", "Title": "Generated Title", "AccountName": "Example Newcomer Works", "MailingCountry": "USA"})
	c.insert("Lead", p.id, p.row)
	return added
}

// deletions remove invented leads, a duplicate and a lost deal.
func (c *changer) deletions() {
	remove := func(object, id string) { c.changes = append(c.changes, Change{Op: "delete", Object: object, ID: id}) }
	n := 0
	for _, p := range c.people {
		if p.object == "Lead" && p.source == "" && p.row["IsConverted"] == "false" && n < 2 {
			remove("Lead", p.id)
			n++
		}
	}
	for _, d := range c.dups {
		if d.Object == "Contact" {
			remove("Contact", d.ID)
			break
		}
	}
	for _, o := range c.opps {
		if o.stage == "Closed Lost" && o.primary == nil {
			remove("Opportunity", o.id)
			break
		}
	}
}
