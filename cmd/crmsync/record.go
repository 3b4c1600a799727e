package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Kinds of directory records, as the links have them. Kinds of CRM records are the objects' names.
const (
	kindPerson  = "person"
	kindCompany = "company"
)

// kindOf is the kind of what an object's records are linked to.
func kindOf(object string) string {
	if object == schemas.Account.Object {
		return kindCompany
	}
	return kindPerson
}

// accountID is the field of a contact that refers to its account, which is described by its name.
const accountID = "AccountId"

// described says, per kind of record, which data set holds it, which fields a person knows it by (the first of them make up its name),
// and which field has its address; records of the CRM are found below the org's.
var described = map[string]struct {
	ds     *schemas.Dataset
	names  int
	fields []string
	url    string
}{
	"Account":   {schemas.Account, 1, []string{"Name", "BillingCity", "BillingState"}, ""},
	"Contact":   {schemas.Contact, 2, []string{"FirstName", "LastName", accountID, "MailingCity"}, ""},
	"Lead":      {schemas.Lead, 2, []string{"FirstName", "LastName", "Company", "City"}, ""},
	kindCompany: {schemas.Companies, 1, []string{"name", "city", "state"}, "page_url"},
	kindPerson:  {schemas.People, 2, []string{"first_name", "last_name", "company", "city"}, "profile_url"},
}

// known is how people know a record: "Jane Doe, Acme, Boise", and where they find it.
type known struct{ Name, URL string }

// names reads how people know some records of a kind, as of a run. Records that the run did not see are left out.
func (s *session) names(ctx context.Context, m *pipeline.Manifest, kind string, ids map[string]bool) (map[string]known, error) {
	d := described[kind]
	columns := d.fields
	if d.url != "" {
		columns = append(slices.Clone(columns), d.url)
	}
	values, err := s.fields(ctx, m, d.ds, ids, columns...)
	if err != nil || len(values) == 0 {
		return nil, err
	}
	base := ""
	if d.url == "" {
		if base, err = s.orgURL(ctx, m); err != nil {
			return nil, err
		}
	}
	accounts, err := s.accountNames(ctx, m, slices.Index(d.fields, accountID), values)
	if err != nil {
		return nil, err
	}
	out := make(map[string]known, len(values))
	for id, v := range values {
		k := known{URL: base + "/" + id}
		if d.url != "" {
			k.URL = v[len(v)-1]
		}
		var parts []string
		for i, f := range d.fields {
			if f == accountID {
				v[i] = accounts[v[i]]
			}
			if i < d.names && len(parts) > 0 {
				parts[0] = strings.TrimSpace(parts[0] + " " + v[i])
			} else {
				parts = append(parts, v[i])
			}
		}
		k.Name = strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
		out[id] = k
	}
	return out, nil
}

// accountNames reads the names of the accounts that the values refer to at a position; none when that is negative.
func (s *session) accountNames(ctx context.Context, m *pipeline.Manifest, at int, values map[string][]string) (map[string]string, error) {
	if at < 0 {
		return nil, nil
	}
	ids := map[string]bool{}
	for _, v := range values {
		ids[v[at]] = true
	}
	accounts, err := s.fields(ctx, m, schemas.Account, ids, "Name")
	names := make(map[string]string, len(accounts))
	for id, v := range accounts {
		names[id] = v[0]
	}
	return names, err
}

// fields reads some text fields of the records that ids name, by id; an empty text stands for a missing one.
func (s *session) fields(ctx context.Context, m *pipeline.Manifest, ds *schemas.Dataset, ids map[string]bool, fields ...string) (map[string][]string, error) {
	out := map[string][]string{}
	if len(ids) == 0 {
		return out, nil
	}
	e, ok := m.Entry(ds.Name)
	if !ok {
		return nil, fmt.Errorf("run %s has no %s: %w", m.RunID, ds.Name, pipeline.ErrNotPublished)
	}
	key := ds.Key[0]
	r, err := s.store.Read(ctx, ds, e, append([]string{key}, fields...)...)
	if err != nil {
		return nil, err
	}
	err = columnar.Each(ctx, r, func(rec arrow.Record) error {
		keys := columnar.Strings(rec, key)
		for i := range keys.Len() {
			if !ids[keys.Value(i)] {
				continue
			}
			values := make([]string, len(fields)) // cloned, since what was read lives no longer than the record
			for k, f := range fields {
				values[k] = strings.TrimSpace(strings.Clone(columnar.Strings(rec, f).Value(i)))
			}
			if out[strings.Clone(keys.Value(i))] = values; len(out) == len(ids) {
				return io.EOF
			}
		}
		return nil
	})
	if errors.Is(err, io.EOF) {
		err = nil // everything was found before the end
	}
	return out, err
}

// orgURL is the address below which the org's records are found.
func (s *session) orgURL(ctx context.Context, m *pipeline.Manifest) (url string, err error) {
	e, ok := m.Entry(schemas.Org.Name)
	if !ok {
		return "", fmt.Errorf("run %s has no %s: %w", m.RunID, schemas.Org.Name, pipeline.ErrNotPublished)
	}
	r, err := s.store.Read(ctx, schemas.Org, e, "InstanceUrl")
	if err != nil {
		return "", err
	}
	return url, columnar.Each(ctx, r, func(rec arrow.Record) error {
		for i := range int(rec.NumRows()) {
			url = strings.TrimRight(strings.Clone(columnar.Strings(rec, "InstanceUrl").Value(i)), "/")
		}
		return nil
	})
}

// describe names a record of the latest sync as a person would: "Jane Doe, Acme, Boise". A record that is gone is named by its id.
func (s *session) describe(ctx context.Context, kind, id string) (string, error) {
	m, err := s.run("")
	if err != nil {
		return "", err
	}
	found, err := s.names(ctx, m, kind, map[string]bool{id: true})
	if name := found[id].Name; err == nil && name != "" {
		return name, nil
	}
	return id, err
}

// wanted collects ids by kind, to be named together.
type wanted map[string]map[string]bool

func (w wanted) add(kind, id string) {
	if id == "" {
		return
	}
	if w[kind] == nil {
		w[kind] = map[string]bool{}
	}
	w[kind][id] = true
}

// read names everything that was collected; the result is by kind and id.
func (w wanted) read(ctx context.Context, s *session, m *pipeline.Manifest) (map[string]map[string]known, error) {
	out := map[string]map[string]known{}
	for _, kind := range slices.Sorted(maps.Keys(w)) {
		var err error
		if out[kind], err = s.names(ctx, m, kind, w[kind]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
