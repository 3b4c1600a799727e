package load

import (
	"context"
	"errors"
	"iter"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// contactFields are what a matched person's record tells (R20), after its Id: phone, e-mail, street, city, state, country and when it
// was last modified.
var contactFields = map[string][]string{
	"Contact": {"Id", "Phone", "Email", "MailingStreet", "MailingCity", "MailingState", "MailingCountry", "LastModifiedDate"},
	"Lead":    {"Id", "Phone", "Email", "Street", "City", "State", "Country", "LastModifiedDate"},
}

func (j *job) contactInfo(ctx context.Context) postgres.Merge {
	return postgres.Merge{
		Table: "contact_info", Scope: map[string]any{"contract": j.run.Contract}, Key: []string{"member_id"},
		Columns: []string{"object", "record_id", "phone", "email", "street", "city", "state", "country", "modified_at", "sandbox"},
		Always:  []string{"run_id", "as_of"}, DeleteMissing: true,
		Source: postgres.FromSeq(func(yield func([]any, error) bool) {
			for _, ds := range []*schemas.Dataset{schemas.Contact, schemas.Lead} {
				for row, err := range linkedPeople(ctx, j.run, ds) {
					if err == nil {
						row = append(row, j.org.sandbox, j.run.ID, j.run.AsOf)
					}
					if !yield(row, err) || err != nil {
						return
					}
				}
			}
		}),
	}
}

// linkedPeople joins the links of one object with its records, both sorted by the record's id: neither is held in memory.
func linkedPeople(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		if err := join(ctx, run, ds, func(row []any) bool { return yield(row, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

func join(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, yield func(row []any) bool) (err error) {
	linkFields := []string{"object", "record_id", "target_id", "decision"}
	lr, err := run.Read(ctx, schemas.Links, linkFields...)
	if err != nil {
		return err
	}
	links := &cursor{ctx: ctx, r: lr, ds: schemas.Links, fields: linkFields}
	defer func() { err = errors.Join(err, links.close()) }()
	fields := contactFields[ds.Object]
	pr, err := run.Read(ctx, ds, fields...)
	if err != nil {
		return err
	}
	people := &cursor{ctx: ctx, r: pr, ds: ds, fields: fields}
	defer func() { err = errors.Join(err, people.close()) }()

	here, err := people.next()
	for here && err == nil {
		var more bool
		if more, err = links.next(); err != nil || !more {
			break
		}
		if links.text(0) != ds.Object || links.text(3) != "link" {
			continue
		}
		for here && err == nil && people.text(0) < links.text(1) {
			here, err = people.next()
		}
		if err != nil || !here || people.text(0) != links.text(1) {
			continue
		}
		row := []any{links.text(2), ds.Object, links.text(1)}
		for _, value := range people.values[1:] {
			row = append(row, value(people.row))
		}
		if !yield(row) {
			return nil
		}
	}
	return err
}
