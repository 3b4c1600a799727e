package match

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/index"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// Pair names a CRM record and a profile or, for an Account, a company.
type Pair struct{ Object, RecordID, TargetID string }

// Explain weighs pairs on the data sets of a finished run (see pipeline.Home.View), whose links say which company a contact's account
// is. With the model of that run the weights are those of its links. All pairs are of accounts, or none is. An error that wraps
// linkage.ErrAbsent names a record that the run did not see.
func (s *Stage) Explain(ctx context.Context, run *pipeline.Run, pairs []Pair) ([]linkage.Explanation, error) {
	if s.Model == nil {
		return nil, errors.New("explain: no model is given")
	}
	entity := feature.Person
	ids, wanted := map[string]bool{}, make([]linkage.Pair, len(pairs))
	for i, p := range pairs {
		wanted[i] = linkage.Pair{Left: leftID(p.Object, p.RecordID), Right: p.TargetID}
		ids[p.TargetID] = true
		if p.Object == schemas.Account.Object {
			entity = feature.Company
		}
	}
	for _, p := range pairs {
		if (p.Object == schemas.Account.Object) != (entity == feature.Company) {
			return nil, errors.New("explain: accounts and people cannot be explained together")
		}
	}
	cfg := s.config(run, entity, pipeline.NoProgress{}.Start("", 0, ""))
	e := newPast(run, cfg)
	left, d, err := e.sides(ctx)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	values, err := e.values(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	list, err := linkage.Explain(ctx, left, d, values, cfg, wanted)
	for i := range list {
		list[i].Left = pairs[i].RecordID
	}
	return list, err
}

// Train trains models on the data sets of a finished run: those that it used, unless it was given others.
func (s *Stage) Train(ctx context.Context, run *pipeline.Run) (*Model, error) {
	var m Model
	for _, entity := range []string{feature.Company, feature.Person} {
		cfg := s.config(run, entity, pipeline.NoProgress{}.Start("", 0, ""))
		left, d, err := newPast(run, cfg).sides(ctx)
		if err != nil {
			return nil, fmt.Errorf("train for a %s: %w", entity, err)
		}
		model, err := linkage.Train(ctx, left, d, cfg)
		if err != nil {
			return nil, fmt.Errorf("train for a %s: %w", entity, err)
		}
		if entity == feature.Company {
			m.Company = model
		} else {
			m.Person = model
		}
	}
	return &m, nil
}

// past reads what a finished run compared.
type past struct {
	*employers
	run *pipeline.Run
	cfg linkage.Config
}

func newPast(run *pipeline.Run, cfg linkage.Config) *past {
	return &past{&employers{accounts: map[string]account{}}, run, cfg}
}

// sides reads the CRM's records and the prepared directory. It leaves the directory that is kept for the next run as it is, since the
// past run may have had another one.
func (p *past) sides(ctx context.Context) (left *record.Table, d *feature.Directory, err error) {
	roles := feature.Roles(feature.Company)
	if left, err = p.readAccounts(ctx, p.run, roles); err != nil {
		return nil, nil, err
	}
	read := func() (*record.Table, error) { return p.readCompanies(ctx, p.run, roles) }
	if p.cfg.Entity == feature.Person {
		roles = feature.Roles(feature.Person)
		read = func() (*record.Table, error) { return p.readPeople(ctx, p.run, roles) }
		if left, err = p.people(ctx, roles); err != nil {
			return nil, nil, err
		}
	}
	if d, err = p.kept(); err == nil {
		return left, d, nil
	}
	t, err := read()
	if err != nil {
		return nil, nil, err
	}
	return left, feature.Prepare(p.cfg.Entity, t, feature.Options{Country: p.cfg.Country, Workers: p.cfg.Workers, BlockLimit: p.cfg.BlockLimit}), nil
}

// kept opens the directory that is kept for the next run, if it is this run's.
func (p *past) kept() (*feature.Directory, error) {
	dir, err := p.run.Cache()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, p.cfg.Entity+"-"+sourceOf(p.run, p.cfg)+".index")
	return index.Open(path, p.run.Store().Seal())
}

// people reads contacts and leads, with the companies that the run linked accounts to.
func (p *past) people(ctx context.Context, roles []schemas.Role) (*record.Table, error) {
	in, err := p.run.Read(ctx, schemas.Links, "object", "record_id", "target_id", "decision")
	if err != nil {
		return nil, err
	}
	err = columnar.Each(ctx, in, func(rec arrow.Record) error {
		objects, records := columnar.Strings(rec, "object"), columnar.Strings(rec, "record_id")
		targets, decisions := columnar.Strings(rec, "target_id"), columnar.Strings(rec, "decision")
		for i := range int(rec.NumRows()) {
			d := decisions.Value(i)
			if objects.Value(i) != schemas.Account.Object || d != linkage.Link && d != linkage.Duplicate {
				continue
			}
			id := clone(records.Value(i))
			a := p.accounts[id]
			a.company = clone(targets.Value(i))
			p.accounts[id] = a
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := record.NewBuilder(roles...)
	if err := p.readContacts(ctx, p.run, b, roles); err != nil {
		return nil, err
	}
	if _, err := readLeads(ctx, p.run, b, roles); err != nil {
		return nil, err
	}
	return b.Table(), nil
}

// values reads some records of the directory as the run compared them; a prepared directory does not hold what was read.
func (p *past) values(ctx context.Context, ids map[string]bool) (*record.Table, error) {
	ds, roles, more := schemas.Companies, feature.Roles(p.cfg.Entity), []string{}
	if p.cfg.Entity == feature.Person {
		ds, more = schemas.People, []string{"company_id"}
		if err := p.readWebsites(ctx, p.run); err != nil {
			return nil, err
		}
	}
	r := newReader(ds, roles, more...)
	at := r.roleIndex(roles)
	b := record.NewBuilder(roles...)
	err := r.each(ctx, p.run, func(v row) error {
		if !ids[v.id] {
			return nil
		}
		if err := b.Row(v.id); err != nil {
			return err
		}
		v.set(b, at)
		if len(v.more) > 0 {
			b.Set(slices.Index(roles, schemas.Website), p.websites[v.more[0]])
		}
		return nil
	})
	return b.Table(), err
}
