package generate

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/sourcegraph/conc/stream"

	"github.com/crmsync/crmsync/pipeline"
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
	Workers                   int
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
	TrueFirms  int `json:"true_companies"`
	Duplicates int `json:"duplicates"`
}

// generator is a world with its sizes.
type generator struct {
	Options
	seed      uint64
	people    int
	companies []company
	sizes     weighted[int]
	titles    weighted[string]
	accounts  map[int]string // account by company
}

// Run makes the files.
func Run(ctx context.Context, o Options) (*Summary, error) {
	switch {
	case o.People < 1 || o.Companies < 1:
		return nil, fmt.Errorf("%w: at least one person and one company are needed", ErrOptions)
	case o.Contacts < 0 || o.Leads < 0 || o.Accounts < 0:
		return nil, fmt.Errorf("%w: numbers of records must not be negative", ErrOptions)
	case o.Accounts > o.Companies:
		return nil, fmt.Errorf("%w: %d accounts, but %d companies", ErrOptions, o.Accounts, o.Companies)
	case o.Contacts+o.Leads > o.People:
		return nil, fmt.Errorf("%w: %d contacts and leads, but %d people", ErrOptions, o.Contacts+o.Leads, o.People)
	}
	g := &generator{Options: o, seed: o.Seed, people: o.People, accounts: map[int]string{}}
	g.Workers = max(1, o.Workers)
	g.companies = make([]company, o.Companies)
	for i := range g.companies {
		g.companies[i] = g.newCompany(i)
		g.sizes.add(i, 1/math.Pow(float64(i+20), 0.8))
	}
	for _, t := range ranks {
		g.titles.add(t.title, t.often)
	}
	sum := &Summary{People: o.People, Companies: o.Companies, Contacts: o.Contacts, Leads: o.Leads, Accounts: o.Accounts}
	for _, dir := range []string{"directory", "crm", "truth", "spec"} {
		if err := os.MkdirAll(filepath.Join(o.Out, dir), 0o755); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	if err := g.writeSpecs(); err != nil {
		return nil, err
	}
	if err := g.table(ctx, "directory/companies.csv", companyHeader, o.Companies, g.companyRows); err != nil {
		return nil, err
	}
	if err := g.table(ctx, "directory/people.csv", personHeader, o.People, g.personRows); err != nil {
		return nil, err
	}
	return sum, g.crm(ctx, sum)
}

// chunk is how many records a goroutine makes at a time.
const chunk = 4096

// table writes a file of n rows, made side by side and written in order.
func (g *generator) table(ctx context.Context, file string, header []string, n int, rows func(begin, end int, add func(row ...string))) (err error) {
	task := g.Progress.Start(filepath.Base(file), int64(n), "rows")
	defer task.Done()
	f, err := os.Create(filepath.Join(g.Out, file))
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<20)
	w := csv.NewWriter(out)
	if err := w.Write(header); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	w.Flush()
	var failed error
	s := stream.New().WithMaxGoroutines(g.Workers)
	for begin := 0; begin < n && ctx.Err() == nil; begin += chunk {
		end := min(n, begin+chunk)
		s.Go(func() stream.Callback {
			var b bytes.Buffer
			c := csv.NewWriter(&b)
			var err error
			rows(begin, end, func(row ...string) { err = errors.Join(err, c.Write(row)) })
			c.Flush()
			return func() {
				_, wrote := out.Write(b.Bytes())
				failed = errors.Join(failed, err, wrote)
				task.Add(int64(end - begin))
			}
		})
	}
	s.Wait()
	if err := errors.Join(ctx.Err(), failed, out.Flush()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
