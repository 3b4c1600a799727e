package match

import (
	"context"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

func (s *Stage) matchPeople(ctx context.Context, run *pipeline.Run, hand decisions, e *employers, out *output) (*weigh.Model, error) {
	roles := feature.Roles(feature.Person)
	b := record.NewBuilder(roles...)
	if err := e.readContacts(ctx, run, b, roles); err != nil {
		return nil, err
	}
	way, err := readLeads(ctx, run, b, roles)
	if err != nil {
		return nil, err
	}
	left := b.Table()
	task := run.Progress.Start("match people", int64(left.Len()), "records")
	cfg := s.config(run, feature.Person, task)
	cfg.GivesWay = way
	for _, ds := range []*schemas.Dataset{schemas.Contact, schemas.Lead} {
		cfg.Links = append(cfg.Links, hand.links[ds.Object]...)
		cfg.Rejects = append(cfg.Rejects, hand.rejects[ds.Object]...)
	}
	follow(cfg.Links, way)
	cfg.Rejects = append(cfg.Rejects, followed(cfg.Rejects, way)...)
	prepared, err := directory(run, cfg, func() (*record.Table, error) { return e.readPeople(ctx, run, roles) })
	if err != nil {
		task.Done()
		return nil, err
	}
	res, err := linkTo(ctx, run, left, prepared, cfg)
	task.Done()
	if err != nil {
		return nil, err
	}
	out.add(run, "person", left, res, way)
	return res.Model, nil
}

// follow moves what was decided by hand about a converted lead to the contact that it became (R15, R16): it is the same person.
func follow(decided []linkage.Pair, way map[string]string) {
	for i, p := range decided {
		if contact := way[p.Left]; contact != "" {
			decided[i].Left = contact
		}
	}
}

// followed returns, for pairs of converted leads, those of the contacts that they became.
func followed(decided []linkage.Pair, way map[string]string) (more []linkage.Pair) {
	for _, p := range decided {
		if contact := way[p.Left]; contact != "" {
			more = append(more, linkage.Pair{Left: contact, Right: p.Right})
		}
	}
	return more
}

// readContacts reads contacts with the name, web site and link of their account.
func (e *employers) readContacts(ctx context.Context, run *pipeline.Run, b *record.Builder, roles []schemas.Role) error {
	// The account's own id is no company id of the directory, so that role is left to the account's link.
	r := newReader(schemas.Contact, without(roles, schemas.CompanyKey), "AccountId")
	at := r.roleIndex(roles)
	company, website, key := slices.Index(roles, schemas.Company), slices.Index(roles, schemas.Website), slices.Index(roles, schemas.CompanyKey)
	return r.each(ctx, run, func(v row) error {
		if err := b.Row(leftID(schemas.Contact.Object, v.id)); err != nil {
			return err
		}
		v.set(b, at)
		a := e.accounts[v.more[0]]
		b.Set(company, a.name)
		b.Set(website, a.website)
		b.Set(key, a.company)
		return nil
	})
}

// readLeads reads leads, and which of them gave way to the contact that they became (R15).
func readLeads(ctx context.Context, run *pipeline.Run, b *record.Builder, roles []schemas.Role) (way map[string]string, err error) {
	r := newReader(schemas.Lead, roles, "IsConverted", "ConvertedContactId")
	at := r.roleIndex(roles)
	way = map[string]string{}
	err = r.each(ctx, run, func(v row) error {
		id := leftID(schemas.Lead.Object, v.id)
		if err := b.Row(id); err != nil {
			return err
		}
		v.set(b, at)
		if v.more[0] == "true" {
			way[id] = ""
			if v.more[1] != "" {
				way[id] = leftID(schemas.Contact.Object, v.more[1])
			}
		}
		return nil
	})
	return way, err
}

// readPeople reads profiles with the web site of their company.
func (e *employers) readPeople(ctx context.Context, run *pipeline.Run, roles []schemas.Role) (*record.Table, error) {
	if err := e.readWebsites(ctx, run); err != nil {
		return nil, err
	}
	r := newReader(schemas.People, roles, "company_id")
	at := r.roleIndex(roles)
	website := slices.Index(roles, schemas.Website)
	b := record.NewBuilder(roles...)
	err := r.each(ctx, run, func(v row) error {
		if err := b.Row(v.id); err != nil {
			return err
		}
		v.set(b, at)
		b.Set(website, e.websites[v.more[0]])
		return nil
	})
	return b.Table(), err
}

func without(roles []schemas.Role, role schemas.Role) []schemas.Role {
	return slices.DeleteFunc(slices.Clone(roles), func(r schemas.Role) bool { return r == role })
}

// clone copies a text out of a record's memory.
func clone(s string) string { return strings.Clone(s) }

// split takes a left id apart.
func split(left string) (object, id string) {
	object, id, _ = strings.Cut(left, " ")
	return object, id
}
