package linkfiles

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/biter777/countries"
	"go.yaml.in/yaml/v3"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
)

// parser reads a specification and keeps what is wrong with it.
type parser struct{ errs []error }

func (p *parser) bad(n *yaml.Node, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%w: line %d: %s", ErrSpec, n.Line, fmt.Sprintf(format, args...)))
}

func (p *parser) spec(data []byte, alone bool) *Spec {
	s := &Spec{}
	in := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := in.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.errs = append(p.errs, fmt.Errorf("%w: it is empty", ErrSpec))
		return s
	case err != nil:
		p.errs = append(p.errs, fmt.Errorf("%w: %w", ErrSpec, err))
		return s
	}
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		p.errs = append(p.errs, fmt.Errorf("%w: it holds more than one YAML document", ErrSpec))
		return s
	}
	var blocking *yaml.Node
	sides := map[string]*yaml.Node{}
	top := doc.Content[0]
	p.entries(top, map[string]func(*yaml.Node){
		"entity": func(n *yaml.Node) {
			if p.text(n, "entity", &s.Entity) && s.Entity != feature.Person && s.Entity != feature.Company {
				p.bad(n, "entity %q is neither %s nor %s", s.Entity, feature.Person, feature.Company)
			}
		},
		"left":  func(n *yaml.Node) { sides["left"] = n; p.side(n, &s.Left) },
		"right": func(n *yaml.Node) { sides["right"] = n; p.side(n, &s.Right) },
		"threshold": func(n *yaml.Node) {
			p.number(n, &s.Threshold, 0.5, 1, "threshold is a probability from 0.5 to below 1")
		},
		"review": func(n *yaml.Node) {
			p.number(n, &s.Review, math.SmallestNonzeroFloat64, 1, "review is a probability above 0 and below 1")
		},
		"margin": func(n *yaml.Node) {
			s.Margin = new(float64)
			p.number(n, s.Margin, 0, math.Inf(1), "margin is a number of bits, 0 or more")
		},
		"blocking": func(n *yaml.Node) { blocking = n },
		"model":    func(n *yaml.Node) { p.text(n, "model", &s.Model) },
		"country": func(n *yaml.Node) {
			if !p.text(n, "country", &s.Country) {
				return
			}
			c := countries.ByName(s.Country)
			if c == countries.Unknown {
				p.bad(n, "country %q is not known; write its ISO code, such as US", s.Country)
			}
			s.Country = c.Alpha2()
		},
	})
	if threshold := cmp.Or(s.Threshold, usualThreshold); s.Review > threshold {
		p.bad(top, "review %v is above the threshold %v", s.Review, threshold)
	}
	known := len(p.errs) == 0 // otherwise what is missing may only be misspelt
	if known && s.Entity == "" {
		p.bad(top, "entity is missing: person or company")
	}
	for _, name := range []string{"left", "right"} {
		side, used := s.Left, true
		if name == "right" {
			side, used = s.Right, !alone
		}
		n := sides[name]
		if n == nil {
			n = top
		}
		if known && used && (side.ID == "" || len(side.Columns) == 0) {
			p.bad(n, "%s needs an id and columns: %s: {id: Id, columns: {surname: LastName}}", name, name)
			known = false
		}
	}
	other := s.Right
	if alone && other.ID == "" {
		other = s.Left
	}
	if known && !s.Left.meets(other) {
		p.bad(top, "left and right have no role in common, so nothing can be compared")
	}
	if blocking != nil {
		s.Blocking = p.blocking(blocking, s.Left, other, known)
	}
	return s
}

// entries hands the values of a mapping to the parsers of their keys.
func (p *parser) entries(n *yaml.Node, parsers map[string]func(*yaml.Node)) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		p.bad(n, "a mapping of keys to values is needed here")
		return
	}
	known := make([]string, 0, len(parsers))
	for k := range parsers {
		known = append(known, k)
	}
	slices.Sort(known)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		parse, ok := parsers[key.Value]
		switch {
		case !ok:
			p.bad(key, "%s", unknown("key", key.Value, known))
		case seen[key.Value]:
			p.bad(key, "key %q occurs twice", key.Value)
		default:
			seen[key.Value] = true
			parse(resolve(value))
		}
	}
}

func (p *parser) side(n *yaml.Node, s *Side) {
	p.entries(n, map[string]func(*yaml.Node){
		"id":      func(n *yaml.Node) { p.text(n, "id", &s.ID) },
		"columns": func(n *yaml.Node) { p.columns(n, s) },
	})
}

func (p *parser) columns(n *yaml.Node, s *Side) {
	s.Columns = map[schemas.Role][]string{}
	if n.Kind != yaml.MappingNode {
		p.bad(n, "columns name the column of each role: {given_name: FirstName, surname: LastName}")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		role := schemas.Role(key.Value)
		switch {
		case !slices.Contains(roles, role):
			p.bad(key, "%s", unknown("role", key.Value, names()))
			continue
		case seen[key.Value]:
			p.bad(key, "role %q occurs twice; a list of columns is joined: %s: [A, B]", key.Value, key.Value)
			continue
		}
		seen[key.Value] = true
		list := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			list = value.Content
		}
		if len(list) == 0 {
			p.bad(value, "role %s: the name of its column is missing", role)
		}
		for _, c := range list {
			name := ""
			if p.text(resolve(c), "the column of role "+key.Value, &name) {
				s.Columns[role] = append(s.Columns[role], name)
			}
		}
	}
}

// blocking reads rules: lists of roles on which candidates agree. Whether the sides have the roles is asked when they are known.
func (p *parser) blocking(n *yaml.Node, left, right Side, known bool) (rules [][]schemas.Role) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.bad(n, "blocking is a list of lists of roles: [[surname, city], [email]]")
		return nil
	}
	for _, rule := range n.Content {
		rule = resolve(rule)
		if rule.Kind != yaml.SequenceNode || len(rule.Content) == 0 {
			p.bad(rule, "a blocking rule is a list of roles: [surname, city]")
			continue
		}
		var list []schemas.Role
		for _, item := range rule.Content {
			name := ""
			if item = resolve(item); !p.text(item, "a role of a blocking rule", &name) {
				continue
			}
			role := schemas.Role(name)
			switch {
			case !slices.Contains(roles, role):
				p.bad(item, "blocking: %s", unknown("role", name, names()))
			case slices.Contains(compared, role):
				p.bad(item, "blocking: records cannot be brought together by role %s, whose values are near or far rather than equal", name)
			case known && !(left.has(role) && right.has(role)):
				p.bad(item, "blocking: role %s needs a column on both sides", name)
			}
			list = append(list, role)
		}
		rules = append(rules, list)
	}
	return rules
}

// text reads a value that is not empty.
func (p *parser) text(n *yaml.Node, what string, into *string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		p.bad(n, "%s: one name is needed", what)
		return false
	}
	*into = strings.TrimSpace(n.Value)
	return true
}

// number reads a value of at least least and below limit.
func (p *parser) number(n *yaml.Node, into *float64, least, limit float64, rule string) {
	var x float64
	if err := n.Decode(&x); err != nil || !(x >= least && x < limit) {
		p.bad(n, "%s, not %q", rule, n.Value)
		return
	}
	*into = x
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func names() []string {
	list := make([]string, len(roles))
	for i, r := range roles {
		list[i] = string(r)
	}
	return list
}

// unknown says that a name is not known, and which one is nearest.
func unknown(what, name string, known []string) string {
	near := slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(a, name) - levenshtein.ComputeDistance(b, name)
	})
	return fmt.Sprintf("unknown %s %q; did you mean %q? There are %s", what, name, near, strings.Join(known, ", "))
}
