package licence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Role is a role of the CRM.
type Role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Path names the roles from the top down to this one.
	Path []string `json:"path"`
	// Problem is cycle or orphan when the way to the top does not end at a top role.
	Problem string `json:"problem,omitempty"`
}

func (r Role) String() string {
	return fmt.Sprintf("%s (%s)", strings.Join(r.Path, " > "), r.ID)
}

// ErrRole says that no role is meant, or more than one.
var ErrRole = errors.New("not one role of the CRM")

// AmbiguousError says that several roles have a name. It wraps ErrRole.
type AmbiguousError struct {
	Name  string
	Roles []Role
}

func (e *AmbiguousError) Error() string {
	lines := make([]string, len(e.Roles))
	for i, r := range e.Roles {
		lines[i] = "\n  " + r.String()
	}
	return fmt.Sprintf("%d roles are called %q; name one by its id:%s", len(e.Roles), e.Name, strings.Join(lines, ""))
}

// Unwrap makes the error one of ErrRole's.
func (e *AmbiguousError) Unwrap() error { return ErrRole }

// Roles returns the role tree of a contract, ordered by path and id.
func Roles(ctx context.Context, db *postgres.DB, contract string) ([]Role, error) {
	rows, err := db.Query(ctx, `SELECT role_id AS id, name, path_names AS path, coalesce(problem, '') AS problem
		FROM crmsync.user_role_tree WHERE contract = $1 ORDER BY path_names, role_id`, contract)
	if err == nil {
		var all []Role
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Role]); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("read the roles of %s: %w", contract, err)
}

// find picks the role that a person means, by its id of 15 or 18 characters or by its name, whatever its case. The error is an
// *AmbiguousError or names the nearest role; both wrap ErrRole.
func find(roles []Role, text string) (Role, error) {
	text = strings.TrimSpace(text)
	if at := slices.IndexFunc(roles, func(r Role) bool { return r.ID == text || len(text) == 15 && strings.HasPrefix(r.ID, text) }); at >= 0 {
		return roles[at], nil
	}
	var named []Role
	for _, r := range roles {
		if strings.EqualFold(r.Name, text) {
			named = append(named, r)
		}
	}
	switch len(named) {
	case 1:
		return named[0], nil
	case 0:
		nearest, least := "", len(text)
		for _, r := range roles {
			if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(r.Name)); d < least {
				nearest, least = r.Name, d
			}
		}
		if nearest == "" {
			return Role{}, fmt.Errorf("no role is called %q: %w", text, ErrRole)
		}
		return Role{}, fmt.Errorf("no role is called %q; did you mean %q? %w", text, nearest, ErrRole)
	default:
		return Role{}, &AmbiguousError{Name: text, Roles: named}
	}
}
