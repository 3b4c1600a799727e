package roi_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// TestSourcedAndActivity: a touch that came after the account's first known activity does not source a deal, and what one sync saw is
// known to those after it, although the CRM tells of the latest activity only.
func TestSourcedAndActivity(t *testing.T) {
	created := time.Date(2026, 5, 1, 15, 0, 0, 0, time.UTC)
	touch := time.Date(2026, 4, 10, 9, 0, 0, 0, time.UTC)
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name    string
		seen    []time.Time // latest activity of a contact of the account, per sync; zero for none
		sourced bool
		known   any
	}{
		{"none is known", []time.Time{{}}, true, nil},
		{"the day before the touch", []time.Time{day(4, 9)}, false, day(4, 9)},
		{"the day of the touch", []time.Time{day(4, 10)}, true, day(4, 10)},
		{"after the touch", []time.Time{day(4, 20)}, true, day(4, 20)},
		{"the day of the creation", []time.Time{day(5, 1)}, true, day(5, 1)},
		{"after the creation", []time.Time{day(5, 2)}, true, nil},
		{"the first day in the window", []time.Time{day(2, 1)}, false, day(2, 1)},
		{"a day that begins before the window", []time.Time{day(1, 31)}, true, nil},
		{"another one since", []time.Time{day(4, 9), day(6, 30)}, false, day(4, 9)},
		{"an earlier one comes to light", []time.Time{day(4, 20), day(4, 9)}, false, day(4, 9)},
		{"taken back", []time.Time{day(4, 9), {}}, false, day(4, 9)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world{}
			w.setting("roi.authorised", "true")
			w[schemas.Opportunity] = []row{opportunity("o1", "a1", created, asOf.AddDate(0, 1, 0), "open", 1)}
			w[schemas.Links] = []row{link("Account", "a1", "company", "c1", "link")}
			w[schemas.Usage] = []row{usage("u1", "", "c1", touch)}
			var syncs []func(int)
			for _, latest := range c.seen {
				syncs = append(syncs, func(int) {
					k := contact("k1", "a1")
					if !latest.IsZero() {
						k["LastActivityDate"] = latest
					}
					w[schemas.Contact] = []row{k}
				})
			}
			f := over(t, w, syncs...).rows(schemas.ROIOpportunities)[0]
			if f["sourced"] != c.sourced || f["influenced"] != true || f["known_activity_on"] != c.known {
				t.Errorf("sourced %v, influenced %v, known activity %v; want %v, true, %v", f["sourced"], f["influenced"], f["known_activity_on"], c.sourced, c.known)
			}
		})
	}
}

// TestActivityIsWhatSyncsSaw compares the days kept with all that were ever seen, over random syncs.
func TestActivityIsWhatSyncsSaw(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	w := world{}
	w.setting("roi.authorised", "true")
	want := map[string]bool{}
	see := func(i int, account string, record row) row {
		record = maps.Clone(record)
		if account != "" && r.IntN(3) > 0 {
			day := at(12*i - 24*r.IntN(40)).Truncate(24 * time.Hour)
			record["LastActivityDate"] = day
			want[account+" "+day.Format(time.DateOnly)] = true
		}
		return record
	}
	const syncs = 10
	var changes []func(int)
	for range syncs {
		changes = append(changes, func(i int) {
			if i == syncs-1 {
				return // nothing changes
			}
			w[schemas.Contact], w[schemas.Opportunity] = nil, nil
			for n := range 12 {
				account := fmt.Sprintf("a%d", r.IntN(6))
				w[schemas.Contact] = append(w[schemas.Contact], see(i, account, contact(fmt.Sprintf("k%02d", n), account)))
				w[schemas.Opportunity] = append(w[schemas.Opportunity], see(i, account, opportunity(fmt.Sprintf("o%02d", n), account, asOf, asOf, "open", 1)))
			}
		})
	}
	b := over(t, w, changes...)
	got := map[string]bool{}
	for _, d := range b.rows(schemas.CRMActivity) {
		got[fmt.Sprint(d["account_id"], " ", d["day"].(time.Time).Format(time.DateOnly))] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("days of activity (-seen +kept):\n%s", diff)
	}
	if n := b.last.Stage("roi").Counts["rows.crm_activity"]; n != 0 {
		t.Errorf("a sync without a change added %d rows", n)
	}
}
