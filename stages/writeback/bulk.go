package writeback

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// sendBulk takes a backlog of one object through the protocol's first half: the rows name the job before its data is uploaded, and the
// org makes nothing before the job is closed. What became of the rows is collected later.
func (c *cycle) sendBulk(ctx context.Context, object string, batch []outgoing) error {
	if c.unserved[object] {
		return c.sendAll(ctx, batch)
	}
	sentAt, err := c.Client.ServerTime(ctx)
	if err != nil {
		return err
	}
	columns, records := columnsOf(batch, c)
	data, err := salesforce.IngestCSV(columns, records)
	if err != nil {
		return err
	}
	job, err := c.Client.CreateIngestJob(ctx, object)
	if errors.Is(err, salesforce.ErrNotBulk) || errors.Is(err, salesforce.ErrPermission) {
		c.Log.Warn("the Bulk API does not take these records; they go with calls", "stage", "writeback", "object", object, "error", err)
		c.unserved[object] = true
		return c.sendAll(ctx, batch)
	}
	if err != nil {
		return err
	}
	c.at(pointOpened)
	if err := c.box.mark(ctx, batch, job.ID, sentAt); err != nil {
		return err
	}
	c.at(pointMarked)
	if err := c.Client.UploadIngest(ctx, job, data); err != nil {
		return c.notUploaded(ctx, batch, job.ID, sentAt, err)
	}
	c.at(pointUploaded)
	if err := c.Client.CloseIngestJob(ctx, job.ID); err != nil {
		c.Log.Warn("the Bulk job may not be closed; asking the org", "stage", "writeback", "object", object, "rows", len(batch), "error", err)
	}
	c.at(pointClosed)
	c.jobs = append(c.jobs, job.ID)
	c.result.BulkJobs++
	for _, g := range batch {
		c.result.Cut += min(1, len(g.content.Cut))
	}
	return nil
}

// sendAll sends rows with calls.
func (c *cycle) sendAll(ctx context.Context, batch []outgoing) error {
	for part := range slices.Chunk(batch, salesforce.MaxCollection) {
		if err := c.send(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// columnsOf returns the fields that any record has, and the records.
func columnsOf(batch []outgoing, c *cycle) ([]string, []salesforce.Record) {
	var columns []string
	records := make([]salesforce.Record, len(batch))
	for i, g := range batch {
		records[i] = c.record(g)
		for name := range records[i].Fields {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	slices.Sort(columns)
	return columns, records
}

// notUploaded puts rows back whose job was never closed: it makes nothing, whether it has their data or not.
func (c *cycle) notUploaded(ctx context.Context, batch []outgoing, job string, now time.Time, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := c.Client.AbortIngestJob(ctx, job); err != nil {
		c.Log.Warn("a Bulk job stays open; it does nothing", "stage", "writeback", "error", err)
	}
	outcomes := make([]outcome, len(batch))
	for i, g := range batch {
		outcomes[i] = outcome{ActivityID: g.ActivityID, State: "waiting", Reason: cause.Error(), Uncounted: true, Next: now.Add(time.Minute)}
	}
	c.result.Delayed += len(batch)
	return errors.Join(cause, c.box.record(ctx, outcomes, now))
}

// collect records what Bulk jobs did, those that come to an end in time.
func (c *cycle) collect(ctx context.Context, jobs []string, patience time.Duration) error {
	for _, id := range jobs {
		flying, err := c.box.inJob(ctx, id)
		if err != nil {
			return err
		}
		if len(flying) == 0 {
			continue
		}
		job, err := c.Client.WaitIngestJob(ctx, id, patience)
		if err == nil && job.State == salesforce.JobOpen {
			// Whoever opened it has gone. Once it is aborted, it can't be closed any more, not even by a call that is on its way.
			if err = c.Client.AbortIngestJob(ctx, id); err == nil {
				job, err = c.Client.IngestJob(ctx, id)
			}
		}
		gone := errors.Is(err, salesforce.ErrNotFound)
		if err != nil && !gone {
			return err
		}
		if !gone && !job.Ended() {
			if err := c.box.explainJob(ctx, id, fmt.Sprintf("Salesforce is working on it in Bulk job %s, which is %s", id, job.State)); err != nil {
				return err
			}
			c.result.Uncertain += len(flying)
			continue
		}
		if err := c.collectJob(ctx, job, flying); err != nil {
			return err
		}
	}
	c.at(pointEnded)
	return nil
}

// collectJob records what an ended job did. A job that is gone, or whose lists leave rows out, does not tell about these: the org's
// records are asked then.
func (c *cycle) collectJob(ctx context.Context, job salesforce.IngestJob, flying []inFlight) error {
	facts, err := c.org(ctx)
	if err != nil {
		return err
	}
	now, err := c.Client.ServerTime(ctx)
	if err != nil {
		return err
	}
	left := newTray(flying)
	var outcomes []outcome
	read := func(part salesforce.IngestPart, each func(inFlight, salesforce.IngestRow) (outcome, bool)) error {
		if len(left.rows) == 0 || !job.Ended() {
			return nil
		}
		rows, err := c.Client.IngestRows(ctx, job, part)
		var e *salesforce.APIError
		if errors.As(err, &e) && e.Status/100 == 4 {
			return nil // an org that does not give the list of an aborted job
		}
		for _, r := range rows {
			if f, ok := left.take(job.Object, r.Fields, facts); ok {
				if o, known := each(f, r); known {
					outcomes = append(outcomes, o)
				} else {
					left.back(f)
				}
			}
		}
		return err
	}
	if err := read(salesforce.IngestSucceeded, func(f inFlight, r salesforce.IngestRow) (outcome, bool) {
		return c.judge(f.sent(), salesforce.SaveResult{ID: r.ID, Success: true}, now)
	}); err != nil {
		return err
	}
	if err := read(salesforce.IngestRefused, func(f inFlight, r salesforce.IngestRow) (outcome, bool) {
		return c.judge(f.sent(), salesforce.SaveResult{Errors: []salesforce.SaveError{r.Error}}, now)
	}); err != nil {
		return err
	}
	if job.State == salesforce.JobFailed { // an aborted one may still be at work on a part
		if err := read(salesforce.IngestUnprocessed, func(f inFlight, _ salesforce.IngestRow) (outcome, bool) {
			why := "Bulk job " + job.ID + " failed before it came to the record: " + job.Message
			return c.later(f.sent(), why, now), true
		}); err != nil {
			return err
		}
	}
	for _, f := range left.rows {
		outcomes = append(outcomes, outcome{ActivityID: f.ActivityID, State: "sending", Reason: "its Bulk job ended without telling; the org is asked"})
	}
	c.at(pointCollected)
	if err := c.box.record(ctx, outcomes, now); err != nil {
		return err
	}
	c.at(pointRecorded)
	return nil
}

// tray holds rows of a job by what tells them apart: the value of a unique field, else the content. Rows of the same content are the
// same record to the org; any of them takes any of their results.
type tray struct {
	rows  map[string]inFlight // by activity
	byKey map[string][]string
}

func newTray(flying []inFlight) *tray {
	t := &tray{map[string]inFlight{}, map[string][]string{}}
	for _, f := range flying {
		t.back(f)
	}
	return t
}

func (f inFlight) key() string {
	if f.Unique != "" {
		return "unique " + f.Unique
	}
	return f.Fingerprint
}

func (t *tray) back(f inFlight) {
	t.rows[f.ActivityID] = f
	t.byKey[f.key()] = append(t.byKey[f.key()], f.ActivityID)
}

// take removes a row with this content.
func (t *tray) take(object string, fields map[string]string, facts *orgFacts) (inFlight, bool) {
	key := contentOf(object, func(name string) string { return fields[name] }).fingerprint()
	if unique := fields[facts.uniqueField]; unique != "" {
		key = "unique " + unique
	}
	ids := t.byKey[key]
	if len(ids) == 0 {
		return inFlight{}, false
	}
	f := t.rows[ids[0]]
	t.byKey[key] = ids[1:]
	delete(t.rows, f.ActivityID)
	return f, true
}

// pendingJobs are the Bulk jobs that rows are being sent in, as far as is known, oldest first.
func (o *outbox) pendingJobs(ctx context.Context) ([]string, error) {
	rows, err := o.conn.Query(ctx, `SELECT job_id FROM crmsync.writebacks WHERE contract = $1 AND state = 'sending' AND job_id IS NOT NULL AND job_ended_at IS NULL
		GROUP BY job_id ORDER BY min(sent_at), job_id`, o.contract)
	if err == nil {
		var ids []string
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err == nil {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("read which Bulk jobs are at work: %w", err)
}

// explainJob notes on a job's rows what is known of it.
func (o *outbox) explainJob(ctx context.Context, job, reason string) error {
	if _, err := o.conn.Exec(ctx, `UPDATE crmsync.writebacks SET reason = $3 WHERE contract = $1 AND job_id = $2 AND state = 'sending' AND reason IS DISTINCT FROM $3`,
		o.contract, job, reason); err != nil {
		return fmt.Errorf("note how far Bulk job %s is: %w", job, err)
	}
	return nil
}
