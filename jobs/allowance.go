package jobs

import (
	"context"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Counts of the stages that call the org: the API calls that its allowance still had when the stage ended, of how many in 24 hours (R10).
const (
	CountRemaining = "api_remaining"
	CountAllowed   = "api_allowed"
)

// observed is a stage that calls the org. Besides its own counts it keeps what the org's latest answer told of the allowance.
type observed struct {
	pipeline.Stage
	client *salesforce.Client
	// calls says that the stage itself does not count the calls that it makes.
	calls bool
}

// Run implements pipeline.Stage.
func (o observed) Run(ctx context.Context, run *pipeline.Run) error {
	before := o.client.Usage().Total
	err := o.Stage.Run(ctx, run)
	if o.calls {
		run.Count("api_calls", o.client.Usage().Total-before)
	}
	if u := o.client.Usage(); u.Max > 0 {
		run.Count(CountRemaining, max(u.Max-u.Used, 0))
		run.Count(CountAllowed, u.Max)
	}
	return err
}
