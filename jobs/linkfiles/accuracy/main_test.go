package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const own = "../../../testdata"

// TestFortune measures the sets that are part of the project; those that are not are skipped by name.
func TestFortune(t *testing.T) {
	var out bytes.Buffer
	lines := filepath.Join(t.TempDir(), "bench.json")
	if err := run(t.Context(), &out, t.TempDir(), own, lines, cases); err != nil {
		t.Error(err)
	}
	t.Log(out.String())
	if got := strings.Count(out.String(), "skipped febrl4"); got != 3 {
		t.Errorf("%d sets skipped, want 3", got)
	}
	data, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	for n := range 3 {
		var f figures
		if err := dec.Decode(&f); err != nil {
			t.Fatal(err)
		}
		if f.F1 < f.Bar || f.Pairs == 0 || f.Seconds <= 0 || f.CPUSeconds <= 0 || f.PeakRSS < 1<<20 {
			t.Errorf("line %d: %+v", n, f)
		}
	}
}

// TestFailsBelowTheBar raises a bar out of reach, and takes everything away.
func TestFailsBelowTheBar(t *testing.T) {
	high := cases[len(cases)-1]
	high.bar = 1.01
	var out bytes.Buffer
	if err := run(t.Context(), &out, "", own, "", []set{high}); !errors.Is(err, errBelow) || !strings.Contains(out.String(), "BELOW") {
		t.Errorf("error %v\n%s", err, &out)
	}
	if err := run(t.Context(), &out, t.TempDir(), own, "", cases[:3]); err == nil {
		t.Error("nothing was measured, and that is no error")
	}
	broken := cases[len(cases)-1]
	broken.spec = "absent.yaml"
	if err := run(t.Context(), &out, "", own, "", []set{broken, high}); err == nil || errors.Is(err, errBelow) {
		t.Errorf("without a specification: %v", err)
	}
}
