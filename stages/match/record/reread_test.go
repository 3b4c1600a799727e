package record

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
)

// rereads holds that a file that is read again beside an earlier reading says what it says when it is read in whole, and reports whether
// it could be.
func rereads(t *testing.T, before, after string) bool {
	t.Helper()
	columns := map[schemas.Role][]string{schemas.Company: {"A"}, schemas.City: {"B", "A"}}
	path := filepath.Join(t.TempDir(), "list.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(before)
	old, err := Open(t.Context(), path, "Id", columns, Options{Workers: 2, Written: true, block: 64})
	if err != nil || old.Written() == nil {
		return false
	}
	var ids Dictionary
	for row := range old.Len() {
		ids.Code(old.ID(row))
	}
	write(after)
	again, err := OpenAgain(t.Context(), path, "Id", columns, old.Written(), &ids, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if again == nil {
		return false
	}
	whole, err := Open(t.Context(), path, "Id", columns, Options{Workers: 2, Written: true, block: 64})
	if err != nil {
		t.Fatalf("read again, though in whole it gives %v:\n%q\n%q", err, before, after)
	}
	if whole.Len() != again.IDs.Len() || len(again.Same) != whole.Len() || whole.Written() == nil || !slices.Equal(whole.Written().Hashes, again.Written.Hashes) {
		t.Fatalf("%d records, %d in whole:\n%q\n%q", again.IDs.Len(), whole.Len(), before, after)
	}
	rest := again.Rows
	for row, was := range again.Same {
		values, at := old, int(was)
		if was < 0 {
			values, at = again.Table, len(again.Rows)-len(rest)
			if len(rest) == 0 || rest[0] != row {
				t.Fatalf("row %d was not read: %d", row, again.Rows)
			}
			rest = rest[1:]
		}
		if again.IDs.ID(row) != whole.ID(row) || values.ID(at) != whole.ID(row) {
			t.Fatalf("row %d is %s, in whole %s", row, again.IDs.ID(row), whole.ID(row))
		}
		for role := range columns {
			if got, want := values.Value(at, role), whole.Value(row, role); got != want {
				t.Fatalf("row %d: %s %q, in whole %q", row, role, got, want)
			}
		}
	}
	if len(rest) > 0 {
		t.Fatalf("rows %d were read besides", rest)
	}
	return true
}

// TestReread goes over edits of all kinds: values, records that go, come and move, other line ends, and records that are there twice.
func TestReread(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 5))
	value := func() string {
		return []string{"x", "Müller", "", " a ", `"two` + "\n" + `lines"`, `"a ""quoted"" one"`, `"b, c"`, "d"}[rnd.IntN(8)]
	}
	text := func(rows []string, end string) string {
		return "Id,A,B" + end + strings.Join(rows, end) + []string{"", end}[rnd.IntN(2)]
	}
	could := 0
	const rounds = 300
	for round := range rounds {
		var rows []string
		for i := range rnd.IntN(60) {
			rows = append(rows, fmt.Sprintf("r%d,%s,%s", i, value(), value()))
		}
		edited, likely := slices.Clone(rows), true
		for range rnd.IntN(6) {
			at := 0
			if len(edited) > 0 {
				at = rnd.IntN(len(edited))
			}
			switch op := rnd.IntN(12); {
			case op == 0 && len(edited) > 0:
				edited = slices.Delete(edited, at, at+1)
			case op == 1:
				edited = slices.Insert(edited, at, fmt.Sprintf("new%d-%d,%s,%s", round, rnd.IntN(1e6), value(), value()))
			case op == 2 && len(edited) > 0:
				row := edited[at]
				edited = slices.Insert(slices.Delete(edited, at, at+1), rnd.IntN(len(edited)), row)
			case op == 3:
				edited = slices.Insert(edited, at, "")
			case op == 4 && len(edited) > 0 && rnd.IntN(8) == 0: // there twice
				edited, likely = append(edited, edited[at]), false
			case op == 5 && len(edited) > 0 && rnd.IntN(8) == 0:
				id, _, _ := strings.Cut(edited[at], ",")
				edited, likely = append(edited, id+",again,"), false
			case op == 6 && rnd.IntN(8) == 0:
				edited, likely = append(edited, []string{`bad,"x`, "bad,x\"y", ",no id,", "bad,\xff,"}[rnd.IntN(4)]), false
			case op > 6 && len(edited) > 0:
				id, _, _ := strings.Cut(edited[at], ",")
				edited[at] = fmt.Sprintf("%s,%s,%s", id, value(), value())
			}
		}
		ends := []string{"\n", "\r\n"}
		if rereads(t, text(rows, ends[rnd.IntN(2)]), text(edited, ends[rnd.IntN(2)])) {
			could++
		} else if likely && len(rows) > 0 {
			t.Fatalf("round %d: not read again:\n%q\n%q", round, rows, edited)
		}
	}
	if could < rounds*3/4 {
		t.Errorf("only %d of %d files were read again", could, rounds)
	}
}

// FuzzReread has files of any kind.
func FuzzReread(f *testing.F) {
	f.Add("Id,A,B\n1,\"x\ny\",z\n2,\"\"\"\",\r\n3,,\n", "Id,A,B\n1,\"x\ny\",z\n2,q,\n\n3,,\n")
	f.Add("Id,A,B\n1,a,b\n2,a,b", "Id,A,B\n1,a,b\n1,a,b\n")
	f.Add("Id,A,B\n1,a,b\n2,a,b", "\ufeffId,A,B\n2,a,b\n1,\"a\n,b\n")
	f.Add("Id,A,B\n1,a,b\n", "Id,B,A\n1,a,b\n")
	f.Fuzz(func(t *testing.T, before, after string) { rereads(t, before, after) })
}
