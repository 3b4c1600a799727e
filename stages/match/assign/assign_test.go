package assign

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func total(edges []Edge, chosen []int) (sum int64) {
	for _, i := range chosen {
		sum += micro(edges[i].Weight)
	}
	return sum
}

// brute tries every choice.
func brute(edges []Edge, usedL, usedR map[uint32]bool) int64 {
	if len(edges) == 0 {
		return 0
	}
	best := brute(edges[1:], usedL, usedR)
	e := edges[0]
	if !usedL[e.Left] && !usedR[e.Right] {
		usedL[e.Left], usedR[e.Right] = true, true
		best = max(best, micro(e.Weight)+brute(edges[1:], usedL, usedR))
		usedL[e.Left], usedR[e.Right] = false, false
	}
	return best
}

func greedy(edges []Edge) int64 {
	order := slices.Clone(edges)
	slices.SortFunc(order, func(a, b Edge) int { return int(micro(b.Weight) - micro(a.Weight)) })
	usedL, usedR := map[uint32]bool{}, map[uint32]bool{}
	var sum int64
	for _, e := range order {
		if e.Weight > 0 && !usedL[e.Left] && !usedR[e.Right] {
			usedL[e.Left], usedR[e.Right] = true, true
			sum += micro(e.Weight)
		}
	}
	return sum
}

func random(rnd *rand.Rand, lefts, rights, n int) []Edge {
	seen := map[[2]uint32]bool{}
	var edges []Edge
	for range n {
		e := Edge{uint32(rnd.IntN(lefts)), uint32(rnd.IntN(rights)), float64(rnd.IntN(12)) - 2}
		if rnd.IntN(2) == 0 {
			e.Weight += rnd.Float64()
		}
		if p := [2]uint32{e.Left, e.Right}; !seen[p] {
			seen[p] = true
			edges = append(edges, e)
		}
	}
	return edges
}

func check(t *testing.T, edges []Edge, chosen []int) {
	t.Helper()
	usedL, usedR := map[uint32]bool{}, map[uint32]bool{}
	for _, i := range chosen {
		e := edges[i]
		if usedL[e.Left] || usedR[e.Right] {
			t.Fatalf("vertex of %+v used twice in %+v", e, edges)
		}
		if e.Weight <= 0 {
			t.Fatalf("edge of weight %v chosen", e.Weight)
		}
		usedL[e.Left], usedR[e.Right] = true, true
	}
}

func TestBestEqualsBruteForce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		edges := random(rnd, 1+rnd.IntN(5), 1+rnd.IntN(5), 1+rnd.IntN(12))
		chosen := Best(edges, nil, nil)
		check(t, edges, chosen)
		if got, want := total(edges, chosen), brute(edges, map[uint32]bool{}, map[uint32]bool{}); got != want {
			t.Fatalf("total %d, best is %d: %+v", got, want, edges)
		}
	}
}

func TestBestIsNeverWorseThanGreedy(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	better := 0
	for range 60 {
		n := 1 + rnd.IntN(120)
		edges := random(rnd, n, n, 5*n)
		chosen := Best(edges, nil, nil)
		check(t, edges, chosen)
		got, want := total(edges, chosen), greedy(edges)
		if got < want {
			t.Fatalf("total %d, greedy %d", got, want)
		}
		if got > want {
			better++
		}
	}
	if better == 0 {
		t.Error("never better than greedy: the cases are too easy")
	}
}

func TestOrderOfEdgesDoesNotMatter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	pairs := func(edges []Edge) (list [][2]uint32) {
		for _, i := range Best(edges, nil, nil) {
			list = append(list, [2]uint32{edges[i].Left, edges[i].Right})
		}
		slices.SortFunc(list, func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
		return list
	}
	for range 300 {
		edges := random(rnd, 8, 8, 30)
		for i := range edges {
			edges[i].Weight = float64(1 + i%3) // many ties
		}
		want := pairs(edges)
		rnd.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
		if got := pairs(edges); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
