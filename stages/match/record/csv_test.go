package record

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzUnquoted holds that records without quotes are read as encoding/csv reads them, to the line. White space around fields does not
// count: none of it is kept.
func FuzzUnquoted(f *testing.F) {
	f.Add("1,a,b\r\n\r\n\n2, x ,\r\n,\n3\r", byte(','))
	f.Add("1;a;;\n \n;\r\r\n", byte(';'))
	f.Add("\t1\t\n\r", byte('\t'))
	f.Fuzz(func(t *testing.T, text string, comma byte) {
		if strings.ContainsRune(text, '"') || !strings.ContainsRune(",;\t|", rune(comma)) {
			t.Skip()
		}
		all := func(read func(piece, rune, func([]string, int) error) error) (rows []string) {
			err := read(piece{data: []byte(text), line: 1}, rune(comma), func(rec []string, line int) error {
				for i := range rec {
					rec[i] = strings.TrimSpace(rec[i])
				}
				rows = append(rows, fmt.Sprintf("%d: %q", line, rec))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		want, got := all(quoted), all(unquoted)
		if strings.Join(want, "\n") != strings.Join(got, "\n") {
			t.Errorf("encoding/csv: %q, here: %q", want, got)
		}
	})
}
