package fakeforce

// cascade says which rows go to the recycle bin with a row: those whose field points to it.
var cascade = map[string][]struct{ object, field string }{
	"Account":     {{"Contact", "AccountId"}, {"Opportunity", "AccountId"}, {"Note", "ParentId"}},
	"Contact":     {{"OpportunityContactRole", "ContactId"}, {"Note", "ParentId"}},
	"Opportunity": {{"OpportunityContactRole", "OpportunityId"}, {"Note", "ParentId"}},
	"Lead":        {{"Note", "ParentId"}},
}

// delete puts the row, and the rows that depend on it, into the recycle bin.
func (w *writer) delete(t *table, k idKey) *fieldError {
	if !t.obj.Recycles {
		return fieldFault("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", nil, "entity type %s does not support delete", t.obj.Name)
	}
	old, ok := t.get(k)
	if !ok {
		return fieldFault("INVALID_CROSS_REFERENCE_KEY", nil, "invalid cross reference id")
	}
	if t.deleted(old) {
		return fieldFault("ENTITY_IS_DELETED", nil, "entity is deleted")
	}
	w.setDeleted(t, k, old, "true")
	for _, child := range cascade[t.obj.Name] {
		ct := w.org.tables[lowerName(child.object)]
		for _, ck := range childrenOf(ct, ct.obj.Index(child.field), old[0]) {
			if ferr := w.delete(ct, ck); ferr != nil && ferr.Code != "ENTITY_IS_DELETED" {
				return ferr
			}
		}
	}
	return nil
}

// undelete takes the row out of the recycle bin, and nothing else with it.
func (w *writer) undelete(t *table, k idKey) *fieldError {
	old, ok := t.get(k)
	if !ok || !t.deleted(old) {
		return fieldFault("UNDELETE_FAILED", nil, "Entity is not in the recycle bin")
	}
	for col := range t.unique {
		if owner, taken := t.ownerOf(col, old[col]); taken && owner != k && old[col] != "" {
			return fieldFault("DUPLICATE_VALUE", []string{t.obj.Fields[col].Name}, "duplicate value found: %s duplicates value on record with id: %s", t.obj.Fields[col].Name, ID18(string(owner[:])))
		}
	}
	w.setDeleted(t, k, old, "false")
	return nil
}

// hardDelete removes the row without a trace, except that the log of deleted rows says that it is complete only from then on.
func (w *writer) hardDelete(t *table, k idKey) *fieldError {
	old, ok := t.get(k)
	if !ok {
		return fieldFault("INVALID_CROSS_REFERENCE_KEY", nil, "invalid cross reference id")
	}
	if err := t.remove(k, old); err != nil {
		return fieldFault("UNKNOWN_EXCEPTION", nil, "%v", err)
	}
	t.purged = max(t.purged, w.now)
	return nil
}

func (w *writer) setDeleted(t *table, k idKey, old []string, value string) {
	cells := append([]string(nil), old...)
	cells[1] = value
	cells[t.obj.Index("SystemModstamp")] = w.now
	// The row was found under the same lock, so replacing it cannot fail.
	_ = w.replace(t, k, old, cells)
}

// childrenOf lists the live rows whose column holds the id. It reads the whole table: deletes are rare here.
func childrenOf(t *table, col int, id string) []idKey {
	var found []idKey
	cells := make([]string, len(t.obj.Fields))
	for p := range t.len() {
		if !t.read(p, cells) || cells[col] != id || t.deleted(cells) {
			continue
		}
		if k, err := parseID(cells[0]); err == nil {
			found = append(found, k)
		}
	}
	return found
}
