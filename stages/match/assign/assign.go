// Package assign chooses links: each left record to at most one right record and the reverse, so that the total weight is the
// largest possible.
//
// The edges fall into connected components, which are solved one by one by successive shortest augmenting paths (the sparse form
// of the Hungarian method). Weights are rounded to a millionth of a bit and added as integers, and vertices are taken in the order
// of their ids, so that equal totals are broken the same way every time.
//
// Invariants: no vertex is used twice; only edges of positive weight are used; no other choice has a larger total weight.
package assign

import (
	"cmp"
	"math"
	"slices"
)

// Edge is a possible link of a left and a right vertex.
type Edge struct {
	Left, Right uint32
	Weight      float64 // bits; edges without positive weight are never chosen
}

// Best returns the positions, among the edges, of the chosen ones, ascending. Vertices are ranked by leftRank and rightRank (such
// as the rank of their id); nil ranks by number.
func Best(edges []Edge, leftRank, rightRank func(uint32) int) []int {
	if leftRank == nil {
		leftRank = func(v uint32) int { return int(v) }
	}
	if rightRank == nil {
		rightRank = func(v uint32) int { return int(v) }
	}
	var positive []int
	for i, e := range edges {
		if micro(e.Weight) > 0 {
			positive = append(positive, i)
		}
	}
	slices.SortFunc(positive, func(a, b int) int {
		return cmp.Or(cmp.Compare(leftRank(edges[a].Left), leftRank(edges[b].Left)), cmp.Compare(rightRank(edges[a].Right), rightRank(edges[b].Right)))
	})
	var chosen []int
	for _, part := range components(edges, positive) {
		chosen = append(chosen, solve(edges, part)...)
	}
	slices.Sort(chosen)
	return chosen
}

func micro(bits float64) int64 {
	if math.IsNaN(bits) {
		return 0
	}
	return int64(math.Round(max(-1e6, min(1e6, bits)) * 1e6))
}

// components groups edges by connected component, keeping their order, components by their first edge.
func components(edges []Edge, order []int) [][]int {
	parent := map[uint64]uint64{}
	root := func(v uint64) uint64 {
		top := v
		for {
			p, ok := parent[top]
			if !ok || p == top {
				break
			}
			top = p
		}
		for v != top {
			v, parent[v] = parent[v], top
		}
		return top
	}
	right := func(v uint32) uint64 { return uint64(v) | 1<<32 }
	for _, i := range order {
		a, b := uint64(edges[i].Left), right(edges[i].Right)
		for _, v := range []uint64{a, b} {
			if _, ok := parent[v]; !ok {
				parent[v] = v
			}
		}
		if ra, rb := root(a), root(b); ra != rb {
			parent[rb] = ra
		}
	}
	number := map[uint64]int{}
	var parts [][]int
	for _, i := range order {
		r := root(uint64(edges[i].Left))
		n, ok := number[r]
		if !ok {
			n = len(parts)
			number[r] = n
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], i)
	}
	return parts
}
