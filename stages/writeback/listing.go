package writeback

import (
	"context"
	"fmt"
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

// Retry has rows tried again that were refused or have failed, because a person says so; no ids means all such rows. Rows whose
// outcome is unclear are named one by one: whoever does so has looked and knows that the org does not have them. It returns how many
// rows wait now.
func Retry(ctx context.Context, db *postgres.DB, contract string, activityIDs ...string) (int64, error) {
	tag, err := db.Exec(ctx, `UPDATE crmsync.writebacks SET state = 'waiting', reason = NULL, attempts = 0, next_attempt_at = NULL
		WHERE contract = $1 AND (state IN ('refused', 'failed') AND (cardinality($2::text[]) = 0 OR activity_id = ANY ($2))
		   OR state = 'sending' AND starts_with(reason, $3) AND activity_id = ANY ($2))`,
		contract, append([]string{}, activityIDs...), reasonUnclear)
	if err != nil {
		return 0, fmt.Errorf("retry activities of %s: %w", contract, err)
	}
	return tag.RowsAffected(), nil
}
