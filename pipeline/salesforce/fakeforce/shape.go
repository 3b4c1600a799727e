package fakeforce

import (
	"fmt"
	"strings"
)

// shape is how a result row becomes JSON: the fields of the object itself and, one level down for each walked reference,
// those of other objects.
type shape struct {
	object string // of the row itself; "" asks the id's prefix
	id     int    // position of the row's id
	parts  []shapePart
}

// shapePart is one member: a value, an address or another object.
type shapePart struct {
	name    string
	field   *Field
	at      int
	address []int // positions of an address's parts
	child   *shape
}

// shape lays out the plan's columns.
func (p *plan) shape() *shape {
	at := make(map[string]int, len(p.out))
	for i, c := range p.out {
		at[c.name] = i
	}
	root := &shape{object: p.t.obj.Name, id: at["Id"]}
	for i, c := range p.out[:p.shown] {
		s, prefix := root, ""
		for _, st := range c.steps {
			prefix += st.name + "."
			s = s.enter(st.name, at[prefix+"Id"])
		}
		part := shapePart{name: c.field.Name, field: c.field, at: i}
		if c.field.Type == TypeAddress {
			for _, name := range addressParts {
				part.address = append(part.address, at[strings.TrimSuffix(c.name, "Address")+name])
			}
		}
		s.parts = append(s.parts, part)
	}
	return root
}

// enter returns the member for a walked reference.
func (s *shape) enter(name string, id int) *shape {
	for _, p := range s.parts {
		if p.name == name && p.child != nil {
			return p.child
		}
	}
	child := &shape{id: id}
	s.parts = append(s.parts, shapePart{name: name, child: child})
	return child
}

// append writes a row as the REST API shows it.
func (s *shape) append(dst []byte, row []string, version int) []byte {
	id := row[s.id]
	object := s.object
	if object == "" {
		object = objectOfPrefix(id)
	}
	dst = fmt.Appendf(dst, `{"attributes":{"type":"%s","url":"/services/data/v%d.0/sobjects/%s/%s"}`, object, version, object, id)
	for _, p := range s.parts {
		dst = append(dst, ',', '"')
		dst = append(dst, p.name...)
		dst = append(dst, '"', ':')
		switch {
		case p.child != nil && row[p.child.id] == "":
			dst = append(dst, "null"...)
		case p.child != nil:
			dst = p.child.append(dst, row, version)
		case p.address != nil:
			dst = appendAddress(dst, row, p.address)
		default:
			dst = appendJSON(dst, p.field, row[p.at])
		}
	}
	return append(dst, '}')
}

var addressNames = []string{"street", "city", "state", "postalCode", "country"}

// appendAddress writes a compound address, null when all of its parts are.
func appendAddress(dst []byte, row []string, parts []int) []byte {
	empty := true
	for _, at := range parts {
		empty = empty && row[at] == ""
	}
	if empty {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i, at := range parts {
		dst = appendJSONString(dst, addressNames[i])
		dst = append(dst, ':')
		dst = appendJSON(dst, &Field{Type: TypeString}, row[at])
		dst = append(dst, ',')
	}
	return append(dst, `"latitude":null,"longitude":null,"geocodeAccuracy":null}`...)
}

// objectOfPrefix names the standard object of an id.
func objectOfPrefix(id string) string {
	if len(id) < 3 {
		return "Name"
	}
	return prefixNames[id[:3]]
}

var prefixNames = func() map[string]string {
	names := map[string]string{}
	for _, o := range standardObjects() {
		names[o.Prefix] = o.Name
	}
	return names
}()
