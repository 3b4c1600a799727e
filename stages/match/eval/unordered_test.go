package eval

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

func TestUnordered(t *testing.T) {
	truth := Truth{{"b", "a"}: "odd", {"a", "b"}: "same", {"c", "b"}: "same", {"d", "d"}: "same", {"x", "y"}: "odd", {"y", "z"}: "odd"}.Unordered()
	if d := cmp.Diff(Truth{{"a", "b"}: "same", {"b", "c"}: "same", {"x", "y"}: "odd", {"y", "z"}: "odd"}, truth); d != "" {
		t.Error(d)
	}
	all, err := truth.Transitive("odd")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Truth{{"a", "b"}: "same", {"b", "c"}: "same", {"a", "c"}: Implied, {"x", "y"}: "odd", {"y", "z"}: "odd"}, all); d != "" {
		t.Error(d)
	}
	links := (&Links{Links: []Scored{{Pair{"b", "a"}, 3, 0.5}, {Pair{"a", "b"}, 4, 0.6}, {Pair{"c", "a"}, 2, 0.4}}, Score: "weight"}).Unordered()
	if d := cmp.Diff([]Scored{{Pair{"a", "b"}, 4, 0.6}, {Pair{"a", "c"}, 2, 0.4}}, links.Links); d != "" {
		t.Error(d)
	}
	if r := Compare(all, links.Links, nil, "odd"); r.True != 2 || r.Expected != 3 || r.Kinds[Implied].Found != 1 {
		t.Errorf("%+v", r)
	}
}

// TestTransitiveIsBounded refuses a truth whose right column is a group, not a record.
func TestTransitiveIsBounded(t *testing.T) {
	truth := Truth{}
	for i := range 7000 {
		truth[Pair{"group", fmt.Sprint(i)}] = ""
	}
	if _, err := truth.Transitive(); !errors.Is(err, ErrTruth) {
		t.Errorf("error %v", err)
	}
}

// TestParquetIsReadLikeCSV reads the same links from both.
func TestParquetIsReadLikeCSV(t *testing.T) {
	type row struct {
		Left     string  `parquet:"left_id"`
		Right    string  `parquet:"right_id"`
		P        float64 `parquet:"probability"`
		Weight   float64 `parquet:"weight"`
		Decision string  `parquet:"decision"`
		Cluster  *string `parquet:"cluster,optional"`
	}
	a := "a"
	in := []row{{"a", "1", 0.999999, 20.7, "link", &a}, {"b", "2", 0.25, -1.5, "review", nil}, {"c", "1", 1e-7, -23.2, "duplicate", nil}}
	dir := t.TempDir()
	flat, columns := filepath.Join(dir, "x.csv"), filepath.Join(dir, "x.parquet")
	if err := parquet.WriteFile(columns, in); err != nil {
		t.Fatal(err)
	}
	text := "left_id,right_id,probability,weight,decision,cluster\na,1,0.999999,20.7,link,a\nb,2,0.25,-1.5,review,\nc,1,1e-7,-23.2,duplicate,\n"
	if err := os.WriteFile(flat, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := OpenLinks(flat)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenLinks(columns)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" || len(got.Links) != 1 || len(got.Candidates) != 2 || got.Other != 1 {
		t.Errorf("%+v: %s", got, d)
	}
	truth, err := OpenTruth(columns)
	if err != nil || len(truth) != 3 {
		t.Errorf("truth %v, %v", truth, err)
	}
	if err := os.WriteFile(columns, []byte("PAR1 but no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{columns, filepath.Join(dir, "absent.csv"), filepath.Join(dir, "absent.parquet")} {
		if _, err := OpenLinks(path); err == nil {
			t.Errorf("%s: no error", path)
		}
		if _, err := OpenTruth(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}
