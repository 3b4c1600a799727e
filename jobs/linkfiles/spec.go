package linkfiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
)

// ErrSpec says that a specification cannot be used; the error names the line and what is wrong.
var ErrSpec = errors.New("unusable specification")

// Spec says how to link files.
type Spec struct {
	Entity      string           // person or company
	Left, Right Side             // Right is not used for duplicates
	Threshold   float64          // least probability of a link; 0 for the default
	Review      float64          // least probability of a pair worth a look; 0 for the default
	Margin      *float64         // bits that a link must be ahead of the next candidate
	Blocking    [][]schemas.Role // rules in the place of the shipped ones
	Model       string           // file, relative to the specification
	Country     string           // of telephone numbers that do not say theirs
}

// Side says which columns of a file have which role.
type Side struct {
	ID      string
	Columns map[schemas.Role][]string
}

// roles are the roles that a specification may name.
var roles = []schemas.Role{
	schemas.GivenName, schemas.Surname, schemas.FullName, schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.Email, schemas.Phone,
	schemas.Website, schemas.Ticker, schemas.Street, schemas.City, schemas.State, schemas.PostalCode, schemas.Country, schemas.Lat, schemas.Lng,
	schemas.Title, schemas.Industry, schemas.Employees, schemas.Day, schemas.Code, schemas.Text,
}

// ReadSpec reads a specification. dedupe says that only its left side is used.
func ReadSpec(path string, dedupe bool) (*Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpec, err)
	}
	s, err := ParseSpec(data, dedupe)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Model != "" && !filepath.IsAbs(s.Model) {
		s.Model = filepath.Join(filepath.Dir(path), s.Model)
	}
	return s, nil
}

// ParseSpec reads a specification from YAML.
func ParseSpec(data []byte, dedupe bool) (*Spec, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpec, err)
	}
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrSpec)
	}
	s := &Spec{}
	var errs []error
	err := entries(doc.Content[0], map[string]func(*yaml.Node) error{
		"entity": func(n *yaml.Node) error {
			if n.Value != feature.Person && n.Value != feature.Company {
				return at(n, "entity %q is neither %s nor %s", n.Value, feature.Person, feature.Company)
			}
			s.Entity = n.Value
			return nil
		},
		"left":      func(n *yaml.Node) error { return s.Left.parse(n) },
		"right":     func(n *yaml.Node) error { return s.Right.parse(n) },
		"threshold": func(n *yaml.Node) error { return probability(n, &s.Threshold) },
		"review":    func(n *yaml.Node) error { return probability(n, &s.Review) },
		"margin": func(n *yaml.Node) error {
			if err := n.Decode(&s.Margin); err != nil || *s.Margin < 0 {
				return at(n, "margin %q is no number of bits", n.Value)
			}
			return nil
		},
		"blocking": func(n *yaml.Node) error { return s.parseBlocking(n) },
		"model":    func(n *yaml.Node) error { return n.Decode(&s.Model) },
		"country":  func(n *yaml.Node) error { return n.Decode(&s.Country) },
	})
	errs = append(errs, err)
	if err == nil {
		errs = append(errs, s.check(dedupe))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Spec) check(dedupe bool) error {
	var errs []error
	if s.Entity == "" {
		errs = append(errs, fmt.Errorf("%w: entity is missing: person or company", ErrSpec))
	}
	sides := map[string]*Side{"left": &s.Left}
	if !dedupe {
		sides["right"] = &s.Right
	}
	for _, name := range []string{"left", "right"} {
		side, used := sides[name]
		if used && (side.ID == "" || len(side.Columns) == 0) {
			errs = append(errs, fmt.Errorf("%w: %s needs an id and columns: %s: {id: Id, columns: {surname: LastName}}", ErrSpec, name, name))
		}
	}
	if len(errs) == 0 && !dedupe {
		shared := false
		for role := range s.Left.Columns {
			_, both := s.Right.Columns[role]
			shared = shared || both
		}
		if !shared && !named(s.Left) && !named(s.Right) {
			errs = append(errs, fmt.Errorf("%w: left and right have no role in common, so nothing can be compared", ErrSpec))
		}
	}
	return errors.Join(errs...)
}

// named reports whether a side has full names, which meet given names and surnames.
func named(s Side) bool { return s.Columns[schemas.FullName] != nil }

func (s *Side) parse(n *yaml.Node) error {
	return entries(n, map[string]func(*yaml.Node) error{
		"id": func(n *yaml.Node) error { return n.Decode(&s.ID) },
		"columns": func(n *yaml.Node) error {
			s.Columns = map[schemas.Role][]string{}
			parsers := map[string]func(*yaml.Node) error{}
			for _, role := range roles {
				parsers[string(role)] = func(n *yaml.Node) error {
					var list []string
					if n.Kind == yaml.ScalarNode {
						list = []string{n.Value}
					} else if err := n.Decode(&list); err != nil {
						return at(n, "role %s: name a column, or a list of columns", role)
					}
					if len(list) == 0 || slices.Contains(list, "") {
						return at(n, "role %s: the name of its column is missing", role)
					}
					s.Columns[role] = list
					return nil
				}
			}
			return entries(n, parsers)
		},
	})
}

func (s *Spec) parseBlocking(n *yaml.Node) error {
	var rules [][]string
	if err := n.Decode(&rules); err != nil {
		return at(n, "blocking is a list of lists of roles: [[surname, city], [email]]")
	}
	for _, rule := range rules {
		var list []schemas.Role
		for _, name := range rule {
			if !slices.Contains(roles, schemas.Role(name)) {
				return at(n, "blocking: %s", unknown("role", name, names()))
			}
			list = append(list, schemas.Role(name))
		}
		if len(list) == 0 {
			return at(n, "blocking: a rule names no role")
		}
		s.Blocking = append(s.Blocking, list)
	}
	return nil
}

func names() []string {
	list := make([]string, len(roles))
	for i, r := range roles {
		list[i] = string(r)
	}
	return list
}

// entries hands the values of a mapping to the parsers of their keys.
func entries(n *yaml.Node, parsers map[string]func(*yaml.Node) error) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return at(n, "a mapping of keys to values is needed here")
	}
	var known []string
	for k := range parsers {
		known = append(known, k)
	}
	slices.Sort(known)
	seen := map[string]bool{}
	var errs []error
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		parse, ok := parsers[key.Value]
		switch {
		case !ok:
			errs = append(errs, at(key, "%s", unknown("key", key.Value, known)))
		case seen[key.Value]:
			errs = append(errs, at(key, "key %q occurs twice", key.Value))
		default:
			seen[key.Value] = true
			errs = append(errs, parse(value))
		}
	}
	return errors.Join(errs...)
}

func probability(n *yaml.Node, into *float64) error {
	if err := n.Decode(into); err != nil || !(*into > 0 && *into < 1) {
		return at(n, "%q is no probability between 0 and 1", n.Value)
	}
	return nil
}

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrSpec, n.Line, fmt.Sprintf(format, args...))
}

// unknown says that a name is not known, and which one is nearest.
func unknown(what, name string, known []string) string {
	near := slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(a, name) - levenshtein.ComputeDistance(b, name)
	})
	if levenshtein.ComputeDistance(near, name) <= len(name)/2+1 {
		return fmt.Sprintf("unknown %s %q; did you mean %q?", what, name, near)
	}
	return fmt.Sprintf("unknown %s %q; there are %s", what, name, strings.Join(known, ", "))
}
