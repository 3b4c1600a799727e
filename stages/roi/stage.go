package roi

import (
	"context"
	"errors"
	"fmt"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// Stage reads opportunities, links and touches and publishes the ROI data sets.
type Stage struct{}

// Name implements pipeline.Stage.
func (*Stage) Name() string { return "roi" }

// Reads implements pipeline.Stage.
func (*Stage) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{
		schemas.Settings, schemas.Opportunity, schemas.OpportunityContactRole, schemas.Account, schemas.Contact, schemas.Lead,
		schemas.Links, schemas.SeatUsers, schemas.Usage, schemas.Activities,
	}
}

// Writes implements pipeline.Stage.
func (*Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{
		schemas.OpportunityStages, schemas.CRMActivity, schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIAttribution, schemas.ROIQuarters,
		schemas.ROIComparison, schemas.ROISellers,
	}
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
	f := &facts{rules: rules, deals: deals, totals: newTotals()}
	var did seats
	// What the opportunities and accounts say does not depend on the touches.
	lanes := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	lanes.Go(func(ctx context.Context) error { return f.prepare(ctx, run) })
	lanes.Go(func(ctx context.Context) (err error) {
		did, err = s.attribute(ctx, run, deals, rules)
		return err
	})
	if err := lanes.Wait(); err != nil {
		return err
	}
	if err := publishFacts(ctx, run, f); err != nil {
		return fmt.Errorf("opportunity facts: %w", err)
	}
	if err := publishQuarters(ctx, run, f.totals, deals.currencies); err != nil {
		return fmt.Errorf("quarters: %w", err)
	}
	if err := publishSellers(ctx, run, f.totals, deals, f.holding, did); err != nil {
		return fmt.Errorf("sellers: %w", err)
	}
	if err := publishComparison(ctx, run, f.totals.compare(f.places, deals.currencies, run.Workers)); err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	return nil
}

// attribute finds the touches of each deal and publishes them with their shares.
func (s *Stage) attribute(ctx context.Context, run *pipeline.Run, deals *deals, rules rules) (_ seats, err error) {
	reach, err := buildReach(ctx, run, deals)
	if err != nil {
		return nil, fmt.Errorf("find who bears on opportunities: %w", err)
	}
	if size := deals.bytes() + reach.bytes(); size > run.Budget {
		run.Log.Warn("roi needs more memory than the budget: it grows with opportunities and matched people", "bytes", size, "budget", run.Budget)
	}
	var found *spill
	lanes := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	lanes.Go(func(ctx context.Context) (err error) {
		if found, err = collect(ctx, run, deals, reach); err != nil {
			return fmt.Errorf("find touches: %w", err)
		}
		return nil
	})
	lanes.Go(func(ctx context.Context) error {
		if err := publishActivity(ctx, run, deals); err != nil {
			return fmt.Errorf("activity in the CRM: %w", err)
		}
		return nil
	})
	if err := lanes.Wait(); err != nil {
		if found != nil {
			err = errors.Join(err, found.close())
		}
		return nil, err
	}
	defer func() { err = errors.Join(err, found.close()) }()
	did, err := publishTouches(ctx, run, deals, found, rules.halfLife)
	if err != nil {
		return nil, fmt.Errorf("touches: %w", err)
	}
	return did, nil
}

func (s *Stage) publishNothing(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range s.Writes() {
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		if _, err := run.PublishBase(ctx, ds, w); err != nil {
			return err
		}
		run.Count("rows."+ds.Name, 0)
	}
	return nil
}
