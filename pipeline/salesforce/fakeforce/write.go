package fakeforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// writer applies changes to rows under the org's lock. In system mode (data loaded in the same process) every field may be
// set and references are taken on trust; otherwise the API's rules hold.
type writer struct {
	org    *Org
	system bool
	now    string
	// undo takes back what was done, from the last change to the first.
	undo []func()
}

func (o *Org) newWriter(system bool) *writer {
	return &writer{org: o, system: system, now: stamp(o.now())}
}

// insert makes a row from the fields and returns its id.
func (w *writer) insert(t *table, fields map[string]any) (string, *fieldError) {
	obj := t.obj
	cells := make([]string, len(obj.Fields))
	given, ferr := w.assign(t, cells, fields, true)
	if ferr != nil {
		return "", ferr
	}
	w.defaults(t, cells, given)
	if ferr := w.check(t, cells, idKey{}, given); ferr != nil {
		return "", ferr
	}
	if cells[0] == "" {
		cells[0] = t.nextID()
	}
	w.derive(obj, cells, given)
	if ferr := w.obey(obj, cells); ferr != nil {
		return "", ferr
	}
	if err := t.append(cells); err != nil {
		return "", fieldFault("DUPLICATE_VALUE", []string{"Id"}, "%v", err)
	}
	w.undo = append(w.undo, func() { t.dropLast(cells) })
	return cells[0], nil
}

// replace stores a row's new cells in place of the old ones.
func (w *writer) replace(t *table, k idKey, old, cells []string) error {
	if err := t.replace(k, old, cells); err != nil {
		return err
	}
	// What replaced a row replaces it again, so taking it back cannot fail.
	w.undo = append(w.undo, func() { _ = t.replace(k, cells, old) })
	return nil
}

// rollback takes back everything that the writer did.
func (w *writer) rollback() {
	for _, undo := range slices.Backward(w.undo) {
		undo()
	}
	w.undo = nil
}

// update changes the fields of the row.
func (w *writer) update(t *table, k idKey, fields map[string]any) *fieldError {
	old, ok := t.get(k)
	if !ok {
		return fieldFault("INVALID_CROSS_REFERENCE_KEY", nil, "invalid cross reference id")
	}
	if t.deleted(old) && !w.system {
		return fieldFault("ENTITY_IS_DELETED", nil, "entity is deleted")
	}
	cells := append([]string(nil), old...)
	given, ferr := w.assign(t, cells, fields, false)
	if ferr != nil {
		return ferr
	}
	if cells[0] != old[0] {
		return fieldFault("INVALID_FIELD_FOR_INSERT_UPDATE", []string{"Id"}, "an id cannot be changed")
	}
	if ferr := w.check(t, cells, k, given); ferr != nil {
		return ferr
	}
	w.touch(t.obj, cells, given)
	w.derive(t.obj, cells, given)
	if err := w.replace(t, k, old, cells); err != nil {
		return fieldFault("UNKNOWN_EXCEPTION", nil, "%v", err)
	}
	return nil
}

// assign sets cells from fields, checking names, rights and types, and returns which columns were given.
func (w *writer) assign(t *table, cells []string, fields map[string]any, inserting bool) (map[int]bool, *fieldError) {
	obj := t.obj
	given := make(map[int]bool, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := fields[name]
		if strings.EqualFold(name, "attributes") {
			continue
		}
		col := obj.Index(name)
		if col >= 0 && !w.system && !w.org.visible(obj, col) {
			col = -1
		}
		if col < 0 {
			return nil, fieldFault("INVALID_FIELD", []string{name}, "No such column '%s' on sobject of type %s", name, obj.Name)
		}
		f := &obj.Fields[col]
		if !w.system && (f.ReadOnly || f.InsertOnly && !inserting) {
			return nil, fieldFault("INVALID_FIELD_FOR_INSERT_UPDATE", []string{f.Name}, "Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.Name)
		}
		value, err := canonicalAny(f, v)
		if err != nil {
			if f.Type == TypeReference || f.Type == TypeID {
				return nil, fieldFault("MALFORMED_ID", []string{f.Name}, "%s: id value of incorrect type: %v", f.Label, v)
			}
			return nil, fieldFault("INVALID_TYPE_ON_FIELD_IN_RECORD", []string{f.Name}, "%s: value not of required type: %v", f.Label, v)
		}
		if value == "" && f.Type == TypeBoolean {
			value = "false"
		}
		cells[col] = value
		given[col] = true
	}
	return given, nil
}

// defaults fills in what an insert leaves out.
func (w *writer) defaults(t *table, cells []string, given map[int]bool) {
	obj := t.obj
	for i := range obj.Fields {
		f := &obj.Fields[i]
		if cells[i] != "" {
			continue
		}
		switch {
		case f.Type == TypeBoolean && (f.Default == "" || given[i]):
			cells[i] = "false"
		case given[i]:
		case f.Default != "":
			cells[i] = f.Default
		}
		switch f.Name {
		case "CreatedDate", "LastModifiedDate", "SystemModstamp":
			cells[i] = w.now
		case "CreatedById", "LastModifiedById", "OwnerId":
			cells[i] = w.org.userID
		}
	}
	if !w.system || given[obj.Index("SystemModstamp")] {
		return
	}
	// A loaded row that says when it was created or modified was not touched after that.
	created, modified, system := obj.Index("CreatedDate"), obj.Index("LastModifiedDate"), obj.Index("SystemModstamp")
	if given[created] && !given[modified] {
		cells[modified] = cells[created]
	}
	if given[created] || given[modified] {
		cells[system] = max(cells[created], cells[modified])
	}
}

// touch moves the row's times.
func (w *writer) touch(obj *Object, cells []string, given map[int]bool) {
	for _, name := range []string{"LastModifiedDate", "SystemModstamp"} {
		if col := obj.Index(name); !given[col] {
			cells[col] = w.now
		}
	}
	if col := obj.Index("LastModifiedById"); !given[col] {
		cells[col] = w.org.userID
	}
}

// check enforces required values, lengths, unique values and references. self is the row's own id, zero for an insert.
func (w *writer) check(t *table, cells []string, self idKey, given map[int]bool) *fieldError {
	obj := t.obj
	var missing []string
	for i := range obj.Fields {
		if f := &obj.Fields[i]; f.Required && cells[i] == "" {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) > 0 && !w.system {
		return fieldFault("REQUIRED_FIELD_MISSING", missing, "Required fields are missing: [%s]", strings.Join(missing, ", "))
	}
	for i := range obj.Fields {
		f := &obj.Fields[i]
		if !given[i] || cells[i] == "" {
			continue
		}
		if f.Length > 0 && f.text() && len(cells[i]) > f.Length && utf8.RuneCountInString(cells[i]) > f.Length {
			return fieldFault("STRING_TOO_LONG", []string{f.Name}, "%s: data value too large: %s (max length=%d)", f.Label, truncate(cells[i], 255), f.Length)
		}
		if f.Unique {
			if owner, ok := t.ownerOf(i, cells[i]); ok && owner != self {
				return fieldFault("DUPLICATE_VALUE", []string{f.Name}, "duplicate value found: %s duplicates value on record with id: %s", f.Name, ID18(string(owner[:])))
			}
		}
		if f.Type == TypeReference && !w.system {
			if ferr := w.checkReference(f, cells[i]); ferr != nil {
				return ferr
			}
		}
	}
	if obj.Name == "Task" && !w.system {
		return checkTask(obj, cells)
	}
	return nil
}

// checkReference makes sure that the row exists, is of the right kind, is not deleted, and can own records.
func (w *writer) checkReference(f *Field, id string) *fieldError {
	k, err := parseID(id)
	if err != nil {
		return fieldFault("MALFORMED_ID", []string{f.Name}, "%s: id value of incorrect type: %s", f.Label, id)
	}
	target, ok := w.org.tableOf(k)
	if !ok || !slices.Contains(f.References, target.obj.Name) {
		return fieldFault("MALFORMED_ID", []string{f.Name}, "%s: id value of incorrect type: %s", f.Label, id)
	}
	cells, ok := target.get(k)
	if !ok || target.deleted(cells) {
		return fieldFault("INVALID_CROSS_REFERENCE_KEY", []string{f.Name}, "invalid cross reference id")
	}
	if f.Name == "OwnerId" && target.obj.Name == "User" && cells[target.obj.Index("IsActive")] != "true" {
		return fieldFault("INACTIVE_OWNER_OR_USER", []string{}, "operation performed with inactive user [%s] as owner of record", id)
	}
	return nil
}

// checkTask holds the rule that a task about a lead is about nothing else. The wording is a guess.
func checkTask(obj *Object, cells []string) *fieldError {
	if strings.HasPrefix(cells[obj.Index("WhoId")], "00Q") && cells[obj.Index("WhatId")] != "" {
		return fieldFault("FIELD_INTEGRITY_EXCEPTION", []string{"WhatId"}, "Related To ID: cannot be specified when Name ID is a lead")
	}
	return nil
}

// derive computes the fields that Salesforce keeps itself. Loaded rows keep what was given.
func (w *writer) derive(obj *Object, cells []string, given map[int]bool) {
	set := func(name, value string) {
		if col := obj.Index(name); col >= 0 && !(w.system && given[col]) {
			cells[col] = value
		}
	}
	get := func(name string) string { return cells[obj.Index(name)] }
	switch obj.Name {
	case "Contact", "Lead", "User":
		set("Name", strings.TrimSpace(get("FirstName")+" "+get("LastName")))
	case "Opportunity":
		stage := get("StageName")
		set("IsClosed", fmt.Sprint(strings.HasPrefix(stage, "Closed")))
		set("IsWon", fmt.Sprint(stage == "Closed Won"))
	case "Task":
		set("IsClosed", fmt.Sprint(get("Status") == "Completed"))
		set("IsHighPriority", fmt.Sprint(get("Priority") == "High"))
		if what := get("WhatId"); strings.HasPrefix(what, "001") {
			set("AccountId", what)
		}
	}
}

func truncate(s string, runes int) string {
	n := 0
	for i := range s {
		if n == runes {
			return s[:i]
		}
		n++
	}
	return s
}
