package licence

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Person is an active CRM user to whom a licence can be given.
type Person struct {
	UserID     string `json:"user_id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Title      string `json:"title"`
	Department string `json:"department"`
	RoleID     string `json:"role_id"`
	Role       string `json:"role"`
	// SeatID is an active seat that the person holds already; empty when there is none.
	SeatID string `json:"seat_id"`
	// Licensed says whether that seat's licence includes the sync (R7).
	Licensed bool `json:"licensed"`
}

// Group are the users of a role.
type Group struct {
	Role Role `json:"role"`
	// Below says whether the roles below are included.
	Below bool `json:"with_subordinates"`
	// Roles are the roles that were looked through, the chosen one first.
	Roles  []Role   `json:"roles"`
	People []Person `json:"people"`
	// WithSeat counts the people who hold a seat already.
	WithSeat int `json:"with_seat"`
	// Broken are the roles of the whole tree from which no way leads to a top role: who is in them may be missing below other roles.
	Broken []Role `json:"broken"`
}

// List returns the active users of a role, given by id or name, and with below those of the roles below it. An error about the role wraps
// ErrRole.
func List(ctx context.Context, db *postgres.DB, contract, role string, below bool) (*Group, error) {
	all, err := Roles(ctx, db, contract)
	if err != nil {
		return nil, err
	}
	chosen, err := find(all, role)
	if err != nil {
		return nil, err
	}
	g := &Group{Role: chosen, Below: below, Roles: []Role{chosen}, Broken: []Role{}}
	for _, r := range all {
		if r.Problem != "" {
			g.Broken = append(g.Broken, r)
		}
	}
	rows, err := db.Query(ctx, `SELECT role_id FROM crmsync.user_role_tree
		WHERE contract = $1 AND $3 AND $2 = ANY (path) AND role_id <> $2`, contract, chosen.ID, below)
	if err != nil {
		return nil, fmt.Errorf("read the roles below %s: %w", chosen.ID, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the roles below %s: %w", chosen.ID, err)
	}
	chosenIDs := map[string]bool{}
	for _, id := range ids {
		chosenIDs[id] = true
	}
	for _, r := range all {
		if chosenIDs[r.ID] {
			g.Roles = append(g.Roles, r)
		}
	}
	rows, err = db.Query(ctx, `SELECT user_id, coalesce(name, '') AS name, coalesce(email, '') AS email, coalesce(title, '') AS title,
			coalesce(department, '') AS department, role_id, coalesce(role_name, '') AS role, coalesce(seat_id, '') AS seat_id,
			coalesce(licensed, false) AS licensed
		FROM crmsync.licence_candidates WHERE contract = $1 AND role_id = ANY ($2)
		ORDER BY role_path_names, role_id, name, user_id`, contract, append(ids, chosen.ID))
	if err == nil {
		g.People, err = pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	}
	if err != nil {
		return nil, fmt.Errorf("read the users of role %s: %w", chosen.ID, err)
	}
	for _, p := range g.People {
		if p.SeatID != "" {
			g.WithSeat++
		}
	}
	return g, nil
}
