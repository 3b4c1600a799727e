package backfill

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Move is a figure as published and as the backfill finds it; see schemas.Moves. Nil means that there was none.
type Move struct {
	Subject  string   `json:"subject"`
	Segment  string   `json:"segment"`
	Currency string   `json:"currency"`
	Measure  string   `json:"measure"`
	Before   *float64 `json:"before"`
	After    *float64 `json:"after"`
}

// Change is a link that differs; see schemas.LinkChanges.
type Change struct {
	Object            string   `json:"object"`
	RecordID          string   `json:"record_id"`
	Change            string   `json:"change"`
	BeforeTarget      string   `json:"before_target_id"`
	BeforeDecision    string   `json:"before_decision"`
	BeforeProbability *float64 `json:"before_probability"`
	BeforeWeight      *float64 `json:"before_weight"`
	AfterTarget       string   `json:"after_target_id"`
	AfterDecision     string   `json:"after_decision"`
	AfterProbability  *float64 `json:"after_probability"`
	AfterWeight       *float64 `json:"after_weight"`
}

// Done returns the sources that are computed, as their runs tell, by as_of.
func (b *Backfill) Done() ([]*pipeline.Manifest, error) {
	ids, err := b.home().Runs()
	if err != nil {
		return nil, err
	}
	var all []*pipeline.Manifest
	for _, id := range ids {
		m, err := b.home().Load(id)
		if err != nil {
			return nil, err
		}
		if pipeline.Succeeded(m) && m.Stage("compare") != nil {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(x, y *pipeline.Manifest) int { return cmp.Or(x.AsOf.Compare(y.AsOf), cmp.Compare(x.Base, y.Base)) })
	return all, nil
}

// Moves returns the figures of a source's run.
func (b *Backfill) Moves(ctx context.Context, m *pipeline.Manifest) ([]Move, error) {
	reader, err := b.home().View(b.Store, m, b.Log).Read(ctx, schemas.Moves)
	if err != nil {
		return nil, err
	}
	var out []Move
	return out, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		var texts [4]columnar.StringColumn
		for i, name := range []string{"subject", "segment", "currency", "measure"} {
			texts[i] = columnar.Strings(rec, name)
		}
		before, after := columnar.Floats(rec, "before"), columnar.Floats(rec, "after")
		for i := range texts[0].Len() {
			out = append(out, Move{copied(texts[0], i), copied(texts[1], i), copied(texts[2], i), copied(texts[3], i), number(before, i), number(after, i)})
		}
		return nil
	})
}

// Changes calls visit with the links of a source's run that differ, in the order of object and record. io.EOF from visit ends it early.
func (b *Backfill) Changes(ctx context.Context, m *pipeline.Manifest, visit func(Change) error) error {
	reader, err := b.home().View(b.Store, m, b.Log).Read(ctx, schemas.LinkChanges)
	if err != nil {
		return err
	}
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		text := func(name string, i int) string { return copied(columnar.Strings(rec, name), i) }
		value := func(name string, i int) *float64 { return number(columnar.Floats(rec, name), i) }
		for i := range int(rec.NumRows()) {
			if err := visit(Change{
				text("object", i), text("record_id", i), text("change", i),
				text("before_target_id", i), text("before_decision", i), value("before_probability", i), value("before_weight", i),
				text("after_target_id", i), text("after_decision", i), value("after_probability", i), value("after_weight", i),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// copied is a value that outlives its record.
func copied(c columnar.StringColumn, i int) string { return strings.Clone(c.Value(i)) }

func number(c columnar.FloatColumn, i int) *float64 {
	if c.IsNull(i) {
		return nil
	}
	v := c.Value(i)
	return &v
}
