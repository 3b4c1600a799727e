package eval

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ReadTruth reads a truth file.
func ReadTruth(r io.Reader) (Truth, error) {
	truth := Truth{}
	err := readRows(r, nil, func(rec []string) error {
		if len(rec) < 2 || rec[0] == "" || rec[1] == "" {
			return errors.New("two ids are needed")
		}
		kind := ""
		if len(rec) > 2 {
			kind = rec[2]
		}
		truth[Pair{rec[0], rec[1]}] = kind
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return truth, nil
}

// ReadLinks reads links from CSV with a header. Ids are in the columns left_id and right_id (or record_id and target_id, as in the
// data set of links), else in the first two. The score is the column weight, else probability, else 1. When there is a column
// decision, rows whose decision is `link` are links, and those and `review` are candidates; otherwise every row is both.
func ReadLinks(r io.Reader) (links, candidates []Scored, err error) {
	var left, right, score, decision int
	err = readRows(r, func(header []string) {
		find := func(fallback int, names ...string) int {
			for _, n := range names {
				if i := slices.Index(header, n); i >= 0 {
					return i
				}
			}
			return fallback
		}
		left, right = find(0, "left_id", "record_id"), find(1, "right_id", "target_id")
		score, decision = find(-1, "weight", "probability"), find(-1, "decision")
	}, func(rec []string) error {
		if len(rec) <= max(left, right, score, decision) || rec[left] == "" || rec[right] == "" {
			return errors.New("fields are missing")
		}
		s := Scored{Pair{rec[left], rec[right]}, 1}
		if score >= 0 {
			if s.Score, err = strconv.ParseFloat(rec[score], 64); err != nil {
				return fmt.Errorf("score: %w", err)
			}
		}
		if decision < 0 || rec[decision] == "link" {
			links = append(links, s)
		}
		if decision < 0 || rec[decision] == "link" || rec[decision] == "review" {
			candidates = append(candidates, s)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read links: %w", err)
	}
	return links, candidates, nil
}

func readRows(r io.Reader, header func([]string), fn func(rec []string) error) error {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if header != nil {
		for i, h := range head {
			head[i] = strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))
		}
		header(head)
	}
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range rec {
			rec[i] = strings.TrimSpace(rec[i])
		}
		if err := fn(rec); err != nil {
			line, _ := in.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
