package linkage_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// edited changes some rows of a table, drops some, adds some, and shuffles all.
func edited(t testing.TB, rnd *rand.Rand, tab *record.Table, entity string, round int) *record.Table {
	t.Helper()
	roles := feature.Roles(entity)
	b := record.NewBuilder(roles...)
	put := func(id string, row, other int) {
		if err := b.Row(id); err != nil {
			t.Fatal(err)
		}
		swapped := roles[rnd.IntN(len(roles))]
		for i, r := range roles {
			if v := tab.Value(row, r); r == swapped && tab.Value(other, r) != "" {
				b.Set(i, tab.Value(other, r))
			} else {
				b.Set(i, v)
			}
		}
	}
	for _, row := range rnd.Perm(tab.Len()) {
		switch rnd.IntN(60) {
		case 0: // gone
		case 1:
			put(tab.ID(row), row, rnd.IntN(tab.Len()))
		case 2:
			put(fmt.Sprintf("new-%d-%d", round, row), row, rnd.IntN(tab.Len()))
			put(tab.ID(row), row, row)
		default:
			put(tab.ID(row), row, row)
		}
	}
	return b.Table()
}

// TestGoOnEqualsFull: over rounds of edits and of hand-made decisions, a run that goes on from the scores of the one before says what
// one that scores everything says, the model being the same, and scores no more records than have changed.
func TestGoOnEqualsFull(t *testing.T) {
	for _, c := range []struct {
		entity string
		tables func(testing.TB) (*record.Table, *record.Table)
	}{{feature.Company, accounts}, {feature.Person, people}} {
		rnd := rand.New(rand.NewPCG(7, 7))
		left, right := c.tables(t)
		d := feature.Prepare(c.entity, right, feature.Options{Workers: 2})
		cfg := linkage.Config{Workers: 2, KeepScores: true, Source: "s", TrainRows: 200, Retrain: 1, GivesWay: map[string]string{}}
		res, err := linkage.RunPrepared(t.Context(), left, d, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 6 {
			var file bytes.Buffer
			if err := res.Kept.Save(&file); err != nil {
				t.Fatal(err)
			}
			content := arrays.Buffer(file.Len())[:file.Len()]
			copy(content, file.Bytes())
			if cfg.Before, err = linkage.LoadKept(content); err != nil {
				t.Fatal(err)
			}
			left = edited(t, rnd, left, c.entity, round)
			pick := func(tab *record.Table) string { return tab.ID(rnd.IntN(tab.Len())) }
			m := res.Matches[rnd.IntN(len(res.Matches))]
			cfg.Rejects = append(cfg.Rejects, linkage.Pair{Left: m.Left, Right: m.Right})
			cfg.Links = append(cfg.Links, linkage.Pair{Left: pick(left), Right: pick(right)})
			cfg.GivesWay[pick(left)] = pick(left)
			cfg.GivesWay[pick(left)] = ""

			full := cfg
			full.Before, full.Model = nil, res.Model
			want, err := linkage.RunPrepared(t.Context(), left, d, full)
			if err != nil {
				t.Fatal(err)
			}
			if res, err = linkage.RunPrepared(t.Context(), left, d, cfg); err != nil {
				t.Fatal(err)
			}
			if res.Scored == left.Len() || res.Scored == 0 || res.Scored > left.Len()/8 {
				t.Errorf("%s, round %d: %d of %d records were scored", c.entity, round, res.Scored, left.Len())
			}
			for what, pair := range map[string][2]any{
				"matches": {want.Matches, res.Matches}, "best": {want.Best, res.Best}, "compared": {want.Compared, res.Compared},
				"uncompared": {want.Uncompared, res.Uncompared}, "stale": {want.Stale, res.Stale}, "features": {want.Features, res.Features},
			} {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Fatalf("%s, round %d: %s differ: %s", c.entity, round, what, diff)
				}
			}
		}
	}
}

// TestGoOnOrNot: what scores depend on must be the same, and a model grows old.
func TestGoOnOrNot(t *testing.T) {
	left, right := people(t)
	d := feature.Prepare(feature.Person, right, feature.Options{})
	first, err := linkage.RunPrepared(t.Context(), left, d, linkage.Config{KeepScores: true, Source: "s"})
	if err != nil {
		t.Fatal(err)
	}
	other := *first.Model
	other.Prior *= 2
	mails := record.NewBuilder(feature.Roles(feature.Person)...)
	if err := mails.Row("only"); err != nil {
		t.Fatal(err)
	}
	mails.Set(slices.Index(feature.Roles(feature.Person), schemas.Text), "a kind of value that there was not")
	for name, c := range map[string]struct {
		left   *record.Table
		change func(c *linkage.Config)
		scored int
	}{
		"nothing changed":       {left, func(*linkage.Config) {}, 0},
		"another directory":     {left, func(c *linkage.Config) { c.Source = "t" }, left.Len()},
		"another setting":       {left, func(c *linkage.Config) { c.Review = 0.1 }, left.Len()},
		"a model that is given": {left, func(c *linkage.Config) { c.Model = first.Model }, left.Len()},
		"another model":         {left, func(c *linkage.Config) { c.Model = &other }, left.Len()},
		"never":                 {rebuilt(t, left, feature.Person, upTo(left.Len()-1), nil), func(c *linkage.Config) { c.Retrain = 0 }, left.Len() - 1},
		"all are new": {rebuilt(t, left, feature.Person, upTo(left.Len()), func(_ int, r schemas.Role, v string) string {
			if r == schemas.Surname {
				return v + "son"
			}
			return v
		}), func(*linkage.Config) {}, left.Len()},
		"more to compare": {mails.Table(), func(c *linkage.Config) { c.Retrain = 9 }, 1},
	} {
		cfg := linkage.Config{KeepScores: true, Source: "s", Before: first.Kept, Retrain: 0.1}
		c.change(&cfg)
		res, err := linkage.RunPrepared(t.Context(), c.left, d, cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res.Scored != c.scored {
			t.Errorf("%s: %d records were scored, want %d", name, res.Scored, c.scored)
		}
	}
}

func TestKeptDamaged(t *testing.T) {
	left, right := people(t)
	res, err := linkage.RunPrepared(t.Context(), left, feature.Prepare(feature.Person, right, feature.Options{}), linkage.Config{KeepScores: true})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := res.Kept.Save(&file); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < file.Len(); at += 1 + file.Len()/40 {
		bad := arrays.Buffer(file.Len())[:file.Len()]
		copy(bad, file.Bytes())
		bad[at] ^= 0xFF
		if _, err := linkage.LoadKept(bad); !errors.Is(err, arrays.ErrFormat) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
}
