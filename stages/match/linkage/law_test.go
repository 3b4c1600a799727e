package linkage_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// rebuilt copies rows of a table, in the order given, with a change to each value.
func rebuilt(t testing.TB, tab *record.Table, entity string, rows []int, change func(row int, r schemas.Role, v string) string) *record.Table {
	t.Helper()
	roles := feature.Roles(entity)
	b := record.NewBuilder(roles...)
	for _, row := range rows {
		if err := b.Row(tab.ID(row)); err != nil {
			t.Fatal(err)
		}
		for i, r := range roles {
			v := tab.Value(row, r)
			if change != nil {
				v = change(row, r, v)
			}
			b.Set(i, v)
		}
	}
	return b.Table()
}

func upTo(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func run(t testing.TB, left, right *record.Table, cfg linkage.Config) *linkage.Result {
	t.Helper()
	res, err := linkage.Run(context.Background(), left, right, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestOrderAndWorkersDoNotMatter shuffles the rows of both sides and varies the number of workers: same model, same matches.
func TestOrderAndWorkersDoNotMatter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		entity string
		tables func(testing.TB) (*record.Table, *record.Table)
	}{{feature.Company, accounts}, {feature.Person, people}} {
		left, right := c.tables(t)
		// A small limit makes blocks be refined and pairs be left uncompared.
		cfg := linkage.Config{Entity: c.entity, Workers: 1, TrainRows: 200, BlockLimit: 1}
		want := run(t, left, right, cfg)
		for workers := 1; workers <= 4; workers++ {
			cfg.Workers = workers
			l, r := rebuilt(t, left, c.entity, rnd.Perm(left.Len()), nil), rebuilt(t, right, c.entity, rnd.Perm(right.Len()), nil)
			got := run(t, l, r, cfg)
			if d := cmp.Diff(want.Model, got.Model); d != "" {
				t.Fatalf("%s, %d workers: model differs: %s", c.entity, workers, d)
			}
			if d := cmp.Diff(want.Matches, got.Matches); d != "" {
				t.Fatalf("%s, %d workers: matches differ: %s", c.entity, workers, d)
			}
			if sum(want.Compared) != sum(got.Compared) || sum(want.Uncompared) != sum(got.Uncompared) {
				t.Fatalf("%s, %d workers: counts differ", c.entity, workers)
			}
		}
		if sum(want.Uncompared) == 0 {
			t.Errorf("%s: nothing was left uncompared, the limit is too large for the test", c.entity)
		}
	}
}

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}

// TestMissingNeverCounts removes values, a comparison's at a time: what is missing has no part in the evidence, and the parts of
// the comparisons that do not depend on it stay as they were.
func TestMissingNeverCounts(t *testing.T) {
	left, right := people(t)
	base := run(t, left, right, linkage.Config{Entity: feature.Person})
	parts := map[string]map[string]float64{}
	for _, m := range base.Matches {
		parts[m.Left+m.Right] = bits(m)
	}
	for _, c := range []struct {
		comparison string
		roles      []schemas.Role
		dependent  string
	}{
		{"given_name", []schemas.Role{schemas.GivenName}, ""},
		{"surname", []schemas.Role{schemas.Surname}, ""},
		{"title", []schemas.Role{schemas.Title}, ""},
		{"company", []schemas.Role{schemas.Company}, "place"}, // a city says less of people of one company
		{"place", []schemas.Role{schemas.City, schemas.State, schemas.Country}, ""},
	} {
		// A few rows of the right side lose their values. Frequencies hardly move.
		lost := map[string]bool{}
		r := rebuilt(t, right, feature.Person, upTo(right.Len()), func(row int, role schemas.Role, v string) string {
			if row%50 == 0 && slices.Contains(c.roles, role) {
				lost[right.ID(row)] = true
				return ""
			}
			return v
		})
		seen := 0
		for _, m := range run(t, left, r, linkage.Config{Entity: feature.Person, Model: base.Model}).Matches {
			before, ok := parts[m.Left+m.Right]
			if !ok || !lost[m.Right] {
				continue
			}
			seen++
			after := bits(m)
			if v, there := after[c.comparison]; there {
				t.Errorf("%s is missing, yet it counts %v", c.comparison, v)
			}
			for name, v := range before {
				if name != c.comparison && name != c.dependent && math.Abs(after[name]-v) > 0.5 {
					t.Errorf("%s is missing, and %s counts %v instead of %v", c.comparison, name, after[name], v)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: no pair was left to look at", c.comparison)
		}
	}
}

func bits(m linkage.Match) map[string]float64 {
	parts := map[string]float64{}
	for _, e := range m.Evidence {
		parts[e.Feature] = e.Bits
	}
	return parts
}

// TestDecisionsHold draws hand-made decisions at random and looks at what the rules promise of them.
func TestDecisionsHold(t *testing.T) {
	left, right := accounts(t)
	base := run(t, left, right, linkage.Config{Entity: feature.Company})
	rnd := rand.New(rand.NewPCG(2, 2))
	for range 5 {
		cfg := linkage.Config{Entity: feature.Company, Model: base.Model}
		usedL, usedR := map[string]bool{}, map[string]bool{}
		for range 20 {
			p := linkage.Pair{Left: left.ID(rnd.IntN(left.Len())), Right: right.ID(rnd.IntN(right.Len()))}
			if !usedL[p.Left] && !usedR[p.Right] {
				usedL[p.Left], usedR[p.Right] = true, true
				cfg.Links = append(cfg.Links, p)
			}
			m := base.Matches[rnd.IntN(len(base.Matches))]
			cfg.Rejects = append(cfg.Rejects, linkage.Pair{Left: m.Left, Right: m.Right})
		}
		got := map[string]linkage.Match{}
		holder := map[string]string{}
		for _, m := range run(t, left, right, cfg).Matches {
			got[m.Left] = m
			if m.Decision == linkage.Link {
				if holder[m.Right] != "" {
					t.Fatalf("%s and %s hold %s", m.Left, holder[m.Right], m.Right)
				}
				holder[m.Right] = m.Left
			}
		}
		for _, p := range cfg.Links {
			if m := got[p.Left]; m.Right != p.Right || m.Decision != linkage.Link || !m.Manual {
				t.Errorf("hand-made link %v became %+v", p, m)
			}
		}
		for _, p := range cfg.Rejects {
			if m := got[p.Left]; m.Right == p.Right && !slices.Contains(cfg.Links, p) {
				t.Errorf("refused pair %v became %+v", p, m)
			}
		}
	}
}

// TestSlowReference compares the matcher with the obvious one: every pair, every comparison one by one, weights read from the
// model's tables, the prior and the frequencies added by hand.
func TestSlowReference(t *testing.T) {
	for _, c := range []struct {
		entity string
		tables func(testing.TB) (*record.Table, *record.Table)
	}{{feature.Company, accounts}, {feature.Person, people}} {
		left, right := c.tables(t)
		left, right = rebuilt(t, left, c.entity, upTo(150), nil), rebuilt(t, right, c.entity, upTo(400), nil)
		model := run(t, left, right, linkage.Config{Entity: c.entity}).Model
		set := feature.New(c.entity, left, right, feature.Options{})
		fast := map[string]linkage.Match{}
		for _, m := range run(t, left, right, linkage.Config{Entity: c.entity, Model: model}).Matches {
			fast[m.Left] = m
		}
		threshold := weigh.Bits(0.9)
		batch := set.NewBatch()
		for l := range left.Len() {
			best, bestID := math.Inf(-1), ""
			for r := range right.Len() {
				weight := slowWeight(set, model, batch.Compare(l, []uint32{uint32(r)})[0], l, r)
				if m := fast[left.ID(l)]; m.Right == right.ID(r) && math.Abs(m.Weight-weight) > 0.001 {
					t.Fatalf("%s: weight of %s and %s is %v, by hand %v", c.entity, m.Left, m.Right, m.Weight, weight)
				}
				if weight > best {
					best, bestID = weight, right.ID(r)
				}
			}
			m, ok := fast[left.ID(l)]
			if best >= threshold+3 && (!ok || m.Decision == linkage.Link && m.Weight < best-0.001 && m.RunnerUp != bestID) {
				t.Errorf("%s: %s is %s with %.1f bits by hand, but %+v", c.entity, left.ID(l), bestID, best, m)
			}
		}
	}
}

func slowWeight(set *feature.Set, model *weigh.Model, p feature.Pattern, l, r int) float64 {
	weight := math.Log2(model.Prior / (1 - min(0.9, model.Prior*float64(set.Right.Len()))))
	levels := map[string]string{}
	agrees := map[string]bool{}
	related := false
	for i, f := range set.Comparisons {
		lv := f.Levels[p.Level(i)]
		levels[f.Name], agrees[f.Name] = lv.Name, lv.Agrees
		if slices.Contains(set.Required, f.Name) && lv.Name != "missing" && lv.Name != "differs" {
			related = true
		}
	}
	for i, f := range set.Comparisons {
		for k, p := range model.Comparisons[i].Levels {
			if p.Name != levels[f.Name] || k == 0 {
				continue
			}
			context := 0
			if f.Parent != "" && agrees[f.Parent] {
				context = 1
			}
			weight += math.Log2(p.M[context]) - math.Log2(p.U[context])
			if context == 0 {
				weight += max(-weigh.MaxAdjust, min(weigh.MaxAdjust, set.Surprise(i, l, r, uint8(k))))
			}
		}
	}
	if !related {
		return math.Inf(-1)
	}
	return weight
}

func TestConfigIsChecked(t *testing.T) {
	left, right := people(t)
	for _, c := range []linkage.Config{
		{},
		{Entity: "dog"},
		{Entity: feature.Person, Threshold: 0.3},
		{Entity: feature.Person, Threshold: 1},
		{Entity: feature.Person, Review: 0.95},
		{Entity: feature.Person, Margin: -1},
		{Entity: feature.Person, Keep: 1},
		{Entity: feature.Person, Model: &weigh.Model{Entity: feature.Company}},
	} {
		if _, err := linkage.Run(context.Background(), left, right, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := linkage.Run(ctx, left, right, linkage.Config{Entity: feature.Person}); err == nil {
		t.Error("cancelled: no error")
	}
}

func ExampleRun() {
	table := func(rows ...[4]string) *record.Table {
		b := record.NewBuilder(schemas.GivenName, schemas.Surname, schemas.Company)
		for _, r := range rows {
			if err := b.Row(r[0]); err != nil {
				panic(err)
			}
			b.Set(0, r[1])
			b.Set(1, r[2])
			b.Set(2, r[3])
		}
		return b.Table()
	}
	crm := table([4]string{"c1", "Bill", "Mueller", "Acme Inc."}, [4]string{"c2", "Ann", "Lee", "Initech"})
	directory := table([4]string{"p1", "William", "Müller", "ACME"}, [4]string{"p2", "Anna", "Smith", "Initech"})
	res, err := linkage.Run(context.Background(), crm, directory, linkage.Config{Entity: feature.Person})
	if err != nil {
		panic(err)
	}
	for _, m := range res.Matches {
		fmt.Println(m.Decision, m.Left, m.Right)
		for _, e := range m.Evidence[1:] {
			fmt.Println(" ", e.Feature, e.Level)
		}
	}
	// Output:
	// link c1 p1
	//   given_name nickname
	//   surname close
	//   company exact
}
