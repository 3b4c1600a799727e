package demodata_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/testdata/fortune"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)

func generate(t testing.TB, seed uint64) (*demodata.Org, *demodata.Export) {
	t.Helper()
	org, export, err := demodata.Generate(seed, now)
	if err != nil {
		t.Fatal(err)
	}
	return org, export
}

func digest(t testing.TB, org *demodata.Org, export *demodata.Export) string {
	t.Helper()
	files, err := org.Files()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range append(files, export.Files()...) {
		sum := sha256.Sum256(f.Data)
		fmt.Fprintf(&b, "%s %d %s\n", hex.EncodeToString(sum[:8]), strings.Count(string(f.Data), "\n"), f.Name)
	}
	fmt.Fprintf(&b, "%x changes\n", sha256.Sum256(fmt.Append(nil, demodata.Changes(org))))
	return b.String()
}

func TestSameSeedSameBytes(t *testing.T) {
	org, export := generate(t, demodata.DefaultSeed)
	got := digest(t, org, export)
	if again, twice := generate(t, demodata.DefaultSeed); digest(t, again, twice) != got {
		t.Error("two runs with one seed differ")
	}
	if other, export := generate(t, demodata.DefaultSeed+1); digest(t, other, export) == got {
		t.Error("another seed gives the same bytes")
	}
	path := filepath.Join("testdata", "digest.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("content changed (-update accepts it):\n got\n%s\nwant\n%s", got, want)
	}
}

// rows reads a file of the org or the export.
func rows(t testing.TB, files []demodata.File, name string) []map[string]string {
	t.Helper()
	for _, f := range files {
		if f.Name != name {
			continue
		}
		records, err := csv.NewReader(strings.NewReader(string(f.Data))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var out []map[string]string
		for _, r := range records[1:] {
			row := map[string]string{}
			for i, column := range records[0] {
				row[column] = r[i]
			}
			out = append(out, row)
		}
		return out
	}
	t.Fatalf("no file %s", name)
	return nil
}

func orgFiles(t testing.TB, org *demodata.Org) []demodata.File {
	t.Helper()
	files, err := org.Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var prefixes = map[string]string{"UserRole": "00E", "User": "005", "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "OpportunityContactRole": "00K"}

func TestOrgIsSound(t *testing.T) {
	org, _ := generate(t, demodata.DefaultSeed)
	files := orgFiles(t, org)
	ids := map[string]bool{}
	for object, prefix := range prefixes {
		for _, row := range rows(t, files, object+".csv") {
			id := row["Id"]
			if len(id) != 18 || !strings.HasPrefix(id, prefix) || ids[strings.ToLower(id)] {
				t.Errorf("%s: id %q is malformed or not unique without regard to case", object, id)
			}
			ids[strings.ToLower(id)] = true
		}
	}
	for _, ds := range schemas.CRMObjects {
		for _, row := range rows(t, files, ds.Object+".csv") {
			for _, f := range ds.Fields {
				v := row[f.Name]
				if !f.Nullable() && v == "" && !strings.HasPrefix(f.Name, "Is") {
					t.Errorf("%s %s: %s is missing", ds.Object, row["Id"], f.Name)
				}
				if strings.HasSuffix(f.Name, "Id") && f.Name != "Id" && v != "" && !ids[strings.ToLower(v)] {
					t.Errorf("%s %s: %s refers to nothing: %s", ds.Object, row["Id"], f.Name, v)
				}
				if f.Type == schemas.Timestamp && v > now.Format(time.RFC3339) {
					t.Errorf("%s %s: %s lies in the future: %s", ds.Object, row["Id"], f.Name, v)
				}
			}
			if row["LastModifiedDate"] < row["CreatedDate"] {
				t.Errorf("%s %s: modified before it was created", ds.Object, row["Id"])
			}
		}
	}
}

func TestWhatIsInventedIsPlainlyInvented(t *testing.T) {
	org, export := generate(t, demodata.DefaultSeed)
	phone, mail := regexp.MustCompile(`555\)?[- ]?-?01\d\d$`), regexp.MustCompile(`@(crm\.|sales\.)?example\.com$`)
	for _, f := range append(orgFiles(t, org), export.Files()...) {
		if !strings.HasSuffix(f.Name, ".csv") {
			continue
		}
		for _, row := range rows(t, []demodata.File{f}, f.Name) {
			for column, v := range row {
				switch strings.ToLower(column) {
				case "phone", "mobilephone", "fax":
					if v != "" && !phone.MatchString(v) {
						t.Errorf("%s: %s %q is no fictitious number", f.Name, column, v)
					}
				case "email", "username":
					if v != "" && !mail.MatchString(strings.ToLower(v)) {
						t.Errorf("%s: %s %q is not at example.com", f.Name, column, v)
					}
				}
			}
		}
	}
}

func TestTruthCoversEveryLabelledRecord(t *testing.T) {
	org, export := generate(t, demodata.DefaultSeed)
	exists := map[string]bool{}
	for _, object := range []string{"Account", "Contact", "Lead"} {
		for _, row := range rows(t, orgFiles(t, org), object+".csv") {
			exists[row["Id"]] = true
		}
	}
	for _, row := range rows(t, export.Files(), "people.csv") {
		exists[row["member_id"]] = true
	}
	for _, row := range rows(t, export.Files(), "companies.csv") {
		exists[row["company_id"]] = true
	}
	for _, side := range []struct {
		file, target string
		truth        []demodata.Truth
	}{
		{"truth_accounts.csv", "company_id", org.TruthAccounts},
		{"truth_people.csv", "member_id", org.TruthPeople},
	} {
		have := map[demodata.Truth]bool{}
		for _, tr := range side.truth {
			have[tr] = true
			if !exists[tr.RecordID] || !exists[tr.TargetID] {
				t.Errorf("%s: %v names a record or target that does not exist", side.file, tr)
			}
		}
		data, err := fortune.Files.ReadFile(side.file)
		if err != nil {
			t.Fatal(err)
		}
		listed := rows(t, []demodata.File{{Name: side.file, Data: data}}, side.file)
		for _, l := range listed {
			if want := (demodata.Truth{RecordID: org.IDs[l["crm_id"]], TargetID: l[side.target], Kind: l["kind"]}); !have[want] {
				t.Errorf("%s: %v is lost", side.file, l)
			}
		}
		dups := 0
		for _, tr := range side.truth {
			if tr.Kind == "duplicate" {
				dups++
			}
		}
		if len(side.truth) != len(listed)+dups+1 { // and the test contact's
			t.Errorf("%s: %d links for %d labelled, %d duplicates and the test contact", side.file, len(side.truth), len(listed), dups)
		}
	}
	if len(org.IDs) != 500+496 {
		t.Errorf("%d ids of the lists are mapped, want %d", len(org.IDs), 500+496)
	}
}

func TestSettingsAreKnown(t *testing.T) {
	org, _ := generate(t, demodata.DefaultSeed)
	all := append(append(demodata.Settings(), demodata.TrialSettings(org)...), demodata.OpenSettings()...)
	for _, s := range all {
		known, err := schemas.SettingByKey(s.Key)
		if err != nil {
			t.Error(err)
			continue
		}
		text, err := known.Format(s.Value)
		if err == nil {
			_, err = known.Parse(text)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
