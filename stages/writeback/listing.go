package writeback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Entry is a row of the outbox for people: what was or will be written, for whom, and what became of it (R33).
type Entry struct {
	ActivityID   string
	Kind         string
	State        string
	Reason       string
	SeatID       string
	OwnerID      string
	MemberID     string
	CompanyID    string
	WhoID        string
	WhatID       string
	ParentID     string
	SalesforceID string
	OccurredAt   time.Time
	WrittenAt    *time.Time
	Attempts     int
	Cut          []string
}

// List returns the rows of the outbox in the given states (none: all), newest activity first; a limit of zero means all.
func List(ctx context.Context, db *postgres.DB, contract string, limit int, states ...string) ([]Entry, error) {
	rows, err := db.Query(ctx, `
		SELECT activity_id, kind, state, coalesce(reason, ''), seat_id, coalesce(owner_id, ''), coalesce(member_id, ''), coalesce(company_id, ''),
		       coalesce(who_id, ''), coalesce(what_id, ''), coalesce(parent_id, ''), coalesce(salesforce_id, ''), occurred_at, written_at, attempts, cut
		FROM crmsync.writebacks
		WHERE contract = $1 AND (cardinality($2::text[]) = 0 OR state = ANY ($2))
		ORDER BY occurred_at DESC, activity_id LIMIT nullif($3, 0)`, contract, append([]string{}, states...), limit)
	if err == nil {
		var list []Entry
		if list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Entry]); err == nil {
			return list, nil
		}
	}
	return nil, fmt.Errorf("list the outbox of %s: %w", contract, err)
}

// Queue counts the rows of the outbox by state.
func Queue(ctx context.Context, db *postgres.DB, contract string) (map[string]int64, error) {
	rows, err := db.Query(ctx, `SELECT state, count(*) FROM crmsync.writebacks WHERE contract = $1 GROUP BY state`, contract)
	counts := map[string]int64{}
	if err == nil {
		var state string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[state] = n; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("count the outbox of %s: %w", contract, err)
	}
	return counts, nil
}

// Retry names what is tried again, and who says so.
type Retry struct {
	// By is who says so; it is audited.
	By string
	// Activities are tried again if they were refused or have failed. Rows whose outcome is unclear are named one by one, too: whoever does
	// so has looked and knows that the org does not have them.
	Activities []string
	// AllRefused means every row that was refused or has failed.
	AllRefused bool
}

// ErrRetry says that a retry names nothing, or nobody.
var ErrRetry = errors.New("name the activities to try again, or all refused ones, and who says so")

// Run lets the rows wait for the next cycle and returns how many there are. What was written is never among them.
func (r Retry) Run(ctx context.Context, db *postgres.DB, contract string) (int64, error) {
	if strings.TrimSpace(r.By) == "" || len(r.Activities) == 0 && !r.AllRefused {
		return 0, ErrRetry
	}
	var n int64
	err := db.QueryRow(ctx, `WITH chosen AS (
			SELECT contract, activity_id, state, reason FROM crmsync.writebacks
			WHERE contract = $1 AND (state IN ('refused', 'failed') AND ($4 OR activity_id = ANY ($2))
			   OR state = 'sending' AND starts_with(reason, $3) AND activity_id = ANY ($2))
			FOR UPDATE),
		audited AS (
			INSERT INTO crmsync.writeback_audit (contract, activity_id, retried_by, from_state, from_reason)
			SELECT contract, activity_id, $5, state, reason FROM chosen),
		changed AS (
			UPDATE crmsync.writebacks w SET state = 'waiting', reason = NULL, attempts = 0, next_attempt_at = NULL
			FROM chosen c WHERE w.contract = c.contract AND w.activity_id = c.activity_id RETURNING 1)
		SELECT count(*) FROM changed`, contract, append([]string{}, r.Activities...), reasonUnclear, r.AllRefused, r.By).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("retry activities of %s: %w", contract, err)
	}
	return n, nil
}

// Retried is an activity that a person had tried again.
type Retried struct {
	ActivityID, By, FromState, FromReason string
	At                                    time.Time
}

// Retries returns the latest retries, newest first; a limit of zero means all.
func Retries(ctx context.Context, db *postgres.DB, contract string, limit int) ([]Retried, error) {
	rows, err := db.Query(ctx, `SELECT activity_id, retried_by, from_state, coalesce(from_reason, ''), retried_at FROM crmsync.writeback_audit
		WHERE contract = $1 ORDER BY id DESC LIMIT nullif($2, 0)`, contract, limit)
	if err == nil {
		var list []Retried
		if list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Retried]); err == nil {
			return list, nil
		}
	}
	return nil, fmt.Errorf("list retries of %s: %w", contract, err)
}
