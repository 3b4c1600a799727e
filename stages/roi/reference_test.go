package roi_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// random makes a world in which everything meets everything: few ids, duplicates, converted leads, reviews, missing values.
func random(r *rand.Rand, opportunities, touches int) world {
	w := world{}
	w.setting("roi.authorised", "true")
	w.setting("roi.window_days", fmt.Sprint(1+r.IntN(200)))
	if r.IntN(2) == 0 {
		w.setting("roi.pipeline_stages", `["open","late"]`)
	}
	pick := func(prefix string, n int) string { return fmt.Sprintf("%s%03d", prefix, r.IntN(n)) }
	when := func() time.Time {
		return asOf.Add(-time.Duration(r.Int64N(int64(800 * 24 * time.Hour)))).Add(30 * 24 * time.Hour).Truncate(time.Millisecond)
	}
	active := func(record row) { // some records have had activity, on days near the deals' creations
		if r.IntN(3) == 0 {
			record["LastActivityDate"] = when().Truncate(24 * time.Hour)
		}
	}
	accounts, people := max(2, opportunities/5), max(4, opportunities)
	for i := range opportunities {
		created := when()
		o := opportunity(fmt.Sprintf("o%04d", i), pick("a", accounts), created, created.Truncate(24*time.Hour).AddDate(0, 0, r.IntN(200)-10),
			[]string{"open", "early", "won", "lost"}[r.IntN(4)], float64(r.IntN(1_000_000))/100)
		if o["StageName"] == "early" {
			o["IsClosed"], o["IsWon"] = false, false
		}
		if r.IntN(10) == 0 {
			delete(o, "Amount")
		}
		if r.IntN(10) == 0 {
			delete(o, "AccountId")
		}
		active(o)
		o["OwnerId"] = pick("user", 5)
		w[schemas.Opportunity] = append(w[schemas.Opportunity], o)
	}
	for i := range accounts {
		a := row{"Id": fmt.Sprintf("a%03d", i), "Name": "Company", "CreatedDate": asOf, "LastModifiedDate": asOf, "OwnerId": "owner"}
		if r.IntN(3) > 0 {
			a["NumberOfEmployees"], a["Industry"] = int64(r.IntN(3000)-100), []string{"Energy", " Retail ", ""}[r.IntN(3)]
		}
		if r.IntN(3) > 0 {
			a["BillingCountry"] = []string{"Germany", "USA", "jp", "Narnia", " "}[r.IntN(5)]
		}
		if r.IntN(10) > 0 {
			w[schemas.Account] = append(w[schemas.Account], a)
		}
		if r.IntN(3) > 0 {
			decision := []string{"link", "link", "review", "duplicate"}[r.IntN(4)]
			w[schemas.Links] = append(w[schemas.Links], link("Account", fmt.Sprintf("a%03d", i), "company", pick("c", accounts), decision))
		}
	}
	for i := range people {
		id := fmt.Sprintf("p%03d", i)
		c := contact(id, pick("a", accounts+2))
		if r.IntN(10) == 0 {
			delete(c, "AccountId")
		}
		active(c)
		w[schemas.Contact] = append(w[schemas.Contact], c)
		if r.IntN(3) > 0 {
			decision := []string{"link", "link", "review", "duplicate"}[r.IntN(4)]
			w[schemas.Links] = append(w[schemas.Links], link("Contact", id, "person", pick("m", people), decision))
		}
		lead := row{"Id": fmt.Sprintf("l%03d", i), "LastName": "Doe", "CreatedDate": asOf, "LastModifiedDate": asOf, "IsConverted": false, "OwnerId": "owner"}
		if r.IntN(3) == 0 {
			lead["ConvertedContactId"] = pick("p", people)
		}
		if r.IntN(3) == 0 {
			lead["ConvertedAccountId"] = pick("a", accounts)
		}
		active(lead)
		w[schemas.Lead] = append(w[schemas.Lead], lead)
		if r.IntN(2) == 0 {
			decision := []string{"link", "converted", "review"}[r.IntN(3)]
			w[schemas.Links] = append(w[schemas.Links], link("Lead", lead["Id"].(string), "person", pick("m", people), decision))
		}
	}
	for _, l := range w[schemas.Links] {
		if d := l["decision"]; (d == "duplicate" || d == "converted") && r.IntN(10) > 0 {
			l["duplicate_of"] = w[schemas.Links][r.IntN(len(w[schemas.Links]))]["record_id"]
		}
	}
	seen := map[string]bool{}
	for range opportunities {
		if ro := role(pick("p", people+3), fmt.Sprintf("o%04d", r.IntN(opportunities+2))); !seen[ro["Id"].(string)] {
			seen[ro["Id"].(string)] = true
			w[schemas.OpportunityContactRole] = append(w[schemas.OpportunityContactRole], ro)
		}
	}
	for i := range touches {
		var member, company string
		if r.IntN(4) > 0 {
			member = pick("m", people+5)
		}
		if r.IntN(2) == 0 {
			company = pick("c", accounts+2)
		}
		if r.IntN(3) > 0 {
			w[schemas.Usage] = append(w[schemas.Usage], usage(fmt.Sprintf("t%05d", i), member, company, when()))
			continue
		}
		a := usage("", member, company, when())
		delete(a, "usage_id")
		delete(a, "kind")
		a["activity_id"], a["type"], a["log_to_crm"] = fmt.Sprintf("t%05d", i), "InMail", false
		w[schemas.Activities] = append(w[schemas.Activities], a)
	}
	for i := range 5 {
		u := row{"seat_id": fmt.Sprint("s", i), "method": "email", "licensed": true, "active": r.IntN(2) == 0}
		if r.IntN(3) > 0 {
			u["user_id"] = pick("user", 5)
		}
		w[schemas.SeatUsers] = append(w[schemas.SeatUsers], u)
	}
	return w
}

// reference computes touches and facts the obvious way: every opportunity against every touch.
func reference(w world, windowDays int, pipelineStages []string) (touches, facts []row) {
	target := map[string]string{} // object/record to member or company
	linked := map[any]bool{}
	for _, l := range w[schemas.Links] {
		if l["decision"] == "link" {
			linked[l["record_id"]] = true
		}
	}
	for _, l := range w[schemas.Links] {
		if l["decision"] == "link" || linked[l["duplicate_of"]] {
			target[l["object"].(string)+"/"+l["record_id"].(string)] = l["target_id"].(string)
		}
	}
	accountOf := map[any]any{}
	for _, c := range w[schemas.Contact] {
		accountOf[c["Id"]] = c["AccountId"]
	}
	for _, o := range w[schemas.Opportunity] {
		level := map[string]string{} // member or company to level
		if o["AccountId"] != nil {
			if c := target["Account/"+o["AccountId"].(string)]; c != "" {
				level["company "+c] = "c"
			}
			for _, c := range w[schemas.Contact] {
				if m := target["Contact/"+c["Id"].(string)]; m != "" && c["AccountId"] == o["AccountId"] {
					level["member "+m] = "b"
				}
			}
			for _, l := range w[schemas.Lead] {
				account := l["ConvertedAccountId"]
				if account == nil && l["ConvertedContactId"] != nil {
					account = accountOf[l["ConvertedContactId"]]
				}
				if m := target["Lead/"+l["Id"].(string)]; m != "" && account == o["AccountId"] {
					level["member "+m] = "b"
				}
			}
		}
		for _, ro := range w[schemas.OpportunityContactRole] {
			if m := target["Contact/"+ro["ContactId"].(string)]; m != "" && ro["OpportunityId"] == o["Id"] {
				level["member "+m] = "a"
			}
		}
		created, closes, closed := o["CreatedDate"].(time.Time), o["CloseDate"].(time.Time), o["IsClosed"].(bool)
		midnight := created.Truncate(24 * time.Hour)
		if closes.Before(midnight) {
			closes = midnight
		}
		early := func(at time.Time) bool {
			return !at.Before(created.AddDate(0, 0, -2*windowDays)) && at.Before(created.AddDate(0, 0, -windowDays)) && !at.After(asOf)
		}
		inWindow := func(at time.Time) bool {
			return !at.Before(created.AddDate(0, 0, -windowDays)) && !at.After(asOf) && (!closed || at.Before(closes.AddDate(0, 0, 1)))
		}
		f := row{
			"opportunity_id": o["Id"], "owner_id": o["OwnerId"], "owner_has_seat": false, "stage": o["StageName"], "is_closed": closed,
			"is_won": o["IsWon"], "created_at": created, "close_date": o["CloseDate"], "touches": int64(0),
			"in_pipeline": pipelineStages == nil || closed || slices.Contains(pipelineStages, o["StageName"].(string)),
			"sourced":     false, "sourced_strict": false, "influenced": false, "influenced_strict": false,
			"touched_earlier": false, "currency": "", "size_band": "unknown", "industry": "unknown", "region": "unknown", "business": "new",
			"quarter": o["CloseDate"].(time.Time).Format("2006-Q") + fmt.Sprint(int(o["CloseDate"].(time.Time).Month()-1)/3+1),
		}
		for from, to := range map[string]string{"AccountId": "account_id", "Amount": "revenue"} {
			if o[from] != nil {
				f[to] = o[from]
			}
		}
		if closed {
			day := closes
			if day.After(asOf) {
				day = asOf.Truncate(24 * time.Hour)
			}
			f["days_to_close"] = max(0, int64(day.Sub(midnight).Hours()/24))
		}
		if f["in_pipeline"] == true {
			f["entered_after"], f["entered_by"], f["entry_basis"] = created, created, "creation"
			if pipelineStages != nil {
				f["entry_basis"] = "first_seen"
			}
		}
		for _, a := range w[schemas.Account] {
			if a["Id"] == o["AccountId"] {
				segments(f, a)
			}
		}
		var firstActivity time.Time
		for ds, account := range map[*schemas.Dataset]string{schemas.Contact: "AccountId", schemas.Lead: "ConvertedAccountId", schemas.Opportunity: "AccountId"} {
			for _, record := range w[ds] {
				day, ok := record["LastActivityDate"].(time.Time)
				if !ok || o["AccountId"] == nil || record[account] != o["AccountId"] || day.After(asOf) ||
					day.Before(created.AddDate(0, 0, -windowDays)) || !day.Before(created) {
					continue
				}
				if firstActivity.IsZero() || day.Before(firstActivity) {
					firstActivity = day
					f["known_activity_on"] = day
				}
			}
		}
		for _, other := range w[schemas.Opportunity] {
			if o["AccountId"] != nil && other["AccountId"] == o["AccountId"] && other["IsWon"] == true {
				made := other["CreatedDate"].(time.Time).Truncate(24 * time.Hour)
				if day := other["CloseDate"].(time.Time); day.Before(midnight) && made.Before(midnight) {
					f["business"] = "existing"
				}
			}
		}
		for _, u := range w[schemas.SeatUsers] {
			if u["user_id"] == o["OwnerId"] && u["active"].(bool) {
				f["owner_has_seat"] = true
			}
		}
		for _, ds := range []*schemas.Dataset{schemas.Usage, schemas.Activities} {
			for _, u := range w[ds] {
				at := u["occurred_at"].(time.Time)
				levels := []string{}
				if m, ok := u["member_id"].(string); ok && level["member "+m] != "" {
					levels = append(levels, level["member "+m])
				}
				if c, ok := u["company_id"].(string); ok && level["company "+c] != "" {
					levels = append(levels, level["company "+c])
				}
				if len(levels) > 0 && early(at) {
					f["touched_earlier"] = true
				}
				if len(levels) == 0 || !inWindow(at) {
					continue
				}
				best := slices.Min(levels)
				before := at.Before(created) && (firstActivity.IsZero() || at.Before(firstActivity.AddDate(0, 0, 1)))
				t := row{
					"opportunity_id": o["Id"], "level": best, "seat_id": u["seat_id"], "touched_at": at,
					"days_before_created": created.Sub(at).Hours() / 24, "counts_sourced": before, "counts_influenced": true,
				}
				if ds == schemas.Usage {
					t["touch_id"], t["kind"] = "usage:"+u["usage_id"].(string), u["kind"]
				} else {
					t["touch_id"], t["kind"] = "activity:"+u["activity_id"].(string), u["type"]
				}
				for _, name := range []string{"member_id", "company_id"} {
					if u[name] != nil {
						t[name] = u[name]
					}
				}
				touches = append(touches, t)
				f["touches"] = f["touches"].(int64) + 1
				f["influenced"] = true
				f["influenced_strict"] = f["influenced_strict"] == true || best == "a"
				f["sourced"] = f["sourced"] == true || before
				f["sourced_strict"] = f["sourced_strict"] == true || before && best == "a"
				if first, ok := f["first_touch_at"].(time.Time); !ok || at.Before(first) {
					f["first_touch_at"] = at
				}
				if last, ok := f["last_touch_at"].(time.Time); !ok || at.After(last) {
					f["last_touch_at"] = at
				}
			}
		}
		facts = append(facts, f)
	}
	slices.SortFunc(touches, func(a, b row) int {
		return cmp.Or(cmp.Compare(a["opportunity_id"].(string), b["opportunity_id"].(string)), cmp.Compare(a["touch_id"].(string), b["touch_id"].(string)))
	})
	return touches, facts
}

// segments says where an account belongs.
func segments(f, a row) {
	if n, ok := a["NumberOfEmployees"].(int64); ok && n > 0 {
		switch {
		case n < 51:
			f["size_band"] = "1-50"
		case n < 201:
			f["size_band"] = "51-200"
		case n < 1001:
			f["size_band"] = "201-1000"
		default:
			f["size_band"] = "1001-5000"
		}
	}
	if name, ok := a["Industry"].(string); ok && strings.TrimSpace(name) != "" {
		f["industry"] = strings.TrimSpace(name)
	}
	if country, ok := a["BillingCountry"].(string); ok {
		f["region"] = map[string]string{"Germany": "Europe", "USA": "Americas", "jp": "Asia", "Narnia": "other", " ": "unknown"}[country]
	}
}

// quartersOf adds up facts the obvious way.
func quartersOf(facts []row) map[string]row {
	out := map[string]row{}
	for _, f := range facts {
		if f["in_pipeline"] != true {
			continue
		}
		key := fmt.Sprint(f["quarter"], f["influenced"])
		q := out[key]
		if q == nil {
			q = row{"quarter": f["quarter"], "influenced": f["influenced"], "currency": ""}
			for _, n := range []string{"opportunities", "won", "lost", "open", "sourced", "influenced_strict", "sourced_strict"} {
				q[n] = int64(0)
			}
			for _, n := range []string{"revenue_won", "revenue_open", "revenue_sourced"} {
				q[n] = 0.0
			}
			out[key] = q
		}
		revenue, _ := f["revenue"].(float64)
		count := func(n string, when bool) {
			if when {
				q[n] = q[n].(int64) + 1
			}
		}
		add := func(n string, when bool) {
			if when {
				q[n] = q[n].(float64) + revenue
			}
		}
		won, open := f["is_won"] == true, f["is_closed"] != true
		count("opportunities", true)
		count("won", won)
		count("open", open)
		count("lost", !won && !open)
		for _, n := range []string{"sourced", "influenced_strict", "sourced_strict"} {
			count(n, f[n] == true)
		}
		add("revenue_won", won)
		add("revenue_open", open)
		add("revenue_sourced", won && f["sourced"] == true)
	}
	return out
}

func TestAgainstReference(t *testing.T) {
	nearly := gocmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
	var hits int
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 0))
		w := random(r, 1+r.IntN(80), r.IntN(600))
		var days int
		var stages []string
		for _, s := range w[schemas.Settings] {
			switch s["key"] {
			case "roi.window_days":
				fmt.Sscan(s["value"].(string), &days)
			case "roi.pipeline_stages":
				stages = []string{"open", "late"}
			}
		}
		b := newBench(t)
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
		touches, facts := reference(w, days, stages)
		hits += len(touches)
		if diff := gocmp.Diff(touches, b.rows(schemas.ROITouches), nearly); diff != "" {
			t.Fatalf("seed %d: touches differ (-reference +stage):\n%s", seed, diff)
		}
		if diff := gocmp.Diff(facts, b.rows(schemas.ROIOpportunities), nearly); diff != "" {
			t.Fatalf("seed %d: facts differ (-reference +stage):\n%s", seed, diff)
		}
		quarters := map[string]row{}
		for _, q := range b.rows(schemas.ROIQuarters) {
			quarters[fmt.Sprint(q["quarter"], q["influenced"])] = q
		}
		if diff := gocmp.Diff(quartersOf(facts), quarters, nearly); diff != "" {
			t.Fatalf("seed %d: quarters differ (-reference +stage):\n%s", seed, diff)
		}
	}
	if hits < 1000 {
		t.Errorf("only %d touches hit an opportunity: the data do not test much", hits)
	}
}
