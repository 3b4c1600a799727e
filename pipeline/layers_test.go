package pipeline_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/crmsync/crmsync/"

// layer is how high a package stands: it may import lower ones only.
func layer(pkg string) int {
	for i, prefix := range []string{"schemas", "pipeline", "stages", "jobs", "cmd"} {
		if pkg == prefix || strings.HasPrefix(pkg, prefix+"/") {
			return i
		}
	}
	return -1
}

// TestLayersPointOneWay holds the house: cmd -> jobs -> stages -> pipeline -> schemas, and no stage imports another.
func TestLayersPointOneWay(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	stage := func(pkg string) string { return strings.SplitN(pkg+"//", "/", 3)[1] }
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], module)
		for _, w := range words[1:] {
			to, ours := strings.CutPrefix(w, module)
			if !ours || layer(to) < 0 {
				continue
			}
			if layer(to) > layer(from) {
				t.Errorf("%s imports %s, which stands above it", from, to)
			}
			if strings.HasPrefix(from, "stages/") && strings.HasPrefix(to, "stages/") && stage(from) != stage(to) {
				t.Errorf("stage %s imports stage %s; what passes between stages is a data set", from, to)
			}
			if strings.HasPrefix(from, "pipeline/salesforce") && strings.HasPrefix(to, "pipeline/snapshot") {
				t.Errorf("%s imports %s: the client knows nothing of snapshots", from, to)
			}
		}
	}
}
