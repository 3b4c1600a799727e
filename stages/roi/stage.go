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

// Stage reads opportunities, links and touches and publishes the ROI data sets.
type Stage struct{}

// Name implements pipeline.Stage.
func (*Stage) Name() string { return "roi" }

// Reads implements pipeline.Stage.
func (*Stage) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{
		schemas.Settings, schemas.Opportunity, schemas.OpportunityContactRole, schemas.Contact, schemas.Lead,
		schemas.Links, schemas.SeatUsers, schemas.Usage, schemas.Activities,
	}
}

// Writes implements pipeline.Stage.
func (*Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIQuarters, schemas.ROIComparison}
}

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	rules, err := readRules(ctx, run)
	if err != nil {
		return err
	}
	if !rules.authorised {
		run.Log.Info("roi is not authorised: its data sets are published empty", "setting", "roi.authorised")
		run.Count("roi.authorised", 0)
		return s.publishNothing(ctx, run)
	}
	run.Count("roi.authorised", 1)
	deals, err := readDeals(ctx, run, rules)
	if err != nil {
		return fmt.Errorf("read opportunities: %w", err)
	}
	reach, err := buildReach(ctx, run, deals)
	if err != nil {
		return fmt.Errorf("find who bears on opportunities: %w", err)
	}
	if size := deals.bytes() + reach.bytes(); size > run.Budget {
		run.Log.Warn("roi needs more memory than the budget: it grows with opportunities and matched people", "bytes", size, "budget", run.Budget)
	}
	if err := publishTouches(ctx, run, deals, reach); err != nil {
		return fmt.Errorf("touches: %w", err)
	}
	totals, err := publishFacts(ctx, run, deals, rules)
	if err != nil {
		return fmt.Errorf("opportunity facts: %w", err)
	}
	if err := publishQuarters(ctx, run, totals); err != nil {
		return fmt.Errorf("quarters: %w", err)
	}
	if err := publishComparison(ctx, run, totals); err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	return nil
}

func (s *Stage) publishNothing(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range s.Writes() {
		out, err := newOutput(ctx, run, ds)
		if err != nil {
			return err
		}
		if err := out.publish(ctx, run); err != nil {
			return err
		}
	}
	return nil
}

// rules are the definitions in force for a run.
type rules struct {
	authorised bool
	window     time.Duration
	stages     map[string]bool // empty: in the pipeline from creation on
	asOf       time.Time
	// opportunity is the data set with the revenue field, and revenue that field's name.
	opportunity *schemas.Dataset
	revenue     string
}

func readRules(ctx context.Context, run *pipeline.Run) (rules, error) {
	values, err := readSettings(ctx, run)
	if err != nil {
		return rules{}, fmt.Errorf("read settings: %w", err)
	}
	r := rules{
		authorised: values.Bool("roi.authorised"),
		window:     time.Duration(values.Int("roi.window_days")) * 24 * time.Hour,
		stages:     map[string]bool{},
		asOf:       run.AsOf,
		revenue:    values.Text("roi.revenue_field"),
	}
	for _, stage := range values.List("roi.pipeline_stages") {
		r.stages[stage] = true
	}
	field := schemas.Field{Name: r.revenue, Type: schemas.Float64, Flags: schemas.Nullable, Doc: "Revenue of the deal (R36)."}
	r.opportunity = schemas.Opportunity.Extend(field)
	if t := r.opportunity.Field(r.revenue).Type; t != schemas.Float64 {
		return rules{}, fmt.Errorf("roi.revenue_field: %s is a %s: %w", r.revenue, t, ErrRevenueField)
	}
	if e, ok := run.Entry(schemas.Opportunity); r.authorised && ok && !slices.Contains(e.Columns, r.revenue) {
		return rules{}, fmt.Errorf("roi.revenue_field: %s was not imported with the opportunities; check its name, and sync again: %w", r.revenue, ErrRevenueField)
	}
	return r, nil
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
