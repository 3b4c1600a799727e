package generate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// ErrOptions says that a world cannot be made as asked.
var ErrOptions = errors.New("impossible world")

// Options say what to make.
type Options struct {
	People, Companies         int // of the directory
	Contacts, Leads, Accounts int // of the CRM
	Seed                      uint64
	Out                       string // folder, made when it is not there
	Errors                    Errors
	Workers                   int // goroutines; the files are the same for any number
	Progress                  pipeline.Progress
}

// Summary counts what was made.
type Summary struct {
	People     int `json:"people"`
	Companies  int `json:"companies"`
	Contacts   int `json:"contacts"`
	Leads      int `json:"leads"`
	Accounts   int `json:"accounts"`
	TruePeople int `json:"true_people"` // contacts and leads whose person is in the directory
	Moved      int `json:"moved"`       // of those: with a former employer
	TrueFirms  int `json:"true_companies"`
	Duplicates int `json:"duplicates"`
}

// generator is a world while it is made.
type generator struct {
	Options
	companies []company // those of the directory, then those beyond it
	sizes     zipf      // of the directory's companies
	subjects  plan
}

// Validate reports what cannot be made.
func (o Options) Validate() error {
	switch {
	case o.People < 1 || o.Companies < 1:
		return fmt.Errorf("%w: %d people and %d companies; at least one of each is needed", ErrOptions, o.People, o.Companies)
	case o.Contacts < 0 || o.Leads < 0 || o.Accounts < 0:
		return fmt.Errorf("%w: %d contacts, %d leads, %d accounts: numbers of records must not be negative", ErrOptions, o.Contacts, o.Leads, o.Accounts)
	case o.Accounts > o.Companies:
		return fmt.Errorf("%w: %d accounts, but %d companies", ErrOptions, o.Accounts, o.Companies)
	case o.Contacts+o.Leads > o.People:
		return fmt.Errorf("%w: %d contacts and leads, but %d people", ErrOptions, o.Contacts+o.Leads, o.People)
	case o.People+o.Contacts+o.Leads > math.MaxInt32:
		return fmt.Errorf("%w: more than %d people", ErrOptions, math.MaxInt32)
	case o.Out == "":
		return fmt.Errorf("%w: no folder to write to", ErrOptions)
	}
	return o.Errors.Validate()
}

// Run makes the files. An error that is ErrOptions says what cannot be made.
func Run(ctx context.Context, o Options) (*Summary, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = pipeline.NoProgress{}
	}
	o.Workers = max(1, o.Workers)
	for _, dir := range []string{"directory", "crm", "truth", "spec"} {
		if err := os.MkdirAll(filepath.Join(o.Out, dir), 0o755); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	g := &generator{Options: o, sizes: newZipf(o.Companies)}
	g.found(o.Companies + o.Accounts) // an account beyond the directory is about a company of its own
	g.subjects = g.plan()
	sum := &Summary{People: o.People, Companies: o.Companies, Contacts: o.Contacts, Leads: o.Leads, Accounts: o.Accounts}
	if err := g.writeSpecs(); err != nil {
		return nil, err
	}
	if err := g.write(ctx, "directory/companies.csv", schemas.Companies.Names(), o.Companies, g.companyRow); err != nil {
		return nil, err
	}
	if err := g.write(ctx, "directory/people.csv", schemas.People.Names(), o.People, g.personRow); err != nil {
		return nil, err
	}
	if err := g.crm(ctx, sum); err != nil {
		return nil, err
	}
	return sum, nil
}
