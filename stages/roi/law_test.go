package roi_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// worldly adds to a random world what it lacks: several seats and kinds, currencies, amounts below zero, roles and touches that come
// twice, several touches at one instant.
func worldly(r *rand.Rand) world {
	w := random(r, 40+r.IntN(60), 600+r.IntN(600))
	extended := schemas.Opportunity.Extend(schemas.OpportunityCurrency)
	for _, o := range w[schemas.Opportunity] {
		if code := []string{"EUR", "JPY", ""}[r.IntN(3)]; code != "" {
			o["CurrencyIsoCode"] = code
		}
		if x, ok := o["Amount"].(float64); ok && r.IntN(5) == 0 {
			o["Amount"] = []float64{-x, 0, x * 1e9}[r.IntN(3)]
		}
	}
	w[extended] = w[schemas.Opportunity]
	delete(w, schemas.Opportunity)
	for _, u := range slices.Concat(w[schemas.Usage], w[schemas.Activities]) {
		u["seat_id"] = fmt.Sprint("s", r.IntN(8))
		if r.IntN(3) == 0 {
			u["occurred_at"] = w[schemas.Usage][0]["occurred_at"]
		}
	}
	for i, ro := range w[schemas.OpportunityContactRole] {
		if r.IntN(4) == 0 {
			again := row{}
			for k, v := range ro {
				again[k] = v
			}
			again["Id"] = fmt.Sprint("again", i)
			w[schemas.OpportunityContactRole] = append(w[schemas.OpportunityContactRole], again)
		}
	}
	return w
}

// TestTablesAgree adds the tables up against one another: what sellers got is what the attribution gives, quarters are the opportunities,
// and the attribution of each opportunity is the whole of it, in parts, cents and touches.
func TestTablesAgree(t *testing.T) {
	for seed := range uint64(8) {
		w := worldly(rand.New(rand.NewPCG(seed, 77)))
		b := newBench(t)
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
		facts := map[any]row{}
		type key struct{ a, b string }
		quarters, sellers := map[key]float64{}, map[key]float64{}
		counts := map[string]int64{}
		for _, f := range b.rows(schemas.ROIOpportunities) {
			facts[f["opportunity_id"]] = f
			if f["in_pipeline"] != true {
				continue
			}
			counts["opportunities"]++
			if revenue, ok := f["revenue"].(float64); ok && f["is_won"] == true {
				quarters[key{fmt.Sprint(f["quarter"], f["influenced"]), f["currency"].(string)}] += revenue
			}
		}
		seatOf := map[any]string{}
		for _, u := range w[schemas.SeatUsers] {
			seatOf[u["seat_id"]] = ""
			if u["user_id"] != nil {
				seatOf[u["seat_id"]] = u["user_id"].(string)
			}
		}
		parts, cents, touches := map[string]int64{}, map[string]int64{}, map[any]int64{}
		touchedBy := map[string]bool{}
		for _, a := range b.rows(schemas.ROIAttribution) {
			f := facts[a["opportunity_id"]]
			touches[a["opportunity_id"]] += a["touches"].(int64)
			for _, m := range []string{"first", "last", "linear", "position", "decay", "w_shaped"} {
				parts[fmt.Sprint(a["opportunity_id"], m)] += a[m+"_parts"].(int64)
				c, ok := a[m+"_cents"].(int64)
				if ok != (f["revenue"] != nil) {
					t.Fatalf("seed %d: %v has %v cents of revenue %v", seed, a["opportunity_id"], a[m+"_cents"], f["revenue"])
				}
				cents[fmt.Sprint(a["opportunity_id"], m)] += c
			}
			if a["currency"] != f["currency"] {
				t.Errorf("currency %v of %v", a["currency"], f)
			}
			if f["in_pipeline"] != true {
				continue
			}
			seller := seatOf[a["seat_id"]]
			if seller == "" {
				seller = "seat:" + a["seat_id"].(string)
			}
			k := key{seller, a["currency"].(string)}
			counts[fmt.Sprint("touches", k)] += a["touches"].(int64)
			once := fmt.Sprint(a["seat_id"], a["opportunity_id"])
			if !touchedBy[once] {
				touchedBy[once] = true
				counts[fmt.Sprint("deals", k)]++
			}
			if c, ok := a["linear_cents"].(int64); ok && f["is_won"] == true {
				sellers[k] += float64(c)
			}
		}
		for id, f := range facts {
			if touches[id] != f["touches"] {
				t.Errorf("%v: %d touches attributed of %v", id, touches[id], f["touches"])
			}
			for _, m := range []string{"first", "last", "linear", "position", "decay", "w_shaped"} {
				k := fmt.Sprint(id, m)
				if f["influenced"] == true && parts[k] != 1e9 {
					t.Errorf("%s: %d parts", k, parts[k])
				}
				if revenue, ok := f["revenue"].(float64); ok && f["influenced"] == true && float64(cents[k]) != math.Round(revenue*100) {
					t.Errorf("%s: %d cents of %v", k, cents[k], revenue)
				}
			}
		}
		var n int64
		for _, q := range b.rows(schemas.ROIQuarters) {
			k := key{fmt.Sprint(q["quarter"], q["influenced"]), q["currency"].(string)}
			if math.Abs(quarters[k]-q["revenue_won"].(float64)) > 1e-6*(1+math.Abs(quarters[k])) {
				t.Errorf("%v: %v won, opportunities say %v", k, q["revenue_won"], quarters[k])
			}
			delete(quarters, k)
			n += q["opportunities"].(int64)
		}
		if len(quarters) > 0 || n != counts["opportunities"] {
			t.Errorf("seed %d: %d opportunities in quarters, %d in all; not there: %v", seed, n, counts["opportunities"], quarters)
		}
		n = 0
		for _, s := range b.rows(schemas.ROISellers) {
			k := key{s["seller_id"].(string), s["currency"].(string)}
			if float64(s["linear_won_cents"].(int64)) != sellers[k] || s["touches"] != counts[fmt.Sprint("touches", k)] || s["touched_opportunities"] != counts[fmt.Sprint("deals", k)] {
				t.Errorf("%v: %v, attribution says %v", k, s, sellers[k])
			}
			delete(sellers, k)
			n += s["opportunities"].(int64)
		}
		if len(sellers) > 0 || n != counts["opportunities"] {
			t.Errorf("seed %d: %d opportunities of sellers, %d in all; not there: %v", seed, n, counts["opportunities"], sellers)
		}
	}
}

// TestSameForAnyWorkers runs equal inputs with one worker and with several, and with the rows given in another order.
func TestSameForAnyWorkers(t *testing.T) {
	w := worldly(rand.New(rand.NewPCG(5, 78)))
	var want map[string][]row
	for _, workers := range []int{1, 2, 5} {
		b := newBench(t)
		b.runner.Workers = workers
		if err := b.run(w); err != nil {
			t.Fatal(err)
		}
		got := map[string][]row{}
		for _, ds := range []*schemas.Dataset{schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIAttribution, schemas.ROIQuarters, schemas.ROIComparison, schemas.ROISellers, schemas.OpportunityStages, schemas.CRMActivity} {
			got[ds.Name] = b.rows(ds)
		}
		if want == nil {
			want = got
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers (-one +several):\n%s", workers, diff)
		}
		for _, rows := range w {
			slices.Reverse(rows)
		}
	}
}
