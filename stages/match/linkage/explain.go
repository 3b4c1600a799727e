package linkage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// ErrAbsent says that a record to explain is not in its table.
var ErrAbsent = errors.New("record not in the table")

// Explanation is what a model says of one pair, whatever became of it.
type Explanation struct {
	Pair
	Prior       float64    // bits
	Compared    []Compared // in the order of the comparisons, those that lack a value too
	Weight      float64    // bits: the prior and what each comparison adds
	Probability float64
	// Rules are the blocking rules that make the pair a candidate; a pair without any is never compared by a run.
	Rules []string
	// Uncompared counts the pairs of the left record that share a key but were left out, since their block is too large.
	Uncompared int64
	// Unlike says that the pair agrees on nothing without which there is no match, such as the two parts of a name. A run drops it
	// whatever it weighs.
	Unlike bool
	// Contradicts says that the pair may be reviewed but never linked: see feature.Set.
	Contradicts bool
}

// Compared is the outcome of one comparison.
type Compared struct {
	Feature, Level string
	Left, Right    []Value // what was compared
	M, U           float64 // probabilities of the level among matches and others; 0 when missing
	Bits           float64 // log2(M/U) and the surprise
	Surprise       float64 // the part that comes from how rare the value is, in bits
	// Given names the comparison on which the pair agrees, so that M and U are those of pairs that do; "" when there is none.
	Given string
}

// Value is the value of a role, as it was read.
type Value struct {
	Role schemas.Role
	Text string
}

// Explain weighs pairs by a model (cfg.Model) as RunPrepared does, candidates or not. The left table and the directory are those of
// the run, whole: how common a value is follows from them. values has the right records of the pairs as they were read. An error that
// wraps ErrAbsent names a record that is not there.
func Explain(ctx context.Context, left *record.Table, d *feature.Directory, values *record.Table, cfg Config, pairs []Pair) ([]Explanation, error) {
	cfg.Entity = d.Entity
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if cfg.Model == nil {
		return nil, errors.New("explain: no model is given")
	}
	lefts, rights := map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		lefts[p.Left], rights[p.Right] = true, true
	}
	l, r, v := positions(left, lefts), positions(d.Table, rights), positions(values, rights)
	for _, p := range pairs {
		if _, ok := l[p.Left]; !ok {
			return nil, fmt.Errorf("explain %s: %w", p.Left, ErrAbsent)
		}
		_, ok := r[p.Right]
		if _, there := v[p.Right]; !ok || !there {
			return nil, fmt.Errorf("explain %s: %w", p.Right, ErrAbsent)
		}
	}
	set := d.Compare(left, cfg.options())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scorer, err := newScorer(set, cfg.Model, cfg)
	if err != nil {
		return nil, err
	}
	e := explainer{set: set, scorer: scorer, model: weigh.Defaults(set), left: left, values: values}
	for c, f := range set.Comparisons {
		for _, known := range cfg.Model.Comparisons {
			if known.Name == f.Name {
				e.model.Comparisons[c] = known
			}
		}
	}
	list := make([]Explanation, len(pairs))
	for i, p := range pairs {
		list[i] = e.explain(p, l[p.Left], r[p.Right], v[p.Right])
	}
	return list, nil
}

type explainer struct {
	set          *feature.Set
	scorer       *weigh.Scorer
	model        *weigh.Model // with every comparison of the set, in its order
	left, values *record.Table
}

// explain weighs rows of the two sides; v is where the right one's values are.
func (e *explainer) explain(pair Pair, l, r, v int) Explanation {
	p := e.set.Pattern(l, r)
	x := Explanation{Pair: pair, Contradicts: e.set.Contradicts(p)}
	_, alike := e.scorer.NewWeigher().Weigh(l, r, p, math.Inf(-1))
	x.Unlike = !alike
	lookup := e.set.Blocks.NewLookup(e.set.Rules)
	lookup.Candidates(l)
	x.Uncompared = lookup.Uncompared
	x.Rules = lookup.Rules(l, uint32(r))
	x.Prior = round(e.scorer.PriorBit)
	x.Weight = x.Prior
	added := parts(e.set, e.scorer, l, r, p, nil)
	for c := range e.set.Comparisons {
		if p.Level(c) != 0 {
			x.Weight += float64(added[c]) / perBit
		}
	}
	x.Weight = round(x.Weight)
	x.Probability = weigh.Probability(x.Weight)
	for c, f := range e.set.Comparisons {
		level := p.Level(c)
		one := Compared{Feature: f.Name, Level: f.Levels[level].Name, Left: values(e.left, l, f.Name), Right: values(e.values, v, f.Name)}
		if level != 0 {
			given := 0
			if at := e.set.Index(f.Parent); at >= 0 && e.set.Comparisons[at].Levels[p.Level(at)].Agrees {
				given, one.Given = 1, f.Parent
			}
			m := e.model.Comparisons[c].Levels[level]
			one.M, one.U, one.Bits = m.M[given], m.U[given], float64(added[c])/perBit
			one.Surprise = round(one.Bits - math.Log2(one.M/one.U))
			if math.Abs(one.Surprise) < 2e-4 { // what rounding leaves
				one.Surprise = 0
			}
		}
		x.Compared = append(x.Compared, one)
	}
	return x
}

// compared are the roles that a comparison reads, those by which people know the value first.
var compared = map[string][]schemas.Role{
	"given_name": {schemas.GivenName}, "surname": {schemas.Surname}, "title": {schemas.Title},
	"company": {schemas.Company, schemas.CompanyKey, schemas.Website, schemas.Email, schemas.PastCompanies},
	"name":    {schemas.Company, schemas.OtherNames}, "website": {schemas.Website},
	"place":  {schemas.City, schemas.State, schemas.Country, schemas.Lat, schemas.Lng},
	"street": {schemas.Street}, "postal_code": {schemas.PostalCode}, "email": {schemas.Email}, "phone": {schemas.Phone},
	"ticker": {schemas.Ticker}, "industry": {schemas.Industry}, "employees": {schemas.Employees},
	"date": {schemas.Day}, "code": {schemas.Code}, "text": {schemas.Text},
}

// values reads what a comparison compares of a row.
func values(t *record.Table, row int, comparison string) (list []Value) {
	for _, role := range compared[comparison] {
		if v := t.Value(row, role); v != "" {
			list = append(list, Value{role, strings.Clone(v)})
		}
	}
	if list == nil && (comparison == "given_name" || comparison == "surname") {
		if v := t.Value(row, schemas.FullName); v != "" {
			list = append(list, Value{schemas.FullName, strings.Clone(v)})
		}
	}
	return list
}
