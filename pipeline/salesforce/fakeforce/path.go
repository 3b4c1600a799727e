package fakeforce

import (
	"net/http"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

// resolve finds the column that a path names.
func (pl *planner) resolve(path string, line, col int) (*column, *apiError) {
	return pl.resolveAs(path, pl.opts, line, col)
}

func (pl *planner) resolveAs(path string, opts planOptions, line, at int) (*column, *apiError) {
	obj := pl.plan.t.obj
	parts := strings.Split(path, ".")
	if len(parts) > 1 && (strings.EqualFold(parts[0], obj.Name) && !hasRelationship(obj, parts[0]) || pl.query.Alias != "" && strings.EqualFold(parts[0], pl.query.Alias)) {
		parts = parts[1:]
	}
	c := &column{}
	unknown := func(name string, e *apiError) *apiError {
		return failf(e.status, e.Code, "%s", soql.Mark(pl.text, line, at, e.Message))
	}
	for _, name := range parts[:len(parts)-1] {
		col := relationshipColumn(obj, name)
		if col < 0 || !opts.system && !pl.org.visible(obj, col) {
			return nil, unknown(name, failf(http.StatusBadRequest, "INVALID_FIELD", "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name))
		}
		f := &obj.Fields[col]
		c.steps = append(c.steps, step{name: f.relationship(), col: col})
		c.name += f.relationship() + "."
		obj = pl.org.tables[lowerName(f.References[0])].obj
	}
	if len(c.steps) > 5 {
		return nil, failf(http.StatusBadRequest, "MALFORMED_QUERY", "a relationship path has at most five levels")
	}
	last := parts[len(parts)-1]
	c.col = obj.Index(last)
	if c.col < 0 || !opts.system && !pl.org.visible(obj, c.col) {
		return nil, unknown(last, noColumn(last, obj.Name))
	}
	c.field = &obj.Fields[c.col]
	c.name += c.field.Name
	c.get = pl.org.getter(c)
	return c, nil
}

func hasRelationship(obj *Object, name string) bool { return relationshipColumn(obj, name) >= 0 }

func relationshipColumn(obj *Object, name string) int {
	for i := range obj.Fields {
		if r := obj.Fields[i].relationship(); r != "" && strings.EqualFold(r, name) {
			return i
		}
	}
	return -1
}

// getter reads the column of a row. For a column of another row it follows the references; what does not exist is null.
// Reading other rows needs the org's lock.
func (o *Org) getter(c *column) func([]string) string {
	if len(c.steps) == 0 {
		col := c.col
		return func(cells []string) string { return cells[col] }
	}
	return func(cells []string) string {
		for i, s := range c.steps {
			k, err := parseID(cells[s.col])
			if err != nil {
				return ""
			}
			t, ok := o.tableOf(k)
			if !ok {
				return ""
			}
			next, ok := t.get(k)
			if !ok {
				return ""
			}
			if i == len(c.steps)-1 {
				// A reference that points to one of several kinds of object is read by the field's name.
				if col := t.obj.Index(c.field.Name); col >= 0 {
					return next[col]
				}
				return ""
			}
			cells = next
		}
		return ""
	}
}
