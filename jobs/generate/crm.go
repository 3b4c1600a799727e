package generate

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// truth collects the true pairs of a chunk of records.
type truth struct{ pairs, duplicates [][]string }

// pair says that a record is about a person or company of the directory.
func (t *truth) pair(id, target, kind string) {
	t.pairs = append(t.pairs, []string{id, target, kind})
}

// duplicate says that a record is about what an earlier one is about.
func (t *truth) duplicate(id, other, target string) {
	t.pair(id, target, "duplicate")
	t.duplicates = append(t.duplicates, []string{id, other})
}

// truthFiles are the files of the truth while they are written.
type truthFiles struct {
	g     *generator
	files map[string]*csv.Writer
	close []func() error
}

func (g *generator) openTruth() (*truthFiles, error) {
	t := &truthFiles{g: g, files: map[string]*csv.Writer{}}
	for _, file := range []struct{ name, header string }{
		{"accounts", "crm_id,company_id,kind"},
		{"contacts", "crm_id,member_id,kind"},
		{"leads", "crm_id,member_id,kind"},
		{"people", "crm_id,member_id,kind"},
		{"duplicates", "crm_id,duplicate_of"},
	} {
		f, err := os.Create(filepath.Join(g.Out, "truth", file.name+".csv"))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("write truth: %w", err), t.Close())
		}
		b := bufio.NewWriterSize(f, 1<<16)
		w := csv.NewWriter(b)
		t.files[file.name] = w
		t.close = append(t.close, func() error {
			w.Flush()
			return errors.Join(w.Error(), b.Flush(), f.Close())
		})
		if err := w.Write(list(file.header)); err != nil {
			return nil, errors.Join(fmt.Errorf("write truth: %w", err), t.Close())
		}
	}
	return t, nil
}

// Close writes what is held.
func (t *truthFiles) Close() error {
	var errs []error
	for _, c := range t.close {
		errs = append(errs, c())
	}
	t.close = nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

// put writes the truth of a chunk into the files; writers keep their first error, which Close returns.
func (t *truthFiles) put(c *truth, files ...string) {
	for _, name := range files {
		_ = t.files[name].WriteAll(c.pairs)
	}
	_ = t.files["duplicates"].WriteAll(c.duplicates)
}

// crm writes accounts, contacts and leads, and the truth about them.
func (g *generator) crm(ctx context.Context, sum *Summary) (err error) {
	files, err := g.openTruth()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	records := func(name string, header []string, n int, truths []string, record func(i int, add func([]string), t *truth)) (pairs, moved int, err error) {
		err = g.table(ctx, "crm/"+name+".csv", header, n, func(begin, end int, add func([]string)) func() {
			t := &truth{}
			for i := begin; i < end; i++ {
				record(i, add, t)
			}
			return func() {
				pairs += len(t.pairs)
				sum.Duplicates += len(t.duplicates)
				for _, p := range t.pairs {
					if p[2] == "moved" {
						moved++
					}
				}
				files.put(t, truths...)
			}
		})
		return pairs, moved, err
	}
	if sum.TrueFirms, _, err = records("accounts", accountHeader, g.Accounts, []string{"accounts"}, g.account); err != nil {
		return err
	}
	for _, o := range g.objects() {
		pairs, moved, err := records(o.name, o.header, len(o.people), []string{o.name, "people"}, func(i int, add func([]string), t *truth) { g.record(&o, i, add, t) })
		if err != nil {
			return err
		}
		sum.TruePeople += pairs
		sum.Moved += moved
	}
	return nil
}
