package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/stages/match/eval"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
)

// complete measures the recall of blocking: how many true pairs become candidates at all.
func (b *bench) complete(ctx context.Context, name, leftFile, rightFile, specFile, truthFile string) error {
	spec, err := linkfiles.ReadSpec(specFile, false)
	if err != nil {
		return err
	}
	left, err := record.Open(ctx, leftFile, spec.Left.ID, spec.Left.Columns, record.Options{})
	if err != nil {
		return err
	}
	right, err := record.Open(ctx, rightFile, spec.Right.ID, spec.Right.Columns, record.Options{})
	if err != nil {
		return err
	}
	truth, err := eval.OpenTruth(truthFile)
	if err != nil {
		return err
	}
	rows := func(t *record.Table) map[string]int {
		m := make(map[string]int, t.Len())
		for row := range t.Len() {
			m[t.ID(row)] = row
		}
		return m
	}
	lefts, rights := rows(left), rows(right)
	set := feature.New(spec.Entity, left, right, feature.Options{})
	lookup := set.Blocks.NewLookup(set.Rules)
	start, pairs, found, expected := time.Now(), int64(0), 0, 0
	for pair := range truth {
		l, okL := lefts[pair.Left]
		r, okR := rights[pair.Right]
		if !okL || !okR {
			return fmt.Errorf("%s: truth names %s and %s, which are not both there", truthFile, pair.Left, pair.Right)
		}
		candidates := lookup.Candidates(l)
		pairs += int64(len(candidates))
		expected++
		if slices.Contains(candidates, uint32(r)) {
			found++
		}
	}
	b.add(figure{
		Name: name, Seconds: time.Since(start).Seconds(), Pairs: pairs, Complete: float64(found) / float64(max(1, expected)),
		Bound: "pair completeness >= 0.985; " + fmt.Sprint(expected) + " true pairs, duplicates and moved jobs among them",
	})
	return nil
}
