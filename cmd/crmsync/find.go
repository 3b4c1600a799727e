package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
)

// errNotFound says that an id names nothing, or something of the wrong kind.
var errNotFound = errors.New("not found")

// recordID reads the id of a lead, contact or account as people give it; a mistake is one of usage.
func recordID(arg string) (object, id string, err error) {
	object, id, err = control.Record(arg)
	if err != nil {
		return "", "", usageError{fmt.Errorf("RECORD: %w", err)}
	}
	return object, id, nil
}

// findRecord finds the lead, contact or account that an id names, as of a run.
func (s *session) findRecord(ctx context.Context, m *pipeline.Manifest, arg string) (found, error) {
	object, id, err := recordID(arg)
	if err != nil {
		return found{}, err
	}
	names, err := s.names(ctx, m, object, map[string]bool{id: true})
	if err != nil {
		return found{}, err
	}
	k, ok := names[id]
	if !ok {
		ds := described[object].ds
		e, _ := m.Entry(ds.Name)
		return found{}, fmt.Errorf("%s %s: %w among the %d records of %s that %s saw; was it made later, or deleted?",
			strings.ToLower(object), id, errNotFound, e.Rows, ds.Name, m.RunID)
	}
	return found{object, id, k}, nil
}

// findTarget finds the profile or company that an id names for an object's record.
func (s *session) findTarget(ctx context.Context, m *pipeline.Manifest, object, arg string) (found, error) {
	kind, other := kindOf(object), kindCompany
	if kind == kindCompany {
		other = kindPerson
	}
	names, err := s.names(ctx, m, kind, map[string]bool{arg: true})
	if err != nil {
		return found{}, err
	}
	if k, ok := names[arg]; ok {
		return found{kind, arg, k}, nil
	}
	needs := map[string]string{kindPerson: "a person: give a member id", kindCompany: "a company: give a company id"}[kind]
	names, err = s.names(ctx, m, other, map[string]bool{arg: true})
	if err != nil {
		return found{}, err
	}
	if k, ok := names[arg]; ok {
		return found{}, fmt.Errorf("%s is a %s (%s), and %s is linked to %s: %w", arg, other, k.Name, article(object), needs, errNotFound)
	}
	if o, _, err := control.Record(arg); err == nil {
		return found{}, fmt.Errorf("%s is the id of %s in the CRM, and %s is linked to %s: %w", arg, article(o), article(object), needs, errNotFound)
	}
	ds := described[kind].ds
	e, _ := m.Entry(ds.Name)
	return found{}, fmt.Errorf("%s %s %q: %w among the %d rows of %s that %s saw", kind, ds.Key[0], arg, errNotFound, e.Rows, ds.Name, m.RunID)
}

// article is an object with its article: "a lead", "an account".
func article(object string) string {
	if object == "Account" {
		return "an account"
	}
	return "a " + strings.ToLower(object)
}
