package linkfiles

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

func TestParseSpec(t *testing.T) {
	text := `
entity: person
left: &side
  id: Id
  columns: {given_name: First, surname: Last, street: [No, Street], date: 1990, phone: y}
right: *side
threshold: 0.95
review: 0.5
margin: 0
country: no
blocking: [[surname, date], [phone]]
model: m.json
`
	s, err := ParseSpec([]byte(text), false)
	if err != nil {
		t.Fatal(err)
	}
	side := Side{ID: "Id", Columns: map[schemas.Role][]string{
		schemas.GivenName: {"First"}, schemas.Surname: {"Last"}, schemas.Street: {"No", "Street"}, schemas.Day: {"1990"}, schemas.Phone: {"y"},
	}}
	none := 0.0
	want := &Spec{
		Entity: "person", Left: side, Right: side, Threshold: 0.95, Review: 0.5, Margin: &none, Country: "NO", Model: "m.json",
		Blocking: [][]schemas.Role{{schemas.Surname, schemas.Day}, {schemas.Phone}},
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	// Full names meet given names and surnames.
	if _, err := ParseSpec([]byte("entity: person\nleft: {id: a, columns: {full_name: n}}\nright: {id: a, columns: {surname: n}}\nblocking: [[surname]]\n"), false); err != nil {
		t.Error(err)
	}
}

func TestModelLiesBesideTheSpec(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "spec.yaml")
	if err := os.WriteFile(path, []byte("entity: person\nleft: {id: a, columns: {surname: n}}\nmodel: models/m.json\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSpec(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "models", "m.json"); s.Model != want {
		t.Errorf("model %s, want %s", s.Model, want)
	}
	if _, err := ReadSpec(filepath.Join(dir, "absent.yaml"), true); !errors.Is(err, ErrSpec) {
		t.Errorf("absent: %v", err)
	}
}

const good = "entity: person\nleft: {id: a, columns: {surname: n, city: c}}\nright: {id: a, columns: {surname: n, phone: p}}\n"

func TestSpecErrors(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		alone      bool
		says       []string
	}{
		{"empty", "", false, []string{"empty"}},
		{"no YAML", "entity: [", false, []string{"line 1"}},
		{"two documents", good + "---\n" + good, false, []string{"more than one"}},
		{"list", "- a\n", false, []string{"line 1", "mapping"}},
		{"unknown key", good + "treshold: 0.9\n", false, []string{"line 4", `"treshold"`, `did you mean "threshold"`}},
		{"unknown key of a side", "entity: person\nleft: {ids: a, columns: {surname: n}}\n", true, []string{"line 2", `"ids"`, `did you mean "id"`}},
		{"unknown role", "entity: person\nleft:\n  id: a\n  columns:\n    first_name: x\n    postcode: y\n", true, []string{"line 5", `"first_name"`, "line 6", `did you mean "postal_code"`}},
		{"twice", good + "entity: person\n", false, []string{"line 4", "twice"}},
		{"role twice", "entity: person\nleft: {id: a, columns: {surname: n, surname: m}}\n", true, []string{"line 2", "twice", "surname: [A, B]"}},
		{"entity", strings.Replace(good, "person", "persons", 1), false, []string{"line 1", `"persons"`}},
		{"no entity", strings.Replace(good, "entity: person\n", "", 1), false, []string{"entity is missing"}},
		{"no left", "entity: person\n", true, []string{"left needs an id"}},
		{"no right", "entity: person\nleft: {id: a, columns: {surname: n}}\n", false, []string{"right needs an id"}},
		{"no columns", "entity: person\nleft: {id: a}\n", true, []string{"line 2", "left needs an id and columns"}},
		{"columns as a list", "entity: person\nleft: {id: a, columns: [surname]}\n", true, []string{"line 2", "columns name the column of each role"}},
		{"no column", "entity: person\nleft: {id: a, columns: {surname: }}\n", true, []string{"line 2", "role surname"}},
		{"empty list of columns", "entity: person\nleft: {id: a, columns: {surname: []}}\n", true, []string{"line 2", "role surname"}},
		{"nested list", "entity: person\nleft: {id: a, columns: {surname: [[a]]}}\n", true, []string{"line 2", "role surname"}},
		{"id as a list", "entity: person\nleft: {id: [a], columns: {surname: n}}\n", true, []string{"line 2", "id: one name"}},
		{"nothing in common", "entity: person\nleft: {id: a, columns: {surname: n}}\nright: {id: a, columns: {phone: p}}\n", false, []string{"no role in common"}},
		{"threshold", good + "threshold: 0.3\n", false, []string{"line 4", "threshold", `"0.3"`}},
		{"threshold of one", good + "threshold: 1\n", false, []string{"line 4", "threshold"}},
		{"threshold in words", good + "threshold: high\n", false, []string{"line 4", `"high"`}},
		{"review", good + "review: 0\n", false, []string{"line 4", "review"}},
		{"review above the threshold", good + "threshold: 0.8\nreview: 0.9\n", false, []string{"review 0.9 is above the threshold 0.8"}},
		{"review above the usual threshold", good + "review: 0.95\n", false, []string{"review 0.95 is above the threshold 0.9"}},
		{"margin", good + "margin: -1\n", false, []string{"line 4", "margin"}},
		{"margin without end", good + "margin: .inf\n", false, []string{"line 4", "margin"}},
		{"margin that is none", good + "margin: .nan\n", false, []string{"line 4", "margin"}},
		{"country", good + "country: Atlantis\n", false, []string{"line 4", `"Atlantis"`}},
		{"blocking", good + "blocking: surname\n", false, []string{"line 4", "list of lists"}},
		{"blocking without rules", good + "blocking: []\n", false, []string{"line 4", "list of lists"}},
		{"blocking as a flat list", good + "blocking: [surname]\n", false, []string{"line 4", "a blocking rule is a list"}},
		{"blocking by nothing", good + "blocking: [[]]\n", false, []string{"line 4", "a blocking rule is a list"}},
		{"blocking by an unknown role", good + "blocking:\n- [surname]\n- [sirname]\n", false, []string{"line 6", `did you mean "surname"`}},
		{"blocking by a role of one side", good + "blocking: [[surname, city]]\n", false, []string{"line 4", "role city needs a column on both sides"}},
		{"blocking by what is near", good + "blocking: [[lat]]\n", false, []string{"line 4", "role lat"}},
		{"model", good + "model: {a: b}\n", false, []string{"line 4", "model"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseSpec([]byte(tt.text), tt.alone)
			if !errors.Is(err, ErrSpec) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %s", err, want)
				}
			}
		})
	}
}

// FuzzParseSpec holds that what is accepted can be worked with.
func FuzzParseSpec(f *testing.F) {
	f.Add(good, false)
	f.Add("entity: company\nleft: &a {id: x, columns: {company: [a, b], lat: c}}\nright: *a\nblocking: [[company]]\nmargin: 1e3\ncountry: Germany\n", false)
	f.Add("a: &a [*a]", true)
	f.Add("<<: {entity: person}\nleft: {id: 1, columns: {surname: 0x1}}", true)
	f.Fuzz(func(t *testing.T, text string, alone bool) {
		s, err := ParseSpec([]byte(text), alone)
		if err != nil {
			if !errors.Is(err, ErrSpec) {
				t.Errorf("%q: %v does not wrap ErrSpec", text, err)
			}
			return
		}
		sides := []Side{s.Left}
		if !alone {
			sides = append(sides, s.Right)
		}
		for _, side := range sides {
			if side.ID == "" || len(side.Columns) == 0 {
				t.Errorf("%q: side %+v", text, side)
			}
			for role, columns := range side.Columns {
				if len(columns) == 0 {
					t.Errorf("%q: role %s has no column", text, role)
				}
			}
		}
		if s.Entity == "" || s.Threshold != 0 && !(s.Threshold >= 0.5 && s.Threshold < 1) || s.Margin != nil && !(*s.Margin >= 0 && !math.IsInf(*s.Margin, 0)) {
			t.Errorf("%q: %+v", text, s)
		}
		j := &Job{Spec: s}
		if s.Model == "" {
			if _, err := j.config(); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
