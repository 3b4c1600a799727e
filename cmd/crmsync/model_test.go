package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// TestModel trains, exports and shows the model, and syncs by a model file.
func TestModel(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")
	first, err := s.home.Latest("sync", pipeline.Succeeded)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	made := answer[trained](t, s, "model", "train", "--out", file("trained.json"))
	if made.RunID != first.RunID || made.Company.Candidates == 0 || made.Person.Patterns == 0 || made.Company.Iterations == 0 {
		t.Errorf("training facts: %+v", made)
	}
	s.ask(t, exitDone, "model", "export", "--run", first.RunID, "--out", file("exported.json"))
	kept, err := match.LoadModel(file("exported.json"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := match.LoadModel(file("trained.json"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(kept, again); d != "" {
		t.Errorf("trained on the run's snapshots, the model differs from the run's (-run +trained):\n%s", d)
	}
	if out, _ := s.ask(t, exitDone, "model", "export"); !strings.Contains(out, `"comparisons"`) {
		t.Errorf("export to standard output:\n%s", out)
	}

	shown, _ := s.ask(t, exitDone, "model", "show")
	fromFile, _ := s.ask(t, exitDone, "model", "show", file("exported.json"))
	if shown != fromFile {
		t.Error("the run's model is shown in another way than its file")
	}
	for _, want := range []string{"company  model", "person   model", "candidate and", "patterns", "iterations, converged", "surname", "given that they agree on"} {
		if !strings.Contains(strings.ReplaceAll(shown, "person  model", "person   model"), want) {
			t.Errorf("show does not say %q:\n%s", want, shown)
		}
	}
	// A later sync, after changes, weighs by the file.
	if _, err := w.ApplyChanges(); err != nil {
		t.Fatal(err)
	}
	w.Org.Clock().Advance(time.Hour)
	s.ask(t, exitDone, "sync", "--set", "match.model="+file("exported.json"))
	s.ask(t, exitDone, "model", "export", "--out", file("used.json"))
	used, err := match.LoadModel(file("used.json"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(kept, used); d != "" {
		t.Errorf("the sync used another model than the one named:\n%s", d)
	}

	damaged, err := os.ReadFile(file("exported.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"none.json": "", "text.json": "no JSON", "old.json": strings.Replace(string(damaged), fmt.Sprintf(`"version": %d`, weigh.Version), `"version": 2`, 1),
		"other.json": strings.Replace(string(damaged), `"surname"`, `"srname"`, 1),
	} {
		if text != "" {
			if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, problems := s.ask(t, exitUsage, "sync", "--set", "match.model="+file(name)); !strings.Contains(problems, "match.model") || !strings.Contains(problems, file(name)) {
			t.Errorf("%s: %s", name, problems)
		}
	}
	if _, problems := s.ask(t, exitDone, "model", "show", file("other.json")); !strings.Contains(problems, "srname") {
		t.Errorf("a model that cannot be used is shown without a word: %s", problems)
	}
	s.ask(t, exitUsage, "model", "show", file("none.json"))
	s.ask(t, exitUsage, "model", "train")
	if _, problems := s.ask(t, exitFailed, "model", "export", "--run", "r000099-x-sync"); !strings.Contains(problems, "r000099") {
		t.Errorf("a run that is nowhere: %s", problems)
	}
}
