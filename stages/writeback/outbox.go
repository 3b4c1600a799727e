package writeback

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// outbox is the table writebacks, for one contract, while this process alone works on it.
type outbox struct {
	conn     *pgxpool.Conn
	contract string
	run      string
	asOf     time.Time
	at       func(point)
}

// openOutbox takes the contract's lock, which falls with the connection, however the process ends.
func openOutbox(ctx context.Context, j *Job) (*outbox, error) {
	conn, err := j.DB.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	var mine bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, lockKey(j.Contract)).Scan(&mine)
	if err == nil && !mine {
		err = ErrBusy
	}
	if err != nil {
		conn.Release()
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	return &outbox{conn: conn, contract: j.Contract, run: j.RunID, asOf: j.AsOf, at: j.at}, nil
}

// close gives the lock back. A connection that can't do so any more is closed, which has the same effect.
func (o *outbox) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := o.conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, lockKey(o.contract)); err != nil {
		_ = o.conn.Conn().Close(ctx)
	}
	o.conn.Release()
}

func lockKey(contract string) int64 {
	h := fnv.New64a()
	h.Write([]byte("crmsync writeback " + contract))
	return int64(h.Sum64())
}

// pageSize is how many candidates are held in memory at once.
const pageSize = 1000

// candidates returns the next waiting rows that are due, after the given one, oldest first.
func (o *outbox) candidates(ctx context.Context, now time.Time, after candidate) ([]candidate, error) {
	rows, err := o.conn.Query(ctx, `
		SELECT w.activity_id, w.kind, w.seat_id, coalesce(w.member_id, ''), coalesce(w.company_id, ''), w.occurred_at,
		       coalesce(w.subject, ''), coalesce(w.body, ''), w.attempts, coalesce(w.reason, ''),
		       su.seat_id IS NOT NULL, coalesce(su.licensed, false), coalesce(s.licence_type, ''), coalesce(su.note, ''),
		       coalesce(su.user_id, ''), coalesce(u.email, ''), coalesce(u.user_role_id, ''), coalesce(r.name, ''),
		       coalesce(p.object, ''), coalesce(p.record_id, ''), coalesce(a.record_id, '')
		FROM crmsync.writebacks w
		LEFT JOIN crmsync.seat_users su ON su.contract = w.contract AND su.seat_id = w.seat_id
		LEFT JOIN crmsync.seats s ON s.contract = w.contract AND s.seat_id = w.seat_id
		LEFT JOIN crmsync.users u ON u.contract = w.contract AND u.id = su.user_id
		LEFT JOIN crmsync.user_roles r ON r.contract = w.contract AND r.id = u.user_role_id
		LEFT JOIN crmsync.links p ON p.contract = w.contract AND p.target_kind = 'person' AND p.target_id = w.member_id AND p.decision = 'link'
		LEFT JOIN crmsync.links a ON a.contract = w.contract AND a.target_kind = 'company' AND a.target_id = w.company_id AND a.decision = 'link'
		WHERE w.contract = $1 AND w.state = 'waiting' AND (w.next_attempt_at IS NULL OR w.next_attempt_at <= $2)
		  AND (w.occurred_at, w.activity_id) > ($3, $4)
		ORDER BY w.occurred_at, w.activity_id LIMIT $5`, o.contract, now, after.OccurredAt, after.ActivityID, pageSize)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c candidate, err error) {
		err = row.Scan(&c.ActivityID, &c.Kind, &c.SeatID, &c.MemberID, &c.CompanyID, &c.OccurredAt, &c.Subject, &c.Body, &c.Attempts, &c.Reason,
			&c.SeatKnown, &c.Licensed, &c.LicenceType, &c.SeatNote, &c.UserID, &c.UserEmail, &c.RoleID, &c.RoleName,
			&c.PersonObject, &c.PersonID, &c.AccountID)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return list, nil
}

// hold notes why rows wait or are refused, before anything was sent.
func (o *outbox) hold(ctx context.Context, state string, reasons map[string]string) error {
	if len(reasons) == 0 {
		return nil
	}
	var ids, texts []string
	for id, text := range reasons {
		ids, texts = append(ids, id), append(texts, text)
	}
	_, err := o.conn.Exec(ctx, `UPDATE crmsync.writebacks w SET state = $2, reason = p.reason, run_id = $5, as_of = $6
		FROM unnest($3::text[], $4::text[]) AS p (id, reason)
		WHERE w.contract = $1 AND w.activity_id = p.id AND w.state = 'waiting'`, o.contract, state, ids, texts, o.run, o.asOf)
	if err != nil {
		return fmt.Errorf("note why activities are %s: %w", state, err)
	}
	return nil
}

// mark is the first step of the protocol: the rows are sending from here on.
func (o *outbox) mark(ctx context.Context, batch []outgoing, sentAt time.Time) error {
	return o.each(ctx, "mark", pointMarking, len(batch), func(b *pgx.Batch) {
		for _, g := range batch {
			r := g.content
			b.Queue(`UPDATE crmsync.writebacks SET state = 'sending', reason = NULL, attempts = attempts + 1, next_attempt_at = NULL,
				object = $3, owner_id = $4, who_id = nullif($5, ''), what_id = nullif($6, ''), parent_id = nullif($7, ''), record_type_id = nullif($8, ''),
				cut = $9, fingerprint = $10, text_fingerprint = $11, external_id = nullif($12, ''), sent_at = $13, run_id = $14, as_of = $15
				WHERE contract = $1 AND activity_id = $2 AND state = 'waiting'`,
				o.contract, g.ActivityID, r.Object, r.OwnerID, r.WhoID, r.WhatID, r.ParentID, r.RecordTypeID,
				append([]string{}, r.Cut...), r.fingerprint(), r.textprint(), g.unique, sentAt, o.run, o.asOf)
		}
	})
}

// outcome is what became of a row that was sending.
type outcome struct {
	ActivityID   string
	State        string
	Reason       string
	SalesforceID string
	// Next is when to try again; zero for none. Uncounted takes the attempt back: the org had no part in it.
	Next      time.Time
	Uncounted bool
}

// record is the third step: rows take their outcomes.
func (o *outbox) record(ctx context.Context, outcomes []outcome, now time.Time) error {
	return o.each(ctx, "record", pointRecording, len(outcomes), func(b *pgx.Batch) {
		for _, r := range outcomes {
			var next, written *time.Time
			if !r.Next.IsZero() {
				next = &r.Next
			}
			if r.SalesforceID != "" {
				written = &now
			}
			b.Queue(`UPDATE crmsync.writebacks SET state = $3, reason = nullif($4, ''), salesforce_id = nullif($5, ''), written_at = $6,
				next_attempt_at = $7, attempts = attempts - CASE WHEN $8 THEN 1 ELSE 0 END, run_id = $9, as_of = $10
				WHERE contract = $1 AND activity_id = $2 AND state = 'sending'`,
				o.contract, r.ActivityID, r.State, r.Reason, r.SalesforceID, written, next, r.Uncounted, o.run, o.asOf)
		}
	})
}

// each runs updates of one row each in one transaction; that each finds its row is part of the protocol.
func (o *outbox) each(ctx context.Context, what string, before point, n int, queue func(*pgx.Batch)) error {
	if n == 0 {
		return nil
	}
	err := pgx.BeginFunc(ctx, o.conn, func(tx pgx.Tx) error {
		var b pgx.Batch
		queue(&b)
		results := tx.SendBatch(ctx, &b)
		for range n {
			tag, err := results.Exec()
			if err == nil && tag.RowsAffected() != 1 {
				err = fmt.Errorf("%d rows instead of one", tag.RowsAffected())
			}
			if err != nil {
				_ = results.Close() // the transaction is rolled back for the first error
				return err
			}
		}
		if err := results.Close(); err != nil {
			return err
		}
		o.at(before)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s %d activities in the outbox: %w", what, n, err)
	}
	return nil
}
