package roi

import (
	"context"
	"errors"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// The levels at which a touch bears on a deal, the strongest first.
const (
	levelRole    = 'a' // a person with a role on the deal
	levelAccount = 'b' // a person of the deal's account
	levelCompany = 'c' // the account's company
)

// reach says which deals people and companies bear on.
type reach struct {
	people    *table // member ids
	roles     edges  // people to deals
	employers edges  // people to accounts
	companies *table // company ids
	accounts  edges  // companies to accounts
	holders   *holders
}

func buildReach(ctx context.Context, run *pipeline.Run, d *deals) (*reach, error) {
	held, err := readHolders(ctx, run)
	if err != nil {
		return nil, err
	}
	r := &reach{holders: held, people: newTable(), companies: newTable()}
	for _, step := range []func(context.Context, *pipeline.Run, *deals) error{r.addCompanies, r.addContacts, r.addLeads} {
		if err := step(ctx, run, d); err != nil {
			return nil, err
		}
	}
	r.roles.seal(r.people.len())
	r.employers.seal(r.people.len())
	r.accounts.seal(r.companies.len())
	return r, nil
}

func (r *reach) addCompanies(ctx context.Context, run *pipeline.Run, d *deals) (err error) {
	links, err := r.holders.openLinks(ctx, run, "Account", "company")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, links.close()) }()
	for {
		if ok, err := links.next(ctx); !ok {
			return err
		}
		if a := d.accounts.find(links.text(0)); a >= 0 {
			r.accounts.add(r.companies.add(links.text(1)), a)
		}
	}
}

// addContacts joins three streams by contact: links, contacts with their accounts, and roles on deals.
func (r *reach) addContacts(ctx context.Context, run *pipeline.Run, d *deals) (err error) {
	links, err := r.holders.openLinks(ctx, run, "Contact", "person")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, links.close()) }()
	contacts, err := openCursor(ctx, run, schemas.Contact, "Id", "AccountId")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, contacts.close()) }()
	sorted, err := sortRoles(ctx, run, d)
	if err != nil {
		return err
	}
	roles := newCursor(sorted, "ContactId", "OpportunityId")
	defer func() { err = errors.Join(err, roles.close()) }()
	for {
		if ok, err := links.next(ctx); !ok {
			return err
		}
		contact, member := links.text(0), links.text(1)
		found, err := contacts.seek(ctx, contact)
		if err != nil {
			return err
		}
		if found {
			if a := d.accounts.find(contacts.text(1)); a >= 0 {
				r.employers.add(r.people.add(member), a)
			}
		}
		found, err = roles.seek(ctx, contact)
		for found && err == nil {
			r.roles.add(r.people.add(member), d.ids.find(roles.text(1)))
			if found, err = roles.next(ctx); found {
				found = roles.text(0) == contact
			}
		}
		if err != nil {
			return err
		}
	}
}

// sortRoles returns the roles on known deals by contact.
func sortRoles(ctx context.Context, run *pipeline.Run, d *deals) (columnar.RecordReader, error) {
	dir, err := run.Scratch()
	if err != nil {
		return nil, err
	}
	columns := []string{"ContactId", "OpportunityId"}
	reader, err := run.Read(ctx, schemas.OpportunityContactRole, columns...)
	if err != nil {
		return nil, err
	}
	sorter := columnar.NewSorter(schemas.OpportunityContactRole, columnar.SorterOptions{Columns: columns, Key: columns, Budget: run.Budget / 4, Dir: dir})
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.OpportunityContactRole, columns...)
	defer b.Release()
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		contacts, deals := columnar.Strings(rec, "ContactId"), columnar.Strings(rec, "OpportunityId")
		for i := range contacts.Len() {
			if d.ids.find(deals.Value(i)) < 0 {
				continue
			}
			b.String(0, contacts.Value(i))
			b.String(1, deals.Value(i))
			if err := b.EndRow(); err != nil {
				return err
			}
		}
		if b.Len() == 0 {
			return nil
		}
		kept := b.NewRecord()
		defer kept.Release()
		return sorter.Write(ctx, kept)
	})
	if err != nil {
		return nil, errors.Join(err, sorter.Close())
	}
	return sorter.Sort(ctx)
}

// addLeads adds people known by a lead: it bears on the account that the lead became part of, or that of the contact it became.
func (r *reach) addLeads(ctx context.Context, run *pipeline.Run, d *deals) (err error) {
	links, err := r.holders.openLinks(ctx, run, "Lead", "person")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, links.close()) }()
	leads, err := openCursor(ctx, run, schemas.Lead, "Id", "ConvertedAccountId", "ConvertedContactId")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leads.close()) }()
	// Salesforce fills both ids at conversion, so leads that have only the contact's are few.
	became := map[string][]string{}
	for {
		ok, err := links.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		found, err := leads.seek(ctx, links.text(0))
		switch {
		case err != nil:
			return err
		case !found:
		case leads.text(1) != "":
			if a := d.accounts.find(leads.text(1)); a >= 0 {
				r.employers.add(r.people.add(links.text(1)), a)
			}
		case leads.text(2) != "":
			contact := strings.Clone(leads.text(2))
			became[contact] = append(became[contact], strings.Clone(links.text(1)))
		}
	}
	if len(became) == 0 {
		return nil
	}
	return r.addConverted(ctx, run, d, became)
}

// addConverted adds people by the contacts that their leads became.
func (r *reach) addConverted(ctx context.Context, run *pipeline.Run, d *deals, became map[string][]string) error {
	reader, err := run.Read(ctx, schemas.Contact, "Id", "AccountId")
	if err != nil {
		return err
	}
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, accounts := columnar.Strings(rec, "Id"), columnar.Strings(rec, "AccountId")
		for i := range ids.Len() {
			members, ok := became[ids.Value(i)]
			if !ok {
				continue
			}
			if a := d.accounts.find(accounts.Value(i)); a >= 0 {
				for _, m := range members {
					r.employers.add(r.people.add(m), a)
				}
			}
		}
		return nil
	})
}

func (r *reach) bytes() int64 {
	return r.holders.ids.bytes() + r.people.bytes() + r.companies.bytes() + r.roles.bytes() + r.employers.bytes() + r.accounts.bytes()
}
