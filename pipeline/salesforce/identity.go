package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// Identity is the user that the client acts as.
type Identity struct {
	ID       string `json:"Id"`
	Username string
	Name     string
	// Lightning is the user's choice of interface; nil when the org does not tell.
	Lightning *bool `json:"UserPreferencesLightningExperiencePreferred"`
}

// ErrNoIdentity says that the answer to the login had no identity address.
var ErrNoIdentity = errors.New("who am I: the org's answer to the login names no user")

// identityForm is the address of a user, as logins name it: …/id/ORG/USER.
var identityForm = regexp.MustCompile(`/id/00D[0-9A-Za-z]{12,15}/(005[0-9A-Za-z]{12,15})$`)

// userOf is the user's id in an identity address; empty if it is none.
func userOf(identity string) string {
	m := identityForm.FindStringSubmatch(identity)
	if m == nil {
		return ""
	}
	return m[1]
}

// WhoAmI reads the integration user's own record.
func (c *Client) WhoAmI(ctx context.Context) (Identity, error) {
	s, err := c.session(ctx)
	if err != nil {
		return Identity{}, err
	}
	if s.userID == "" {
		return Identity{}, ErrNoIdentity
	}
	const fields, preference = "Id, Username, Name", ", UserPreferencesLightningExperiencePreferred"
	from := " FROM User WHERE Id = '" + s.userID + "'"
	cur, err := c.Query(ctx, "SELECT "+fields+preference+from)
	var e *APIError
	if errors.As(err, &e) && e.HasCode("INVALID_FIELD") {
		cur, err = c.Query(ctx, "SELECT "+fields+from)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("who am I: %w", err)
	}
	if len(cur.Records) != 1 {
		return Identity{}, fmt.Errorf("who am I: %d rows of the integration user: %w", len(cur.Records), ErrPermission)
	}
	var id Identity
	if err := json.Unmarshal(cur.Records[0], &id); err != nil {
		return Identity{}, fmt.Errorf("who am I: %w", err)
	}
	return id, nil
}
