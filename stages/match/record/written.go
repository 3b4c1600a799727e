package record

import (
	"bytes"
	"fmt"

	"github.com/zeebo/xxh3"
)

// Written is how the records of a CSV file were written, so that those which are written the same when the file is read again need not
// be parsed (see Reread).
type Written struct {
	// Form identifies what the meaning of a record depends on besides its text.
	Form string
	// Hashes are those of the records' texts, by row.
	Hashes []uint64
}

// Written returns how the records were written; nil when the table was not read from CSV with Options.Written, or when the file leaves
// a doubt about where its records end.
func (t *Table) Written() *Written { return t.written }

// formOf identifies a header, a separator and what is read of the fields.
func formOf(header []string, comma rune, l layout) string {
	return fmt.Sprintf("%016x", xxh3.HashString(fmt.Sprintf("%q %q %d %q %d", header, comma, l.id, l.roles, l.at)))
}

// eachText calls fn for the text of each record of a piece, without its line end. A record ends where a line does outside quotes.
func eachText(data []byte, fn func(text []byte)) {
	quoted := bytes.IndexByte(data, '"') >= 0
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		for from := 0; quoted && end >= 0; { // one that holds line ends
			if bytes.Count(data[:end], []byte{'"'})%2 == 0 {
				break
			}
			from = end + 1
			if end = bytes.IndexByte(data[from:], '\n'); end >= 0 {
				end += from
			}
		}
		text := data
		if end < 0 {
			data = nil
		} else {
			text, data = data[:end], data[end+1:]
		}
		if text = bytes.TrimSuffix(text, []byte{'\r'}); len(text) > 0 { // encoding/csv knows no empty records
			fn(text)
		}
	}
}

// hashTexts returns the hashes of the records of a piece.
func hashTexts(data []byte, to []uint64) []uint64 {
	eachText(data, func(text []byte) { to = append(to, xxh3.Hash(text)) })
	return to
}
