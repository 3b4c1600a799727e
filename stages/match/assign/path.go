package assign

import (
	"container/heap"
	"math"
)

// arc is an edge within a component, its vertices renumbered.
type arc struct {
	to   int
	cost int64 // -weight
	edge int
}

// solve finds the best choice within a component. Each left vertex may also stay alone at cost 0, which is its own sink.
func solve(edges []Edge, part []int) []int {
	if len(part) == 1 {
		return part
	}
	lefts, rights := map[uint32]int{}, map[uint32]int{}
	var out [][]arc
	for _, i := range part {
		e := edges[i]
		l, ok := lefts[e.Left]
		if !ok {
			l = len(out)
			lefts[e.Left] = l
			out = append(out, nil)
		}
		r, ok := rights[e.Right]
		if !ok {
			r = len(rights)
			rights[e.Right] = r
		}
		out[l] = append(out[l], arc{r, -micro(e.Weight), i})
	}
	s := &search{
		out: out, leftOf: fill(len(rights), -1), arcOf: fill(len(rights), -1), rightOf: fill(len(out), -1),
		potL: make([]int64, len(out)), potR: make([]int64, len(rights)),
	}
	// Potentials that make every reduced cost non-negative: the best weight at each left vertex.
	for l, arcs := range out {
		for _, a := range arcs {
			s.potL[l] = min(s.potL[l], a.cost)
		}
	}
	for l := range out {
		s.augment(l)
	}
	var chosen []int
	for r, l := range s.leftOf {
		if l >= 0 {
			chosen = append(chosen, s.out[l][s.arcOf[r]].edge)
		}
	}
	return chosen
}

func fill(n, v int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// search is the state of the augmenting path method. Costs are negative weights; the potentials satisfy, for every arc,
// cost - potL + potR >= 0, with equality on matched arcs, where potR <= 0.
type search struct {
	out        [][]arc
	leftOf     []int // left vertex matched to a right one, or -1
	arcOf      []int // position of the matched arc in out[leftOf]
	rightOf    []int
	potL, potR []int64
}

const far = math.MaxInt64 / 4

// augment finds the cheapest way to take in left vertex start: along alternating arcs to a free right vertex, or to a left vertex
// that stays alone instead.
func (s *search) augment(start int) {
	n := len(s.leftOf)
	distR, prevLeft, prevArc, done := make([]int64, n), fill(n, -1), fill(n, -1), make([]bool, n)
	for i := range distR {
		distR[i] = far
	}
	distL := map[int]int64{start: 0}
	// The cheapest end so far: a free right vertex, or a left vertex that gives its partner up.
	best, endRight, endLeft := int64(far), -1, -1
	var q queue
	relax := func(l int, d int64) {
		// Staying alone costs 0 - potL in reduced terms (its own sink has potential 0).
		if alone := d - s.potL[l]; alone < best {
			best, endRight, endLeft = alone, -1, l
		}
		for k, a := range s.out[l] {
			if s.rightOf[l] == a.to {
				continue
			}
			if nd := d + a.cost - s.potL[l] + s.potR[a.to]; nd < distR[a.to] {
				distR[a.to], prevLeft[a.to], prevArc[a.to] = nd, l, k
				heap.Push(&q, item{nd, a.to})
			}
		}
	}
	relax(start, 0)
	for len(q) > 0 {
		it := heap.Pop(&q).(item)
		if done[it.right] || it.dist > distR[it.right] {
			continue
		}
		if it.dist >= best {
			break
		}
		done[it.right] = true
		l := s.leftOf[it.right]
		if l < 0 {
			// Free right vertices have potential 0 as long as they were never matched.
			if end := it.dist - s.potR[it.right]; end < best {
				best, endRight, endLeft = end, it.right, -1
			}
			continue
		}
		distL[l] = it.dist
		relax(l, it.dist)
	}
	// New potentials keep reduced costs non-negative.
	for l, d := range distL {
		if d < best {
			s.potL[l] += best - d
		}
	}
	for r := range distR {
		if done[r] && distR[r] < best {
			s.potR[r] += best - distR[r]
		}
	}
	s.flip(start, endRight, endLeft, prevLeft, prevArc)
}

// flip turns the arcs of the path around.
func (s *search) flip(start, endRight, endLeft int, prevLeft, prevArc []int) {
	r := endRight
	if endLeft >= 0 {
		if endLeft == start {
			return
		}
		r = s.rightOf[endLeft]
		s.rightOf[endLeft] = -1
	}
	for {
		l := prevLeft[r]
		next := s.rightOf[l]
		s.leftOf[r], s.arcOf[r], s.rightOf[l] = l, prevArc[r], r
		if l == start {
			return
		}
		r = next
	}
}

type item struct {
	dist  int64
	right int
}

// queue is a heap by distance, then vertex.
type queue []item

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].dist < q[j].dist || q[i].dist == q[j].dist && q[i].right < q[j].right
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(item)) }
func (q *queue) Pop() any {
	old := *q
	it := old[len(old)-1]
	*q = old[:len(old)-1]
	return it
}
