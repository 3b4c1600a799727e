package fakeforce

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// saveResult is what a write answers for one record.
type saveResult struct {
	ID      string        `json:"id,omitempty"`
	Success bool          `json:"success"`
	Errors  []*fieldError `json:"errors"`
	Created *bool         `json:"created,omitempty"`
}

func saved(id string) saveResult { return saveResult{ID: id, Success: true, Errors: []*fieldError{}} }

func refused(id string, e *fieldError) saveResult {
	return saveResult{ID: id, Errors: []*fieldError{e}}
}

// writable finds the object of a write.
func (o *Org) writable(q *request) (*table, *apiError) {
	t, aerr := o.pathTable(q)
	if aerr == nil && t.obj.ReadOnly {
		return nil, failf(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are HEAD,GET", q.r.Method)
	}
	return t, aerr
}

func (o *Org) serveInsert(q *request) *apiError {
	t, aerr := o.writable(q)
	if aerr != nil {
		return aerr
	}
	var fields map[string]any
	if aerr := q.json(&fields); aerr != nil {
		return aerr
	}
	o.mu.Lock()
	id, ferr := o.newWriter(false).insert(t, fields)
	o.mu.Unlock()
	if ferr != nil {
		return ferr.api()
	}
	writeJSON(q.w, http.StatusCreated, saved(id))
	return nil
}

// pathKey reads the id of a path.
func pathKey(q *request, t *table) (idKey, *apiError) {
	k, err := parseID(q.args[1])
	if err != nil || string(k[:3]) != t.obj.Prefix {
		return k, failf(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: %s", q.args[1])
	}
	return k, nil
}

func (o *Org) serveGet(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	k, aerr := pathKey(q, t)
	if aerr != nil {
		return aerr
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	cells, ok := t.get(k)
	if !ok {
		return errNotFound
	}
	if t.deleted(cells) {
		return failf(http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
	}
	body, aerr := o.record(q, t, cells, q.r.URL.Query().Get("fields"))
	if aerr != nil {
		return aerr
	}
	writeRaw(q.w, http.StatusOK, body)
	return nil
}

// record renders a row with the named fields, or all that are visible. The org's lock is held.
func (o *Org) record(q *request, t *table, cells []string, names string) ([]byte, *apiError) {
	s := &shape{object: t.obj.Name}
	add := func(col int) {
		part := shapePart{name: t.obj.Fields[col].Name, field: &t.obj.Fields[col], at: col}
		if part.field.Type == TypeAddress {
			for _, name := range addressParts {
				part.address = append(part.address, t.obj.Index(strings.TrimSuffix(part.name, "Address")+name))
			}
		}
		s.parts = append(s.parts, part)
	}
	if names == "" {
		for i := range t.obj.Fields {
			if o.visible(t.obj, i) {
				add(i)
			}
		}
	} else {
		for name := range strings.SplitSeq(names, ",") {
			col := o.visibleIndex(t.obj, strings.TrimSpace(name))
			if col < 0 {
				return nil, noColumn(strings.TrimSpace(name), t.obj.Name)
			}
			add(col)
		}
	}
	return s.append(nil, cells, q.version), nil
}

func (o *Org) serveUpdate(q *request) *apiError {
	return o.changeOne(q, func(w *writer, t *table, k idKey, fields map[string]any) *fieldError { return w.update(t, k, fields) })
}

func (o *Org) serveDelete(q *request) *apiError {
	return o.changeOne(q, func(w *writer, t *table, k idKey, _ map[string]any) *fieldError { return w.delete(t, k) })
}

func (o *Org) changeOne(q *request, apply func(*writer, *table, idKey, map[string]any) *fieldError) *apiError {
	t, aerr := o.writable(q)
	if aerr != nil {
		return aerr
	}
	k, aerr := pathKey(q, t)
	if aerr != nil {
		return aerr
	}
	var fields map[string]any
	if q.r.Method != http.MethodDelete {
		if aerr := q.json(&fields); aerr != nil {
			return aerr
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := t.find(k); !ok {
		return errNotFound
	}
	if ferr := apply(o.newWriter(false), t, k, fields); ferr != nil {
		return ferr.api()
	}
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (o *Org) serveUpsert(q *request) *apiError {
	t, aerr := o.writable(q)
	if aerr != nil {
		return aerr
	}
	var fields map[string]any
	if aerr := q.json(&fields); aerr != nil {
		return aerr
	}
	value, err := url.PathUnescape(q.args[2])
	if err != nil {
		return errNotFound
	}
	if fields == nil {
		fields = map[string]any{}
	}
	fields[q.args[1]] = value
	o.mu.Lock()
	id, created, ferr := o.newWriter(false).upsert(t, q.args[1], fields)
	o.mu.Unlock()
	if ferr != nil {
		return ferr.api()
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	res := saved(id)
	res.Created = &created
	writeJSON(q.w, status, res)
	return nil
}

// upsert updates the row that has the external id among fields, or inserts one.
func (w *writer) upsert(t *table, external string, fields map[string]any) (id string, created bool, ferr *fieldError) {
	col := t.obj.Index(external)
	if col < 0 || t.unique[col] == nil && col != 0 {
		return "", false, fieldFault("INVALID_FIELD", []string{external}, "Field name provided, %s does not match an External ID, Salesforce Id, or indexed field for %s", external, t.obj.Name)
	}
	rest := make(map[string]any, len(fields))
	value := ""
	for name, v := range fields {
		if strings.EqualFold(name, external) {
			s, err := canonicalAny(&t.obj.Fields[col], v)
			if err != nil {
				return "", false, fieldFault("MALFORMED_ID", []string{external}, "%v", err)
			}
			value = s
			continue
		}
		rest[name] = v
	}
	if value == "" {
		return "", false, fieldFault("MISSING_ARGUMENT", []string{external}, "%s not specified", external)
	}
	var k idKey
	found := false
	if col == 0 {
		k, _ = parseID(value)
		if _, found = t.find(k); !found {
			return "", false, fieldFault("INVALID_CROSS_REFERENCE_KEY", []string{"Id"}, "invalid cross reference id")
		}
	} else {
		k, found = t.ownerOf(col, value)
	}
	if found {
		return ID18(string(k[:])), false, w.update(t, k, rest)
	}
	rest[t.obj.Fields[col].Name] = value
	id, ferr = w.insert(t, rest)
	return id, true, ferr
}

const (
	// deletedWindow is how far back the list of deleted rows reaches; deletedRefused is what it is not even asked for.
	deletedWindow  = 15 * 24 * time.Hour
	deletedRefused = 30 * 24 * time.Hour
)

// replicationWindow reads start and end.
func (o *Org) replicationWindow(q *request) (start, end, now time.Time, aerr *apiError) {
	in := q.r.URL.Query()
	now = o.now()
	var err error
	if start, err = parseDateTime(plus(in.Get("start"))); err == nil {
		end, err = parseDateTime(plus(in.Get("end")))
	}
	switch {
	case err != nil:
		aerr = failf(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "start and end must be dates: %s", err)
	case end.Sub(start) < time.Minute:
		aerr = failf(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "endDate (%s) must be at least one minute greater than startDate (%s)", stamp(end), stamp(start))
	case now.Sub(start) > deletedRefused:
		aerr = failf(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
	}
	return start, end, now, aerr
}

// plus undoes the reading of an unescaped + as a blank.
func plus(s string) string { return strings.ReplaceAll(s, " ", "+") }

func (o *Org) serveDeleted(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	start, end, now, aerr := o.replicationWindow(q)
	if aerr != nil {
		return aerr
	}
	earliest := now.Add(-deletedWindow)
	type deletedRecord struct {
		ID      string `json:"id"`
		Deleted string `json:"deletedDate"`
	}
	o.mu.RLock()
	if purged, err := parseDateTime(t.purged); err == nil && purged.After(earliest) {
		earliest = purged
	}
	o.mu.RUnlock()
	list := []deletedRecord{}
	from := max(stamp(start), stamp(now.Add(-deletedWindow)))
	o.eachChanged(t, from, stamp(end), func(cells []string, at string) {
		if t.deleted(cells) {
			list = append(list, deletedRecord{cells[0], strings.TrimSuffix(at, "Z") + "+0000"})
		}
	})
	writeJSON(q.w, http.StatusOK, map[string]any{
		"deletedRecords": list, "earliestDateAvailable": earliest.Format(restLayout), "latestDateCovered": minTime(end, now).Format(restLayout),
	})
	return nil
}

func (o *Org) serveUpdated(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	start, end, now, aerr := o.replicationWindow(q)
	if aerr != nil {
		return aerr
	}
	ids := []string{}
	o.eachChanged(t, stamp(start), stamp(end), func(cells []string, _ string) {
		if !t.deleted(cells) {
			ids = append(ids, cells[0])
		}
	})
	writeJSON(q.w, http.StatusOK, map[string]any{"ids": ids, "latestDateCovered": minTime(end, now).Format(restLayout)})
	return nil
}

// eachChanged visits the rows whose SystemModstamp lies in [from, to].
func (o *Org) eachChanged(t *table, from, to string, visit func(cells []string, at string)) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	col := t.obj.Index("SystemModstamp")
	cells := make([]string, len(t.obj.Fields))
	for p := range t.len() {
		if t.read(p, cells) && cells[col] >= from && cells[col] <= to {
			visit(cells, cells[col])
		}
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
