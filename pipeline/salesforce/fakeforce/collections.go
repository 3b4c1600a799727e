package fakeforce

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

const (
	// maxCollection is the greatest number of records of a Collections write; maxRetrieve that of a read.
	maxCollection = 200
	maxRetrieve   = 2000
	// maxChunks is how often the type may change from one record to the next, plus one.
	maxChunks = 10
)

type collection struct {
	AllOrNone bool             `json:"allOrNone"`
	Records   []map[string]any `json:"records"`
}

// typeOf reads attributes.type.
func typeOf(record map[string]any) string {
	attributes, _ := record["attributes"].(map[string]any)
	name, _ := attributes["type"].(string)
	return name
}

// readCollection reads and bounds the body of a Collections write.
func (o *Org) readCollection(q *request) (*collection, *apiError) {
	var in collection
	if aerr := q.json(&in); aerr != nil {
		return nil, aerr
	}
	if len(in.Records) == 0 {
		return nil, failf(http.StatusBadRequest, "INVALID_INPUT", "records are required")
	}
	if len(in.Records) > maxCollection {
		return nil, failf(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than %d records into this call", maxCollection)
	}
	chunks, last := 0, ""
	for _, r := range in.Records {
		name := typeOf(r)
		if name == "" {
			return nil, failf(http.StatusBadRequest, "INVALID_INPUT", "every record needs attributes with a type")
		}
		if !strings.EqualFold(name, last) {
			chunks, last = chunks+1, name
		}
	}
	if chunks > maxChunks {
		return nil, failf(http.StatusBadRequest, "LIMIT_EXCEEDED", "cannot process more than %d chunks of records of one type in a request", maxChunks)
	}
	return &in, nil
}

// each applies a write to every record in order, all or none if the request says so, and answers.
func (o *Org) each(q *request, in *collection, apply func(w *writer, t *table, record map[string]any) saveResult) *apiError {
	o.mu.Lock()
	w := o.newWriter(false)
	results := make([]saveResult, len(in.Records))
	failed := false
	for i, r := range in.Records {
		t, err := o.table(typeOf(r))
		switch {
		case err != nil:
			results[i] = refused("", fieldFault("INVALID_TYPE", nil, "%s", noType(typeOf(r)).Message))
		case t.obj.ReadOnly:
			results[i] = refused("", fieldFault("INVALID_TYPE_FOR_OPERATION", nil, "entity type %s does not support this operation", t.obj.Name))
		default:
			results[i] = apply(w, t, r)
		}
		failed = failed || !results[i].Success
	}
	if failed && in.AllOrNone {
		w.rollback()
		for i := range results {
			if results[i].Success {
				results[i] = refused("", fieldFault("ALL_OR_NONE_OPERATION_ROLLED_BACK", nil, "Record rolled back because not all records were valid and the request was using AllOrNone header"))
			}
		}
	}
	o.mu.Unlock()
	writeJSON(q.w, http.StatusOK, results)
	return nil
}

func (o *Org) serveInsertMany(q *request) *apiError {
	in, aerr := o.readCollection(q)
	if aerr != nil {
		return aerr
	}
	return o.each(q, in, func(w *writer, t *table, r map[string]any) saveResult {
		id, ferr := w.insert(t, r)
		if ferr != nil {
			return refused("", ferr)
		}
		return saved(id)
	})
}

// takeID removes the id from a record and returns it.
func takeID(record map[string]any) string {
	for name, v := range record {
		if strings.EqualFold(name, "id") {
			delete(record, name)
			s, _ := v.(string)
			return s
		}
	}
	return ""
}

func (o *Org) serveUpdateMany(q *request) *apiError {
	in, aerr := o.readCollection(q)
	if aerr != nil {
		return aerr
	}
	return o.each(q, in, func(w *writer, t *table, r map[string]any) saveResult {
		id := takeID(r)
		if id == "" {
			return refused("", fieldFault("MISSING_ARGUMENT", []string{"Id"}, "Id not specified in an update call"))
		}
		k, err := parseID(id)
		if err != nil {
			return refused(id, fieldFault("MALFORMED_ID", []string{"Id"}, "malformed id %s", id))
		}
		if ferr := w.update(t, k, r); ferr != nil {
			return refused(id, ferr)
		}
		return saved(ID18(string(k[:])))
	})
}

func (o *Org) serveUpsertMany(q *request) *apiError {
	in, aerr := o.readCollection(q)
	if aerr != nil {
		return aerr
	}
	return o.each(q, in, func(w *writer, t *table, r map[string]any) saveResult {
		id, created, ferr := w.upsert(t, q.args[1], r)
		if ferr != nil {
			return refused("", ferr)
		}
		res := saved(id)
		res.Created = &created
		return res
	})
}

func (o *Org) serveDeleteMany(q *request) *apiError {
	in := q.r.URL.Query()
	ids := strings.FieldsFunc(in.Get("ids"), func(c rune) bool { return c == ',' })
	if len(ids) == 0 {
		return failf(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "ids is required")
	}
	if len(ids) > maxCollection {
		return failf(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than %d records into this call", maxCollection)
	}
	c := &collection{AllOrNone: strings.EqualFold(in.Get("allOrNone"), "true")}
	for _, id := range ids {
		name := objectOfPrefix(id)
		c.Records = append(c.Records, map[string]any{"id": id, "attributes": map[string]any{"type": name}})
	}
	return o.each(q, c, func(w *writer, t *table, r map[string]any) saveResult {
		id := takeID(r)
		k, err := parseID(id)
		if err != nil {
			return refused(id, fieldFault("MALFORMED_ID", nil, "malformed id %s", id))
		}
		if ferr := w.delete(t, k); ferr != nil {
			return refused(id, ferr)
		}
		return saved(ID18(string(k[:])))
	})
}

// serveGetMany reads records by id, in the order asked for, null for those that are not there.
func (o *Org) serveGetMany(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	var in struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	if q.r.Method == http.MethodPost {
		if aerr := q.json(&in); aerr != nil {
			return aerr
		}
	} else {
		in.IDs = strings.Split(q.r.URL.Query().Get("ids"), ",")
		in.Fields = strings.Split(q.r.URL.Query().Get("fields"), ",")
	}
	if len(in.IDs) > maxRetrieve {
		return failf(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "record limit reached. cannot retrieve more than %d records", maxRetrieve)
	}
	if len(in.Fields) == 0 || slices.Contains(in.Fields, "") {
		return failf(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "fields is required")
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	var body bytes.Buffer
	body.WriteByte('[')
	for i, id := range in.IDs {
		if i > 0 {
			body.WriteByte(',')
		}
		k, err := parseID(id)
		if err != nil {
			return failf(http.StatusBadRequest, "MALFORMED_ID", "malformed id %s", id)
		}
		cells, ok := t.get(k)
		if !ok || t.deleted(cells) {
			body.WriteString("null")
			continue
		}
		record, aerr := o.record(q, t, cells, strings.Join(in.Fields, ","))
		if aerr != nil {
			return aerr
		}
		body.Write(record)
	}
	body.WriteByte(']')
	writeRaw(q.w, http.StatusOK, body.Bytes())
	return nil
}
