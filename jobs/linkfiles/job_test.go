package linkfiles

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newJob is a job on the small files of testdata; with one file it looks for duplicates.
func newJob(t testing.TB, spec string, files ...string) *Job {
	t.Helper()
	s, err := ReadSpec(filepath.Join("testdata", spec), len(files) == 1)
	if err != nil {
		t.Fatal(err)
	}
	j := &Job{Spec: s, Left: filepath.Join("testdata", files[0]), Out: filepath.Join(t.TempDir(), "out.csv"), Many: len(files) == 1, Workers: 1, Progress: pipeline.NoProgress{}}
	if len(files) > 1 {
		j.Right = filepath.Join("testdata", files[1])
	}
	return j
}

func twoFiles(t testing.TB) *Job { return newJob(t, "spec.yaml", "contacts.csv", "members.csv") }
func oneFile(t testing.TB) *Job  { return newJob(t, "dedupe.yaml", "list.csv") }

// do runs a job and returns what it wrote.
func do(t testing.TB, j *Job) ([]byte, *Summary) {
	t.Helper()
	sum, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(j.Out)
	if err != nil {
		t.Fatal(err)
	}
	return data, sum
}

// table reads CSV into the header and the rows.
func table(t testing.TB, data []byte) (header []string, rows [][]string) {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// withoutFigures leaves out the probability and the weight.
func withoutFigures(t testing.TB, data []byte) []byte {
	t.Helper()
	header, rows := table(t, data)
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range append([][]string{header}, rows...) {
		if err := w.Write(slices.Delete(row, 2, 4)); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.Bytes()
}

// TestGolden keeps what is written but for the figures, which must agree with each other.
func TestGolden(t *testing.T) {
	many := twoFiles(t)
	many.Many = true
	for name, j := range map[string]*Job{"one-to-one": twoFiles(t), "many": many, "dedupe": oneFile(t)} {
		t.Run(name, func(t *testing.T) {
			data, _ := do(t, j)
			got := withoutFigures(t, data)
			_, rows := table(t, data)
			for _, row := range rows {
				p, err := strconv.ParseFloat(row[2], 64)
				if err != nil {
					t.Fatal(err)
				}
				bits, err := strconv.ParseFloat(row[3], 64)
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(p-weigh.Probability(bits)) > 1e-9 || row[4] == "link" && p < usualThreshold {
					t.Errorf("%v: %v bits are a probability of %v", row, bits, weigh.Probability(bits))
				}
			}
			golden := filepath.Join("testdata", name+".golden.csv")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("%s (look at it and run with -update): %s", golden, d)
			}
		})
	}
}

// TestSameBytes holds for any number of workers, and for any order of the rows. In one file, which record of a pair comes first tells
// whose frequencies count, so there the figures of a pair may depend on the order, and nothing else.
func TestSameBytes(t *testing.T) {
	reversed := func(t *testing.T, path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		out := lines[0] + "\n"
		for i := len(lines) - 1; i > 0; i-- {
			out += lines[i] + "\n"
		}
		to := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(to, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		return to
	}
	for name, newJob := range map[string]func(testing.TB) *Job{"two files": twoFiles, "one file": oneFile} {
		for _, ext := range []string{".csv", ".parquet"} {
			t.Run(name+ext, func(t *testing.T) {
				var first []byte
				for _, workers := range []int{1, 2, 5} {
					j := newJob(t)
					j.Workers, j.Out = workers, filepath.Join(t.TempDir(), "out"+ext)
					data, _ := do(t, j)
					if first == nil {
						first = data
					}
					if !bytes.Equal(first, data) {
						t.Errorf("%d workers write other bytes than 1", workers)
					}
				}
				j := newJob(t)
				j.Left, j.Out = reversed(t, j.Left), filepath.Join(t.TempDir(), "out"+ext)
				if j.Right != "" {
					j.Right = reversed(t, j.Right)
				}
				data, _ := do(t, j)
				if j.Right == "" {
					if ext == ".parquet" {
						return
					}
					first, data = withoutFigures(t, first), withoutFigures(t, data)
				}
				if !bytes.Equal(first, data) {
					t.Errorf("rows in another order give other bytes")
				}
			})
		}
	}
}

// TestModelIsUsedAgain gives a trained model to a second run.
func TestModelIsUsedAgain(t *testing.T) {
	j := twoFiles(t)
	j.ModelOut = filepath.Join(t.TempDir(), "model.json")
	want, first := do(t, j)
	again := twoFiles(t)
	again.Spec.Model = j.ModelOut
	got, second := do(t, again)
	if first.Model != second.Model || !bytes.Equal(want, got) {
		t.Errorf("model %s, then %s", first.Model, second.Model)
	}
	other := twoFiles(t)
	other.Spec.Model, other.Spec.Entity = j.ModelOut, "company"
	if _, err := other.Run(t.Context()); !errors.Is(err, weigh.ErrModel) || !strings.Contains(err.Error(), "person") {
		t.Errorf("model of another entity: %v", err)
	}
	other.Spec.Model = filepath.Join(t.TempDir(), "absent.json")
	if _, err := other.Run(t.Context()); !errors.Is(err, weigh.ErrModel) {
		t.Errorf("no model: %v", err)
	}
}

// TestIndexGivesTheSame links against a directory prepared before.
func TestIndexGivesTheSame(t *testing.T) {
	j := twoFiles(t)
	want, _ := do(t, j)
	prepared := twoFiles(t)
	prepared.Index = filepath.Join(t.TempDir(), "members.index")
	n, err := Prepare(t.Context(), prepared.Spec, prepared.Right, prepared.Index, 2, pipeline.NoProgress{})
	if err != nil {
		t.Fatal(err)
	}
	prepared.Right = ""
	got, sum := do(t, prepared)
	if !bytes.Equal(want, got) || sum.RightRows != n {
		t.Errorf("%d rows, %d prepared: %s", sum.RightRows, n, cmp.Diff(string(want), string(got)))
	}
	prepared.Spec.Entity = "company"
	if _, err := prepared.Run(t.Context()); !errors.Is(err, ErrSpec) {
		t.Errorf("directory of another entity: %v", err)
	}
}

// TestAllOrNothing leaves the output of an earlier run alone when a run fails.
func TestAllOrNothing(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, tt := range []struct {
		name  string
		ctx   context.Context
		spoil func(j *Job)
		want  error
	}{
		{"no left file", t.Context(), func(j *Job) { j.Left = "testdata/absent.csv" }, record.ErrInput},
		{"no right file", t.Context(), func(j *Job) { j.Right = "testdata/absent.csv" }, record.ErrInput},
		{"no such column", t.Context(), func(j *Job) { j.Spec.Left.ID = "ID" }, record.ErrInput},
		{"stopped", stopped, func(*Job) {}, context.Canceled},
		{"output is the left file", t.Context(), func(j *Job) { j.Left = j.Out }, ErrOverwrite},
		{"output is the right file", t.Context(), func(j *Job) { j.Right = filepath.Dir(j.Out) + "/./out.csv" }, ErrOverwrite},
		{"both outputs are one", t.Context(), func(j *Job) { j.ModelOut = j.Out }, ErrOverwrite},
		{"model cannot be written", t.Context(), func(j *Job) { j.ModelOut = filepath.Join(j.Out, "x", "model.json") }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := twoFiles(t)
			if err := os.WriteFile(j.Out, []byte("earlier"), 0o600); err != nil {
				t.Fatal(err)
			}
			tt.spoil(j)
			_, err := j.Run(tt.ctx)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if data, err := os.ReadFile(j.Out); err != nil || string(data) != "earlier" {
				t.Errorf("output %q, %v", data, err)
			}
			if list, err := os.ReadDir(filepath.Dir(j.Out)); err != nil || len(list) != 1 {
				t.Errorf("%d files are left, %v", len(list), err)
			}
		})
	}
}

// TestNothingToCompare is an error when there are records without values, and an empty result when there are none.
func TestNothingToCompare(t *testing.T) {
	j := twoFiles(t)
	j.Left = filepath.Join(t.TempDir(), "left.csv")
	header := "Id,FirstName,LastName,AccountName,MailingCity,MailingState,Email\n"
	if err := os.WriteFile(j.Left, []byte(header), 0o600); err != nil {
		t.Fatal(err)
	}
	data, sum := do(t, j)
	if _, rows := table(t, data); len(rows) != 0 || sum.LeftRows != 0 || sum.Links != 0 {
		t.Errorf("no records on the left: %d rows, %+v", len(rows), sum)
	}
	if err := os.WriteFile(j.Left, []byte(header+"x1,,,,,,\nx2,,,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Run(t.Context()); !errors.Is(err, ErrSpec) {
		t.Errorf("no values on the left: %v", err)
	}
	j.Spec.Left.Columns = map[schemas.Role][]string{schemas.Title: {"FirstName"}}
	if _, err := j.Run(t.Context()); !errors.Is(err, ErrSpec) {
		t.Errorf("no role in common: %v", err)
	}
}

// TestScoresSaveReading: a run that goes on from the scores of an earlier one reads only what was written otherwise, and says what one
// that reads everything says.
func TestScoresSaveReading(t *testing.T) {
	j := twoFiles(t)
	j.Index = filepath.Join(t.TempDir(), "members.index")
	if _, err := Prepare(t.Context(), j.Spec, j.Right, j.Index, 2, pipeline.NoProgress{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(j.Left)
	if err != nil {
		t.Fatal(err)
	}
	header, rows := table(t, text)
	put := func(name string, header []string, rows [][]string) string {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := errors.Join(w.Write(header), w.WriteAll(rows)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// So many that one is less than what asks for training anew.
	for i, n := 0, len(rows); len(rows) < 40; i++ {
		row := slices.Clone(rows[i%n])
		row[0] += strconv.Itoa(i)
		rows = append(rows, row)
	}
	scores := filepath.Join(t.TempDir(), "scores")
	j.Left, j.Right, j.Scores = put("left.csv", header, rows), "", scores
	if _, sum := do(t, j); sum.Scored != len(rows) {
		t.Fatalf("%d of %d records scored at first", sum.Scored, len(rows))
	}
	kept, err := os.ReadFile(scores)
	if err != nil {
		t.Fatal(err)
	}
	rows[3][1], rows[4] = rows[5][1], rows[5]
	rows = slices.Delete(rows, 5, 6)
	turned := func(of []string) []string { return append(slices.Clone(of[1:]), of[0]) }
	j.Left = put("left.csv", header, rows)
	cfg, err := j.config()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.before(&cfg); err != nil {
		t.Fatal(err)
	}
	if again, err := j.openAgain(t.Context(), cfg.Before); err != nil || again == nil || len(again.Rows) != 1 {
		t.Fatalf("not read again: %+v, %v", again, err)
	}
	got, sum := do(t, j)
	if sum.Scored != 1 || sum.LeftRows != len(rows) {
		t.Errorf("%d of %d records scored, 1 has changed", sum.Scored, sum.LeftRows)
	}
	if err := os.WriteFile(scores, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, row := range rows {
		all = append(all, turned(row))
	}
	j.Left = put("turned.csv", turned(header), all)
	if again, err := j.openAgain(t.Context(), cfg.Before); err != nil || again != nil {
		t.Fatalf("read again though it has another form: %v", err)
	}
	want, sum := do(t, j)
	if !bytes.Equal(got, want) || sum.Scored != 1 {
		t.Errorf("%d scored: %s", sum.Scored, cmp.Diff(string(want), string(got)))
	}
}
