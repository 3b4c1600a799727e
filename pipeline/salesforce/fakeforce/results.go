package fakeforce

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// pagesPerAnswer is how many URLs an answer of resultPages lists.
const pagesPerAnswer = 5

// locator is the opaque name of a place in a result set: the row's number, and the size of the page that starts there when
// the server chose it (0 if not).
func locator(offset, size int) string {
	s := strconv.Itoa(offset)
	if size > 0 {
		s += "-" + strconv.Itoa(size)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(s))
}

func parseLocator(l string, rows int) (offset, size int, aerr *apiError) {
	bad := failf(http.StatusBadRequest, "INVALID_LOCATOR", "Invalid locator: %s", l)
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(l, "="))
	if err != nil {
		return 0, 0, bad
	}
	first, second, sized := strings.Cut(string(b), "-")
	if offset, err = strconv.Atoi(first); err != nil || offset < 0 || offset > 0 && offset >= rows {
		return 0, 0, bad
	}
	if sized {
		if size, err = strconv.Atoi(second); err != nil || size < 1 {
			return 0, 0, bad
		}
	}
	return offset, size, nil
}

// finished returns the result set of a job that is complete.
func (o *Org) finished(q *request) (*job, *apiError) {
	j, aerr := o.jobs.find(q.args[0], false, o.now())
	if aerr != nil {
		return nil, aerr
	}
	if j.version != q.version {
		return nil, failf(http.StatusConflict, "API_ERROR", "the job was created with API version %d.0, its results cannot be read with version %d.0", j.version, q.version)
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	o.advance(j, false)
	if j.state != StateJobComplete {
		return nil, failf(http.StatusBadRequest, "INVALIDJOBSTATE", "The job is not complete: %s", j.state)
	}
	return j, nil
}

// pageSize reads maxRecords.
func (o *Org) pageSize(q url.Values) (int, *apiError) {
	s := q.Get("maxRecords")
	if s == "" {
		return o.opts.PageSize, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, failf(http.StatusBadRequest, "API_ERROR", "maxRecords must be a positive number: %s", s)
	}
	return min(n, o.opts.PageSize), nil
}

// serveQueryResults streams one page as CSV.
func (o *Org) serveQueryResults(q *request) *apiError {
	j, aerr := o.finished(q)
	if aerr != nil {
		return aerr
	}
	in := q.r.URL.Query()
	size, aerr := o.pageSize(in)
	if aerr != nil {
		return aerr
	}
	rs, from := j.query, 0
	if l := in.Get("locator"); l != "" {
		var own int
		if from, own, aerr = parseLocator(l, rs.len()); aerr != nil {
			return aerr
		}
		if own > 0 && !in.Has("maxRecords") {
			size = own
		}
	}
	to := min(from+size, rs.len())
	next := "null"
	if to < rs.len() {
		next = locator(to, 0)
		if !in.Has("maxRecords") && size != o.opts.PageSize {
			next = locator(to, size)
		}
	}
	h := q.w.Header()
	h.Set("Sforce-Locator", next)
	h.Set("Sforce-NumberOfRecords", strconv.Itoa(to-from))
	h.Set("Content-Type", "text/csv;charset=UTF-8")
	// A client that goes away is no fault of the org's, so nothing is done about an error here.
	n, err := o.writePage(q, j, from, to)
	o.usage.results(n)
	if err != nil {
		o.log.Debug("result page was not read to its end", "job", j.id, "from", from, "error", err)
	}
	return nil
}

// resultPage is one entry of resultPages.
type resultPage struct {
	ResultURL string `json:"resultUrl"`
}

// serveResultPages lists the URLs of pages that can be read side by side.
func (o *Org) serveResultPages(q *request) *apiError {
	if q.version < resultPagesVersion {
		return errNotFound
	}
	j, aerr := o.finished(q)
	if aerr != nil {
		return aerr
	}
	in := q.r.URL.Query()
	size, aerr := o.pageSize(in)
	if aerr != nil {
		return aerr
	}
	from := 0
	if l := in.Get("locator"); l != "" {
		var own int
		if from, own, aerr = parseLocator(l, j.query.len()); aerr != nil {
			return aerr
		}
		if own > 0 {
			size = own
		}
	}
	base := fmt.Sprintf("/services/data/v%d.0/jobs/query/%s", q.version, j.id)
	pages := []resultPage{}
	for len(pages) < pagesPerAnswer && (from < j.query.len() || from == 0 && len(pages) == 0) {
		pages = append(pages, resultPage{base + "/results?locator=" + locator(from, size)})
		from += size
	}
	answer := map[string]any{"resultPages": pages, "done": from >= j.query.len()}
	if from < j.query.len() {
		answer["nextRecordsUrl"] = base + "/resultPages?locator=" + locator(from, size)
	}
	writeJSON(q.w, http.StatusOK, answer)
	return nil
}
