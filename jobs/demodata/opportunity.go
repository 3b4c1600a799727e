package demodata

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// The shape of the generated pipeline. The effect of touches is made up, and small on purpose.
const (
	opportunities = 1200
	plainWin      = 0.29 // share won of opportunities that nobody touched
	touchedWin    = 0.35 // and of those that their owner touched
	touchedShare  = 0.45 // of the opportunities whose owner has a seat
	medianDays    = 68.0 // from creation to close
	touchedSpeed  = 0.94
	medianAmount  = 48_000.0
)

type opportunity struct {
	id      string
	account *account
	owner   *user
	created time.Time
	closes  time.Time
	stage   string
	touched bool
	primary *person
	row     fields
}

func (o *opportunity) closed() bool { return o.stage == "Closed Won" || o.stage == "Closed Lost" }

// end is the last instant at which a touch can matter.
func (o *opportunity) end(now time.Time) time.Time {
	if o.closed() && o.closes.Before(now) {
		return o.closes
	}
	return now
}

var openStages = []string{"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review"}

func (g *generator) makeOpportunities() {
	r := g.random("opportunities")
	weights := make([]float64, len(g.accounts))
	for i, a := range g.accounts {
		if a.source != "" {
			weights[i] = a.weight * (1 + float64(len(a.contacts)))
		}
	}
	for n := range opportunities {
		o := &opportunity{id: g.id("006"), account: g.accounts[weighted(r, weights...)]}
		age := math.Pow(r.Float64(), 1.25) // business grows a little
		begins := g.now.Add(-48*time.Hour - time.Duration(age*3*365*24)*time.Hour)
		o.created = between(r, begins, begins.Add(24*time.Hour))
		o.owner = g.ownerOf(r, o)
		g.course(r, o)
		g.describe(r, o, n)
		g.opps = append(g.opps, o)
	}
}

func (g *generator) ownerOf(r *rand.Rand, o *opportunity) *user {
	sellers := g.sellersAt(o.created)
	for _, u := range sellers {
		if u == o.account.owner && chance(r, 0.8) {
			return u
		}
	}
	return pick(r, sellers)
}

// course decides whether the owner touched the people of the deal, how long it took and how it ended.
func (g *generator) course(r *rand.Rand, o *opportunity) {
	days, win := medianDays*math.Exp(0.55*r.NormFloat64()), plainWin
	s := o.owner.seat
	o.touched = s != nil && s.licence != "Core" && s.licence != "Professional" && len(g.membersOf(o.account)) > 0 && chance(r, touchedShare)
	if o.touched {
		days, win = days*touchedSpeed, touchedWin
	}
	won, late := chance(r, win), chance(r, 0.05)
	o.closes = o.created.AddDate(0, 0, 5+int(days))
	switch {
	case o.closes.After(g.now.AddDate(0, 0, -1)), late && o.owner.active:
		o.stage = openStages[min(weighted(r, 3, 3, 2, 2, 2, 1), len(openStages)-1)]
		if o.closes.Before(g.now) {
			o.closes = g.now.AddDate(0, 0, 7+r.IntN(60))
		}
		if !o.owner.active { // open deals were handed over
			o.owner = pick(r, g.sellersAt(g.now))
		}
	case won:
		o.stage = "Closed Won"
	default:
		o.stage = "Closed Lost"
	}
}

func (g *generator) describe(r *rand.Rand, o *opportunity, n int) {
	amount := math.Round(math.Max(2000, medianAmount*math.Exp(0.9*r.NormFloat64()))/100) * 100
	last := o.end(g.now.AddDate(0, 0, -2))
	o.row = fields{
		"Id": o.id, "AccountId": o.account.id, "Name": fmt.Sprintf("Generated deal %04d - %s", n+1, titled(o.account.row["Name"])),
		"Amount": fmt.Sprintf("%.0f", amount), "StageName": o.stage, "CloseDate": o.closes.Format("2006-01-02"), "OwnerId": o.owner.id,
		"IsClosed": fmt.Sprint(o.closed()), "IsWon": fmt.Sprint(o.stage == "Closed Won"), "LeadSource": pick(r, leadSources),
		"Type":        []string{"New Business", "Existing Business"}[weighted(r, 0.65, 0.35)],
		"CreatedDate": instant(o.created), "LastModifiedDate": instant(later(o.created, last)),
	}
	if o.touched {
		o.row["LastActivityDate"] = between(r, o.created, later(o.created.Add(time.Hour), last)).Format("2006-01-02")
	}
	if chance(r, 0.03) {
		delete(o.row, "Amount")
	}
	for i, c := range o.account.contacts {
		if i > 1 || !chance(r, 0.8) {
			continue
		}
		g.contactRow = append(g.contactRow, fields{
			"Id": g.id("00K"), "OpportunityId": o.id, "ContactId": c.id, "IsPrimary": fmt.Sprint(o.primary == nil),
			"Role":        pick(r, []string{"Decision Maker", "Decision Maker", "Economic Buyer", "Evaluator", "Business User"}),
			"CreatedDate": instant(o.created), "LastModifiedDate": instant(o.created),
		})
		if o.primary == nil {
			o.primary = c
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// membersOf returns the directory's profiles of an account: its contacts', and those who work for its company.
func (g *generator) membersOf(a *account) []string {
	var out []string
	for _, c := range a.contacts {
		if c.member != "" {
			out = append(out, c.member)
		}
	}
	if a.company == "" {
		return out
	}
	for _, m := range g.lists.members {
		if m["company_id"] == a.company {
			out = append(out, m["member_id"])
		}
	}
	return out
}
