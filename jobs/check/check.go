package check

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
)

// Check says what to look at, and what is wanted of the org.
type Check struct {
	Client *salesforce.Client
	// Flow is how the integration user logs in, as the configuration calls it. SignsTime says that a login is stamped with this machine's
	// clock, as the JWT flow's is.
	Flow      string
	SignsTime bool

	AllowSandbox bool
	// Reserve is how many API calls are left to others.
	Reserve int64
	// PageRows is how many rows of a first read come with a call.
	PageRows     int
	RevenueField string

	// Writeback says that write-back is switched on, Kinds for which activity kinds; UniqueField is the custom field it would use.
	Writeback   bool
	Kinds       []string
	UniqueField string
}

// errStop ends a check whose further findings would all be the same.
var errStop = errors.New("the org answers nothing more")

// Run looks at the org. The error is the context's; everything else is a finding.
func (c Check) Run(ctx context.Context) (*Report, error) {
	r := &Report{}
	steps := []func(context.Context, *Report) error{c.login, c.version, c.limits, c.org, c.user}
	for _, ds := range schemas.CRMObjects {
		steps = append(steps, func(ctx context.Context, r *Report) error { return c.object(ctx, r, ds) })
	}
	steps = append(steps, c.task, c.note)
	for i, step := range steps {
		err := step(ctx, r)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check: %w", context.Cause(ctx))
		}
		if err != nil {
			if i > 0 && i < len(steps)-1 {
				r.Add(Yellow, "the rest", "not looked at, since the org would refuse to answer", "mend what is red, then run `crmsync check` again")
			}
			break
		}
	}
	c.clock(r)
	return r, nil
}

// failed notes a failure and returns errStop if there is no use in going on.
func (c Check) failed(r *Report, check string, err error, do string) error {
	if errors.Is(err, salesforce.ErrQuota) && r.Red > 0 {
		return errStop // the finding on API calls says it all
	}
	r.Fail(check, err, do)
	if final(err) {
		return errStop
	}
	return nil
}
