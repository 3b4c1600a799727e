package writeback

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// intakeColumns are what an activity is made of here; those of unmarked activities are left empty but for the id.
var intakeColumns = []string{"activity_id", "marked", "kind", "seat_id", "member_id", "company_id", "occurred_at", "subject", "body"}

// importActivities takes marked activities into the outbox, each once, whatever the number of files and times that bring it. As long as
// a row waits, it follows the export: a changed text is taken over, and a mark taken away withdraws it.
func (c *cycle) importActivities(ctx context.Context) error {
	if c.Activities == nil {
		return nil
	}
	return pgx.BeginFunc(ctx, c.box.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE intake (activity_id text, marked boolean, kind text, seat_id text, member_id text, company_id text,
			occurred_at timestamptz, subject text, body text, link text) ON COMMIT DROP`); err != nil {
			return err
		}
		if err := columnar.Each(ctx, noClose{c.Activities}, func(rec arrow.Record) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"intake"}, intakeColumns, intake(rec))
			return err
		}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `ANALYZE intake`); err != nil {
			return err
		}
		if err := c.addLinks(ctx, tx); err != nil {
			return err
		}
		added, err := tx.Exec(ctx, `
			INSERT INTO crmsync.writebacks (contract, activity_id, kind, seat_id, member_id, company_id, occurred_at, subject, body, link, sandbox, run_id, as_of)
			SELECT $1, i.activity_id, i.kind, i.seat_id, i.member_id, i.company_id, i.occurred_at, i.subject, i.body, i.link,
			       coalesce((SELECT sandbox FROM crmsync.contracts WHERE id = $1), false), $2, $3
			FROM intake i WHERE i.marked
			ON CONFLICT (contract, activity_id) DO NOTHING`, c.Contract, c.RunID, c.AsOf)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE crmsync.writebacks w SET state = 'waiting', kind = i.kind, seat_id = i.seat_id, member_id = i.member_id, company_id = i.company_id,
			       occurred_at = i.occurred_at, subject = i.subject, body = i.body, link = i.link, reason = NULL, run_id = $2, as_of = $3
			FROM intake i
			WHERE w.contract = $1 AND w.activity_id = i.activity_id AND i.marked AND (w.state = 'refused' AND w.reason = $4
			   OR w.state = 'waiting' AND (w.kind, w.seat_id, w.member_id, w.company_id, w.occurred_at, w.subject, w.body)
			      IS DISTINCT FROM (i.kind, i.seat_id, i.member_id, i.company_id, i.occurred_at, i.subject, i.body))`,
			c.Contract, c.RunID, c.AsOf, reasonUnmarked); err != nil {
			return err
		}
		withdrawn, err := tx.Exec(ctx, `
			UPDATE crmsync.writebacks w SET state = 'refused', reason = $4, run_id = $2, as_of = $3
			FROM intake i
			WHERE w.contract = $1 AND w.activity_id = i.activity_id AND NOT i.marked AND w.state = 'waiting'`, c.Contract, c.RunID, c.AsOf, reasonUnmarked)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO crmsync.contracts (id, outbox_source) VALUES ($1, nullif($2, ''))
			ON CONFLICT (id) DO UPDATE SET outbox_source = excluded.outbox_source`, c.Contract, c.Source); err != nil {
			return err
		}
		if added.RowsAffected() >= pageSize { // the planner must know that the outbox is not small any more
			if _, err := tx.Exec(ctx, `ANALYZE crmsync.writebacks`); err != nil {
				return err
			}
		}
		c.result.Imported, c.result.Withdrawn = int(added.RowsAffected()), int(withdrawn.RowsAffected())
		c.at(pointImported)
		return nil
	})
}

// addLinks notes where texts can be read in whole that may have to be cut, by the strictest count.
func (c *cycle) addLinks(ctx context.Context, tx pgx.Tx) error {
	if c.Links == nil {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT member_id FROM intake WHERE marked AND member_id IS NOT NULL AND (octet_length(subject) > $1 / 6 OR octet_length(body) > $2 / 6)`,
		maxTitle, maxBody)
	if err != nil {
		return err
	}
	members, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(members) == 0 {
		return err
	}
	wanted := make(map[string]bool, len(members))
	for _, id := range members {
		wanted[id] = true
	}
	links, err := c.Links(ctx, wanted)
	if err != nil {
		return err
	}
	var ids, urls []string
	for id, url := range links {
		ids, urls = append(ids, id), append(urls, storable(url))
	}
	_, err = tx.Exec(ctx, `UPDATE intake i SET link = l.url FROM unnest($1::text[], $2::text[]) AS l (id, url) WHERE i.member_id = l.id`, ids, urls)
	return err
}

const reasonUnmarked = "the seller took the mark away before it was written"

// Unchanged reports whether activities of this source are in the outbox already, so that they need not be read again.
func (j *Job) Unchanged(ctx context.Context, source string) (bool, error) {
	var same bool
	err := j.DB.QueryRow(ctx, `SELECT coalesce(outbox_source = $2, false) FROM crmsync.contracts WHERE id = $1`, j.Contract, source).Scan(&same)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at what is in the outbox of %s: %w", j.Contract, err)
	}
	return same, nil
}

// noClose leaves closing to the job.
type noClose struct{ columnar.RecordReader }

func (noClose) Close() error { return nil }

// intake is a record's rows for COPY.
func intake(rec arrow.Record) pgx.CopyFromSource {
	marked, at := columnar.Bools(rec, "log_to_crm"), columnar.Times(rec, "occurred_at")
	var texts []columnar.StringColumn
	for _, name := range []string{"activity_id", "type", "seat_id", "member_id", "company_id", "subject", "body"} {
		texts = append(texts, columnar.Strings(rec, name))
	}
	return pgx.CopyFromSlice(int(rec.NumRows()), func(i int) ([]any, error) {
		text := func(col int) any {
			if texts[col].IsNull(i) {
				return nil
			}
			return storable(texts[col].Value(i))
		}
		if !marked.Value(i) {
			return []any{text(0), false, nil, nil, nil, nil, nil, nil, nil}, nil
		}
		return []any{text(0), true, text(1), text(2), text(3), text(4), at.Value(i), text(5), text(6)}, nil
	})
}
