package roi

import (
	"context"
	"fmt"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// Histories keeps the histories that Stage keeps, and nothing else. A backfill runs it over the syncs of a time when ROI was not
// authorised, so that the runs after them know what those had seen.
type Histories struct{}

// Name implements pipeline.Stage.
func (*Histories) Name() string { return "histories" }

// Reads implements pipeline.Stage.
func (*Histories) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.Opportunity, schemas.Contact, schemas.Lead}
}

// Writes implements pipeline.Stage.
func (*Histories) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.OpportunityStages, schemas.CRMActivity}
}

// Run implements pipeline.Stage.
func (*Histories) Run(ctx context.Context, run *pipeline.Run) error {
	plain := rules{asOf: run.AsOf, opportunity: schemas.Opportunity} // what is kept does not depend on any
	if _, err := publishHistory(ctx, run, plain, 0); err != nil {
		return fmt.Errorf("history of stages: %w", err)
	}
	if err := publishActivity(ctx, run, nil); err != nil {
		return fmt.Errorf("activity in the CRM: %w", err)
	}
	return nil
}
