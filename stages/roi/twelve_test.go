package roi_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// readWorld reads data sets by name from a file; each value takes the type of its field.
func readWorld(t *testing.T, path string) world {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string][]map[string]any
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	w := world{}
	for name := range file {
		if !slices.ContainsFunc(schemas.All, func(ds *schemas.Dataset) bool { return ds.Name == name }) {
			t.Fatalf("%s: no data set %s", path, name)
		}
	}
	for _, ds := range schemas.All {
		for _, given := range file[ds.Name] {
			r := row{}
			for name, value := range given {
				if r[name], err = typed(ds.Field(name).Type, value); err != nil {
					t.Fatalf("%s.%s: %v", ds.Name, name, err)
				}
			}
			w[ds] = append(w[ds], r)
		}
	}
	return w
}

func typed(t schemas.Type, value any) (any, error) {
	switch t {
	case schemas.Int64:
		return int64(value.(float64)), nil
	case schemas.Timestamp:
		return time.Parse(time.RFC3339, value.(string))
	case schemas.Date:
		return time.Parse(time.DateOnly, value.(string))
	}
	return value, nil
}

// documented returns the table that follows the mark in the text, a row for each line below the head.
func documented(t *testing.T, text, mark string) (head []string, rows [][]string) {
	t.Helper()
	_, rest, found := strings.Cut(text, "<!-- "+mark+" -->\n")
	if !found {
		t.Fatalf("docs/roi.md has no table %s", mark)
	}
	cell := regexp.MustCompile("[`*]")
	for _, line := range strings.Split(strings.TrimLeft(rest, "\n"), "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell.ReplaceAllString(c, "")))
		}
		if head == nil {
			head = cells
		} else if !strings.HasPrefix(cells[0], "---") {
			rows = append(rows, cells)
		}
	}
	return head, rows
}

// shown writes a value as the documentation does.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		if v.Truncate(24 * time.Hour).Equal(v) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format("2006-01-02 15:04")
	}
	return fmt.Sprint(v)
}

// TestTwelveOpportunities: the figures that docs/roi.md derives by hand are those of the stage, all of them.
func TestTwelveOpportunities(t *testing.T) {
	b := newBench(t)
	if err := b.run(readWorld(t, "testdata/twelve.json")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/roi.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mark string
		ds   *schemas.Dataset
		keep func(r row) bool // nil keeps all rows
	}{
		{"touches", schemas.ROITouches, nil},
		{"opportunities", schemas.ROIOpportunities, nil},
		{"segments", schemas.ROIOpportunities, nil},
		{"attribution", schemas.ROIAttribution, nil},
		{"cents", schemas.ROIAttribution, nil},
		{"quarters", schemas.ROIQuarters, nil},
		{"sellers", schemas.ROISellers, nil},
		{"comparison", schemas.ROIComparison, func(r row) bool { return r["dimension"] == "all" }},
		{"win rates", schemas.ROIComparison, func(r row) bool { return r["dimension"] != "all" && r["measure"] == "win_rate" }},
	} {
		head, want := documented(t, string(text), c.mark)
		var got [][]string
		for _, r := range b.rows(c.ds) {
			if c.keep != nil && !c.keep(r) {
				continue
			}
			var cells []string
			for _, name := range head {
				c.ds.Field(name) // the table's head names fields
				cells = append(cells, shown(r[name]))
			}
			got = append(got, cells)
		}
		slices.SortFunc(want, func(a, b []string) int { return slices.Compare(a, b) })
		slices.SortFunc(got, func(a, b []string) int { return slices.Compare(a, b) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-docs/roi.md +stage):\n%s", c.mark, diff)
		}
	}
}
