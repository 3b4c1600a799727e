package match

import (
	"context"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// employers is what matching companies leaves for matching people.
type employers struct {
	accounts map[string]account // by account id
	websites map[string]string  // of directory companies, by company id; see readWebsites
	model    *weigh.Model
}

// account is what a contact's account says of its employer.
type account struct {
	name, website string
	company       string // company id that the account is linked to, or gave way to; "" when none
}

func (s *Stage) matchCompanies(ctx context.Context, run *pipeline.Run, hand decisions, out *output) (*employers, error) {
	e := &employers{accounts: map[string]account{}}
	roles := feature.Roles(feature.Company)
	left, err := e.readAccounts(ctx, run, roles)
	if err != nil {
		return nil, err
	}
	object := schemas.Account.Object
	task := run.Progress.Start("match accounts", int64(left.Len()), "records")
	cfg := s.config(run, feature.Company, task)
	cfg.Links, cfg.Rejects = hand.links[object], hand.rejects[object]
	prepared, err := directory(run, cfg, func() (*record.Table, error) { return e.readCompanies(ctx, run, roles) })
	if err != nil {
		task.Done()
		return nil, err
	}
	res, err := linkTo(ctx, run, left, prepared, cfg)
	task.Done()
	if err != nil {
		return nil, err
	}
	e.model = res.Model
	for _, m := range res.Matches {
		_, id := split(m.Left)
		if a := e.accounts[id]; m.Decision == linkage.Link || m.Decision == linkage.Duplicate {
			a.company = m.Right
			e.accounts[id] = a
		}
	}
	out.add(run, "company", left, res, nil)
	return e, nil
}

func (e *employers) readAccounts(ctx context.Context, run *pipeline.Run, roles []schemas.Role) (*record.Table, error) {
	r := newReader(schemas.Account, roles, "Name", "Website")
	at := r.roleIndex(roles)
	b := record.NewBuilder(roles...)
	err := r.each(ctx, run, func(v row) error {
		if err := b.Row(leftID(schemas.Account.Object, v.id)); err != nil {
			return err
		}
		v.set(b, at)
		e.accounts[clone(v.id)] = account{name: clone(v.more[0]), website: clone(v.more[1])}
		return nil
	})
	return b.Table(), err
}

func (e *employers) readCompanies(ctx context.Context, run *pipeline.Run, roles []schemas.Role) (*record.Table, error) {
	r := newReader(schemas.Companies, roles)
	at := r.roleIndex(roles)
	b := record.NewBuilder(roles...)
	err := r.each(ctx, run, func(v row) error {
		if err := b.Row(v.id); err != nil {
			return err
		}
		v.set(b, at)
		return nil
	})
	return b.Table(), err
}

// readWebsites reads the web sites of companies, which profiles are compared by.
func (e *employers) readWebsites(ctx context.Context, run *pipeline.Run) error {
	e.websites = map[string]string{}
	return newReader(schemas.Companies, nil, "website").each(ctx, run, func(v row) error {
		if v.more[0] != "" {
			e.websites[clone(v.id)] = clone(v.more[0])
		}
		return nil
	})
}
