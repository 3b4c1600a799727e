package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// described says, per kind of record, which data set holds it and which fields a person knows it by.
var described = map[string]struct {
	ds     *schemas.Dataset
	fields []string
}{
	"Account": {schemas.Account, []string{"Name", "BillingCity", "BillingState"}},
	"Contact": {schemas.Contact, []string{"FirstName", "LastName", "Title", "MailingCity"}},
	"Lead":    {schemas.Lead, []string{"FirstName", "LastName", "Company", "City"}},
	"company": {schemas.Companies, []string{"name", "city", "state"}},
	"person":  {schemas.People, []string{"first_name", "last_name", "company", "city"}},
}

var errFound = errors.New("found")

// record reads the named fields of one record as of the latest sync; an empty text stands for a missing one.
func (s *session) record(ctx context.Context, ds *schemas.Dataset, id string, fields ...string) ([]string, error) {
	m, err := s.run("")
	if err != nil {
		return nil, err
	}
	e, ok := m.Entry(ds.Name)
	if !ok {
		return nil, fmt.Errorf("run %s has no %s", m.RunID, ds.Name)
	}
	key := ds.Key[0]
	r, err := s.store.Read(ctx, ds, e, append([]string{key}, fields...)...)
	if err != nil {
		return nil, err
	}
	values := make([]string, len(fields))
	err = columnar.Each(ctx, r, func(rec arrow.Record) error {
		ids := columnar.Strings(rec, key)
		for i := range ids.Len() {
			if ids.Value(i) != id {
				continue
			}
			for k, f := range fields {
				values[k] = strings.Clone(columnar.Strings(rec, f).Value(i))
			}
			return errFound
		}
		return nil
	})
	if errors.Is(err, errFound) {
		return values, nil
	}
	if err == nil {
		err = fmt.Errorf("%s %s: %w", ds.Name, id, io.EOF)
	}
	return nil, err
}

// describe names a record as a person would: "Jane Doe, Acme, Boise".
func (s *session) describe(ctx context.Context, kind, id string) (string, error) {
	d := described[kind]
	values, err := s.record(ctx, d.ds, id, d.fields...)
	if errors.Is(err, io.EOF) {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	names, rest := values[:1], values[1:]
	if d.ds.Key[0] != "company_id" && kind != "Account" {
		names, rest = values[:2], values[2:]
	}
	text := strings.TrimSpace(strings.Join(names, " "))
	for _, v := range rest {
		if v != "" {
			text += ", " + v
		}
	}
	return text, nil
}
