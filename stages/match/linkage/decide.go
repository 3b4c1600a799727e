package linkage

import (
	"cmp"
	"math"
	"slices"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/assign"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

const none = -1

// decider turns candidates into decisions.
type decider struct {
	*weighed
	left, right *record.Table
	best        [][]candidate
	cfg         Config
	// threshold and review are those of the configuration, in bits.
	threshold, review float64

	order   []uint32        // left rows by id
	target  []int           // right row linked to a left row, or none
	holder  holders         // left row linked to a right row, or none
	manual  []bool          // by left row
	refused map[[2]int]bool // pairs
	held    []bool          // left rows whose hand-made link lost its record: the model must not link them elsewhere
	way     []int           // left row that a left row gives way to, its own number when that one is absent, or none
}

func newDecider(w *weighed, left *record.Table, order []uint32, best [][]candidate, cfg Config) *decider {
	n, right := left.Len(), w.set.Right
	d := &decider{
		weighed: w, left: left, right: right, order: order, best: best, cfg: cfg, threshold: weigh.Bits(cfg.Threshold), review: weigh.Bits(cfg.Review),
		target: make([]int, n), holder: arrays.Make[uint32](right.Len()), manual: make([]bool, n), refused: map[[2]int]bool{}, held: make([]bool, n), way: make([]int, n),
	}
	for i := range d.target {
		d.target[i], d.way[i] = none, none
	}
	clear(d.holder) // a page that is read before it is written costs two trips to the system
	return d
}

// holders are left rows by right row, which are many. Each is kept as one more, so that none is 0.
type holders []uint32

func (h holders) of(right int) int { return int(h[right]) - 1 }

func (h holders) set(right, left int) { h[right] = uint32(left + 1) }

// positions finds rows by id, for the few ids that decisions name.
func positions(t *record.Table, wanted map[string]bool) map[string]int {
	at := make(map[string]int, len(wanted))
	if len(wanted) == 0 {
		return at
	}
	for row := range t.Len() {
		if id := t.ID(row); wanted[id] {
			at[id] = row
		}
	}
	return at
}

// settle decides about every record. It returns the hand-made links of which a record is missing.
func (d *decider) settle() (stale []Pair) {
	lefts, rights := map[string]bool{}, map[string]bool{}
	for _, list := range [][]Pair{d.cfg.Links, d.cfg.Rejects} {
		for _, p := range list {
			lefts[p.Left], rights[p.Right] = true, true
		}
	}
	for from, to := range d.cfg.GivesWay {
		lefts[from], lefts[to] = true, true
	}
	l, r := positions(d.left, lefts), positions(d.right, rights)
	stale = d.byHand(l, r)
	for from, to := range d.cfg.GivesWay {
		row, ok := l[from]
		if !ok || d.manual[row] {
			continue
		}
		d.way[row] = row
		if at, ok := l[to]; ok {
			d.way[row] = at
		}
	}
	d.reject(l, r)
	if !d.cfg.Many {
		d.assign()
	}
	return stale
}

// matches says what became of every row, in the order of left ids and then of right ones.
func (d *decider) matches() []Match {
	chunks := slices.Collect(slices.Chunk(d.order, chunk))
	ends := make([]int, len(chunks))
	d.inParallel(len(chunks), func(i int) {
		for _, row := range chunks[i] {
			ends[i] += d.count(int(row))
		}
	})
	total := 0
	for i, n := range ends {
		total += n
		ends[i] = total
	}
	matches := arrays.Make[Match](total)
	d.inParallel(len(chunks), func(i int) {
		list := matches[:0]
		if i > 0 {
			list = matches[ends[i-1]:ends[i-1]]
		}
		for _, row := range chunks[i] {
			switch {
			case d.cfg.Many:
				list = d.pairs(int(row), list)
			case d.says(int(row)):
				list = append(list, d.match(int(row)))
			}
		}
	})
	return matches
}

// count is how many matches there are of a left row.
func (d *decider) count(left int) int {
	switch {
	case d.cfg.Many:
		return len(d.best[left])
	case d.says(left):
		return 1
	}
	return 0
}

func (d *decider) inParallel(n int, do func(i int)) {
	p := pool.New().WithMaxGoroutines(d.cfg.Workers)
	for i := range n {
		p.Go(func() { do(i) })
	}
	p.Wait()
}

// byHand takes in hand-made links. Of several for one record the first of the list holds.
func (d *decider) byHand(l, r map[string]int) (stale []Pair) {
	for _, p := range d.cfg.Links {
		left, okL := l[p.Left]
		right, okR := r[p.Right]
		switch {
		case !okL || !okR:
			stale = append(stale, p)
			if okL {
				d.held[left] = true
			}
		case d.target[left] == none && d.holder.of(right) == none:
			d.link(left, right)
			d.manual[left] = true
		}
	}
	return stale
}

func (d *decider) link(left, right int) {
	d.target[left] = right
	d.holder.set(right, left)
}

// reject drops refused candidates.
func (d *decider) reject(l, r map[string]int) {
	if len(d.cfg.Rejects) > 0 {
		d.best = slices.Clone(d.best)
	}
	for _, p := range d.cfg.Rejects {
		left, okL := l[p.Left]
		right, okR := r[p.Right]
		if okL && okR {
			d.refused[[2]int{left, right}] = true
			d.best[left] = slices.DeleteFunc(slices.Clone(d.best[left]), func(c candidate) bool { return int(c.right) == right })
		}
	}
}

// free reports whether the model may link the left row.
func (d *decider) free(left int) bool {
	return d.target[left] == none && !d.held[left] && d.way[left] == none
}

// assign links what is at or above the threshold, one to one, for the largest total weight.
func (d *decider) assign() {
	edges := make([]assign.Edge, 0, len(d.best))
	rivals := arrays.Make[uint8](len(d.holder)) // edges of each right row, two and more alike
	clear(rivals)
	contradicts := d.contradiction()
	for left, list := range d.best {
		if !d.free(left) {
			continue
		}
		for _, c := range list {
			if c.bits >= d.threshold && d.holder.of(int(c.right)) == none && !contradicts(c.pattern) {
				edges = append(edges, assign.Edge{Left: uint32(left), Right: c.right, Weight: c.bits})
				rivals[c.right] = min(2, rivals[c.right]+1)
			}
		}
	}
	edges = d.alone(edges, rivals)
	leftRank, rightRank := ranks(d.left, edges, func(e assign.Edge) uint32 { return e.Left }), ranks(d.right, edges, func(e assign.Edge) uint32 { return e.Right })
	for _, i := range assign.Best(edges, leftRank, rightRank) {
		d.link(int(edges[i].Left), int(edges[i].Right))
	}
}

// alone links the pairs of which neither record has another edge, and returns the other edges.
func (d *decider) alone(edges []assign.Edge, rivals []uint8) []assign.Edge {
	rest := edges[:0]
	before := uint32(math.MaxUint32)
	for i, e := range edges {
		alone := rivals[e.Right] == 1 && before != e.Left && (i+1 == len(edges) || edges[i+1].Left != e.Left)
		before = e.Left
		if alone {
			d.link(int(e.Left), int(e.Right))
		} else {
			rest = append(rest, e)
		}
	}
	return rest
}

// contradiction returns Set.Contradicts with a memory: patterns are few.
func (d *decider) contradiction() func(feature.Pattern) bool {
	known := map[feature.Pattern]bool{}
	return func(p feature.Pattern) bool {
		is, ok := known[p]
		if !ok {
			is = d.set.Contradicts(p)
			known[p] = is
		}
		return is
	}
}

// ranks orders the vertices of the edges by id.
func ranks(t *record.Table, edges []assign.Edge, side func(assign.Edge) uint32) func(uint32) int {
	rows := make([]uint32, len(edges))
	for i, e := range edges {
		rows[i] = side(e)
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	slices.SortFunc(rows, func(a, b uint32) int { return cmp.Compare(t.ID(int(a)), t.ID(int(b))) })
	at := make(map[uint32]int, len(rows))
	for i, row := range rows {
		at[row] = i
	}
	return func(row uint32) int { return at[row] }
}

// pairs appends every pair of a left row that is worth a look.
func (d *decider) pairs(left int, list []Match) []Match {
	first := len(list)
	for _, c := range d.best[left] {
		m := Match{Left: d.left.ID(left), Decision: Review}
		if c.bits >= d.threshold && !d.set.Contradicts(c.pattern) {
			m.Decision = Link
		}
		d.weigh(&m, left, int(c.right))
		list = append(list, m)
	}
	slices.SortFunc(list[first:], func(a, b Match) int { return cmp.Compare(a.Right, b.Right) })
	return list
}

// says reports whether there is anything to say of a left row.
func (d *decider) says(left int) bool {
	switch to := d.way[left]; {
	case d.target[left] != none:
		return true
	case to != none:
		return to != left && d.target[to] != none && !d.refused[[2]int{left, d.target[to]}]
	case d.held[left]:
		return false
	}
	list := d.best[left]
	return len(list) > 0 && list[0].bits >= d.review
}

// match says what became of a left row of which there is something to say.
func (d *decider) match(left int) Match {
	list := d.best[left]
	m := Match{Left: d.left.ID(left)}
	right := none
	switch {
	case d.target[left] != none:
		right, m.Decision, m.Manual = d.target[left], Link, d.manual[left]
		if !m.Manual && d.ambiguous(left) {
			m.Decision = Review
		}
	case d.way[left] != none:
		right, m.Decision, m.DuplicateOf = d.target[d.way[left]], GaveWay, d.left.ID(d.way[left])
	default:
		right, m.Decision = int(list[0].right), Review
		// Who holds a link made by hand need not be the same person, so that is for a person to decide.
		if h := d.holder.of(right); h != none && !d.manual[h] && list[0].bits >= d.threshold && !d.set.Contradicts(list[0].pattern) {
			m.Decision, m.DuplicateOf = Duplicate, d.left.ID(h)
		}
	}
	d.weigh(&m, left, right)
	for _, c := range list {
		if int(c.right) != right {
			m.RunnerUp, m.RunnerUpBit = d.right.ID(int(c.right)), round(c.bits)
			break
		}
	}
	return m
}

// weigh completes what is known of a pair.
func (d *decider) weigh(m *Match, left, right int) {
	m.Right = d.right.ID(right)
	var room [feature.MaxComparisons]int32
	pattern, parts, _ := d.pair(left, right, d.best[left], room[:0])
	m.Pattern = pattern
	m.Weight = d.prior
	if !d.cfg.Brief {
		m.Evidence = make([]Evidence, 1, len(parts)+1)
		m.Evidence[0] = Evidence{"prior", "", d.prior}
	}
	for c, f := range d.set.Comparisons {
		at := pattern.Level(c)
		if at == 0 {
			continue // a comparison that lacks a value adds nothing
		}
		bits := float64(parts[c]) / perBit
		m.Weight += bits
		if !d.cfg.Brief {
			m.Evidence = append(m.Evidence, Evidence{f.Name, f.Levels[at].Name, bits})
		}
	}
	m.Weight = round(m.Weight)
	m.Probability = weigh.Probability(m.Weight)
}

// ambiguous reports whether another candidate, held by no other record, comes as close to the left row as its link.
func (d *decider) ambiguous(left int) bool {
	var own float64
	for _, c := range d.best[left] {
		if int(c.right) == d.target[left] {
			own = c.bits
		}
	}
	for _, c := range d.best[left] {
		if h := d.holder.of(int(c.right)); int(c.right) != d.target[left] && (h == none || h == left) && c.bits > own-d.cfg.Margin {
			return true
		}
	}
	return false
}
