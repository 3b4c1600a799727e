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

// Links are the rows of a file of links.
type Links struct {
	Links      []Scored // those that the file calls links
	Candidates []Scored // links and those to review
	// Score names the column that scores come from: weight, probability, or "" when there is none and all are 1.
	Score string
	// Other counts the rows that are neither, such as duplicates.
	Other int
}

// ReadTruth reads a truth file in CSV.
func ReadTruth(r io.Reader) (Truth, error) {
	truth, err := readTruth(csvRows(r))
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return truth, nil
}

// ReadLinks reads links in CSV with a header. Ids are in the columns left_id and right_id (or record_id and target_id, as in the
// data set of links), else in the first two. The score is the column weight, else probability, else 1. When there is a column
// decision, rows whose decision is `link` are links, and those and `review` are candidates; otherwise every row is both.
func ReadLinks(r io.Reader) (*Links, error) {
	links, err := readLinks(csvRows(r))
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	return links, nil
}

// rows calls head once with the header and row for every record, whose fields are valid until it returns.
type rows func(head func([]string), row func([]string) error) error

func readTruth(in rows) (Truth, error) {
	truth := Truth{}
	err := in(func([]string) {}, func(rec []string) error {
		if len(rec) < 2 || rec[0] == "" || rec[1] == "" {
			return errors.New("two ids are needed")
		}
		kind := ""
		if len(rec) > 2 {
			kind = strings.Clone(rec[2])
		}
		truth[Pair{strings.Clone(rec[0]), strings.Clone(rec[1])}] = kind
		return nil
	})
	return truth, err
}

func readLinks(in rows) (*Links, error) {
	out := &Links{}
	var left, right, score, probability, decision int
	err := in(func(header []string) {
		find := func(fallback int, names ...string) int {
			for _, n := range names {
				if i := slices.Index(header, n); i >= 0 {
					return i
				}
			}
			return fallback
		}
		left, right = find(0, "left_id", "record_id"), find(1, "right_id", "target_id")
		score, probability, decision = find(-1, "weight", "probability"), find(-1, "probability"), find(-1, "decision")
		if score >= 0 {
			out.Score = header[score]
		}
	}, func(rec []string) error {
		if len(rec) <= max(left, right, score, probability, decision) || rec[left] == "" || rec[right] == "" {
			return errors.New("fields are missing")
		}
		s := Scored{Pair: Pair{strings.Clone(rec[left]), strings.Clone(rec[right])}, Score: 1}
		var err error
		if score >= 0 {
			if s.Score, err = strconv.ParseFloat(rec[score], 64); err != nil || s.Score != s.Score {
				return fmt.Errorf("%s %q is no number", out.Score, rec[score])
			}
		}
		if probability >= 0 {
			if s.Probability, err = strconv.ParseFloat(rec[probability], 64); err != nil || !(s.Probability >= 0 && s.Probability <= 1) {
				return fmt.Errorf("probability %q is no number from 0 to 1", rec[probability])
			}
		}
		what := "link"
		if decision >= 0 {
			what = rec[decision]
		}
		switch what {
		case "link":
			out.Links, out.Candidates = append(out.Links, s), append(out.Candidates, s)
		case "review":
			out.Candidates = append(out.Candidates, s)
		default:
			out.Other++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func csvRows(r io.Reader) rows {
	return func(header func([]string), row func([]string) error) error {
		in := csv.NewReader(r)
		in.FieldsPerRecord = -1
		in.TrimLeadingSpace, in.ReuseRecord = true, true
		head, err := in.Read()
		if errors.Is(err, io.EOF) {
			return errors.New("the file is empty, it has not even a header")
		}
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		for i, h := range head {
			head[i] = strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))
		}
		header(slices.Clone(head))
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
			if err := row(rec); err != nil {
				line, _ := in.FieldPos(0)
				return fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
}
