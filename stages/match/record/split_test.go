package record

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzSplit holds that records are read as encoding/csv reads them, to the line. White space around fields does not count: none of it is
// kept.
func FuzzSplit(f *testing.F) {
	f.Add("1,a,b\r\n\r\n\n2, x ,\r\n,\n3\r", byte(','))
	f.Add("1;a;;\n \n;\r\r\n", byte(';'))
	f.Add("\t1\t\n\r", byte('\t'))
	f.Add("1,\"a, b\",\"\"\n2, \"c\" ,d\n3,\"e\",\n\"4\"\r\n", byte(','))
	f.Add("1|\"a\"|x\n2|\"two\nlines\"|\"with \"\"quotes\"\"\"\n3|b\"c", byte('|'))
	f.Fuzz(func(t *testing.T, text string, comma byte) {
		if !strings.ContainsRune(",;\t|", rune(comma)) {
			t.Skip()
		}
		part := piece{data: []byte(text), line: 7}
		all := func(read func(add func([]string, int) error) error) (rows []string) {
			err := read(func(rec []string, line int) error {
				for i := range rec {
					rec[i] = strings.TrimSpace(rec[i])
				}
				rows = append(rows, fmt.Sprintf("%d: %q", line, rec))
				return nil
			})
			return append(rows, fmt.Sprint(err))
		}
		want := all(func(add func([]string, int) error) error { return splitAny(part, part.data, 0, rune(comma), add) })
		got := all(func(add func([]string, int) error) error { return split(part, rune(comma), add) })
		if strings.Join(want, "\n") != strings.Join(got, "\n") {
			t.Errorf("encoding/csv: %q, here: %q", want, got)
		}
	})
}
