package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/jobs/linkfiles"
	"github.com/crmsync/crmsync/stages/match/eval"
)

const (
	linkData     = "../../jobs/linkfiles/testdata/"
	fortuneData  = "../../testdata/fortune/"
	accuracySpec = "../../testdata/accuracy/"
)

// crmsync runs a verb in this process.
func crmsync(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// done runs a verb that must succeed, and returns what it printed.
func done(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := crmsync(t, args...)
	if code != exitDone {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
	}
	return out
}

// TestLinkAndEval links two files and measures the result, as a user would, in CSV and in Parquet.
func TestLinkAndEval(t *testing.T) {
	var reports [2]fileReport
	for i, ext := range []string{".csv", ".parquet"} {
		out := filepath.Join(t.TempDir(), "links"+ext)
		var sum linkfiles.Summary
		text := done(t, "link-files", "--left", fortuneData+"crm_contacts.csv", "--right", fortuneData+"directory_people.csv", "--spec", accuracySpec+"people.yaml", "--out", out, "--json")
		if err := json.Unmarshal([]byte(text), &sum); err != nil {
			t.Fatal(err)
		}
		if sum.LeftRows != 496 || sum.RightRows != 1006 || sum.Links < 250 || sum.Pairs < 250 || sum.Model == "" || sum.Seconds <= 0 || sum.CPUSeconds <= 0 || sum.PeakRSS < 1<<20 {
			t.Errorf("%+v", sum)
		}
		text = done(t, "eval", "--links", out, "--truth", fortuneData+"truth_people.csv", "--json")
		if err := json.Unmarshal([]byte(text), &reports[i]); err != nil {
			t.Fatal(err)
		}
	}
	r := reports[0]
	if r.F1 < 0.985 || r.Best.F1 < r.F1 || r.Score != "weight" || r.Reliability == nil || r.Reliability.Pairs < 250 || r.ECE == nil || *r.ECE != r.Reliability.ECE || !r.Kinds["moved"].Aside {
		t.Errorf("%+v", r)
	}
	if r.F1 != reports[1].F1 || r.Best != reports[1].Best || r.Reliability.ECE != reports[1].Reliability.ECE {
		t.Errorf("CSV is %+v, Parquet %+v", r, reports[1])
	}
}

// TestEvalPrints compares what people read with figures worked out by hand.
func TestEvalPrints(t *testing.T) {
	dir := t.TempDir()
	links, truth := filepath.Join(dir, "links.csv"), filepath.Join(dir, "truth.csv")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(links, "left_id,right_id,probability,weight,decision\nb,a,0.96,4.6,link\nc,b,0.98,5.6,link\nd,e,0.5,0,review\nf,g,0.97,5,duplicate\n")
	write(truth, "id,duplicate_of,kind\na,b,twin\na,c,twin\nd,e,twin\n")
	for _, tt := range []struct {
		args []string
		says []string
		not  string
	}{
		{nil, []string{"precision 0.0000  recall 0.0000  F1 0.0000  (2 links, 0 true, 3 expected)", "best F1 0.3333 at a weight of 0 or more"}, "wrong"},
		{[]string{"--unordered"}, []string{"precision 0.5000  recall 0.3333  F1 0.4000  (2 links, 1 true, 3 expected)", "best F1 0.6667 at a weight of 0 or more"}, eval.Implied},
		{
			[]string{"--unordered", "--transitive", "--show"}, []string{
				"precision 1.0000  recall 0.5000  F1 0.6667  (2 links, 2 true, 4 expected)", "best F1 0.8571 at a weight of 0 or more", "implied        1 of 1 found",
				"expected calibration error 0.1867 over 3 pairs (1 rows that are neither link nor review left out)", "0.95 to 0.99", "missed a c", "missed d e",
			}, "wrong",
		},
		{[]string{"--unordered", "--aside", "twin"}, []string{"(1 links, 0 true, 0 expected)", "set aside"}, "missed"},
	} {
		out := done(t, append([]string{"eval", "--links", links, "--truth", truth}, tt.args...)...)
		for _, want := range tt.says {
			if !strings.Contains(out, want) {
				t.Errorf("%v: does not say %q:\n%s", tt.args, want, out)
			}
		}
		if strings.Contains(out, tt.not) {
			t.Errorf("%v: says %q:\n%s", tt.args, tt.not, out)
		}
	}
}

// TestDedupePrints looks for duplicates and measures them.
func TestDedupePrints(t *testing.T) {
	dir := t.TempDir()
	out, truth := filepath.Join(dir, "pairs.csv"), filepath.Join(dir, "truth.csv")
	text := done(t, "link-files", "--dedupe", linkData+"list.csv", "--spec", linkData+"dedupe.yaml", "--out", out, "--quiet")
	for _, want := range []string{"12 records;", "compared by given_name, surname, company, place", "6 links", "4 clusters, the largest of 3 records", out + " written"} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q:\n%s", want, text)
		}
	}
	if err := os.WriteFile(truth, []byte("id,same_as\nr02,r01\nr03,r02\nr05,r04\nr12,r06\nr09,r08\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text = done(t, "eval", "--links", out, "--truth", truth, "--unordered", "--transitive")
	if want := "precision 1.0000  recall 1.0000  F1 1.0000  (6 links, 6 true, 6 expected)"; !strings.Contains(text, want) {
		t.Errorf("does not say %q:\n%s", want, text)
	}
	done(t, "link-files", "--dedupe", linkData+"list.csv", "--spec", linkData+"dedupe.yaml", "--out", out, "--one-to-one")
	if data, err := os.ReadFile(out); err != nil || strings.Count(string(data), ",link,") != 4 {
		t.Errorf("one to one: %v\n%s", err, data)
	}
}

// TestLinkFilesRefuses looks at exit codes, and at whether the message names what to change.
func TestLinkFilesRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out := filepath.Join(dir, "out.csv")
	left, right, spec := linkData+"contacts.csv", linkData+"members.csv", linkData+"spec.yaml"
	two := func(more ...string) []string {
		return append([]string{"link-files", "--left", left, "--right", right, "--spec", spec, "--out", out}, more...)
	}
	misspelt := file("misspelt.yaml", "entity: person\nleft: {id: Id, columns: {sirname: LastName}}\n")
	column := file("column.yaml", "entity: person\nleft: {id: Id, columns: {surname: Lastname}}\nright: {id: member, columns: {surname: last}}\n")
	noModel := file("model.json", "{}")
	badLinks := file("links.csv", "left_id,right_id,weight\na,b,heavy\n")
	truth := file("truth.csv", "a,b\nx,y\n")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no files", []string{"link-files", "--spec", spec, "--out", out}, exitUsage, "--dedupe"},
		{"no spec", []string{"link-files", "--left", left, "--right", right, "--out", out}, exitUsage, "--spec"},
		{"both ways", two("--dedupe", left), exitUsage, "--dedupe"},
		{"two modes", two("--many", "--one-to-one"), exitUsage, "exclude"},
		{"no workers", two("--workers", "0"), exitUsage, "--workers"},
		{"spec for one file", []string{"link-files", "--left", left, "--right", right, "--spec", linkData + "dedupe.yaml", "--out", out}, exitUsage, "right needs an id"},
		{"misspelt role", []string{"link-files", "--dedupe", left, "--spec", misspelt, "--out", out}, exitUsage, `misspelt.yaml: unusable specification: line 2: unknown role "sirname"; did you mean "surname"`},
		{"misspelt column", []string{"link-files", "--left", left, "--right", right, "--spec", column, "--out", out}, exitUsage, `did you mean "LastName"`},
		{"no such file", []string{"link-files", "--left", "absent.csv", "--right", right, "--spec", spec, "--out", out}, exitUsage, "absent.csv"},
		{"over the input", []string{"link-files", "--left", left, "--right", right, "--spec", spec, "--out", left}, exitUsage, "one of the inputs"},
		{"unusable model", two("--model", noModel), exitUsage, "model"},
		{"nowhere to write", append(two()[:7], "--out", filepath.Join(dir, "absent", "out.csv")), exitFailed, "absent"},
		{"eval without truth", []string{"eval", "--links", badLinks}, exitUsage, "--truth"},
		{"eval of no file", []string{"eval", "--links", "absent.csv", "--truth", truth}, exitUsage, "absent.csv"},
		{"eval with no truth file", []string{"eval", "--links", badLinks, "--truth", "absent.csv"}, exitUsage, "absent.csv"},
		{"eval of both", []string{"eval", "--links", badLinks, "--truth", truth, "--run", "x"}, exitUsage, "--run"},
		{"unordered run", []string{"eval", "--truth", truth, "--unordered"}, exitUsage, "--links"},
		{"transitive order", []string{"eval", "--links", badLinks, "--truth", truth, "--transitive"}, exitUsage, "--unordered"},
		{"bad links", []string{"eval", "--links", badLinks, "--truth", truth}, exitFailed, `links.csv: line 2: weight "heavy"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := crmsync(t, tt.args...)
			if code != tt.code || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit code %d, want %d; wants %q:\n%s%s", code, tt.code, tt.says, stdout, stderr)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}
