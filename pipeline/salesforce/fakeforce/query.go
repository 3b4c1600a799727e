package fakeforce

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// maxCursors bounds the queries that can be read on; the oldest gives way, and reading on in it fails.
const maxCursors = 100

// cursorStore holds the result sets that REST queries have not read to their end.
type cursorStore struct {
	mu   sync.Mutex
	sets map[string]*resultSet
	list []string
	next uint64
}

func (s *cursorStore) init() { s.sets, s.next = map[string]*resultSet{}, firstSerial }

func (s *cursorStore) add(rs *resultSet) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := MakeID(prefixCursor, s.next)
	s.next++
	s.sets[id] = rs
	s.list = append(s.list, id)
	if len(s.list) > maxCursors {
		delete(s.sets, s.list[0])
		s.list = s.list[1:]
	}
	return id
}

func (s *cursorStore) find(id string) (*resultSet, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rs, ok := s.sets[ID18(id)]
	return rs, ok
}

func (o *Org) serveQuery(q *request) *apiError    { return o.answerQuery(q, false) }
func (o *Org) serveQueryAll(q *request) *apiError { return o.answerQuery(q, true) }

func (o *Org) answerQuery(q *request, all bool) *apiError {
	text := q.r.URL.Query().Get("q")
	if text == "" {
		return failf(http.StatusBadRequest, "MALFORMED_QUERY", "A query string has to be specified")
	}
	rs, aerr := o.run(text, planOptions{}, all)
	if aerr != nil {
		return aerr
	}
	switch {
	case rs.p.count:
		writeJSON(q.w, http.StatusOK, map[string]any{"totalSize": rs.found, "done": true, "records": []any{}})
		return nil
	case len(rs.p.totals) > 0:
		writeRaw(q.w, http.StatusOK, rs.aggregate())
		return nil
	}
	return o.answerRows(q, rs, "", 0)
}

// serveMore reads a query on: the path names its cursor and the first row.
func (o *Org) serveMore(q *request) *apiError {
	bad := failf(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	id, offset, ok := strings.Cut(q.args[0], "-")
	if !ok {
		return bad
	}
	rs, ok := o.cursors.find(id)
	from, err := strconv.Atoi(offset)
	if !ok || err != nil || from < 0 || from > rs.len() {
		return bad
	}
	return o.answerRows(q, rs, id, from)
}

// batchSize reads the header by which a client asks for smaller answers: Sforce-Query-Options: batchSize=500.
func (o *Org) batchSize(r *http.Request) int {
	for part := range strings.SplitSeq(r.Header.Get("Sforce-Query-Options"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && strings.EqualFold(strings.TrimSpace(name), "batchSize") {
			return max(min(n, o.opts.QueryBatchSize), min(200, o.opts.QueryBatchSize))
		}
	}
	return o.opts.QueryBatchSize
}

func (o *Org) answerRows(q *request, rs *resultSet, cursor string, from int) *apiError {
	to := min(from+o.batchSize(q.r), rs.len())
	body := fmt.Appendf(nil, `{"totalSize":%d,"done":%t,`, rs.len(), to == rs.len())
	if to < rs.len() {
		if cursor == "" {
			cursor = o.cursors.add(rs)
		}
		body = fmt.Appendf(body, `"nextRecordsUrl":"/services/data/v%d.0/query/%s-%d",`, q.version, cursor, to)
	}
	body = append(body, `"records":[`...)
	shape := rs.p.shape()
	read := rs.reader()
	row := make([]string, len(rs.p.out))
	for i := from; i < to; i++ {
		if i > from {
			body = append(body, ',')
		}
		read(i, row)
		body = shape.append(body, row, q.version)
	}
	w, closeBody := q.compressed()
	q.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	q.w.WriteHeader(http.StatusOK)
	// A client that goes away is no fault of the org's.
	_, _ = w.Write(append(body, "]}"...))
	_ = closeBody()
	return nil
}

// aggregate renders the totals.
func (rs *resultSet) aggregate() []byte {
	body := []byte(`{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"}`)
	for i, t := range rs.p.totals {
		body = append(body, ',')
		body = appendJSONString(body, t.alias)
		body = append(body, ':')
		switch {
		case t.fn == "COUNT" && rs.totals[i] == "":
			body = append(body, '0')
		case t.fn == "COUNT":
			body = append(body, rs.totals[i]...)
		default:
			body = appendJSON(body, t.column.field, rs.totals[i])
		}
	}
	return append(body, "}]}"...)
}
