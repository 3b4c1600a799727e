package record

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// split calls add for the fields of each record of a piece and its line, counted from the piece's first. Fields are valid until add
// returns.
func split(part piece, comma rune, add func(rec []string, line int) error) error {
	r := csv.NewReader(bytes.NewReader(part.data))
	r.Comma, r.ReuseRecord, r.FieldsPerRecord, r.TrimLeadingSpace = comma, true, -1, comma != '\t' // a tab is space
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				bad.StartLine, bad.Line = bad.StartLine+part.line-1, bad.Line+part.line-1
			}
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
		line, _ := r.FieldPos(0)
		if err := add(rec, line-1); err != nil {
			return err
		}
	}
}
