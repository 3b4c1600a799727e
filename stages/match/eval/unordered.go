package eval

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/crmsync/crmsync/stages/match/cluster"
)

// Implied is the kind of pairs that Transitive adds.
const Implied = "implied"

// maxImplied bounds what Transitive makes of a truth that joins too much.
const maxImplied = 20_000_000

// ErrTruth says that a truth file cannot be meant as it stands.
var ErrTruth = errors.New("unusable truth")

// Unordered returns the pair with the smaller id on the left.
func (p Pair) Unordered() Pair {
	return Pair{min(p.Left, p.Right), max(p.Left, p.Right)}
}

// sorted yields the pairs of the truth in the order of their ids.
func (t Truth) sorted() []Pair {
	return slices.SortedFunc(maps.Keys(t), func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Right, b.Right))
	})
}

// Unordered returns the truth about pairs of one file, in which a-b and b-a are the same. When their kinds differ, the pair with
// the smaller id on the left tells. Pairs of a record with itself are dropped.
func (t Truth) Unordered() Truth {
	out := make(Truth, len(t))
	for _, p := range t.sorted() {
		u := p.Unordered()
		if _, known := out[u]; !known && p.Left != p.Right {
			out[u] = t[p]
		}
	}
	return out
}

// Transitive adds, as kind Implied, the pairs that follow from unordered ones: a-b and b-c make a-c. Pairs of kinds named aside say
// nothing of others.
func (t Truth) Transitive(aside ...string) (Truth, error) {
	c := cluster.Of(func(yield func(a, b string) bool) {
		for _, p := range t.sorted() {
			if !slices.Contains(aside, t[p]) && !yield(p.Left, p.Right) {
				return
			}
		}
	})
	pairs, largest := 0, 0
	for _, n := range c.Sizes() {
		pairs, largest = pairs+n*(n-1)/2, max(largest, n)
	}
	if pairs > maxImplied {
		return nil, fmt.Errorf("%w: it joins up to %d records into one, which makes %d pairs; is it about pairs of one file?", ErrTruth, largest, pairs)
	}
	members := map[string][]string{}
	for id, name := range c.All() {
		members[name] = append(members[name], id)
	}
	out := maps.Clone(t)
	for p := range within(members) {
		if _, known := out[p]; !known {
			out[p] = Implied
		}
	}
	return out, nil
}

// within yields every unordered pair of members of one cluster.
func within(clusters map[string][]string) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for _, ids := range clusters {
			for i, a := range ids {
				for _, b := range ids[:i] {
					if !yield(Pair{a, b}.Unordered()) {
						return
					}
				}
			}
		}
	}
}

// Unordered returns the links with the smaller ids on the left. Of a pair that occurs in both orders the higher score stays.
func (l *Links) Unordered() *Links {
	return &Links{Score: l.Score, Links: unordered(l.Links), Candidates: unordered(l.Candidates), Other: l.Other}
}

func unordered(list []Scored) []Scored {
	at := make(map[Pair]int, len(list))
	out := make([]Scored, 0, len(list))
	for _, s := range list {
		s.Pair = s.Pair.Unordered()
		i, known := at[s.Pair]
		switch {
		case !known:
			at[s.Pair] = len(out)
			out = append(out, s)
		case s.Score > out[i].Score:
			out[i] = s
		}
	}
	return out
}
