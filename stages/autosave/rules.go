package autosave

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// ErrStage says that autosave.min_stage is not among the stages whose order is known.
var ErrStage = errors.New("stage is not listed in crm.stages")

// rules say who gets auto-saves, and from which opportunities (R22, R40).
type rules struct {
	enabled bool
	users   map[string]bool // ids of 15 characters and addresses
	roles   map[string]bool // ids of 15 characters and names in lower case
	late    map[string]bool // stages that lead to saves; nil: all
}

func newRules(v schemas.SettingValues) (rules, error) {
	r := rules{enabled: v.Bool("autosave.enabled"), users: map[string]bool{}, roles: map[string]bool{}}
	for _, u := range v.List("autosave.users") {
		r.users[short(u)] = true
		r.users[address(u)] = true
	}
	for _, role := range v.List("autosave.roles") {
		r.roles[short(role)] = true
		r.roles[strings.ToLower(role)] = true
	}
	least := v.Text("autosave.min_stage")
	if least == "" {
		return r, nil
	}
	stages := v.List("crm.stages")
	at := slices.Index(stages, least)
	if at < 0 {
		return rules{}, fmt.Errorf("autosave.min_stage %q: %w", least, ErrStage)
	}
	r.late = map[string]bool{}
	for _, s := range stages[at:] {
		r.late[s] = true
	}
	return r, nil
}

// short is a Salesforce id in its form of 15 characters; people type either form.
func short(id string) string {
	other := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if len(id) == 18 && !strings.ContainsFunc(id, other) {
		return id[:15]
	}
	return id
}

// allows reports whether a user is enabled; roleNames gives the names of roles by id. Who can't log in to the CRM any more is not.
func (r rules) allows(u user, roleNames map[string]string) bool {
	if !r.enabled || !u.active {
		return false
	}
	if len(r.users) == 0 && len(r.roles) == 0 {
		return true
	}
	if r.users[short(u.id)] || (u.email != "" && r.users[address(u.email)]) {
		return true
	}
	return u.role != "" && (r.roles[short(u.role)] || r.roles[strings.ToLower(roleNames[u.role])])
}

// leads reports whether an open opportunity in the stage leads to saves.
func (r rules) leads(stage string) bool { return r.late == nil || r.late[stage] }
