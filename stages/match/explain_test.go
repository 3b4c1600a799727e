package match_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// view opens what the run left for reading.
func (o outcome) view() *pipeline.Run {
	run := o.home.View(o.store, o.m, slog.New(slog.NewTextHandler(io.Discard, nil)))
	run.Workers = 2
	return run
}

// TestExplainFromSnapshots explains every link of a run from its snapshots and its model file: the weights are those of the run.
func TestExplainFromSnapshots(t *testing.T) {
	f := fortune(t)
	f[schemas.Decisions] = []fields{{"object": "Contact", "record_id": f[schemas.Contact][0]["Id"], "target_id": "p0001", "verdict": "link", "decided_by": "ann", "decided_at": "5"}}
	o := runStage(t, f, &match.Stage{}, 2)
	model, err := match.ReadModel(o.model)
	if err != nil {
		t.Fatal(err)
	}
	stage := &match.Stage{Model: model}
	pairs := map[bool][]match.Pair{}
	for _, l := range o.links {
		account := l["object"] == "Account"
		pairs[account] = append(pairs[account], match.Pair{Object: l["object"], RecordID: l["record_id"], TargetID: l["target_id"]})
	}
	lists := []([]match.Pair){pairs[true], pairs[false], pairs[true], pairs[false]}
	for i, list := range lists {
		if i == 2 { // without the directory that is kept for the next run
			dir, err := o.view().Cache()
			if err != nil {
				t.Fatal(err)
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) != 4 {
				t.Fatalf("kept: %v, %v", files, err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		explained, err := stage.Explain(t.Context(), o.view(), list)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range explained {
			l := o.links[list[i].Object+" "+list[i].RecordID]
			weight, _ := strconv.ParseFloat(l["weight"], 64)
			if math.Abs(x.Weight-weight) > 1e-9 || x.Left != list[i].RecordID {
				t.Errorf("%+v: weight %v of %s, the run has %v", list[i], x.Weight, x.Left, weight)
			}
			if len(x.Rules) == 0 && l["origin"] == "model" {
				t.Errorf("%+v: no blocking rule", list[i])
			}
		}
		for _, x := range explained {
			for _, c := range x.Compared {
				if c.M > 0 && (len(c.Left) == 0 || len(c.Right) == 0) {
					t.Errorf("%s %s: %s has no values: %+v", x.Left, x.Right, c.Feature, c)
				}
			}
		}
		t.Logf("%d pairs", len(list))
	}
	if _, err := stage.Explain(t.Context(), o.view(), []match.Pair{{Object: "Lead", RecordID: "l0", TargetID: "p0001"}}); !errors.Is(err, linkage.ErrAbsent) {
		t.Errorf("a record that is gone: %v", err)
	}
	mixed := []match.Pair{pairs[true][0], pairs[false][0]}
	if _, err := stage.Explain(t.Context(), o.view(), mixed); err == nil {
		t.Error("accounts and people together: no error")
	}
}

// TestTrainOnSnapshots trains on what a run saw: the model is that of the run.
func TestTrainOnSnapshots(t *testing.T) {
	o := runStage(t, fortune(t), &match.Stage{}, 2)
	want, err := match.ReadModel(o.model)
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&match.Stage{Model: want}).Train(t.Context(), o.view()) // a model that is set is not used for training
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" || got.Fingerprint() != want.Fingerprint() {
		t.Errorf("model differs (-run +trained):\n%s", d)
	}
}

func TestLoadModel(t *testing.T) {
	o := runStage(t, fortune(t), &match.Stage{}, 1)
	path := filepath.Join(t.TempDir(), "model.json")
	load := func(change func(m *match.Model)) error {
		t.Helper()
		m, err := match.ReadModel(o.model)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = match.LoadModel(path)
		return err
	}
	if err := load(func(*match.Model) {}); err != nil {
		t.Errorf("the model of a run: %v", err)
	}
	for name, c := range map[string]struct {
		change func(m *match.Model)
		says   string
	}{
		"entities in each other's place": {func(m *match.Model) { m.Company, m.Person = m.Person, m.Company }, "model of a person for a company"},
		"a level too few":                {func(m *match.Model) { c := &m.Person.Comparisons[1]; c.Levels = c.Levels[1:] }, "levels of surname"},
		"an unknown comparison":          {func(m *match.Model) { m.Company.Comparisons[0].Name = "nmae" }, `"nmae"`},
		"no probability":                 {func(m *match.Model) { m.Person.Comparisons[0].Levels[1].M[0] = 1.5 }, "no probabilities"},
		"another version":                {func(m *match.Model) { m.Person.Version = 1 }, "version 1"},
	} {
		if err := load(c.change); !errors.Is(err, weigh.ErrModel) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := match.LoadModel(path + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// FuzzReadModel reads model files: what is read and passes the check is written and read again as the same model.
func FuzzReadModel(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"company":{"version":2,"entity":"company","prior":0.001,"comparisons":[]},"person":{"version":2,"entity":"person","prior":0.5}}`))
	f.Add([]byte(`{"company":{"version":2,"entity":"company","prior":0.001,"comparisons":[{"name":"ticker","levels":[{},{"m":[1,1],"u":[0.1,0.1]},{"m":[0.1,1],"u":[1,1]}]}]},
		"person":{"version":2,"entity":"person","prior":0.5,"comparisons":[{"name":"surname","levels":null}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := match.ReadModel(data)
		if err == nil {
			err = m.Check()
		}
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := match.ReadModel(again); err != nil || r.Fingerprint() != m.Fingerprint() {
			t.Errorf("read again: %v", err)
		}
	})
}
