package generate

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/crmsync/crmsync/pipeline"
)

func small(t testing.TB, seed uint64, workers int) string {
	t.Helper()
	dir := t.TempDir()
	sum, err := Run(context.Background(), Options{
		People: 20_000, Companies: 1_000, Contacts: 3_000, Leads: 4_000, Accounts: 600, Seed: seed, Out: dir, Errors: Usual, Workers: workers, Progress: pipeline.NoProgress{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum.TruePeople == 0 || sum.TrueFirms == 0 || sum.Duplicates == 0 {
		t.Errorf("%+v: something is never made", sum)
	}
	return dir
}

func read(t testing.TB, dir, file string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = rec[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// hashes returns the hashes of all files.
func hashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		if !utf8.Valid(data) {
			t.Errorf("%s is not UTF-8", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	one, four, other := hashes(t, small(t, 5, 1)), hashes(t, small(t, 5, 4)), hashes(t, small(t, 6, 4))
	if len(one) != 13 {
		t.Errorf("%d files, want 13", len(one))
	}
	for name, h := range one {
		if four[name] != h {
			t.Errorf("%s differs between 1 and 4 goroutines", name)
		}
		if other[name] == h && filepath.Ext(name) == ".csv" {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

// TestTruthNamesWhatIsThere also looks at the rates of errors.
func TestTruthNamesWhatIsThere(t *testing.T) {
	dir := small(t, 1, 2)
	ids := func(file, column string) map[string]map[string]string {
		m := map[string]map[string]string{}
		for _, r := range read(t, dir, file) {
			if m[r[column]] != nil {
				t.Errorf("%s: %s twice", file, r[column])
			}
			m[r[column]] = r
		}
		return m
	}
	people, companies := ids("directory/people.csv", "member_id"), ids("directory/companies.csv", "company_id")
	for _, c := range []struct {
		name, crm, target string
		targets           map[string]map[string]string
	}{
		{"accounts", "crm/accounts.csv", "company_id", companies}, {"contacts", "crm/contacts.csv", "member_id", people}, {"leads", "crm/leads.csv", "member_id", people},
	} {
		records := ids(c.crm, "Id")
		kinds, used := map[string]int{}, map[string]string{}
		for _, r := range read(t, dir, "truth/"+c.name+".csv") {
			if records[r["crm_id"]] == nil || c.targets[r[c.target]] == nil {
				t.Fatalf("%s: truth names %v", c.name, r)
			}
			kinds[r["kind"]]++
			if r["kind"] != "duplicate" {
				if used[r[c.target]] != "" {
					t.Errorf("%s: %s is %s and %s", c.name, r[c.target], used[r[c.target]], r["crm_id"])
				}
				used[r[c.target]] = r["crm_id"]
			}
		}
		n := float64(len(records))
		near := func(what string, got int, want float64) {
			if math.Abs(float64(got)/n-want) > 4*math.Sqrt(want/n)+0.01 {
				t.Errorf("%s: %s: %d of %.0f, want a share of %.3f", c.name, what, got, n, want)
			}
		}
		near("absent", len(records)-kinds["same"]-kinds["same_company"]-kinds["moved"]-kinds["duplicate"], Usual.Absent)
		near("duplicate", kinds["duplicate"], Usual.Duplicate*(1-Usual.Absent))
		if c.name != "accounts" {
			near("moved", kinds["moved"], Usual.Moved*(1-Usual.Absent-Usual.Duplicate))
		}
	}
	accounts := ids("crm/accounts.csv", "Id")
	for _, r := range read(t, dir, "crm/contacts.csv") {
		if r["AccountId"] != "" && accounts[r["AccountId"]] == nil {
			t.Errorf("contact %s is of account %s, which is not there", r["Id"], r["AccountId"])
		}
		if r["LastName"] == "" {
			t.Errorf("contact %s has no LastName", r["Id"])
		}
	}
}

func TestPhonesAreValid(t *testing.T) {
	dir := small(t, 1, 2)
	seen, bad := map[string]int{}, map[string]int{}
	for _, r := range append(read(t, dir, "directory/people.csv"), read(t, dir, "directory/companies.csv")...) {
		if r["phone"] == "" {
			continue
		}
		n, err := phonenumbers.Parse(r["phone"], "US")
		seen[r["phone"][:3]]++
		if err != nil || !phonenumbers.IsValidNumber(n) {
			bad[r["phone"][:3]]++
		}
	}
	for prefix, n := range bad {
		if n*20 > seen[prefix] {
			t.Errorf("%d of %d numbers that begin with %s are not valid", n, seen[prefix], prefix)
		}
	}
}

func TestImpossibleWorlds(t *testing.T) {
	for _, o := range []Options{{}, {People: 1}, {People: 1, Companies: 1, Leads: -1}, {People: 1, Companies: 1, Accounts: 2}, {People: 1, Companies: 1, Leads: 2}} {
		o.Progress, o.Out = pipeline.NoProgress{}, t.TempDir()
		if _, err := Run(t.Context(), o); !errors.Is(err, ErrOptions) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func FuzzTypo(f *testing.F) {
	f.Add("Müller", uint64(1))
	f.Add("\xff", uint64(2))
	f.Fuzz(func(t *testing.T, s string, seed uint64) {
		if got := typo(source(seed, 1, 1), s); utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func BenchmarkPeople(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		if _, err := Run(b.Context(), Options{People: 50_000, Companies: 2_000, Seed: 1, Out: dir, Errors: Usual, Workers: 1, Progress: pipeline.NoProgress{}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*50_000/b.Elapsed().Seconds(), "people/s")
}
