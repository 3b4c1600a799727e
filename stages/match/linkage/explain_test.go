package linkage_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

var entities = []struct {
	entity string
	tables func(testing.TB) (*record.Table, *record.Table)
}{{feature.Company, accounts}, {feature.Person, people}}

// TestExplainSaysWhatRunDid explains every match and every runner-up of a run with its model: the same evidence, weight and
// probability, and a rule that made the pair a candidate.
func TestExplainSaysWhatRunDid(t *testing.T) {
	for _, c := range entities {
		left, right := c.tables(t)
		cfg := linkage.Config{Entity: c.entity, Workers: 2}
		res := run(t, left, right, cfg)
		var pairs []linkage.Pair
		for _, m := range res.Matches {
			pairs = append(pairs, linkage.Pair{Left: m.Left, Right: m.Right})
		}
		for _, m := range res.Matches {
			if m.RunnerUp != "" {
				pairs = append(pairs, linkage.Pair{Left: m.Left, Right: m.RunnerUp})
			}
		}
		cfg.Model = res.Model
		list, err := linkage.Explain(t.Context(), left, feature.Prepare(c.entity, right, feature.Options{}), right, cfg, pairs)
		if err != nil {
			t.Fatal(err)
		}
		runnersUp := list[len(res.Matches):]
		for i, m := range res.Matches {
			x := list[i]
			evidence := []linkage.Evidence{{Feature: "prior", Bits: x.Prior}}
			for _, v := range x.Compared {
				if v.Level == "missing" {
					if v.Bits != 0 {
						t.Errorf("%s %s: %s is missing and adds %v bits", m.Left, m.Right, v.Feature, v.Bits)
					}
					continue
				}
				evidence = append(evidence, linkage.Evidence{Feature: v.Feature, Level: v.Level, Bits: v.Bits})
				if d := math.Log2(v.M/v.U) + v.Surprise - v.Bits; math.Abs(d) > 3e-4 {
					t.Errorf("%s %s: %s: log2(%v/%v) and %v do not make %v", m.Left, m.Right, v.Feature, v.M, v.U, v.Surprise, v.Bits)
				}
				if len(v.Left) == 0 || len(v.Right) == 0 {
					t.Errorf("%s %s: %s compares nothing: %v, %v", m.Left, m.Right, v.Feature, v.Left, v.Right)
				}
			}
			if d := cmp.Diff(m.Evidence, evidence); d != "" {
				t.Errorf("%s %s: evidence (-run +explain):\n%s", m.Left, m.Right, d)
			}
			if x.Weight != m.Weight || x.Probability != m.Probability || len(x.Rules) == 0 || x.Unlike {
				t.Errorf("%s %s: weight %v, probability %v, rules %v, unlike %v; the run has %v, %v", m.Left, m.Right, x.Weight, x.Probability, x.Rules, x.Unlike, m.Weight, m.Probability)
			}
			if x.Contradicts && m.Decision == linkage.Link {
				t.Errorf("%s %s contradict, yet are linked", m.Left, m.Right)
			}
			if m.RunnerUp != "" {
				if got := runnersUp[0]; math.Abs(got.Weight-m.RunnerUpBit) > 1e-3 || len(got.Rules) == 0 { // its parts are rounded one by one
					t.Errorf("%s %s: runner-up weighs %v, rules %v; the run has %v", m.Left, m.RunnerUp, got.Weight, got.Rules, m.RunnerUpBit)
				}
				runnersUp = runnersUp[1:]
			}
		}
		t.Logf("%s: %d matches, %d pairs explained", c.entity, len(res.Matches), len(list))
	}
}

// TestExplainAnyPair explains pairs that no run compares.
func TestExplainAnyPair(t *testing.T) {
	table := func(id string, values ...string) *record.Table {
		b := record.NewBuilder(schemas.GivenName, schemas.Surname, schemas.Company, schemas.Phone)
		if err := b.Row(id); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			b.Set(i, v)
		}
		return b.Table()
	}
	left, right := table("l", "Anna", "Berg", "Acme", "+1 650 253 0000"), table("r", "Zhao", "Quill", "Globex", "")
	model := run(t, left, right, linkage.Config{Entity: feature.Person}).Model
	cfg, prepared := linkage.Config{Model: model}, feature.Prepare(feature.Person, right, feature.Options{})
	list, err := linkage.Explain(t.Context(), left, prepared, right, cfg, []linkage.Pair{{Left: "l", Right: "r"}})
	if err != nil {
		t.Fatal(err)
	}
	x := list[0]
	if x.Rules != nil || !x.Unlike || !x.Contradicts || x.Probability > 0.01 {
		t.Errorf("a pair without anything in common: %+v", x)
	}
	at := slices.IndexFunc(x.Compared, func(v linkage.Compared) bool { return v.Feature == "surname" })
	if at < 0 || x.Compared[at].Level != feature.Differs || x.Compared[at].Left[0].Text != "Berg" || x.Compared[at].Right[0].Text != "Quill" || x.Compared[at].Bits >= 0 {
		t.Errorf("surname: %+v", x.Compared)
	}
	for _, p := range []linkage.Pair{{Left: "l", Right: "gone"}, {Left: "gone", Right: "r"}} {
		if _, err := linkage.Explain(t.Context(), left, prepared, right, cfg, []linkage.Pair{p}); !errors.Is(err, linkage.ErrAbsent) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// TestTrainIsWhatRunTrains compares the models with and without linking.
func TestTrainIsWhatRunTrains(t *testing.T) {
	for _, c := range entities {
		left, right := c.tables(t)
		want := run(t, left, right, linkage.Config{Entity: c.entity}).Model
		got, err := linkage.Train(t.Context(), left, feature.Prepare(c.entity, right, feature.Options{}), linkage.Config{Workers: 3})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: model differs (-run +train):\n%s", c.entity, d)
		}
	}
}
