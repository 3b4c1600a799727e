package linkage

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// key identifies what scores depend on besides the records: a model that was given too, since one that was trained is not kept for ever.
func (c *Config) key() string {
	given := ""
	if c.Model != nil {
		given = c.Model.Fingerprint()
	}
	return fmt.Sprintf("%s|%v|%d|%d|%s|%v|%v|%v|%s", c.Source, c.Review, c.Keep, c.BlockLimit, c.Country, c.Rules, c.Many, c.Dedupe, given)
}

// leftRows are the left records of a run that may go on from another one: with the values of all, or of those that may have changed.
type leftRows struct {
	*record.Table // its ids are those of all
	digests       []uint64
	written       *record.Written // nil when that is not known
	again         *record.Reread  // nil when the table has all values
	listed        *Kept           // the scores of the run before when they are of these ids in this order, else nil
}

func allRows(t *record.Table) *leftRows {
	return &leftRows{Table: t, digests: t.Digests(), written: t.Written()}
}

// rereadRows are the rows of a file that was read again beside the scores of the reading before.
func rereadRows(r *record.Reread, before *Kept) *leftRows {
	digests := make([]uint64, r.IDs.Len())
	for row, was := range r.Same {
		if was >= 0 {
			digests[row] = before.digests[was]
		}
	}
	for i, digest := range r.Table.Digests() {
		digests[r.Rows[i]] = digest
	}
	return &leftRows{Table: r.IDs, digests: digests, written: r.Written, again: r}
}

// order returns the rows by id.
func (l *leftRows) order() []uint32 {
	if l.listed != nil {
		return l.listed.order
	}
	return byID(l.Table)
}

// values returns a table of some rows, false when it has not the values of all of them.
func (l *leftRows) values(rows []int) (*record.Table, bool) {
	if l.again == nil {
		return l.Select(rows), true
	}
	at := make([]int, len(rows))
	for i, row := range rows {
		var known bool
		if at[i], known = slices.BinarySearch(l.again.Rows, row); !known {
			return nil, false
		}
	}
	return l.again.Table.Select(at), true
}

// same returns the row before of a record that is known not to have changed, -1 when that is not known.
func (l *leftRows) same(row int) int {
	if l.again == nil {
		return -1
	}
	return int(l.again.Same[row])
}

// RunAgain links the records of a file that was read again to a prepared directory. It returns nil when that takes the values of
// records that have not changed: the file is to be read in whole then.
func RunAgain(ctx context.Context, left *record.Reread, d *feature.Directory, cfg Config) (*Result, error) {
	cfg.Entity = d.Entity
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return goOn(ctx, rereadRows(left, cfg.Before), d, cfg, newWatch())
}

// goOn links with the scores that an earlier run left (cfg.Before): it scores the records that are new or have changed, and decides
// about all. With the same model it gives what a run without them would. It returns nil when they are of no use.
func goOn(ctx context.Context, left *leftRows, d *feature.Directory, cfg Config, watch *watch) (*Result, error) {
	before := cfg.Before
	model := before.Model()
	if before.head.Source != cfg.key() {
		return nil, nil
	}
	scores, changed := before.scores(left)
	anew := before.head.Anew + len(changed)
	if cfg.Model == nil && float64(anew) >= cfg.Retrain*float64(left.Len()) {
		return nil, nil
	}
	w, err := partly(left, changed, d, model, before.head.Shape, cfg)
	if err != nil || w == nil {
		return nil, err
	}
	w.before = before
	watch.lap("prepare")
	fresh, err := scoreAll(ctx, w.set, newWorkers(w.set, cfg.Workers), w.scorer, nil, cfg)
	if err != nil {
		return nil, err
	}
	for i, l := range changed {
		scores.best[l], scores.compared[l], scores.uncompared[l] = fresh.best[i], fresh.compared[i], fresh.uncompared[i]
	}
	watch.lap("score")
	res := newResult(w.set, model, scores)
	res.Scored = len(changed)
	if before.lists(left) {
		left.listed = before
	}
	order := left.order()
	if cfg.KeepScores {
		res.Kept = keep(cfg.key(), model, anew, left, order, w, scores)
	}
	dec := newDecider(w, left.Table, order, scores.best, cfg)
	res.Stale = dec.settle()
	// A record that gave way, or was linked by hand, is shown with a record that need not be among its candidates.
	if need := dec.unweighed(); len(need) > 0 {
		if w.more, err = partly(left, need, d, model, before.head.Shape, cfg); err != nil || w.more == nil {
			return nil, err
		}
	}
	res.Matches = dec.matches()
	watch.lap("decide")
	res.Phases = watch.phases
	return res, nil
}

// scores returns the kept scores of records, and the rows that have none.
func (k *Kept) scores(left *leftRows) (*scores, []int) {
	n := left.Len()
	s := &scores{arrays.Make[[]candidate](n), make([]int64, n), make([]int64, n), make([]int32, n)}
	var changed []int
	all := k.candidates()
	for l := range n {
		row := left.same(l)
		if row < 0 {
			var known bool
			if row, known = k.find(l, left.ID(l)); !known || k.digests[row] != left.digests[l] {
				changed = append(changed, l)
				s.kept[l] = -1
				continue
			}
		}
		from, to := k.span(row)
		s.best[l], s.compared[l], s.uncompared[l] = all[from:to:to], int64(k.compared[row]), int64(k.uncompared[row])
		s.kept[l] = int32(row)
	}
	return s, changed
}

// partly prepares some rows for scoring; nil when they have values of a kind that the rows before had not, so that they would be
// compared by more, or when their values are not at hand.
func partly(left *leftRows, rows []int, d *feature.Directory, model *weigh.Model, shape *feature.Shape, cfg Config) (*weighed, error) {
	values, ok := left.values(rows)
	if !ok {
		return nil, nil
	}
	o := cfg.options()
	o.Shape = shape
	set := d.Compare(values, o)
	if !set.Shaped(shape) {
		return nil, nil
	}
	scorer, err := newScorer(set, model, cfg)
	if err != nil {
		return nil, err
	}
	w := newWeighed(set, scorer)
	w.at = slices.Repeat([]int32{-1}, left.Len())
	for i, row := range rows {
		w.at[row] = int32(i)
	}
	return w, nil
}

// unweighed returns the left rows whose decision names a right row with which they were not compared.
func (d *decider) unweighed() (rows []int) {
	for left := range d.best {
		right := d.target[left]
		if to := d.way[left]; right == none && to != none && to != left {
			right = d.target[to]
		}
		if right == none {
			continue
		}
		if _, _, ok := d.pair(left, right, d.best[left], nil); !ok {
			rows = append(rows, left)
		}
	}
	return rows
}
