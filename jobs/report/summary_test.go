package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-golden +got):\n%s", path, diff)
	}
}

func TestSummaryJSON(t *testing.T) {
	var b bytes.Buffer
	s := &fixture().Summary
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.json", b.Bytes())
	var back Summary
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*s, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestSummaryText(t *testing.T) {
	for name, width := range map[string]int{"summary.txt": 100, "summary-narrow.txt": 72} {
		var b, coloured bytes.Buffer
		s := &fixture().Summary
		if err := s.WriteText(&b, width, false); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		for _, line := range strings.Split(b.String(), "\n") {
			if text.StringWidthWithoutEscSequences(line) > width && !strings.Contains(line, "/") {
				t.Errorf("%s: line is wider than %d: %s", name, width, line)
			}
		}
		if bytes.ContainsRune(b.Bytes(), '\x1b') {
			t.Errorf("%s holds colours that were not wanted", name)
		}
		if err := s.WriteText(&coloured, width, true); err != nil {
			t.Fatal(err)
		}
		if !bytes.ContainsRune(coloured.Bytes(), '\x1b') {
			t.Errorf("%s: no colours though wanted", name)
		}
		if got := text.StripEscape(coloured.String()); got != b.String() {
			t.Errorf("%s: colours change the text:\n%s", name, cmp.Diff(b.String(), got))
		}
	}
}

func TestSummaryOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := (&Summary{Contract: "empty"}).WriteText(&b, 80, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary-empty.txt", b.Bytes())
}

func TestReasons(t *testing.T) {
	got := Reasons([]Evidence{
		{"prior", "", -12}, {"phone", "differs", -0.4}, {"postal_code", "same area", 3.04}, {"email", "same", 18}, {"name", "exact", 9}, {"industry", "same", 1}, {"title", "differs", -1.5},
	}, 3)
	want := []string{"same e-mail (+18.0 bits)", "same name (+9.0 bits)", "postal code: same area (+3.0 bits)", "although different title (−1.5 bits)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Reasons(nil, 3); got != nil {
		t.Errorf("reasons of nothing: %v", got)
	}
}

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 7: "7", 0.456: "0.46", 12.34: "12.3", 123.4: "123", 999.6: "1 k", 1234: "1.23 k", 61_260: "61.3 k", 999_600: "1 M", 2_500_000: "2.5 M", -48_900: "−48.9 k", 3.2e9: "3.2 bn",
	} {
		if got := money(x); got != want {
			t.Errorf("money(%v) = %q, want %q", x, got, want)
		}
	}
	for total, want := range map[float64]string{0: none, -1000: none, 200: "25.0 %"} {
		if got := part(50, total); got != want {
			t.Errorf("50 of %v is %q, want %q", total, got, want)
		}
	}
	if got := measureOf("win_rate").change(-0.031); got != "−3.1" {
		t.Errorf("change of the win rate is %q", got)
	}
}
