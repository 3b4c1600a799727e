package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// every is which records have changed: one in a hundred.
const every = 100

// changed measures a run that goes on from the scores of the one before, when one record in a hundred has changed since.
func (b *bench) changed(ctx context.Context, name, left, index, spec string) error {
	scores, links, after := filepath.Join(b.work, "scores"), filepath.Join(b.work, "links.csv"), filepath.Join(b.work, "changed.csv")
	if err := os.Remove(scores); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	args := []string{"link-files", "--json", "--quiet", "--index", index, "--spec", spec, "--scores", scores, "--out", links, "--left"}
	if _, _, err := b.job(ctx, name, "", append(slices.Clone(args), left)); err != nil {
		return err
	}
	if err := change(left, after, "first_name"); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f, s, err := b.job(ctx, name, "5% of the cold run's CPU", append(args, after))
	if err != nil {
		return err
	}
	if want := (s.LeftRows + every - 1) / every; s.Scored < want/2 || s.Scored > want {
		return fmt.Errorf("%s: %d records were scored, %d have changed at most", name, s.Scored, want)
	}
	f.Pairs = 0 // those of all records, most of them compared by the run before
	b.add(f)
	return nil
}

// change copies a CSV file; one row in a hundred gets the value that the row before it has in a column.
func change(from, to, column string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	r, w := csv.NewReader(in), csv.NewWriter(out)
	head, err := r.Read()
	if err != nil {
		return err
	}
	at := slices.Index(head, column)
	if at < 0 {
		return fmt.Errorf("%s has no column %s", from, column)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	before := "Someone"
	for n := 0; ; n++ {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		own := row[at]
		if n%every == 0 {
			row[at] = before
		}
		before = own
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
