package linkage

import (
	"context"
	"fmt"
	"slices"

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

// goOn links with the scores that an earlier run left (cfg.Before): it scores the records that are new or have changed, and decides
// about all. With the same model it gives what a run without them would. It returns nil when they are of no use.
func goOn(ctx context.Context, left *record.Table, d *feature.Directory, cfg Config, watch *watch) (*Result, error) {
	before := cfg.Before
	model := before.Model()
	if before.head.Source != cfg.key() {
		return nil, nil
	}
	digests := left.Digests()
	scores, changed := before.scores(left, digests)
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
	fresh, err := scoreAll(ctx, w.set, newWorkers(w.set, cfg.Workers), w.scorer, cfg)
	if err != nil {
		return nil, err
	}
	for i, l := range changed {
		scores.best[l], scores.compared[l], scores.uncompared[l] = fresh.best[i], fresh.compared[i], fresh.uncompared[i]
	}
	watch.lap("score")
	res := newResult(w.set, model, scores)
	res.Scored = len(changed)
	if cfg.KeepScores {
		res.Kept = keep(cfg.key(), model, anew, left, digests, w, scores)
	}
	dec := newDecider(w, left, scores.best, cfg)
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

// scores returns the kept scores of a table's records, and the rows that have none.
func (k *Kept) scores(left *record.Table, digests []uint64) (*scores, []int) {
	n := left.Len()
	s := &scores{make([][]candidate, n), make([]int64, n), make([]int64, n)}
	var changed []int
	all := k.candidates()
	for l := range n {
		row, ok := k.find(l, left.ID(l), digests[l])
		if !ok {
			changed = append(changed, l)
			continue
		}
		s.best[l], s.compared[l], s.uncompared[l] = k.of(row, all), int64(k.compared[row]), int64(k.uncompared[row])
	}
	return s, changed
}

// partly prepares some rows for scoring; nil when they have values of a kind that the rows before had not, so that they would be
// compared by more.
func partly(left *record.Table, rows []int, d *feature.Directory, model *weigh.Model, shape *feature.Shape, cfg Config) (*weighed, error) {
	o := cfg.options()
	o.Shape = shape
	set := d.Compare(left.Select(rows), o)
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
