package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/generate"
)

func (a *app) genCommand() *cobra.Command {
	o := generate.Options{Errors: generate.Usual}
	var force bool
	c := &cobra.Command{
		Use:   "gen --people N --companies M --contacts K --leads L --accounts A --out DIR",
		Short: "Make a directory, a CRM and the truth, to try the matcher on",
		Long: `gen makes an invented world: people of several countries who work at companies, a Sales Navigator directory of them, and a CRM
that knows some of them with the errors that CRMs have: typos, nicknames, other spellings, missing fields, former employers, married
names, swapped fields, duplicates. The truth is beside them, as are specifications for link-files. The same seed makes the same bytes.`,
		Example: "  crmsync gen --people 100000 --companies 10000 --contacts 20000 --leads 20000 --accounts 5000 --seed 1 --out world\n" +
			"  crmsync link-files --left world/crm/leads.csv --right world/directory/people.csv --spec world/spec/leads.yaml --out links.csv\n" +
			"  crmsync eval --links links.csv --truth world/truth/leads.csv",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Out == "" {
				return usageError{errors.New("--out: name the folder to write to")}
			}
			if found, err := os.ReadDir(o.Out); err == nil && len(found) > 0 && !force {
				return usageError{fmt.Errorf("%s is not empty; --force writes into it all the same", o.Out)}
			}
			progress, done := a.bars()
			o.Progress = progress
			sum, err := generate.Run(cmd.Context(), o)
			done()
			if errors.Is(err, generate.ErrOptions) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(sum)
			}
			fmt.Fprintf(a.stdout, "%s people and %s companies; %s contacts, %s leads, %s accounts\n%s people and %s companies are known to both sides; %s duplicates\nwritten to %s\n",
				humanize.Comma(int64(sum.People)), humanize.Comma(int64(sum.Companies)), humanize.Comma(int64(sum.Contacts)), humanize.Comma(int64(sum.Leads)),
				humanize.Comma(int64(sum.Accounts)), humanize.Comma(int64(sum.TruePeople)), humanize.Comma(int64(sum.TrueFirms)), humanize.Comma(int64(sum.Duplicates)), o.Out)
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.People, "people", 100_000, "profiles of the directory")
	f.IntVar(&o.Companies, "companies", 10_000, "companies of the directory")
	f.IntVar(&o.Contacts, "contacts", 20_000, "contacts of the CRM")
	f.IntVar(&o.Leads, "leads", 20_000, "leads of the CRM")
	f.IntVar(&o.Accounts, "accounts", 5_000, "accounts of the CRM")
	f.Uint64Var(&o.Seed, "seed", 1, "another seed makes another world")
	f.StringVar(&o.Out, "out", "", "folder to write to")
	f.BoolVar(&force, "force", false, "write into a folder that is not empty")
	f.IntVar(&o.Workers, "workers", runtime.NumCPU(), "goroutines; the files are the same for any number")
	return c
}
