package compare

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// figure names a figure.
type figure struct{ subject, segment, currency, measure string }

func (f figure) order(o figure) int {
	return cmp.Or(cmp.Compare(f.subject, o.subject), cmp.Compare(f.segment, o.segment), cmp.Compare(f.currency, o.currency), cmp.Compare(f.measure, o.measure))
}

// figures are few: a handful for each object and quarter.
type figures map[figure]float64

// moves writes all figures, those that did not move too.
func (s *Stage) moves(ctx context.Context, run *pipeline.Run, out *pipeline.Output) error {
	before, after := figures{}, figures{}
	for _, k := range []struct {
		ds  *schemas.Dataset
		add func(figures, arrow.Record)
	}{{schemas.MatchRates, figures.rates}, {schemas.ROIQuarters, figures.quarters}} {
		if !s.has(k.ds) {
			continue
		}
		was, err := s.before(ctx, run, k.ds)
		if err != nil {
			return err
		}
		if err := columnar.Each(ctx, was, func(rec arrow.Record) error { k.add(before, rec); return nil }); err != nil {
			return err
		}
		is, err := run.Read(ctx, k.ds)
		if err != nil {
			return err
		}
		if err := columnar.Each(ctx, is, func(rec arrow.Record) error { k.add(after, rec); return nil }); err != nil {
			return err
		}
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, f := range slices.SortedFunc(maps.Keys(all), figure.order) {
		for i, text := range []string{f.subject, f.segment, f.currency, f.measure} {
			out.String(i, text)
		}
		if v, ok := before[f]; ok {
			out.Float(4, v)
		}
		if v, ok := after[f]; ok {
			out.Float(5, v)
		}
		if err := out.EndRow(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f figures) rates(rec arrow.Record) {
	objects := columnar.Strings(rec, "object")
	for i := range objects.Len() {
		for _, name := range []string{"eligible", "linked", "review"} {
			f[figure{"match", objects.Value(i), "", name}] = float64(columnar.Ints(rec, name).Value(i))
		}
		f[figure{"match", objects.Value(i), "", "rate"}] = columnar.Floats(rec, "rate").Value(i)
	}
}

// quarters adds up the two rows of a quarter and currency, and the counts over currencies.
func (f figures) quarters(rec arrow.Record) {
	quarters, currencies, influenced := columnar.Strings(rec, "quarter"), columnar.Strings(rec, "currency"), columnar.Bools(rec, "influenced")
	number := func(name string, i int) float64 { return float64(columnar.Ints(rec, name).Value(i)) }
	amount := func(name string, i int) float64 { return columnar.Floats(rec, name).Value(i) }
	for i := range quarters.Len() {
		add := func(currency, measure string, v float64) { f[figure{"roi", quarters.Value(i), currency, measure}] += v }
		touched := 0.0
		if influenced.Value(i) {
			touched = 1
		}
		add("", "opportunities", number("opportunities", i))
		add("", "influenced", touched*number("opportunities", i))
		add("", "sourced", number("sourced", i))
		c := currencies.Value(i)
		add(c, "won", amount("revenue_won", i))
		add(c, "won_influenced", touched*amount("revenue_won", i))
		add(c, "won_sourced", amount("revenue_sourced", i))
		add(c, "open", amount("revenue_open", i))
		add(c, "open_influenced", touched*amount("revenue_open", i))
	}
}
