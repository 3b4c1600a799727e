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
	if err := c.box.mark(ctx, batch, "", sentAt); err != nil {
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
				outcomes[i], _ = c.judge(g.sent(), salesforce.SaveResult{Errors: []salesforce.SaveError{{Code: e.Code, Message: e.Message, Fields: e.Fields}}}, now)
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
		o, known := c.judge(g.sent(), results[i], now)
		if !known {
			doubles = true
			continue
		}
		if results[i].Success {
			c.result.Cut += min(1, len(g.content.Cut))
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

// sent is what must be known of a row that was sent, to judge by the org's answer.
type sent struct {
	ActivityID, Object, MemberID, WhoID, Unique string
	Attempts                                    int // this one included
	Strict                                      bool
}

func (g outgoing) sent() sent {
	return sent{g.ActivityID, g.content.Object, g.MemberID, g.content.WhoID, g.unique, g.Attempts + 1, g.Strict}
}

// judge says what becomes of a row by the org's answer. It is not known when a double was refused: then an earlier attempt made the
// record after all, and asking tells its id.
func (c *cycle) judge(s sent, r salesforce.SaveResult, now time.Time) (o outcome, known bool) {
	switch {
	case r.Success:
		return c.written(s, r.ID), true
	case s.Unique != "" && slices.ContainsFunc(r.Errors, func(e salesforce.SaveError) bool { return e.HasCode("DUPLICATE_VALUE") }):
		return outcome{}, false
	case slices.ContainsFunc(r.Errors, passing):
		return c.later(s, words(r.Errors), now), true
	case !s.Strict && slices.ContainsFunc(r.Errors, func(e salesforce.SaveError) bool { return aboutText(e.Code, e.Message) }):
		c.result.Delayed++
		return outcome{ActivityID: s.ActivityID, State: "waiting", Reason: words(r.Errors) + "; it is sent again with a plainer and shorter text", Strict: true}, true
	}
	c.result.Refused++
	return outcome{ActivityID: s.ActivityID, State: "refused", Reason: words(r.Errors)}, true
}

// written is the outcome of a row whose record is in the org.
func (c *cycle) written(s sent, id string) outcome {
	c.result.Written++
	o := outcome{ActivityID: s.ActivityID, State: "written", SalesforceID: id}
	if s.Object == objectTask && s.WhoID == "" && s.MemberID != "" {
		o.State, o.Reason = "unassigned", "the person is linked to no record of the CRM"
		c.result.Unassigned++
	}
	return o
}

// later is the outcome of a row that is sent again after a while, or given up after many attempts.
func (c *cycle) later(s sent, why string, now time.Time) outcome {
	if s.Attempts >= c.MaxAttempts {
		c.result.Failed++
		return outcome{ActivityID: s.ActivityID, State: "failed", Reason: why}
	}
	c.result.Delayed++
	return outcome{ActivityID: s.ActivityID, State: "waiting", Reason: why, Next: now.Add(backoff(s.Attempts))}
}

// aboutText reports whether a plainer or shorter text may be taken.
func aboutText(code, message string) bool {
	if strings.EqualFold(strings.ReplaceAll(code, "_", ""), "STRINGTOOLONG") {
		return true
	}
	message = strings.ToLower(message)
	return slices.ContainsFunc([]string{"data value too large", "utf-8", "utf8", "invalid character", "illegal character", "unsupported character", "4-byte", "surrogate"},
		func(part string) bool { return strings.Contains(message, part) })
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
