package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Verdicts of decisions.
const (
	Link   = "link"
	Reject = "reject"
)

// Decision links a record to a profile or company by hand, or says that the two are not the same (R16).
type Decision struct {
	Object   string // Lead, Contact or Account
	RecordID string
	TargetID string // member id, or company id for an Account
	Verdict  string // Link or Reject
	Reason   string
	By       string
	At       time.Time
}

// SeatMapping ties a seat to a CRM user by hand (R24).
type SeatMapping struct {
	SeatID, UserID string
	By             string
	At             time.Time
}

var (
	// ErrDecision says that a decision makes no sense.
	ErrDecision = errors.New("not a decision that can be made")
	// ErrRecord says that an id is of nothing that can be linked.
	ErrRecord = errors.New("not the id of a lead, contact or account")
	// ErrNothing says that there was nothing to take back.
	ErrNothing = errors.New("there is no such decision")
)

// Record reads the id of a lead, contact or account, of 15 or 18 characters, and returns its object and its form of 18. Errors wrap
// ErrRecord.
func Record(id string) (object, recordID string, err error) {
	recordID, err = longID(id)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", err, ErrRecord)
	}
	for object, prefix := range prefixes {
		if recordID[:3] == prefix {
			return object, recordID, nil
		}
	}
	return "", "", fmt.Errorf("%q begins with none of 00Q (lead), 003 (contact), 001 (account): %w", id, ErrRecord)
}

// prefixes of the ids of the objects that can be linked.
var prefixes = map[string]string{"Lead": "00Q", "Contact": "003", "Account": "001"}

func (d *Decision) check() error {
	prefix, ok := prefixes[d.Object]
	if !ok {
		return fmt.Errorf("object %q is none of Lead, Contact, Account: %w", d.Object, ErrDecision)
	}
	if d.Verdict != Link && d.Verdict != Reject {
		return fmt.Errorf("verdict %q is neither %s nor %s: %w", d.Verdict, Link, Reject, ErrDecision)
	}
	if d.TargetID == "" {
		return fmt.Errorf("the member or company id is missing: %w", ErrDecision)
	}
	id, err := longID(d.RecordID)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrDecision)
	}
	if id[:3] != prefix {
		return fmt.Errorf("%s is no id of a %s, which begin with %s: %w", d.RecordID, d.Object, prefix, ErrDecision)
	}
	d.RecordID = id
	return nil
}

// TakenError says that a target is linked by hand to another record: it has at most one (R15).
type TakenError struct {
	TargetID string
	Holder   Decision
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s is linked by hand to %s %s already, by %s on %s; take that link back first",
		e.TargetID, e.Holder.Object, e.Holder.RecordID, e.Holder.By, e.Holder.At.UTC().Format(time.DateOnly))
}

// Decide stores a decision. A link takes the place of an earlier hand-made link of the same record, since it has at most one (R15);
// the audit keeps that. A *TakenError says that the target is linked by hand to another record.
func Decide(ctx context.Context, db *postgres.DB, contract, by string, d Decision) error {
	if err := d.check(); err != nil {
		return err
	}
	err := change(ctx, db, by, func(tx pgx.Tx) error {
		if d.Verdict == Link {
			if err := makeRoom(ctx, tx, contract, d); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO crmsync.decisions (contract, object, record_id, target_id, verdict, reason)
			VALUES ($1, $2, $3, $4, $5, nullif($6, ''))
			ON CONFLICT (contract, object, record_id, target_id) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason`,
			contract, d.Object, d.RecordID, d.TargetID, d.Verdict, d.Reason)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s %s %s: %w", d.Verdict, d.Object, d.RecordID, err)
	}
	return nil
}

// makeRoom drops the record's other hand-made link, unless the target is another record's. Links of a contract are made one at a time,
// so that of two people who link two records to one profile the second is told of the first.
func makeRoom(ctx context.Context, tx pgx.Tx, contract string, d Decision) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('crmsync.decisions ' || $1, 0))`, contract); err != nil {
		return err
	}
	taken := &TakenError{TargetID: d.TargetID}
	h := &taken.Holder
	err := tx.QueryRow(ctx, `SELECT object, record_id, target_id, verdict, coalesce(reason, ''), decided_by, decided_at FROM crmsync.decisions
		WHERE contract = $1 AND verdict = 'link' AND (object = 'Account') = ($2 = 'Account') AND target_id = $4
		  AND NOT (object = $2 AND record_id = $3)`, contract, d.Object, d.RecordID, d.TargetID).
		Scan(&h.Object, &h.RecordID, &h.TargetID, &h.Verdict, &h.Reason, &h.By, &h.At)
	if err == nil {
		return taken
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM crmsync.decisions
		WHERE contract = $1 AND verdict = 'link' AND object = $2 AND record_id = $3 AND target_id <> $4`, contract, d.Object, d.RecordID, d.TargetID)
	return err
}

// Undo takes a decision back, or returns an error that wraps ErrNothing.
func Undo(ctx context.Context, db *postgres.DB, contract, by, object, recordID, targetID string) error {
	id, err := longID(recordID)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrDecision)
	}
	err = change(ctx, db, by, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM crmsync.decisions WHERE contract = $1 AND object = $2 AND record_id = $3 AND target_id = $4`,
			contract, object, id, targetID)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNothing
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("undo the decision on %s %s: %w", object, recordID, err)
	}
	return nil
}

// querier is what reading needs: a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Decisions returns a contract's decisions, ordered by object, record and target.
func Decisions(ctx context.Context, db *postgres.DB, contract string) ([]Decision, error) {
	return decisions(ctx, db, contract)
}

func decisions(ctx context.Context, q querier, contract string) ([]Decision, error) {
	rows, err := q.Query(ctx, `SELECT object, record_id, target_id, verdict, coalesce(reason, '') AS reason, decided_by AS by, decided_at AS at
		FROM crmsync.decisions WHERE contract = $1 ORDER BY object, record_id, target_id`, contract)
	if err == nil {
		var all []Decision
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Decision]); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("read decisions of %s: %w", contract, err)
}

// MapSeat ties a seat to a user by hand, in the place of an earlier mapping.
func MapSeat(ctx context.Context, db *postgres.DB, contract, by, seatID, userID string) error {
	id, err := longID(userID)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrDecision)
	}
	if id[:3] != "005" || seatID == "" {
		return fmt.Errorf("tie seat %q to %q: a seat id and the id of a User, which begins with 005, are needed: %w", seatID, userID, ErrDecision)
	}
	err = change(ctx, db, by, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO crmsync.seat_mappings (contract, seat_id, user_id) VALUES ($1, $2, $3)
			ON CONFLICT (contract, seat_id) DO UPDATE SET user_id = excluded.user_id`, contract, seatID, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("tie seat %s: %w", seatID, err)
	}
	return nil
}

// UnmapSeat takes a mapping back, or returns an error that wraps ErrNothing.
func UnmapSeat(ctx context.Context, db *postgres.DB, contract, by, seatID string) error {
	err := change(ctx, db, by, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM crmsync.seat_mappings WHERE contract = $1 AND seat_id = $2`, contract, seatID)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNothing
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("untie seat %s: %w", seatID, err)
	}
	return nil
}

// SeatMappings returns a contract's mappings, ordered by seat.
func SeatMappings(ctx context.Context, db *postgres.DB, contract string) ([]SeatMapping, error) {
	return seatMappings(ctx, db, contract)
}

func seatMappings(ctx context.Context, q querier, contract string) ([]SeatMapping, error) {
	rows, err := q.Query(ctx, `SELECT seat_id, user_id, decided_by AS by, decided_at AS at
		FROM crmsync.seat_mappings WHERE contract = $1 ORDER BY seat_id`, contract)
	if err == nil {
		var all []SeatMapping
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByName[SeatMapping]); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("read seat mappings of %s: %w", contract, err)
}
