package roi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// ErrRevenueField says that the revenue field that the administrator named cannot be used.
var ErrRevenueField = errors.New("revenue field cannot be used")

// rules are the definitions in force for a run.
type rules struct {
	authorised bool
	window     time.Duration
	halfLife   time.Duration
	stages     map[string]bool // empty: in the pipeline from creation on
	asOf       time.Time
	// opportunity is the data set with the revenue field and the currency, and revenue that field's name.
	opportunity *schemas.Dataset
	revenue     string
	// currencies says that the org has several, so that each opportunity names its own.
	currencies bool
}

func readRules(ctx context.Context, run *pipeline.Run) (rules, error) {
	values, err := readSettings(ctx, run)
	if err != nil {
		return rules{}, fmt.Errorf("read settings: %w", err)
	}
	const day = 24 * time.Hour
	r := rules{
		authorised: values.Bool("roi.authorised"),
		window:     time.Duration(values.Int("roi.window_days")) * day,
		halfLife:   time.Duration(values.Int("roi.half_life_days")) * day,
		stages:     map[string]bool{},
		asOf:       run.AsOf,
		revenue:    values.Text("roi.revenue_field"),
	}
	for _, stage := range values.List("roi.pipeline_stages") {
		r.stages[stage] = true
	}
	field := schemas.Field{Name: r.revenue, Type: schemas.Float64, Flags: schemas.Nullable, Doc: "Revenue of the deal (R36)."}
	r.opportunity = schemas.Opportunity.Extend(field, schemas.OpportunityCurrency)
	if t := r.opportunity.Field(r.revenue).Type; t != schemas.Float64 {
		return rules{}, fmt.Errorf("roi.revenue_field: %s is a %s: %w", r.revenue, t, ErrRevenueField)
	}
	e, ok := run.Entry(schemas.Opportunity)
	r.currencies = slices.Contains(e.Columns, schemas.OpportunityCurrency.Name)
	if r.authorised && ok && !slices.Contains(e.Columns, r.revenue) {
		return rules{}, fmt.Errorf("roi.revenue_field: %s was not imported with the opportunities; check its name, and sync again: %w", r.revenue, ErrRevenueField)
	}
	return r, nil
}

// columns are those given and, in an org with several currencies, the currency.
func (r rules) columns(names ...string) []string {
	if r.currencies {
		return append(names, schemas.OpportunityCurrency.Name)
	}
	return names
}

// currencyOf returns what reads the currency of the rows of a record; it is empty in an org with one.
func (r rules) currencyOf(rec arrow.Record) func(i int) string {
	if !r.currencies {
		return func(int) string { return "" }
	}
	return columnar.Strings(rec, schemas.OpportunityCurrency.Name).Value
}

// unseen are the stages of the pipeline in which no deal is, of those seen.
func (r rules) unseen(seen map[string]bool) []string {
	var names []string
	for stage := range r.stages {
		if !seen[stage] {
			names = append(names, stage)
		}
	}
	slices.Sort(names)
	return names
}

// inPipeline reports whether a deal has entered the pipeline. One that closed went through it, whatever its last stage.
func (r rules) inPipeline(stage string, closed bool) bool {
	return len(r.stages) == 0 || closed || r.stages[stage]
}

// readSettings reads the settings in force.
func readSettings(ctx context.Context, run *pipeline.Run) (schemas.SettingValues, error) {
	reader, err := run.Read(ctx, schemas.Settings)
	if err != nil {
		return nil, err
	}
	values := schemas.SettingValues{}
	return values, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		keys, texts := columnar.Strings(rec, "key"), columnar.Strings(rec, "value")
		for i := range keys.Len() {
			if err := values.Set(keys.Value(i), texts.Value(i)); err != nil {
				return err
			}
		}
		return nil
	})
}
