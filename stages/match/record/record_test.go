package record

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/crmsync/crmsync/schemas"
)

func TestReadCSV(t *testing.T) {
	text := "\ufeffId, Name ,City\na,Acme, Paris\nb,\"x, \"\"y\"\"\n\",\nc,Acme,Paris,\n"
	tab, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name", schemas.City: "City"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for i := range tab.Len() {
		got += fmt.Sprintf("%s=%s/%s;", tab.ID(i), tab.Value(i, schemas.Company), tab.Value(i, schemas.City))
	}
	if want := `a=Acme/Paris;b=x, "y"/;c=Acme/Paris;`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := tab.Column(schemas.Company).Values.Len(); n != 3 {
		t.Errorf("%d distinct values with the missing one, want 3", n)
	}
	if tab.Value(0, schemas.Phone) != "" || tab.Without(schemas.City).Column(schemas.City) != nil {
		t.Error("a role that is not there has a value")
	}
	for name, text := range map[string]string{"twice": "Id,Name,City\na,,\na,,\n", "no id": "Id,Name,City\n,x,y\n", "no column": "Id,City\na,b\n", "empty": "", "too many": "Id,Name\na,b,c\n", "quote": "Id,Name\na,b\"c\n"} {
		if _, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name"}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEmptyCells: a tab is no space to be trimmed; a mark of the byte order may stand before a quoted name.
func TestEmptyCells(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tsv")
	if err := os.WriteFile(path, []byte("\ufeff\"Id\"\tfirst\tmiddle\tlast\nr1\tJohn\t\tSmith\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := Open(t.Context(), path, "Id", map[schemas.Role][]string{schemas.GivenName: {"first"}, schemas.Surname: {"last"}, schemas.Text: {"middle"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if g, s, m := tab.Value(0, schemas.GivenName), tab.Value(0, schemas.Surname), tab.Value(0, schemas.Text); g != "John" || s != "Smith" || m != "" {
		t.Errorf("%q, %q, %q", g, m, s)
	}
}

// TestCutOff: half of a compressed file is no file.
func TestCutOff(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintln(z, "Id,Name")
	for i := range 10_000 {
		fmt.Fprintf(z, "r%d,%x\n", i, i*7919)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.csv.gz")
	for n, want := range map[int]bool{packed.Len(): true, packed.Len() / 2: false, packed.Len() - 4: false, 12: false} {
		if err := os.WriteFile(path, packed.Bytes()[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		tab, err := Open(t.Context(), path, "Id", map[schemas.Role][]string{schemas.Company: {"Name"}}, Options{block: 1000})
		if want && (err != nil || tab.Len() != 10_000) || !want && !errors.Is(err, ErrInput) {
			t.Errorf("%d of %d bytes: %v", n, packed.Len(), err)
		}
	}
}

// TestDamagedParquet: whatever is wrong with a file, it is an error.
func TestDamagedParquet(t *testing.T) {
	type row struct{ Id, Name string }
	var out bytes.Buffer
	if err := parquet.Write(&out, []row{{"a", "x"}, {"b", "y"}, {"c", "x"}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	for at := range out.Len() {
		for _, flip := range []byte{0x01, 0x80, 0xFF} {
			bad := bytes.Clone(out.Bytes())
			bad[at] ^= flip
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), path, "Id", map[schemas.Role][]string{schemas.Company: {"Name"}}, Options{}); err != nil && !errors.Is(err, ErrInput) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
	}
}

// TestSeparators: a file says by its header what separates its fields.
func TestSeparators(t *testing.T) {
	for _, sep := range []string{",", ";", "\t", "|"} {
		path := filepath.Join(t.TempDir(), "x.csv")
		text := strings.ReplaceAll("\ufeffName;Id\r\n\"a,b;c\td|e\";1\r\n", ";", sep)
		text = strings.ReplaceAll(text, "a,b"+sep+"c", "a,b;c")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tab, err := Open(t.Context(), path, "Id", map[schemas.Role][]string{schemas.Company: {"Name"}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if tab.ID(0) != "1" || tab.Value(0, schemas.Company) != "a,b;c\td|e" {
			t.Errorf("separated by %q: %q is %q", sep, tab.ID(0), tab.Value(0, schemas.Company))
		}
	}
}

// TestErrorsNameTheLine looks at errors beyond the first block.
func TestErrorsNameTheLine(t *testing.T) {
	rows := "Id,Name\n"
	for i := range 100 {
		rows += fmt.Sprintf("r%d,\"two\nlines\"\n", i)
	}
	for _, c := range []struct{ more, want string }{
		{"r7,x\n", "line 202: id r7 was on line 16 already"},
		{",x\n", "line 202: the record has no id"},
		{"z,x,y\n", "line 202, record z: 3 fields, the header has 2"},
		{"z,x\"y\n", "line 202"},
		{"z,M\xfcller\n", `line 202: the text is not UTF-8: "z,M\xfcller"`},
	} {
		for _, block := range []int{1, 50, 1 << 20} {
			_, err := readCSV(t.Context(), strings.NewReader(rows+c.more), ',', "Id", map[schemas.Role][]string{schemas.Company: {"Name"}}, Options{Workers: 2, block: block})
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("blocks of %d: %v, want %s", block, err, c.want)
			}
		}
	}
	_, err := ReadCSV(strings.NewReader("Id,Company Name\n"), "Id", map[schemas.Role]string{schemas.Company: "CompanyName"})
	if err == nil || !strings.Contains(err.Error(), `did you mean "Company Name"`) {
		t.Errorf("misspelt column: %v", err)
	}
}

// FuzzBlocks holds that a file reads the same cut into small blocks by several goroutines, and as encoding/csv reads it whole.
func FuzzBlocks(f *testing.F) {
	f.Add("Id,A,B\n1,\"x\ny\",z\n2,\"\"\"\",\r\n3,,\n", 5)
	f.Add("Id,A,B\n\n\n1,a,b", 1)
	f.Fuzz(func(t *testing.T, text string, block int) {
		columns := map[schemas.Role][]string{schemas.Company: {"A"}, schemas.City: {"B", "A"}}
		read := func(block, workers int) string {
			tab, err := readCSV(t.Context(), strings.NewReader(text), ',', "Id", columns, Options{Workers: workers, block: block})
			if err != nil {
				return "error"
			}
			var b strings.Builder
			for i := range tab.Len() {
				fmt.Fprintf(&b, "%q %q %d %q\n", tab.ID(i), tab.Value(i, schemas.Company), tab.Column(schemas.Company).Codes[i], tab.Value(i, schemas.City))
			}
			return b.String()
		}
		whole := read(1<<20, 1)
		if small := read(max(1, block%100), 3); small != whole {
			t.Errorf("in blocks of %d: %s, whole: %s", block%100, small, whole)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
		if rows, err := r.ReadAll(); whole != "error" && (err != nil || strings.Count(whole, "\n") < len(rows)-1) {
			t.Errorf("encoding/csv: %d rows, %v; here:\n%s", len(rows), err, whole)
		}
	})
}

// TestParquetIsReadLikeCSV reads the same rows from both.
func TestParquetIsReadLikeCSV(t *testing.T) {
	type row struct {
		Id    string
		Name  *string
		Size  int64
		Share float64
	}
	name := "Acme"
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := parquet.WriteFile(path, []row{{"a", &name, 7, 0.5}, {"b", nil, 8, 2}, {"c", &name, 9, 1e-9}}); err != nil {
		t.Fatal(err)
	}
	flat := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(flat, []byte("Id,Name,Size,Share\na,Acme,7,0.5\nb,,8,2\nc,Acme,9,1e-09\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	columns := map[schemas.Role][]string{schemas.Company: {"Name"}, schemas.Employees: {"Size"}, schemas.Lat: {"Share"}}
	a, err := Open(t.Context(), path, "Id", columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), flat, "Id", columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Len() {
		for role := range columns {
			if a.ID(i) != b.ID(i) || a.Value(i, role) != b.Value(i, role) {
				t.Errorf("row %d, %s: %q from Parquet, %q from CSV", i, role, a.Value(i, role), b.Value(i, role))
			}
		}
	}
}

// TestParquetTypes: dates, times and decimals are read as people write them.
func TestParquetTypes(t *testing.T) {
	type row struct {
		Id    int32
		Born  int32  `parquet:",date"`
		Seen  int64  `parquet:",timestamp(millisecond)"`
		Staff int64  `parquet:",decimal(2:10)"`
		Kind  string `parquet:",dict"`
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := parquet.WriteFile(path, []row{{1, 3686, 1767225600500, 125050, "x"}, {2, -1, -1000, -300, ""}}); err != nil {
		t.Fatal(err)
	}
	tab, err := Open(t.Context(), path, "Id", map[schemas.Role][]string{
		schemas.Day: {"Born"}, schemas.Text: {"Seen"}, schemas.Employees: {"Staff"}, schemas.Code: {"Kind"},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"1980-02-04", "2026-01-01T00:00:00Z", "1250.5", "x"}, {"1969-12-31", "1969-12-31T23:59:59Z", "-3", ""}} {
		for k, role := range []schemas.Role{schemas.Day, schemas.Text, schemas.Employees, schemas.Code} {
			if got := tab.Value(i, role); got != want[k] {
				t.Errorf("row %d: %s is %q, want %q", i, role, got, want[k])
			}
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("Id,Name\na,b\n")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name"})
		if err != nil {
			return
		}
		for i := range tab.Len() {
			if tab.ID(i) == "" {
				t.Errorf("row %d has no id", i)
			}
			tab.Value(i, schemas.Company)
		}
	})
}

// TestDictionary compares the dictionary with a map.
func TestDictionary(t *testing.T) {
	var d Dictionary
	known := map[string]uint32{}
	for i := range 20000 {
		s := fmt.Sprint(i*i%7919, strings.Repeat("x", i%5))
		want, ok := known[s]
		if c, found := d.Find(s); found != ok || ok && c != want {
			t.Fatalf("Find(%s) = %d %v, want %d %v", s, c, found, want, ok)
		}
		if !ok {
			want = uint32(len(known))
			known[s] = want
		}
		if c := d.Code(s); c != want || d.At(int(c)) != s {
			t.Fatalf("Code(%s) = %d (%s), want %d", s, c, d.At(int(c)), want)
		}
	}
}
