package writeback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// outgoing is a candidate on its way, with its record.
type outgoing struct {
	candidate
	content content
	// unique is the value of the unique field; empty when the org has none.
	unique string
}

// drain decides on all rows that are due and sends those that may go.
func (c *cycle) drain(ctx context.Context) error {
	now := c.AsOf
	if c.Policy.Enabled {
		var err error
		if now, err = c.Client.ServerTime(ctx); err != nil {
			return err
		}
	} else {
		c.result.Off = reasonOff // and nothing is asked of the org
	}
	var ready []outgoing
	var last candidate
	for {
		page, err := c.box.candidates(ctx, now, last)
		if err != nil {
			return err
		}
		for len(ready) >= salesforce.MaxCollection || len(page) == 0 && len(ready) > 0 {
			n := min(len(ready), salesforce.MaxCollection)
			if err := c.send(ctx, ready[:n]); err != nil {
				return err
			}
			ready = ready[n:]
		}
		if len(page) == 0 {
			return nil
		}
		last = page[len(page)-1]
		going, err := c.decide(ctx, page)
		if err != nil {
			return err
		}
		if !c.DryRun {
			ready = append(ready, going...)
		}
	}
}

// decide sorts a page into what goes out, what waits and what is refused.
func (c *cycle) decide(ctx context.Context, page []candidate) ([]outgoing, error) {
	waits, refusals := map[string]string{}, map[string]string{}
	var going []outgoing
	for i := range page {
		row := &page[i]
		d := c.Policy.decide(row)
		if d == (decision{}) {
			facts, err := c.org(ctx)
			if err != nil {
				return nil, err
			}
			c.result.Off = facts.off
			if d.wait = facts.lacks(row.Kind, c.RecordTypes); d.wait == "" {
				g := outgoing{candidate: *row, content: build(row, facts, c.Status)}
				if facts.uniqueField != "" && g.content.Object == objectTask {
					g.unique = uniqueValue(c.Contract, row.ActivityID, facts.uniqueLength)
				}
				going = append(going, g)
				continue
			}
		}
		switch {
		case d.refuse != "":
			refusals[row.ActivityID] = d.refuse
			c.result.Refused++
		default:
			c.result.Held++
			if d.wait != row.Reason {
				waits[row.ActivityID] = d.wait
			}
		}
	}
	if c.DryRun {
		for _, g := range going {
			c.result.Planned = append(c.result.Planned, Planned{g.ActivityID, g.Kind, c.record(g), g.content.Cut})
		}
		return nil, nil
	}
	if err := errors.Join(c.box.hold(ctx, "waiting", waits), c.box.hold(ctx, "refused", refusals)); err != nil {
		return nil, err
	}
	c.at(pointDecided)
	return going, nil
}

func (c *cycle) record(g outgoing) salesforce.Record {
	r := g.content.record()
	if g.unique != "" {
		r.Fields[c.facts.uniqueField] = g.unique
	}
	return r
}

// send takes a batch through the protocol.
func (c *cycle) send(ctx context.Context, batch []outgoing) error {
	// Tasks first: the API wants few changes of type within a call.
	slices.SortStableFunc(batch, func(a, b outgoing) int { return strings.Compare(b.content.Object, a.content.Object) })
	sentAt, err := c.Client.ServerTime(ctx)
	if err != nil {
		return err
	}
	records := make([]salesforce.Record, len(batch))
	for i, g := range batch {
		records[i] = c.record(g)
	}
	if err := c.box.mark(ctx, batch, sentAt); err != nil {
		return err
	}
	c.at(pointMarked)
	results, err := c.Client.InsertCollection(ctx, records, false)
	c.at(pointCalled)

	// What the org did is recorded even when the caller has given up meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	switch {
	case err == nil:
		return c.conclude(ctx, batch, results, sentAt)
	case errors.Is(err, salesforce.ErrUncertain):
		c.Log.Warn("the answer was lost; asking the org", "stage", "writeback", "rows", len(batch), "error", err)
		if asked := c.ask(ctx); asked != nil {
			return errors.Join(err, asked)
		}
		return nil
	}
	return c.untaken(ctx, batch, sentAt, err)
}

// untaken puts a batch back that the org did not take as a whole. A batch that it could not read is taken apart, to find the record
// that it can't read.
func (c *cycle) untaken(ctx context.Context, batch []outgoing, now time.Time, cause error) error {
	var e *salesforce.APIError
	unreadable := errors.As(cause, &e) && e.Status == http.StatusBadRequest && !errors.Is(cause, salesforce.ErrQuota) && !errors.Is(cause, salesforce.ErrPermission)
	outcomes := make([]outcome, len(batch))
	for i, g := range batch {
		outcomes[i] = outcome{ActivityID: g.ActivityID, State: "waiting", Reason: cause.Error(), Uncounted: true, Next: now.Add(time.Minute)}
		if unreadable {
			outcomes[i].Next = time.Time{}
			if len(batch) == 1 {
				outcomes[i] = outcome{ActivityID: g.ActivityID, State: "refused", Reason: e.Code + ": " + e.Message}
			}
		}
	}
	if err := c.box.record(ctx, outcomes, now); err != nil {
		return errors.Join(cause, err)
	}
	if !unreadable {
		c.result.Delayed += len(batch)
		return cause
	}
	if len(batch) == 1 {
		c.result.Refused++
		return nil
	}
	half := len(batch) / 2
	if err := c.send(ctx, batch[:half]); err != nil {
		return err
	}
	return c.send(ctx, batch[half:])
}

// conclude records what the org said about each record.
func (c *cycle) conclude(ctx context.Context, batch []outgoing, results []salesforce.SaveResult, now time.Time) error {
	outcomes := make([]outcome, 0, len(batch))
	doubles := false
	for i, g := range batch {
		o := outcome{ActivityID: g.ActivityID}
		switch r := results[i]; {
		case r.Success:
			o.State, o.SalesforceID = "written", r.ID
			c.result.Written++
			if g.content.Object == objectTask && g.content.WhoID == "" && g.MemberID != "" {
				o.State, o.Reason = "unassigned", "the person is linked to no record of the CRM"
				c.result.Unassigned++
			}
		case g.unique != "" && slices.ContainsFunc(r.Errors, func(e salesforce.SaveError) bool { return e.HasCode("DUPLICATE_VALUE") }):
			doubles = true // an earlier attempt made it after all: asking tells its id
			continue
		case slices.ContainsFunc(r.Errors, passing):
			o.State, o.Reason, o.Next = "waiting", words(r.Errors), now.Add(backoff(g.Attempts+1))
			c.result.Delayed++
			if g.Attempts+1 >= c.MaxAttempts {
				o.State, o.Next = "failed", time.Time{}
				c.result.Delayed--
				c.result.Failed++
			}
		default:
			o.State, o.Reason = "refused", words(r.Errors)
			c.result.Refused++
		}
		outcomes = append(outcomes, o)
	}
	if err := c.box.record(ctx, outcomes, now); err != nil {
		return err
	}
	c.at(pointRecorded)
	if doubles {
		return c.ask(ctx)
	}
	return nil
}

// passing reports whether the same record may be taken later as it is.
func passing(e salesforce.SaveError) bool {
	for _, code := range []string{
		"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "STORAGE_LIMIT_EXCEEDED",
		"REQUEST_LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION", "ALL_OR_NONE_OPERATION_ROLLED_BACK",
	} {
		if e.HasCode(code) {
			return true
		}
	}
	return false
}

// words are Salesforce's own.
func words(errs []salesforce.SaveError) string {
	var all []string
	for _, e := range errs {
		s := e.Code + ": " + e.Message
		if len(e.Fields) > 0 {
			s += fmt.Sprintf(" (fields %s)", strings.Join(e.Fields, ", "))
		}
		all = append(all, s)
	}
	if all == nil {
		return "Salesforce refused the record and did not say why"
	}
	return strings.Join(all, "; ")
}

// backoff grows from 2 minutes to 6 hours.
func backoff(attempt int) time.Duration {
	return min(time.Minute<<min(attempt, 10), 6*time.Hour)
}
