package match

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// output gathers what the stage publishes.
type output struct {
	links  []link
	rates  []rate
	scores map[scoreKey]*score
}

type link struct {
	object, kind, model string
	linkage.Match
}

type rate struct {
	object                                                              string
	records, linked, byHand, review, duplicates, converted, pairs, left int64
}

func (r rate) eligible() int64 { return r.records - r.duplicates - r.converted }

type scoreKey struct {
	object string
	bin    int64
}

type score struct{ records, linked int64 }

// binWidth is the width of a bin of the score distribution, in bits.
const binWidth = 2

// add takes in the result of one linkage; way names the records that gave way.
func (o *output) add(run *pipeline.Run, kind string, left *record.Table, res *linkage.Result, way map[string]string) {
	rates := map[string]*rate{}
	of := func(object string) *rate {
		if rates[object] == nil {
			rates[object] = &rate{object: object}
		}
		return rates[object]
	}
	if o.scores == nil {
		o.scores = map[scoreKey]*score{}
	}
	if kind == "company" {
		of(schemas.Account.Object)
	} else {
		of(schemas.Contact.Object)
		of(schemas.Lead.Object)
	}
	for l := range left.Len() {
		object, _ := split(left.ID(l))
		r := of(object)
		r.records++
		r.pairs += res.Compared[l]
		r.left += res.Uncompared[l]
	}
	for id := range way {
		object, _ := split(id)
		of(object).converted++
	}
	linked := map[string]bool{}
	model := res.Model.Fingerprint()
	for _, m := range res.Matches {
		object, _ := split(m.Left)
		r := of(object)
		switch m.Decision {
		case linkage.Link:
			r.linked++
			linked[m.Left] = true
			if m.Manual {
				r.byHand++
				if _, gaveWay := way[m.Left]; gaveWay {
					r.converted-- // linked by hand all the same
				}
			}
		case linkage.Review:
			r.review++
		case linkage.Duplicate:
			r.duplicates++
		}
		o.links = append(o.links, link{object, kind, model, m})
	}
	for l, bits := range res.Best {
		if math.IsInf(bits, -1) {
			continue
		}
		id := left.ID(l)
		object, _ := split(id)
		key := scoreKey{object, int64(math.Floor(bits/binWidth)) * binWidth}
		if o.scores[key] == nil {
			o.scores[key] = &score{}
		}
		o.scores[key].records++
		if linked[id] {
			o.scores[key].linked++
		}
	}
	for _, r := range rates {
		o.rates = append(o.rates, *r)
		run.Count("links."+r.object, r.linked)
		run.Count("pairs_compared", r.pairs)
		run.Count("pairs_uncompared", r.left)
	}
	run.Count("decisions_stale", int64(len(res.Stale)))
	run.Log.Info("matched", "kind", kind, "candidates", res.Model.Training.Candidates, "patterns", res.Model.Training.Patterns,
		"iterations", res.Model.Training.Iterations, "converged", res.Model.Training.Converged, "model", model, "stale_decisions", len(res.Stale))
}

func (o *output) publish(ctx context.Context, run *pipeline.Run) error {
	slices.SortFunc(o.links, func(a, b link) int { return cmp.Or(cmp.Compare(a.object, b.object), cmp.Compare(a.Left, b.Left)) })
	slices.SortFunc(o.rates, func(a, b rate) int { return cmp.Compare(a.object, b.object) })
	if err := write(ctx, run, schemas.Links, len(o.links), func(b setter, i int) error { return o.links[i].set(b) }); err != nil {
		return err
	}
	if err := write(ctx, run, schemas.MatchRates, len(o.rates), func(b setter, i int) error { o.rates[i].set(b); return nil }); err != nil {
		return err
	}
	keys := make([]scoreKey, 0, len(o.scores))
	for k := range o.scores {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b scoreKey) int { return cmp.Or(cmp.Compare(a.object, b.object), cmp.Compare(a.bin, b.bin)) })
	return write(ctx, run, schemas.MatchScores, len(keys), func(b setter, i int) error {
		b.text("object", keys[i].object)
		b.int("bin", keys[i].bin)
		b.int("records", o.scores[keys[i]].records)
		b.int("linked", o.scores[keys[i]].linked)
		return nil
	})
}

// setter sets the fields of a row by name.
type setter struct {
	*columnar.Builder
	ds *schemas.Dataset
}

func (s setter) text(name, v string) { s.String(s.ds.Index(name), v) }

func (s setter) optional(name, v string) {
	if v != "" {
		s.text(name, v)
	}
}
func (s setter) int(name string, v int64)     { s.Int(s.ds.Index(name), v) }
func (s setter) float(name string, v float64) { s.Float(s.ds.Index(name), v) }

// write publishes n rows of a data set.
func write(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, n int, set func(b setter, i int) error) error {
	w, err := run.Create(ctx, ds)
	if err != nil {
		return err
	}
	defer w.Abort() // harmless once published
	b := setter{columnar.NewBuilder(memory.DefaultAllocator, ds), ds}
	defer b.Release()
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		return w.Write(ctx, rec)
	}
	for i := range n {
		if err := set(b, i); err != nil {
			return err
		}
		if err := b.EndRow(); err != nil {
			return fmt.Errorf("write %s: %w", ds.Name, err)
		}
		if b.Full() {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if b.Len() > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	if _, err := run.Publish(ctx, ds, w); err != nil {
		return err
	}
	run.Count("rows."+ds.Name, int64(n))
	return nil
}

func (l link) set(b setter) error {
	decision := l.Decision
	if decision == linkage.GaveWay {
		decision = "converted"
	}
	origin := "model"
	if l.Manual {
		origin = "manual"
	}
	evidence, err := json.Marshal(l.Evidence)
	if err != nil {
		return fmt.Errorf("encode evidence: %w", err)
	}
	_, id := split(l.Left)
	_, holder := split(l.DuplicateOf)
	b.text("object", l.object)
	b.text("record_id", id)
	b.text("target_kind", l.kind)
	b.text("target_id", l.Right)
	b.text("decision", decision)
	b.text("origin", origin)
	b.float("probability", l.Probability)
	b.float("weight", l.Weight)
	b.optional("runner_up_id", l.RunnerUp)
	if l.RunnerUp != "" {
		b.float("runner_up_weight", l.RunnerUpBit)
	}
	b.optional("duplicate_of", holder)
	b.text("model", l.model)
	b.text("evidence", string(evidence))
	return nil
}

func (r rate) set(b setter) {
	b.text("object", r.object)
	b.int("records", r.records)
	b.int("eligible", r.eligible())
	b.int("linked", r.linked)
	b.int("linked_by_hand", r.byHand)
	b.int("review", r.review)
	b.int("duplicates", r.duplicates)
	b.int("converted", r.converted)
	b.int("pairs_compared", r.pairs)
	b.int("pairs_uncompared", r.left)
	share := 0.0
	if n := r.eligible(); n > 0 {
		share = float64(r.linked) / float64(n)
	}
	b.float("rate", share)
}
