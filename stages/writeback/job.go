package writeback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Job is one cycle of write-back for one contract.
type Job struct {
	DB       *postgres.DB
	Client   *salesforce.Client
	Contract string
	// RunID and AsOf are noted on the rows that the cycle changes.
	RunID  string
	AsOf   time.Time
	Policy Policy
	// Activities are the export's activities, all columns; nil when there are no new ones. The job closes them.
	Activities columnar.RecordReader
	// Links tells where the texts about these members can be read in whole; nil knows no such address.
	Links func(ctx context.Context, members map[string]bool) (map[string]string, error)
	// Source identifies the activities, so that the same ones are not read again; see Unchanged. Empty reads always.
	Source string
	// DryRun imports and decides, and sends nothing: what would go out is in Result.Planned.
	DryRun bool

	// RecordTypes are the names of the record types of Task, by kind; nil means DefaultRecordTypes.
	RecordTypes map[string][]string
	// UniqueField is a custom text field of Activity, unique and at least 32 long, that is used where the org has it.
	UniqueField string
	// Status is the Status of tasks; empty means Completed.
	Status string
	// Settle is how long a call may be at work in the org after it was sent: default 15 min.
	Settle time.Duration
	// MaxAttempts is how often a row is sent before it has failed: default 12.
	MaxAttempts int
	// Patience is how long a cycle waits for a Bulk job; one that takes longer is asked in the next cycles. Default 2 min.
	Patience time.Duration
	Log      *slog.Logger

	// at is called at the points of the protocol; tests crash there.
	at func(point)
	// partBytes and partRows bound an upload, and with it what is held in memory.
	partBytes, partRows int
}

// Result tells what a cycle did.
type Result struct {
	// Imported rows are new in the outbox; Withdrawn ones lost their mark before they were sent.
	Imported, Withdrawn int
	// Written includes Unassigned, those written without a person (R31).
	Written, Unassigned int
	// Found were being sent when an earlier cycle ended, and are in the org.
	Found int
	// Refused by Salesforce or a rule; Delayed wait for another attempt; Failed were given up; Held wait for a decision or a link.
	Refused, Delayed, Failed, Held int
	// Uncertain are being sent as far as is known: the org is asked again in the next cycle.
	Uncertain int
	// Cut are records written with a text that was too long for Salesforce; BulkJobs were used to write.
	Cut, BulkJobs int
	// Off says why nothing is written at all; empty when write-back works.
	Off     string
	Planned []Planned
}

// Planned is a record that a dry run would send.
type Planned struct {
	ActivityID, Kind string
	Record           salesforce.Record
	Cut              []string
}

// ErrBusy says that another process writes back for the contract.
var ErrBusy = errors.New("another process is writing back for this contract; wait for it to end")

func (j *Job) withDefaults() (*Job, error) {
	c := *j
	if c.DB == nil || c.Client == nil || c.Contract == "" || c.RunID == "" {
		return nil, errors.New("write-back needs a database, a client, a contract and a run id")
	}
	if c.RecordTypes == nil {
		c.RecordTypes = DefaultRecordTypes()
	}
	c.Status = cmp.Or(c.Status, "Completed")
	c.Settle = cmp.Or(c.Settle, 15*time.Minute)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 12)
	c.Patience = cmp.Or(c.Patience, 2*time.Minute)
	c.partBytes, c.partRows = cmp.Or(c.partBytes, defaultPartBytes), cmp.Or(c.partRows, defaultPartRows)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.at == nil {
		c.at = func(point) {}
	}
	return &c, nil
}

// cycle is a Job at work.
type cycle struct {
	*Job
	box    *outbox
	facts  *orgFacts // learned when first needed
	result Result
	// jobs are the Bulk jobs of this cycle; unserved are objects that the org's Bulk API does not take.
	jobs     []string
	unserved map[string]bool
}

// Run makes one cycle. Its result is valid also with an error: what was recorded stays. Rows that were being sent when an error came
// are asked about in the next cycle.
func (j *Job) Run(ctx context.Context) (result Result, err error) {
	if j.Activities != nil {
		defer func() { err = errors.Join(err, j.Activities.Close()) }()
	}
	full, err := j.withDefaults()
	if err != nil {
		return Result{}, err
	}
	box, err := openOutbox(ctx, full)
	if err != nil {
		return Result{}, fmt.Errorf("write-back of %s: %w", j.Contract, err)
	}
	defer box.close()
	c := &cycle{Job: full, box: box, unserved: map[string]bool{}}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"import activities", c.importActivities},
		{"ask about records being sent", c.recover},
		{"write", c.drain},
	} {
		if err := step.do(ctx); err != nil {
			return c.result, fmt.Errorf("write-back of %s: %s: %w", j.Contract, step.name, err)
		}
	}
	return c.result, nil
}

// org asks the org for what is needed once a cycle, and only when there is something to write.
func (c *cycle) org(ctx context.Context) (*orgFacts, error) {
	if c.facts != nil {
		return c.facts, nil
	}
	facts, err := learn(ctx, c.Client, c.RecordTypes, c.UniqueField)
	if err != nil {
		return nil, err
	}
	c.facts = facts
	return facts, nil
}
