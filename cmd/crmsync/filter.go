package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/renameio/v2"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
)

// filterBatch is how many ids are asked for at once.
const filterBatch = 10_000

func (a *app) exportFilterCommand() *cobra.Command {
	var idsFile, out, kind string
	c := &cobra.Command{
		Use:   "filter --ids FILE",
		Short: "Say for a list of members or companies who is in the CRM, and as which record",
		Long: `filter answers 'in CRM' or 'not in CRM' for every id of a list, in its order, as CSV: id, in_crm, object, record_id, url. The list
has one id per line, or is CSV with a column member_id, company_id or id; - reads standard input. The answers are those of one run, the
latest that was loaded. In SQL: SELECT * FROM crmsync.in_crm_people(ARRAY['…']) and crmsync.in_crm_companies.`,
		Example: "  crmsync export filter --ids members.csv --out in-crm.csv\n  crmsync export filter --ids companies.txt --kind company",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if idsFile == "" {
				return usageError{errors.New("--ids: name the list of ids")}
			}
			if kind != "" && kind != kindPerson && kind != kindCompany {
				return usageError{fmt.Errorf("--kind: %q is neither %s nor %s", kind, kindPerson, kindCompany)}
			}
			var in io.Reader = cmd.InOrStdin()
			if idsFile != "-" {
				f, err := os.Open(idsFile)
				if err != nil {
					return usageError{fmt.Errorf("--ids: %w", err)}
				}
				defer func() { _ = f.Close() }() // it is only read
				in = f
			}
			list, err := readIDs(in)
			switch {
			case err != nil:
				return usageError{fmt.Errorf("%s: %w", idsFile, err)}
			case kind == "":
				kind = list.Kind
			case list.Kind != "" && list.Kind != kind:
				return usageError{fmt.Errorf("%s: its header says %s, --kind says %s", idsFile, list.Kind, kind)}
			}
			if kind == "" {
				return usageError{fmt.Errorf("--kind: say what the ids of %s are, %s or %s", idsFile, kindPerson, kindCompany)}
			}
			return a.with(cmd.Context(), func(s *session) error { return a.exportFilter(cmd.Context(), s, list, kind, out) })
		},
	}
	c.Flags().StringVar(&idsFile, "ids", "", "list of member or company ids; - for standard input")
	c.Flags().StringVar(&kind, "kind", "", "person or company (default: by the list's header)")
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return c
}

func (a *app) exportFilter(ctx context.Context, s *session, list *idList, kind, out string) (err error) {
	if out == "" {
		if a.json {
			answers := []inCRM{}
			if _, err := s.inCRM(ctx, list, kind, func(x inCRM) error { answers = append(answers, x); return nil }); err != nil {
				return err
			}
			return a.printJSON(answers)
		}
		_, err := s.writeFilter(ctx, a.stdout, list, kind)
		return err
	}
	f, err := renameio.NewPendingFile(out, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	n, err := s.writeFilter(ctx, f, list, kind)
	if err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	if a.json {
		return a.printJSON(map[string]any{"file": out, "asked": n.asked, "in_crm": n.in, "run_id": n.run})
	}
	fmt.Fprintf(a.stdout, "%s: %d asked, %d in the CRM, as of %s\n", out, n.asked, n.in, n.run)
	return nil
}

// inCRM is an answer of the filter.
type inCRM struct {
	ID       string `json:"id"`
	InCRM    bool   `json:"in_crm"`
	Object   string `json:"object"`
	RecordID string `json:"record_id"`
	URL      string `json:"url"`
}

type filterCount struct {
	asked, in int
	run       string
}

func (s *session) writeFilter(ctx context.Context, w io.Writer, list *idList, kind string) (filterCount, error) {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"id", "in_crm", "object", "record_id", "url"}); err != nil {
		return filterCount{}, fmt.Errorf("write the filter: %w", err)
	}
	n, err := s.inCRM(ctx, list, kind, func(x inCRM) error {
		return c.Write([]string{x.ID, fmt.Sprint(x.InCRM), x.Object, x.RecordID, x.URL})
	})
	if err != nil {
		return n, err
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return n, fmt.Errorf("write the filter: %w", err)
	}
	return n, nil
}

// inCRM asks for every id of a list. All answers are of the same run, also when another one is loaded meanwhile.
func (s *session) inCRM(ctx context.Context, list *idList, kind string, answer func(inCRM) error) (n filterCount, err error) {
	ask := map[string]string{kindPerson: "crmsync.in_crm_people", kindCompany: "crmsync.in_crm_companies"}[kind]
	err = pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(current_run), '') FROM crmsync.contracts WHERE id = $1`, s.cfg.Contract).Scan(&n.run); err != nil {
			return err
		}
		if n.run == "" {
			return fmt.Errorf("contract %s was never synced; run `crmsync sync` first", s.cfg.Contract)
		}
		for ids, err := range batches(list.all(), filterBatch) {
			if err != nil {
				return err
			}
			rows, err := tx.Query(ctx, `SELECT f.id, f.in_crm, coalesce(f.object, ''), coalesce(f.record_id, ''), coalesce(b.url, '')
				FROM `+ask+`($1, $2) WITH ORDINALITY AS f (id, in_crm, object, record_id, place)
				LEFT JOIN crmsync.badges b ON b.contract = $2 AND b.target_kind = $3 AND b.target_id = f.id
				ORDER BY f.place`, ids, s.cfg.Contract, kind)
			if err != nil {
				return err
			}
			var x inCRM
			if _, err := pgx.ForEachRow(rows, []any{&x.ID, &x.InCRM, &x.Object, &x.RecordID, &x.URL}, func() error {
				n.asked++
				if x.InCRM {
					n.in++
				}
				return answer(x)
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("ask who is in the CRM: %w", err)
	}
	return n, nil
}
