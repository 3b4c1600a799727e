package roi_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// over runs the stage over worlds, one sync after the other, twelve hours apart.
func over(t *testing.T, w world, syncs ...func(i int)) *bench {
	t.Helper()
	b := newBench(t)
	start := asOf
	for i, change := range syncs {
		change(i)
		b.runner.Now = func(context.Context) (time.Time, error) { return start.Add(time.Duration(i) * 12 * time.Hour), nil }
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func at(hours int) time.Time { return asOf.Add(time.Duration(hours) * time.Hour) }

func TestPipelineEntry(t *testing.T) {
	created := asOf.AddDate(0, -2, 0)
	deal := func(stage string, modified time.Time) row {
		o := opportunity("o1", "a1", created, asOf.AddDate(0, 3, 0), "open", 1)
		o["StageName"], o["LastModifiedDate"] = stage, modified
		return o
	}
	for _, c := range []struct {
		name      string
		stages    string
		seen      []row // nil: not there
		after, by time.Time
		basis     any
	}{
		{"no stages are named", "", []row{deal("Early", asOf)}, created, created, "creation"},
		{"there when first seen", `["Offer"]`, []row{deal("Offer", asOf.AddDate(0, 0, -3))}, created, asOf.AddDate(0, 0, -3), "first_seen"},
		{"not yet", `["Offer"]`, []row{deal("Early", asOf)}, time.Time{}, time.Time{}, nil},
		{"between two syncs", `["Offer"]`, []row{deal("Early", at(-99)), deal("Offer", at(5))}, at(0), at(5), "observed"},
		{"changed again since: the last modification is no help", `["Offer"]`, []row{deal("Early", at(-99)), deal("Offer", at(30))}, at(0), at(12), "observed"},
		{"the first entry counts", `["Offer"]`, []row{deal("Early", at(-9)), deal("Offer", at(5)), deal("Early", at(15)), deal("Offer", at(25))}, at(0), at(5), "observed"},
		{"went back", `["Offer"]`, []row{deal("Offer", at(-9)), deal("Early", at(5))}, time.Time{}, time.Time{}, nil},
		{"two stages of the pipeline", `["Offer", "Late"]`, []row{deal("Early", at(-9)), deal("Offer", at(5)), deal("Late", at(15))}, at(0), at(5), "observed"},
		{"came later", `["Offer"]`, []row{nil, deal("Offer", at(3))}, created, at(3), "first_seen"},
		{"gone, maybe after the change, and back", `["Offer"]`, []row{deal("Early", at(-9)), nil, deal("Offer", at(20))}, at(-9), at(20), "observed"},
		{"seen again before the change", `["Offer"]`, []row{deal("Early", at(-9)), nil, deal("Early", at(-9)), deal("Offer", at(30))}, at(24), at(30), "observed"},
		{"a stage that was renamed keeps the record's date", `["Offer"]`, []row{deal("Early", at(-9)), deal("Offer", at(-9))}, at(0), at(0), "observed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world{}
			w.setting("roi.authorised", "true")
			if c.stages != "" {
				w.setting("roi.pipeline_stages", c.stages)
			}
			var syncs []func(int)
			for range c.seen {
				syncs = append(syncs, func(i int) {
					w[schemas.Opportunity] = nil
					if c.seen[i] != nil {
						w[schemas.Opportunity] = []row{c.seen[i]}
					}
				})
			}
			f := over(t, w, syncs...).rows(schemas.ROIOpportunities)[0]
			after, _ := f["entered_after"].(time.Time)
			by, _ := f["entered_by"].(time.Time)
			if !after.Equal(c.after) || !by.Equal(c.by) || f["entry_basis"] != c.basis {
				t.Errorf("entered %v to %v, %v; want %v to %v, %v", after, by, f["entry_basis"], c.after, c.by, c.basis)
			}
		})
	}
}

// TestHistoryIsWhatSyncsSaw compares the kept history with the obvious one over random moves, and checks that a sync without a change
// adds nothing.
func TestHistoryIsWhatSyncsSaw(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	w := world{}
	w.setting("roi.authorised", "true")
	var want []row
	last := map[string]string{}
	const syncs = 12
	var changes []func(int)
	for range syncs {
		changes = append(changes, func(i int) {
			now := at(12 * i)
			w[schemas.Opportunity] = nil
			for n := range 20 {
				id := fmt.Sprintf("o%02d", n)
				stage := []string{"A", "B", "C", "won"}[r.IntN(4)]
				if i == syncs-1 || r.IntN(2) == 0 && last[id] != "" {
					stage = last[id] // no change
				}
				o := opportunity(id, "a1", asOf.AddDate(0, -1, 0), asOf, "open", 1)
				o["StageName"], o["IsClosed"], o["LastModifiedDate"] = stage, stage == "won", now.Add(-time.Hour)
				w[schemas.Opportunity] = append(w[schemas.Opportunity], o)
				if stage == last[id] {
					continue
				}
				h := row{"opportunity_id": id, "stage": stage, "since_by": now.Add(-time.Hour), "since_after": now.Add(-12 * time.Hour), "is_closed": stage == "won", "seen_first": i == 0}
				if i == 0 {
					h["since_after"] = asOf.AddDate(0, -1, 0)
				}
				want, last[id] = append(want, h), stage
			}
		})
	}
	b := over(t, w, changes...)
	got := b.rows(schemas.OpportunityStages)
	key := func(r row) string { return fmt.Sprint(r["opportunity_id"], r["since_by"], r["stage"]) }
	index := func(rows []row) map[string]row {
		m := map[string]row{}
		for _, r := range rows {
			m[key(r)] = r
		}
		return m
	}
	if diff := cmp.Diff(index(want), index(got)); diff != "" || len(got) != len(want) {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if n := b.last.Stage("roi").Counts["rows.opportunity_stages"]; n != 0 {
		t.Errorf("a sync without a change added %d rows", n)
	}
}

func TestWithdrawalDropsTheHistory(t *testing.T) {
	w := world{}
	w[schemas.Opportunity] = []row{opportunity("o1", "a1", asOf, asOf, "open", 1)}
	authorise := func(yes string) func(int) {
		return func(int) { w[schemas.Settings] = []row{{"key": "roi.authorised", "value": yes}} }
	}
	b := over(t, w, authorise("true"), authorise("false"))
	for _, ds := range []*schemas.Dataset{schemas.OpportunityStages, schemas.CRMActivity, schemas.ROIAttribution, schemas.ROISellers, schemas.ROIComparison} {
		if rows := b.rows(ds); len(rows) > 0 {
			t.Errorf("%s keeps %d rows", ds.Name, len(rows))
		}
	}
}

func TestCurrencies(t *testing.T) {
	extended := schemas.Opportunity.Extend(schemas.OpportunityCurrency)
	day := asOf.AddDate(0, -1, 0)
	w := world{}
	w.setting("roi.authorised", "true")
	for i, code := range []string{"EUR", "USD", "EUR", ""} {
		o := opportunity(fmt.Sprint("o", i), "a1", day, day, "won", 100)
		if code != "" {
			o["CurrencyIsoCode"] = code
		}
		w[extended] = append(w[extended], o)
	}
	b := newBench(t)
	if err := b.run(w); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, q := range b.rows(schemas.ROIQuarters) {
		got[fmt.Sprint("quarter ", q["currency"])] = fmt.Sprint(q["opportunities"], " ", q["revenue_won"])
	}
	for _, s := range b.rows(schemas.ROISellers) {
		got[fmt.Sprint("seller ", s["currency"])] = fmt.Sprint(s["opportunities"], " ", s["revenue_won"])
	}
	for _, c := range b.rows(schemas.ROIComparison) {
		if c["dimension"] == "all" && c["comparison"] == "plain" && c["measure"] == "median_revenue" {
			got[fmt.Sprint("median ", c["currency"])] = fmt.Sprint(c["other_n"])
		}
	}
	want := map[string]string{
		"quarter EUR": "2 200", "quarter USD": "1 100", "quarter ": "1 100", "seller EUR": "2 200", "seller USD": "1 100", "seller ": "1 100",
		"median EUR": "2", "median USD": "1", "median ": "1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
