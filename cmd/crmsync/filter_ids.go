package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// idColumns are the columns of a list of ids that hold them, and the kind that each is of; a plain id says nothing.
var idColumns = map[string]string{"member_id": kindPerson, "company_id": kindCompany, "id": ""}

// errIDs says that a file is no list of ids.
var errIDs = errors.New("not a list of ids")

// idList is a list of member or company ids: a text file with one id per line, or CSV whose header names member_id, company_id or id.
type idList struct {
	// Kind is what the header says that the ids are of; empty when it says nothing.
	Kind string

	csv    *csv.Reader
	column int
	first  string // the first id, of lists without a header
}

// readIDs begins to read a list.
func readIDs(r io.Reader) (*idList, error) {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = b.Discard(3) // what was peeked at is there
	}
	l := &idList{csv: csv.NewReader(b)}
	l.csv.FieldsPerRecord, l.csv.LazyQuotes, l.csv.ReuseRecord = -1, true, true
	head, err := l.csv.Read()
	if errors.Is(err, io.EOF) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, errIDs)
	}
	named := -1
	for i, cell := range head {
		kind, ok := idColumns[strings.ToLower(strings.TrimSpace(cell))]
		if !ok {
			continue
		}
		if kind != "" && l.Kind != "" {
			return nil, fmt.Errorf("the header names member_id and company_id, so it is not clear which are asked for: %w", errIDs)
		}
		if kind != "" || named < 0 {
			l.Kind, named = kind, i
		}
	}
	switch {
	case named >= 0:
		l.column = named
	case len(head) > 1:
		return nil, fmt.Errorf("the first of several columns are not named member_id, company_id or id: %w", errIDs)
	default:
		l.first = strings.Clone(strings.TrimSpace(head[0]))
	}
	return l, nil
}

// all yields the ids in their order, empty ones left out.
func (l *idList) all() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if l.first != "" && !yield(l.first, nil) {
			return
		}
		for {
			row, err := l.csv.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield("", fmt.Errorf("%w: %w", err, errIDs))
				return
			}
			if l.column >= len(row) {
				continue
			}
			if id := strings.Clone(strings.TrimSpace(row[l.column])); id != "" && !yield(id, nil) {
				return
			}
		}
	}
}

// batches gathers what is yielded into slices of at most size.
func batches(ids iter.Seq2[string, error], size int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		batch := make([]string, 0, size)
		for id, err := range ids {
			if err != nil {
				yield(nil, err)
				return
			}
			if batch = append(batch, id); len(batch) == size {
				if !yield(slices.Clone(batch), nil) {
					return
				}
				batch = batch[:0]
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}
