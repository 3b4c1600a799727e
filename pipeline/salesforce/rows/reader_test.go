package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func readAll(src io.Reader) ([][]string, error) {
	r := NewReader(src)
	var all [][]string
	for {
		cells, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		rec := make([]string, len(cells))
		for i, c := range cells {
			rec[i] = string(c)
		}
		all = append(all, rec)
	}
}

func TestReader(t *testing.T) {
	tests := []struct {
		name, in string
		want     [][]string
		err      error
	}{
		{"nothing", "", nil, nil},
		{"header only", "\"Id\",\"Name\"\n", [][]string{{"Id", "Name"}}, nil},
		{"quoted", "\"a\",\"b\"\n\"1\",\"\"\n", [][]string{{"a", "b"}, {"1", ""}}, nil},
		{"bare", "a,b\n1,\n,2\n", [][]string{{"a", "b"}, {"1", ""}, {"", "2"}}, nil},
		{"mixed", "a,\"b\"\n\"1\",2\n", [][]string{{"a", "b"}, {"1", "2"}}, nil},
		{"no last line end", "a,b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}, nil},
		{"no last line end, quoted", "a\n\"2\"", [][]string{{"a"}, {"2"}}, nil},
		{"CRLF", "\"a\",b\r\n\"1\",2\r\n", [][]string{{"a", "b"}, {"1", "2"}}, nil},
		{"CR at the end", "a\r\n\"2\"\r", [][]string{{"a"}, {"2"}}, nil},
		{"CRLF within quotes is kept", "\"a\"\n\"x\r\ny\"\n", [][]string{{"a"}, {"x\r\ny"}}, nil},
		{"LF within quotes", "\"a\",\"b\"\n\"x\n\ny\",\"\n\"\n", [][]string{{"a", "b"}, {"x\n\ny", "\n"}}, nil},
		{"doubled quotes", "\"a\"\n\"\"\"x\"\" \"\"\"\"y\"\n", [][]string{{"a"}, {"\"x\" \"\"y"}}, nil},
		{"only quotes", "a\n\"\"\"\"\n", [][]string{{"a"}, {"\""}}, nil},
		{"NUL", "a\n\"x\x00y\"\nz\x00\n", [][]string{{"a"}, {"x\x00y"}, {"z\x00"}}, nil},
		{"commas within quotes", "a,b\n\"x,y\",\",\"\n", [][]string{{"a", "b"}, {"x,y", ","}}, nil},
		{"blank lines", "\n\r\na,b\n\n1,2\n\n", [][]string{{"a", "b"}, {"1", "2"}}, nil},
		{"CR within a bare value", "a\nx\ry\n", [][]string{{"a"}, {"x\ry"}}, nil},
		{"cut within quotes", "a\n\"x", [][]string{{"a"}}, ErrCut},
		{"cut after quote", "a,b\n\"x\"", [][]string{{"a", "b"}}, ErrCut},
		{"text after a quote", "a\n\"x\"y\n", [][]string{{"a"}}, ErrQuote},
		{"quote in a bare value", "a\nx\"y\n", [][]string{{"a"}}, ErrQuote},
		{"too few", "a,b\n1\n2,3\n", [][]string{{"a", "b"}}, ErrCellCount},
		{"too many", "a,b\n1,2,3\n2,3\n", [][]string{{"a", "b"}}, ErrCellCount},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for kind, src := range map[string]io.Reader{
				"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in)),
				"data with EOF": iotest.DataErrReader(strings.NewReader(tt.in)),
			} {
				got, err := readAll(src)
				if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
					t.Errorf("%s: error %v, want %v %s", kind, err, tt.err, diff)
				}
			}
		})
	}
}

func TestReaderTellsWhere(t *testing.T) {
	_, err := readAll(strings.NewReader("a,b\n\"x\ny\",\"\n\"\n\nz\n"))
	var e *SyntaxError
	if !errors.As(err, &e) || e.Line != 6 || e.Record != 3 {
		t.Errorf("error %v; want line 6, record 3", err)
	}
}

func TestReaderLongRecords(t *testing.T) {
	long := strings.Repeat("x\"\"\n,", firstBuffer)
	got, err := readAll(strings.NewReader("a,b\n\"" + long + "\",\"1\"\n2,3\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(long, `""`, `"`)
	if len(got) != 3 || got[1][0] != want || got[1][1] != "1" || got[2][1] != "3" {
		t.Errorf("a record of %d bytes is not kept", len(long))
	}
	endless := io.MultiReader(strings.NewReader("a\n\""), iotest.TimeoutReader(zeroes{}))
	if _, err := readAll(endless); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error of the source: %v", err)
	}
	if _, err := readAll(io.MultiReader(strings.NewReader("a\n\""), zeroes{})); !errors.Is(err, ErrTooLong) {
		t.Errorf("endless record: %v", err)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// FuzzReader compares with encoding/csv, on texts without CR: that package drops those before line ends within quotes.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"", "a,b\n1,2\n", "\"a\",\"b\"\n\"x\"\"y\",\"\n\"\n", "a\n\"", "a,b\n1", "\"a\"b", ",\n,", "\n\n\"\"\n", "a\x00,\xff\n1,2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		ours, err := readAll(iotest.HalfReader(bytes.NewReader(in)))
		again, err2 := readAll(iotest.OneByteReader(bytes.NewReader(in)))
		if diff := cmp.Diff(ours, again); diff != "" || (err == nil) != (err2 == nil) {
			t.Errorf("how the text arrives matters: %v, %v %s", err, err2, diff)
		}
		if bytes.IndexByte(in, '\r') >= 0 {
			return
		}
		theirs, refErr := csv.NewReader(bytes.NewReader(in)).ReadAll()
		if (err == nil) != (refErr == nil) {
			t.Fatalf("error %v, encoding/csv says %v", err, refErr)
		}
		if diff := cmp.Diff(theirs, ours); err == nil && diff != "" {
			t.Error(diff)
		}
	})
}
