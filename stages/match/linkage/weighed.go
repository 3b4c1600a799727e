package linkage

import (
	"math"

	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// perBit is in how many parts a bit is shown: what is shown adds up.
const perBit = 1e4

// round cuts bits to what is worth showing.
func round(bits float64) float64 { return math.Round(bits*perBit) / perBit }

// weighed knows what each comparison adds to the weight of a pair: of rows that were scored in this run, and of rows whose scores an
// earlier run left.
type weighed struct {
	set    *feature.Set // of the rows scored
	scorer *weigh.Scorer
	prior  float64
	at     []int32 // position of each left row in the set, -1 for one that was not scored; nil when all were
	before *Kept
	more   *weighed // of rows that were scored only to show what their decision rests on
}

func newWeighed(set *feature.Set, scorer *weigh.Scorer) *weighed {
	return &weighed{set: set, scorer: scorer, prior: round(scorer.PriorBit)}
}

// pair returns the pattern of a pair and what each comparison adds, in parts of a bit (see perBit); false when the left row has to be
// scored for that. list are the candidates of the row; room is appended to.
func (w *weighed) pair(left, right int, list []candidate, room []int32) (feature.Pattern, []int32, bool) {
	row := left
	if w.at != nil {
		row = int(w.at[left])
	}
	if row < 0 {
		for _, c := range list {
			if int(c.right) == right {
				return c.pattern, w.before.partsAt(c.kept), true
			}
		}
		if w.more != nil && w.more.at[left] >= 0 {
			return w.more.pair(left, right, nil, room)
		}
		return 0, nil, false
	}
	pattern, known := feature.Pattern(0), false
	for _, c := range list {
		if int(c.right) == right {
			pattern, known = c.pattern, true
			break
		}
	}
	if !known { // a pair made by hand, or that of the record that it gave way to
		pattern = w.set.Pattern(row, right)
	}
	return pattern, parts(w.set, w.scorer, row, right, pattern, room), true
}

// parts appends what each comparison adds to the weight of a pair of rows, in parts of a bit.
func parts(set *feature.Set, scorer *weigh.Scorer, left, right int, p feature.Pattern, to []int32) []int32 {
	for c := range set.Comparisons {
		bits := int32(0)
		if p.Level(c) != 0 {
			bits = int32(math.Round(scorer.Part(c, left, right, p) * perBit))
		}
		to = append(to, bits)
	}
	return to
}
