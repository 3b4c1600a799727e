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
const pageSize = 500

// candidates returns the next waiting rows that are due, after the given one, oldest first.
func (o *outbox) candidates(ctx context.Context, now time.Time, after candidate) ([]candidate, error) {
	rows, err := o.conn.Query(ctx, `
		SELECT w.activity_id, w.kind, w.seat_id, coalesce(w.member_id, ''), coalesce(w.company_id, ''), w.occurred_at,
		       coalesce(w.subject, ''), coalesce(w.body, ''), w.attempts, coalesce(w.reason, ''), w.strict, coalesce(w.link, ''),
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
		err = row.Scan(&c.ActivityID, &c.Kind, &c.SeatID, &c.MemberID, &c.CompanyID, &c.OccurredAt, &c.Subject, &c.Body, &c.Attempts, &c.Reason, &c.Strict, &c.Link,
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
	ids, texts := columns(reasons)
	_, err := o.conn.Exec(ctx, `UPDATE crmsync.writebacks w SET state = $2, reason = p.reason, run_id = $5, as_of = $6
		FROM unnest($3::text[], $4::text[]) AS p (id, reason)
		WHERE w.contract = $1 AND w.activity_id = p.id AND w.state = 'waiting'`, o.contract, state, ids, texts, o.run, o.asOf)
	if err != nil {
		return fmt.Errorf("note why activities are %s: %w", state, err)
	}
	return nil
}

// columns are reasons by activity as two arrays for unnest.
func columns(reasons map[string]string) (ids, texts []string) {
	for id, text := range reasons {
		ids, texts = append(ids, id), append(texts, text)
	}
	return ids, texts
}

// marked is a row as it becomes sending.
type marked struct {
	ActivityID      string   `json:"activity_id"`
	Object          string   `json:"object"`
	OwnerID         string   `json:"owner_id"`
	WhoID           string   `json:"who_id"`
	WhatID          string   `json:"what_id"`
	ParentID        string   `json:"parent_id"`
	RecordTypeID    string   `json:"record_type_id"`
	Cut             []string `json:"cut"`
	Fingerprint     string   `json:"fingerprint"`
	TextFingerprint string   `json:"text_fingerprint"`
	ExternalID      string   `json:"external_id"`
	JobID           string   `json:"job_id"`
}

// mark is the first step of the protocol: the rows are sending from here on, in the Bulk job if one is named.
func (o *outbox) mark(ctx context.Context, batch []outgoing, job string, sentAt time.Time) error {
	rows := make([]marked, len(batch))
	for i, g := range batch {
		r := g.content
		rows[i] = marked{
			g.ActivityID, r.Object, r.OwnerID, r.WhoID, r.WhatID, r.ParentID, r.RecordTypeID, append([]string{}, r.Cut...),
			r.fingerprint(), r.textprint(), g.unique, job,
		}
	}
	return o.update(ctx, "mark", pointMarking, len(rows), rows, `
		UPDATE crmsync.writebacks w SET state = 'sending', reason = NULL, attempts = w.attempts + 1, next_attempt_at = NULL, object = p.object,
			owner_id = p.owner_id, who_id = nullif(p.who_id, ''), what_id = nullif(p.what_id, ''), parent_id = nullif(p.parent_id, ''),
			record_type_id = nullif(p.record_type_id, ''), cut = p.cut, fingerprint = p.fingerprint, text_fingerprint = p.text_fingerprint,
			external_id = nullif(p.external_id, ''), job_id = nullif(p.job_id, ''), job_ended_at = NULL, sent_at = $5, run_id = $3, as_of = $4
		FROM jsonb_to_recordset($2) AS p (activity_id text, object text, owner_id text, who_id text, what_id text, parent_id text,
			record_type_id text, cut text[], fingerprint text, text_fingerprint text, external_id text, job_id text)
		WHERE w.contract = $1 AND w.activity_id = p.activity_id AND w.state = 'waiting'`, sentAt)
}

// outcome is what became of a row that was sending.
type outcome struct {
	ActivityID   string `json:"activity_id"`
	State        string `json:"state"`
	Reason       string `json:"reason"`
	SalesforceID string `json:"salesforce_id"`
	// Next is when to try again; zero for none. Uncounted takes the attempt back: the org had no part in it.
	Next      time.Time `json:"next,omitzero"`
	Uncounted bool      `json:"uncounted"`
	// Strict has the text counted in bytes and written plainly from now on.
	Strict bool `json:"strict"`
}

// record is the third step: rows take their outcomes. One that stays sending is out of its Bulk job, which has ended.
func (o *outbox) record(ctx context.Context, outcomes []outcome, now time.Time) error {
	for i := range outcomes {
		outcomes[i].Reason = storable(outcomes[i].Reason)
	}
	return o.update(ctx, "record", pointRecording, len(outcomes), outcomes, `
		UPDATE crmsync.writebacks w SET state = p.state, reason = nullif(p.reason, ''), salesforce_id = nullif(p.salesforce_id, ''),
			written_at = CASE WHEN p.salesforce_id <> '' THEN $5::timestamptz END, next_attempt_at = p.next,
			job_ended_at = CASE WHEN p.state = 'sending' THEN $5::timestamptz END, strict = w.strict OR p.strict,
			attempts = w.attempts - CASE WHEN p.uncounted THEN 1 ELSE 0 END, run_id = $3, as_of = $4
		FROM jsonb_to_recordset($2) AS p (activity_id text, state text, reason text, salesforce_id text, next timestamptz, uncounted boolean, strict boolean)
		WHERE w.contract = $1 AND w.activity_id = p.activity_id AND w.state = 'sending'`, now)
}

// update changes n rows in one transaction; that it finds each of them is part of the protocol.
func (o *outbox) update(ctx context.Context, what string, before point, n int, rows any, sql string, at time.Time) error {
	if n == 0 {
		return nil
	}
	err := pgx.BeginFunc(ctx, o.conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, o.contract, rows, o.run, o.asOf, at)
		if err == nil && tag.RowsAffected() != int64(n) {
			err = fmt.Errorf("%d rows instead of %d are in the state that they should be in", tag.RowsAffected(), n)
		}
		if err == nil {
			o.at(before)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s %d activities in the outbox: %w", what, n, err)
	}
	return nil
}
