package demodata

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// event is something that a seller did in Sales Navigator.
type event struct {
	id     string
	kind   string // as the Analytics export calls it
	seat   *seat
	member string
	at     time.Time
}

// Of the kinds, the last two concern no single person.
var eventKinds = []string{"PROFILE_VIEWED", "SAVED_LEAD", "INMAIL_SENT", "MESSAGE_SENT", "CONNECTION_MADE", "SAVED_ACCOUNT", "SEARCH_PERFORMED"}

// events are the touches of opportunities, and everyday use that has nothing to do with any.
func (g *generator) events() []event {
	r := g.random("usage")
	var out []event
	add := func(s *seat, kind, member string, at time.Time) {
		out = append(out, event{kind: kind, seat: s, member: member, at: at})
	}
	for _, o := range g.opps {
		if !o.touched {
			continue
		}
		members := g.membersOf(o.account)
		for range 1 + r.IntN(4) {
			at := between(r, o.created.AddDate(0, 0, -40), o.end(g.now))
			switch kind := eventKinds[weighted(r, 45, 15, 10, 12, 8, 6)]; kind {
			case "SAVED_ACCOUNT":
				add(o.owner.seat, kind, "", at)
			default:
				add(o.owner.seat, kind, pick(r, members), at)
			}
		}
	}
	for _, s := range g.seats {
		for range 20 + r.IntN(30) {
			add(s, eventKinds[weighted(r, 6, 1, 1, 1, 1)], pick(r, g.lists.members)["member_id"], between(r, g.now.AddDate(-3, 0, 0), g.now))
		}
		for range 40 + r.IntN(40) {
			add(s, "SEARCH_PERFORMED", "", between(r, g.now.AddDate(-3, 0, 0), g.now))
		}
	}
	slices.SortStableFunc(out, func(a, b event) int { return a.at.Compare(b.at) })
	for i := range out {
		out[i].id = fmt.Sprintf("urn:li:salesActivity:%d", 700_000_001+i)
	}
	return out
}

// overlap is how many events both halves of the Analytics export hold, as exports of overlapping intervals do.
const overlap = 50

// usageFiles are two Analytics exports, and alerts about companies in the canonical form.
func (g *generator) usageFiles() ([]File, error) {
	events := g.events()
	half := len(events) / 2
	first, err := analytics("usage/analytics-1.csv", events[:half+overlap])
	if err != nil {
		return nil, err
	}
	second, err := analytics("usage/analytics-2.csv", events[half:])
	if err != nil {
		return nil, err
	}
	alerts, err := ndjson("usage/alerts.ndjson", []string{"seat_id", "kind", "company_id", "occurred_at"}, g.alerts())
	return []File{first, second, alerts}, err
}

func analytics(name string, events []event) (File, error) {
	rows := make([]fields, len(events))
	for i, e := range events {
		rows[i] = fields{
			"activityId": e.id, "activityType": e.kind, "createdAt": e.at.Format("01-02-2006 15:04:05"), "seatId": e.seat.id, "memberIdentityKey": e.member,
		}
	}
	return table(name, []string{"activityId", "activityType", "createdAt", "seatId", "memberIdentityKey"}, rows)
}

// alerts are news about the companies of some touched opportunities, which their owners opened.
func (g *generator) alerts() []fields {
	r := g.random("alerts")
	var rows []fields
	for _, o := range g.opps {
		if o.touched && o.account.company != "" && chance(r, 0.4) {
			at := between(r, o.created.AddDate(0, 0, -30), o.end(g.now))
			rows = append(rows, fields{"seat_id": o.owner.seat.id, "kind": "alert", "company_id": o.account.company, "occurred_at": instant(at)})
		}
	}
	return rows
}

var activityTypes = []string{"InMail", "Message", "Note", "Call", "PointDriveView"}

// activities are what sellers may log. Those of the last two months are marked for logging by some.
func (g *generator) activities() []fields {
	r := g.random("activities")
	var rows []fields
	add := func(s *seat, kind, member, company string, at time.Time) {
		f := fields{
			"activity_id": fmt.Sprintf("act-%06d", len(rows)+1), "type": kind, "seat_id": s.id, "member_id": member, "company_id": company,
			"occurred_at": instant(at), "log_to_crm": "false",
		}
		if at.After(g.now.AddDate(0, -2, 0)) && chance(r, 0.5) {
			f["log_to_crm"] = "true"
		}
		describeActivity(r, f)
		rows = append(rows, f)
	}
	for _, o := range g.opps {
		if !o.touched || !chance(r, 0.6) {
			continue
		}
		kind, at := activityTypes[weighted(r, 3, 4, 2, 3, 1)], between(r, o.created.AddDate(0, 0, -20), o.end(g.now))
		if kind == "Note" && o.account.company != "" && chance(r, 0.5) {
			add(o.owner.seat, kind, "", o.account.company, at)
			continue
		}
		add(o.owner.seat, kind, pick(r, g.membersOf(o.account)), "", at)
	}
	for range 160 { // about anybody, in the CRM or not
		add(pick(r, g.seats), activityTypes[weighted(r, 4, 3, 1, 2, 1)], pick(r, g.lists.members)["member_id"], "", between(r, g.now.AddDate(0, -9, 0), g.now))
	}
	for _, kind := range activityTypes { // the trial of write-back
		add(g.users[4].seat, kind, testMember, "", between(r, g.now.AddDate(0, 0, -3), g.now))
		rows[len(rows)-1]["log_to_crm"] = "true"
	}
	return rows
}

func describeActivity(r *rand.Rand, f fields) {
	f["subject"] = fmt.Sprintf("Generated %s %s", strings.ToLower(f["type"]), f["activity_id"])
	switch f["type"] {
	case "PointDriveView":
		f["body"] = fmt.Sprintf("Viewed %d pages of a generated presentation.", 1+r.IntN(12))
	case "Call":
		f["body"] = fmt.Sprintf("Spoke for %d minutes. This text is generated for the demonstration.", 2+r.IntN(28))
	default:
		f["body"] = "This text is generated for the demonstration.\nIt has a second line, a \"quote\", a comma, and an é."
	}
}
