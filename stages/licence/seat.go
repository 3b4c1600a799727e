package licence

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Seat is a seat and who holds it.
type Seat struct {
	SeatID   string `json:"seat_id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Licence  string `json:"licence_type"`
	Active   bool   `json:"active"`
	Licensed bool   `json:"licensed"` // whether the licence includes the sync (R7)
	// UserID and User are the CRM user whom the latest run tied the seat to; empty when there is none.
	UserID string `json:"user_id"`
	User   string `json:"user"`
	// Method is email, manual or none.
	Method string `json:"method"`
	// Note says why no user fits, or why the seat is skipped.
	Note string `json:"note"`
	// Pending is the user whom the seat was tied to by hand since; Freed says that it was untied since. Both hold from the next run on.
	Pending string `json:"pending,omitempty"`
	Freed   bool   `json:"freed,omitempty"`
	// Candidates are the likeliest users of a seat that is tied to nobody, the likeliest first.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Skipped reports whether the seat gets nothing of the sync.
func (s Seat) Skipped() bool { return s.UserID == "" || !s.Licensed || !s.Active }

// Seats returns the seats of a contract, those that get nothing of the sync first, then by id.
func Seats(ctx context.Context, db *postgres.DB, contract string) ([]Seat, error) {
	rows, err := db.Query(ctx, `
		SELECT s.seat_id, coalesce(s.name, '') AS name, coalesce(s.email, '') AS email, coalesce(s.licence_type, '') AS licence, t.active, t.licensed,
		       coalesce(t.user_id, '') AS user_id, coalesce(u.name, '') AS "user", t.method, coalesce(t.note, '') AS note,
		       CASE WHEN m.user_id IS DISTINCT FROM t.user_id THEN coalesce(m.user_id, '') ELSE '' END AS pending,
		       m.user_id IS NULL AND t.method = 'manual' AS freed
		FROM crmsync.seats s
		JOIN crmsync.seat_users t USING (contract, seat_id)
		LEFT JOIN crmsync.users u ON u.contract = s.contract AND u.id = t.user_id
		LEFT JOIN crmsync.seat_mappings m ON m.contract = s.contract AND m.seat_id = s.seat_id
		WHERE s.contract = $1
		ORDER BY t.user_id IS NOT NULL AND t.licensed AND t.active, t.user_id IS NOT NULL, s.seat_id`, contract)
	var seats []Seat
	if err == nil {
		seats, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[Seat])
	}
	if err != nil {
		return nil, fmt.Errorf("read the seats of %s: %w", contract, err)
	}
	users, err := activeUsers(ctx, db, contract)
	if err != nil {
		return nil, err
	}
	for i, s := range seats {
		if s.UserID == "" && s.Pending == "" {
			seats[i].Candidates = nearest(s, users, maxCandidates)
		}
	}
	return seats, nil
}

// User is a CRM user.
type User struct {
	ID, Name, Email string
	SeatID          string // a seat that the user is tied to; empty when there is none
}

func activeUsers(ctx context.Context, db *postgres.DB, contract string) ([]User, error) {
	rows, err := db.Query(ctx, `SELECT user_id AS id, coalesce(name, '') AS name, coalesce(email, '') AS email, coalesce(seat_id, '') AS seat_id
		FROM crmsync.licence_candidates WHERE contract = $1 ORDER BY user_id`, contract)
	if err == nil {
		var users []User
		if users, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[User]); err == nil {
			return users, nil
		}
	}
	return nil, fmt.Errorf("read the users of %s: %w", contract, err)
}

var (
	// ErrUser says that no active CRM user is meant, or more than one.
	ErrUser = errors.New("not one active CRM user")
	// ErrSeat says that there is no such seat.
	ErrSeat = errors.New("no such seat")
)

// FindUser finds an active CRM user by id, of 15 or 18 characters, or by e-mail address, whatever its case. Errors wrap ErrUser.
func FindUser(ctx context.Context, db *postgres.DB, contract, text string) (User, error) {
	users, err := activeUsers(ctx, db, contract)
	if err != nil {
		return User{}, err
	}
	text = strings.TrimSpace(text)
	var found []User
	for _, u := range users {
		if u.ID == text || len(text) == 15 && strings.HasPrefix(u.ID, text) || u.Email != "" && strings.EqualFold(u.Email, text) {
			found = append(found, u)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return User{}, fmt.Errorf("%q is no id or e-mail address of one: %w", text, ErrUser)
	default:
		ids := make([]string, len(found))
		for i, u := range found {
			ids[i] = u.ID
		}
		return User{}, fmt.Errorf("%q is the address of %s; name one by its id: %w", text, strings.Join(ids, ", "), ErrUser)
	}
}

// FindSeat finds a seat by its id; the error wraps ErrSeat.
func FindSeat(ctx context.Context, db *postgres.DB, contract, id string) (Seat, error) {
	var s Seat
	err := db.QueryRow(ctx, `SELECT seat_id, coalesce(name, ''), coalesce(email, '') FROM crmsync.seats WHERE contract = $1 AND seat_id = $2`, contract, id).
		Scan(&s.SeatID, &s.Name, &s.Email)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("%q: %w", id, ErrSeat)
	}
	if err != nil {
		return s, fmt.Errorf("find seat %s of %s: %w", id, contract, err)
	}
	return s, nil
}
