package linkage_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// TestPreparedIsTheSame holds that links to a directory read from a file are those to its table, model and weights alike, also when the
// left side lacks columns that the directory has.
func TestPreparedIsTheSame(t *testing.T) {
	for _, c := range []struct {
		entity string
		tables func(testing.TB) (*record.Table, *record.Table)
		lacks  []schemas.Role
	}{
		{feature.Company, accounts, nil},
		{feature.Person, people, nil},
		{feature.Person, people, []schemas.Role{schemas.Title}},
		{feature.Person, people, []schemas.Role{schemas.City, schemas.State, schemas.Country, schemas.PostalCode}},
	} {
		left, right := c.tables(t)
		left = left.Without(c.lacks...)
		var file bytes.Buffer
		if err := feature.Prepare(c.entity, right, feature.Options{Workers: 2}).Save(&file, "here"); err != nil {
			t.Fatal(err)
		}
		content := arrays.Buffer(file.Len())[:file.Len()]
		copy(content, file.Bytes())
		d, source, err := feature.Load(content)
		if err != nil || source != "here" {
			t.Fatalf("load: %v, source %q", err, source)
		}
		want := run(t, left, right, linkage.Config{Entity: c.entity})
		got, err := linkage.RunPrepared(t.Context(), left, d, linkage.Config{Workers: 3})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Model.Comparisons, got.Model.Comparisons); diff != "" {
			t.Errorf("%s without %v: model differs: %s", c.entity, c.lacks, diff)
		}
		if diff := cmp.Diff(want.Matches, got.Matches); diff != "" {
			t.Errorf("%s without %v: matches differ: %s", c.entity, c.lacks, diff)
		}
		for at := 0; at < len(content); at += 1 + len(content)/50 {
			bad := arrays.Buffer(len(content))[:len(content)]
			copy(bad, content)
			bad[at] ^= 0xFF
			if _, _, err := feature.Load(bad); !errors.Is(err, arrays.ErrFormat) {
				t.Errorf("%s: byte %d changed: %v", c.entity, at, err)
			}
		}
	}
}

// TestManyAndDedupe: every pair at or above the threshold, each pair of one file once, the smaller id first, whatever the order of rows.
func TestManyAndDedupe(t *testing.T) {
	_, right := people(t)
	copies := record.NewBuilder(feature.Roles(feature.Person)...)
	add := func(row int, suffix string) {
		if err := copies.Row(right.ID(row) + suffix); err != nil {
			t.Fatal(err)
		}
		for i, role := range feature.Roles(feature.Person) {
			copies.Set(i, right.Value(row, role))
		}
	}
	for row := range 300 {
		add(row, "")
		if row%10 == 0 {
			add(row, "x")
			add(row, "y")
		}
	}
	table := copies.Table()
	cfg := linkage.Config{Entity: feature.Person, Many: true, Dedupe: true, Workers: 2}
	res := run(t, table, table, cfg)
	found := map[string]bool{}
	for _, m := range res.Matches {
		if m.Left >= m.Right {
			t.Errorf("%s and %s: the smaller id is not on the left", m.Left, m.Right)
		}
		if m.Decision == linkage.Link {
			found[m.Left+" "+m.Right] = true
		}
	}
	for row := 0; row < 300; row += 10 {
		id := right.ID(row)
		for _, pair := range []string{id + " " + id + "x", id + " " + id + "y", id + "x " + id + "y"} {
			if !found[pair] {
				t.Errorf("the copies %s are not linked", pair)
			}
		}
	}
	order := upTo(table.Len())
	slices.Reverse(order)
	reversed := rebuilt(t, table, feature.Person, order, nil)
	again := run(t, reversed, reversed, cfg)
	if diff := cmp.Diff(res.Matches, again.Matches, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })); diff != "" {
		t.Errorf("another order of rows: %s", diff)
	}
}
