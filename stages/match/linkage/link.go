package linkage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sourcegraph/conc"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Config says how to link. The zero value of a number means its default.
type Config struct {
	Entity string // feature.Person or feature.Company
	// Threshold is the least probability of a link. Default 0.9.
	Threshold float64
	// Review is the least probability of a pair worth a person's look. Default 0.2.
	Review float64
	// Margin is how many bits a link must be ahead of the next free candidate. Default 2.
	Margin float64
	// BlockLimit is the size at which blocks are refined. Default feature.DefaultBlockLimit.
	BlockLimit int
	// Keep is how many candidates of a record are kept for assignment. Default 64: few records have more than three, but where many are
	// alike each needs enough to choose from.
	Keep int
	// TrainRows is how many left records are used for training. Default 10,000.
	TrainRows int
	// Workers is how many goroutines work. Default 1.
	Workers int
	// Country is the country of telephone numbers that do not say theirs (ISO alpha-2). Default US.
	Country string
	// Model, when set, is used as it is; otherwise one is trained.
	Model *weigh.Model
	// Many asks for every pair at or above the threshold instead of one to one.
	Many bool
	// Dedupe says that left and right are the same table: each pair comes once, never a record with itself.
	Dedupe bool
	// Rules are blocking rules in the place of the shipped ones: records that agree on all roles of a rule are candidates.
	Rules [][]schemas.Role
	// Brief leaves out the evidence of matches, for callers that make do with their patterns.
	Brief bool
	// KeepScores asks for Result.Kept. Source identifies the directory that the kept scores are of.
	KeepScores bool
	Source     string
	// Before, when set, is what an earlier run left. Records that have not changed since keep their scores, and the model stays the
	// same, unless the directory or a setting that scores depend on is another one, or more than Retrain of the records were scored
	// anew since the model was trained; then it counts for nothing.
	Before *Kept
	// Retrain is the share of records scored anew after which a model is trained again.
	Retrain float64
	// Links and Rejects are hand-made decisions.
	Links, Rejects []Pair
	// GivesWay names, by left id, the left record that a record gives way to, linked or not; "" when that record is not in the
	// table. Such records compete with nobody.
	GivesWay map[string]string
	// Progress, when set, is called with the number of left records scored since the last call.
	Progress func(records int)
}

// Pair names a left and a right record by their ids.
type Pair struct{ Left, Right string }

// Decisions about a left record.
const (
	Link      = "link"      // it is linked
	Review    = "review"    // its best candidate is worth a look, or two candidates are too close
	Duplicate = "duplicate" // another left record holds the link to its best candidate
	GaveWay   = "gave way"  // see Config.GivesWay; its target is that of the record it gave way to
)

// Match is what became of a left record that has a link, a candidate worth a look, or that gave way.
type Match struct {
	Left, Right string
	Decision    string
	Manual      bool
	Weight      float64 // bits
	Probability float64
	RunnerUp    string // next best right record, "" when there is none
	RunnerUpBit float64
	DuplicateOf string     // left record that holds the link, for Duplicate and GaveWay
	Evidence    []Evidence // nil when Config.Brief
	Pattern     feature.Pattern
}

// Evidence is what one comparison adds to the weight.
type Evidence struct {
	Feature string  `json:"feature"`
	Level   string  `json:"level"`
	Bits    float64 `json:"bits"`
}

// Result is the outcome of Run.
type Result struct {
	Matches []Match // sorted by left id
	Model   *weigh.Model
	// Phases say where the time went.
	Phases []Phase
	// Features are the comparisons, in the order of patterns.
	Features []Feature
	// Best is the weight of the best candidate in bits, per left record by its position in the table; -Inf when it has none.
	Best []float64
	// Compared and Uncompared count candidate pairs, per left record by its position in the table.
	Compared, Uncompared []int64
	// Stale are hand-made links of which a record is missing.
	Stale []Pair
	// Scored is how many left records were scored; the others kept the scores of the run before.
	Scored int
	// Kept is what the next run can use, when the configuration asks for it.
	Kept *Kept
}

// Run links left records to right records.
func Run(ctx context.Context, left, right *record.Table, cfg Config) (*Result, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	w := newWatch()
	set := feature.New(cfg.Entity, left, right, cfg.options())
	w.lap("prepare")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return link(ctx, set, cfg, w)
}

// RunPrepared links left records to a prepared directory. The configuration's country and blocking are those of the directory.
func RunPrepared(ctx context.Context, left *record.Table, d *feature.Directory, cfg Config) (*Result, error) {
	cfg.Entity = d.Entity
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	w := newWatch()
	if cfg.Before != nil {
		res, err := goOn(ctx, allRows(left), d, cfg, w)
		if err != nil || res != nil {
			return res, err
		}
	}
	set := d.Compare(left, cfg.options())
	w.lap("prepare")
	return link(ctx, set, cfg, w)
}

func link(ctx context.Context, set *feature.Set, cfg Config, watch *watch) (*Result, error) {
	var beside conc.WaitGroup
	defer beside.Wait()
	var order []uint32
	beside.Go(func() { order = byID(set.Left) }) // drawing rows for training keeps one core busy
	workers := newWorkers(set, cfg.Workers)
	model := cfg.Model
	var known []*met
	if model == nil {
		var sample weigh.Sample
		var err error
		if sample, known, err = sampleOf(ctx, set, workers, cfg); err != nil {
			return nil, err
		}
		watch.lap("sample")
		model = weigh.Train(set, sample)
		watch.lap("train")
	}
	scorer, err := newScorer(set, model, cfg)
	if err != nil {
		return nil, err
	}
	scores, err := scoreAll(ctx, set, workers, scorer, known, cfg)
	if err != nil {
		return nil, err
	}
	watch.lap("score")
	beside.Wait()
	w := newWeighed(set, scorer)
	res := newResult(set, model, scores)
	res.Scored = set.Left.Len()
	if cfg.KeepScores {
		res.Kept = keep(cfg.key(), model, 0, allRows(set.Left), order, w, scores)
	}
	d := newDecider(w, set.Left, order, scores.best, cfg)
	res.Stale = d.settle()
	res.Matches = d.matches()
	watch.lap("decide")
	res.Phases = watch.phases
	return res, nil
}

// newResult holds what the scores say, without decisions.
func newResult(set *feature.Set, model *weigh.Model, s *scores) *Result {
	res := &Result{Model: model, Compared: s.compared, Uncompared: s.uncompared, Best: make([]float64, len(s.best))}
	for l, list := range s.best {
		res.Best[l] = math.Inf(-1)
		if len(list) > 0 {
			res.Best[l] = list[0].bits
		}
	}
	for _, f := range set.Comparisons {
		levels := make([]string, len(f.Levels))
		for l := 1; l < len(levels); l++ {
			levels[l] = f.Levels[l].Name
		}
		res.Features = append(res.Features, Feature{f.Name, levels})
	}
	return res
}

func newScorer(set *feature.Set, model *weigh.Model, cfg Config) (*weigh.Scorer, error) {
	scorer, err := weigh.NewScorer(set, model)
	if err == nil && !cfg.Many {
		scorer.OneToOne()
	}
	return scorer, err
}

// options are the configuration's part for normalising.
func (c *Config) options() feature.Options {
	return feature.Options{Country: c.Country, Workers: c.Workers, Rules: c.Rules, BlockLimit: c.BlockLimit}
}

// Feature is a comparison and the names of its levels; that of a missing value is "".
type Feature struct {
	Name   string
	Levels []string
}

// Phase says how long a part of the work took.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// watch times phases.
type watch struct {
	last   time.Time
	phases []Phase
}

func newWatch() *watch { return &watch{last: time.Now()} }

func (w *watch) lap(name string) {
	now := time.Now()
	w.phases = append(w.phases, Phase{name, now.Sub(w.last).Seconds()})
	w.last = now
}

func (c *Config) complete() error {
	set := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	setInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&c.Threshold, 0.9)
	set(&c.Review, 0.2)
	set(&c.Margin, 2)
	setInt(&c.BlockLimit, feature.DefaultBlockLimit)
	setInt(&c.Keep, 64)
	setInt(&c.TrainRows, 10_000)
	setInt(&c.Workers, 1)
	switch {
	case c.Entity != feature.Person && c.Entity != feature.Company:
		return fmt.Errorf("entity %q is neither %s nor %s", c.Entity, feature.Person, feature.Company)
	case c.Threshold < 0.5 || c.Threshold >= 1:
		return fmt.Errorf("threshold %v is not in [0.5, 1)", c.Threshold)
	case c.Review <= 0 || c.Review > c.Threshold:
		return fmt.Errorf("review %v is not in (0, threshold]", c.Review)
	case c.Margin < 0 || c.BlockLimit < 1 || c.Keep < 2 || c.TrainRows < 1 || c.Workers < 1:
		return errors.New("margin must not be negative; block limit, train rows and workers must be positive; keep at least 2")
	}
	return nil
}
