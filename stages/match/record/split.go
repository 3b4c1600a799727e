package record

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unsafe"
)

// split calls add for the fields of each record of a piece and its line, counted from the piece's first. Most records are one line each
// with no quotes but around fields, which takes less than encoding/csv does; from the first that is not, encoding/csv reads the rest
// of the piece. Fields are valid until add returns, and share the piece's memory.
func split(part piece, comma rune, add func(rec []string, line int) error) error {
	rest, rec, ok := part.data, []string(nil), false
	for line := 0; len(rest) > 0; line++ {
		row, after, _ := bytes.Cut(rest, []byte{'\n'})
		if row = bytes.TrimSuffix(row, []byte{'\r'}); len(row) > 0 {
			if rec, ok = fields(rec[:0], unsafe.String(unsafe.SliceData(row), len(row)), comma); !ok {
				return splitAny(part, rest, line, comma, add)
			}
			if err := add(rec, line); err != nil {
				return err
			}
		}
		rest = after
	}
	return nil
}

// fields appends the fields of a record of one line. It returns false for a record that may go on after the line, has quotes in a
// field, or is not well formed.
func fields(rec []string, text string, comma rune) ([]string, bool) {
	sep := byte(comma) // see separators
	plain := strings.IndexByte(text, '"') < 0
	for {
		if !plain {
			within := text
			if comma != '\t' { // a tab is space
				within = strings.TrimLeftFunc(text, unicode.IsSpace)
			}
			if value, ok := strings.CutPrefix(within, `"`); ok {
				value, after, ok := strings.Cut(value, `"`)
				if !ok || after != "" && after[0] != sep {
					return rec, false
				}
				if rec = append(rec, value); after == "" {
					return rec, true
				}
				text = after[1:]
				continue
			}
		}
		at := strings.IndexByte(text, sep)
		last := at < 0
		if last {
			at = len(text)
		}
		if !plain && strings.IndexByte(text[:at], '"') >= 0 {
			return rec, false
		}
		if rec = append(rec, text[:at]); last {
			return rec, true
		}
		text = text[at+1:]
	}
}

// splitAny does what split does with the rest of a piece, which begins so many lines after the piece, by encoding/csv.
func splitAny(part piece, rest []byte, lines int, comma rune, add func(rec []string, line int) error) error {
	r := csv.NewReader(bytes.NewReader(rest))
	r.Comma, r.ReuseRecord, r.FieldsPerRecord, r.TrimLeadingSpace = comma, true, -1, comma != '\t'
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				bad.StartLine, bad.Line = bad.StartLine+lines+part.line-1, bad.Line+lines+part.line-1
			}
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
		line, _ := r.FieldPos(0)
		if err := add(rec, lines+line-1); err != nil {
			return err
		}
	}
}
