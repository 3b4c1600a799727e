package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
)

func TestSettingsByCommand(t *testing.T) {
	s := newSite(t, newWorld(t))
	all := answer[[]shownSetting](t, s, "settings", "show")
	if len(all) != len(schemas.AllSettings) {
		t.Fatalf("%d settings are shown, there are %d", len(all), len(schemas.AllSettings))
	}
	for _, x := range all {
		if x.Allowed == "" || x.Doc == "" || x.Type == "" || x.IsSet != (x.ChangedAt != nil) {
			t.Errorf("setting %+v", x)
		}
	}
	out, _ := s.ask(t, exitDone, "settings", "show", "badge.style")
	for _, says := range []string{"badge.style", `"lightning"`, "allowed: lightning or classic (text)", "default", "(R19)"} {
		if !strings.Contains(out, says) {
			t.Errorf("show does not say %q:\n%s", says, out)
		}
	}
	c := answer[changed](t, s, "settings", "set", "badge.style", "classic", "--by", "ann")
	if len(c.Changes) != 1 || c.Changes[0] != (control.Difference{Key: "badge.style", To: `"classic"`}) || c.By != "ann" {
		t.Errorf("set: %+v", c)
	}
	if out, _ := s.ask(t, exitDone, "settings", "set", "badge.style", "classic"); !strings.Contains(out, "nothing changes") {
		t.Errorf("set again:\n%s", out)
	}

	// A file to review: exported, edited, imported.
	file := filepath.Join(t.TempDir(), "settings.yaml")
	s.ask(t, exitDone, "settings", "export", "--out", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.NewReplacer("badge.style: classic", "badge.style: null", "roi.window_days: null", "roi.window_days: 45").Replace(string(text))
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ = s.ask(t, exitDone, "settings", "import", file, "--dry-run")
	for _, says := range []string{"badge.style\n  - \"classic\"\n  + (default)\n", "roi.window_days\n  - (default)\n  + 45\n", "2 settings would change"} {
		if !strings.Contains(out, says) {
			t.Errorf("a dry run does not say %q:\n%s", says, out)
		}
	}
	if c := answer[changed](t, s, "settings", "import", file, "--by", "bob"); len(c.Changes) != 2 {
		t.Errorf("import: %+v", c)
	}
	if c := answer[changed](t, s, "settings", "reset", "roi.window_days"); len(c.Changes) != 1 || c.By != whoami() {
		t.Errorf("reset: %+v", c)
	}
	history := answer[[]control.Change](t, s, "settings", "history", "badge.style")
	if len(history) != 2 || history[0].By != "bob" || history[1].By != "ann" || history[0].To != "" {
		t.Errorf("history: %+v", history)
	}

	if err := os.WriteFile(file, []byte("roi.window_days: 45\nroi.autorised: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, problem := s.ask(t, exitUsage, "settings", "import", file)
	if !strings.Contains(problem, "line 2") || !strings.Contains(problem, "did you mean roi.authorised?") {
		t.Errorf("a file with a mistake: %s", problem)
	}
	if again := answer[[]control.Change](t, s, "settings", "history", "roi.window_days"); len(again) != 2 {
		t.Errorf("a refused file changed something: %+v", again)
	}
	s.ask(t, exitUsage, "settings", "import", filepath.Join(t.TempDir(), "missing.yaml"))
	s.ask(t, exitUsage, "settings", "show", "badge.stile")
	s.ask(t, exitUsage, "settings", "set", "badge.style", "modern")
}
