package writeback

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// clockSkew is how far the clock of an answer's Date header and that of CreatedDate may lie apart.
const clockSkew = 5 * time.Minute

// reasonUnclear begins the reason of rows that only a person can decide on.
const reasonUnclear = "the answer was lost, and the org has records that may be this one"

// inFlight is a row found sending: its record may be in the org or not.
type inFlight struct {
	ActivityID, Kind, Object string
	MemberID, WhoID          string
	ParentID, RecordTypeID   string
	OwnerID                  string
	Fingerprint, TextPrint   string
	Unique                   string
	SentAt                   time.Time
	// EndedAt is when its Bulk job was found ended without telling; zero when it was not in one.
	EndedAt       time.Time
	Attempts      int
	Strict        bool
	OccurredAt    time.Time
	Subject, Body string
}

func (f inFlight) sent() sent {
	return sent{f.ActivityID, f.Object, f.MemberID, f.WhoID, f.Unique, f.Attempts, f.Strict}
}

// last is when the row may have begun to be at work in the org at the latest.
func (f inFlight) last() time.Time {
	if f.EndedAt.After(f.SentAt) {
		return f.EndedAt
	}
	return f.SentAt
}

// recover asks about rows that an earlier cycle left sending: Bulk jobs first, then the org's records.
func (c *cycle) recover(ctx context.Context) error {
	jobs, err := c.box.pendingJobs(ctx)
	if err != nil {
		return err
	}
	if len(jobs) > 0 {
		if err := c.collect(ctx, jobs, 0); err != nil {
			return err
		}
	}
	if err := c.ask(ctx); err != nil {
		return err
	}
	c.at(pointRecovered)
	return nil
}

// ask finds out about every row that is sending and in no Bulk job that is at work, and records what is known for certain.
func (c *cycle) ask(ctx context.Context) error {
	flying, err := c.box.inFlight(ctx)
	if err != nil || len(flying) == 0 {
		return err
	}
	now, err := c.Client.ServerTime(ctx)
	if err != nil {
		return err
	}
	facts, err := c.org(ctx)
	if err != nil {
		return err
	}
	records, err := c.look(ctx, flying, facts)
	if err != nil {
		return err
	}
	if records, err = c.box.unknown(ctx, records); err != nil {
		return err
	}
	made, unclear := match(flying, records)
	resemble(flying, records, made, unclear, c.Settle)
	c.at(pointAsked)

	var outcomes []outcome
	lost := map[string]string{}
	for _, f := range flying {
		settled := f.Unique != "" && facts.uniqueField != "" || !now.Before(f.last().Add(c.Settle))
		switch id := made[f.ActivityID]; {
		case id != "":
			outcomes = append(outcomes, c.written(f.sent(), id))
			c.result.Found++
		case unclear[f.ActivityID] != nil:
			lost[f.ActivityID] = fmt.Sprintf("%s (%s); look, then have it retried if it is none of them", reasonUnclear, strings.Join(unclear[f.ActivityID], ", "))
			c.result.Uncertain++
		case !settled:
			lost[f.ActivityID] = "the answer was lost; the org is asked again"
			c.result.Uncertain++
		case f.Attempts >= c.MaxAttempts:
			outcomes = append(outcomes, outcome{ActivityID: f.ActivityID, State: "failed", Reason: fmt.Sprintf("sent %d times, and the org never had it", f.Attempts)})
			c.result.Failed++
		default:
			outcomes = append(outcomes, outcome{ActivityID: f.ActivityID, State: "waiting", Reason: "it was sent, and the org does not have it; it is sent again"})
		}
	}
	if err := c.box.record(ctx, outcomes, now); err != nil {
		return err
	}
	return c.box.explain(ctx, lost)
}

// inFlight returns the rows that are sending and in no Bulk job at work, in a fixed order.
func (o *outbox) inFlight(ctx context.Context) ([]inFlight, error) {
	return o.sending(ctx, `(job_id IS NULL OR job_ended_at IS NOT NULL)`)
}

// inJob returns the rows that are being sent in a Bulk job.
func (o *outbox) inJob(ctx context.Context, job string) ([]inFlight, error) {
	return o.sending(ctx, `job_id = $2 AND job_ended_at IS NULL`, job)
}

func (o *outbox) sending(ctx context.Context, condition string, args ...any) ([]inFlight, error) {
	rows, err := o.conn.Query(ctx, `SELECT activity_id, kind, object, coalesce(member_id, ''), coalesce(who_id, ''), coalesce(parent_id, ''),
			coalesce(record_type_id, ''), coalesce(owner_id, ''), fingerprint, text_fingerprint, coalesce(external_id, ''), sent_at,
			coalesce(job_ended_at, sent_at), attempts, strict, occurred_at, coalesce(subject, ''), coalesce(body, '')
		FROM crmsync.writebacks WHERE contract = $1 AND state = 'sending' AND `+condition+` ORDER BY sent_at, activity_id`, append([]any{o.contract}, args...)...)
	if err == nil {
		var list []inFlight
		if list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inFlight]); err == nil {
			return list, nil
		}
	}
	return nil, fmt.Errorf("read rows that are being sent: %w", err)
}

// unknown leaves out the records that rows of the outbox are known to have become. Copies of those that somebody made can only be
// taken for a row with the same content.
func (o *outbox) unknown(ctx context.Context, records []seen) ([]seen, error) {
	ids, prints := make([]string, len(records)), make([]string, len(records))
	for i, r := range records {
		ids[i], prints[i] = r.ID, r.Fingerprint
	}
	rows, err := o.conn.Query(ctx, `SELECT salesforce_id, fingerprint FROM crmsync.writebacks
		WHERE contract = $1 AND salesforce_id IS NOT NULL AND (salesforce_id = ANY ($2) OR fingerprint = ANY ($3))`, o.contract, ids, prints)
	if err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	written, copied := map[string]bool{}, map[string]bool{}
	var id, print string
	if _, err := pgx.ForEachRow(rows, []any{&id, &print}, func() error {
		written[id], copied[print] = true, true
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	var left []seen
	for _, r := range records {
		if written[r.ID] {
			continue
		}
		if copied[r.Fingerprint] {
			r.TextPrint = ""
		}
		left = append(left, r)
	}
	return left, nil
}

// explain notes on rows that stay sending what is known of them.
func (o *outbox) explain(ctx context.Context, reasons map[string]string) error {
	if len(reasons) == 0 {
		return nil
	}
	ids, texts := columns(reasons)
	if _, err := o.conn.Exec(ctx, `UPDATE crmsync.writebacks w SET reason = p.reason
		FROM unnest($2::text[], $3::text[]) AS p (id, reason)
		WHERE w.contract = $1 AND w.activity_id = p.id AND w.state = 'sending' AND w.reason IS DISTINCT FROM p.reason`, o.contract, ids, texts); err != nil {
		return fmt.Errorf("note what is known of activities that are being sent: %w", err)
	}
	return nil
}
