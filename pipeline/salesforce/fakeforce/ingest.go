package fakeforce

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// maxUpload is the size of an ingest job's data, in bytes.
const maxUpload = 150_000_000

// ingestResult is what became of an ingest job's rows. Rows hold the upload's cells.
type ingestResult struct {
	header      []string
	succeeded   []ingestRow
	failed      []ingestRow
	unprocessed []ingestRow
}

type ingestRow struct {
	id      string
	created bool
	problem string
	cells   []string
}

func (r *ingestResult) processed() int { return len(r.succeeded) + len(r.failed) }

func (o *Org) ingestRoutes(data func(string, string, Kind, func(*request) *apiError) route) []route {
	return []route{
		data("POST", "jobs/ingest", KindIngest, o.serveCreateIngest),
		data("GET", "jobs/ingest", KindIngest, func(q *request) *apiError { return o.serveJobs(q, true) }),
		data("GET", "jobs/ingest/*", KindIngest, o.serveIngest),
		data("PUT", "jobs/ingest/*/batches", KindIngest, o.serveUpload),
		data("PATCH", "jobs/ingest/*", KindIngest, o.serveCloseIngest),
		data("DELETE", "jobs/ingest/*", KindIngest, func(q *request) *apiError { return o.deleteJob(q, true) }),
		data("GET", "jobs/ingest/*/successfulResults", KindIngest, o.serveSuccessful),
		data("GET", "jobs/ingest/*/failedResults", KindIngest, o.serveFailed),
		data("GET", "jobs/ingest/*/unprocessedrecords", KindIngest, o.serveUnprocessed),
	}
}

func (o *Org) serveCreateIngest(q *request) *apiError {
	var in jobRequest
	if aerr := q.json(&in); aerr != nil {
		return aerr
	}
	t, err := o.table(in.Object)
	if err != nil {
		return noType(in.Object)
	}
	switch in.Operation {
	case "insert", "update", "upsert", "delete", "hardDelete":
	default:
		return failf(http.StatusBadRequest, "API_ERROR", "unknown operation: %s", in.Operation)
	}
	if t.obj.ReadOnly {
		return failf(http.StatusBadRequest, "INVALIDENTITY", "Entity '%s' is not supported by the Bulk API.", t.obj.Name)
	}
	if in.Operation == "upsert" && in.ExternalIDFieldName == "" {
		return failf(http.StatusBadRequest, "API_ERROR", "externalIdFieldName is required for upsert")
	}
	j, aerr := o.newJob(q, &in)
	if aerr != nil {
		return aerr
	}
	j.ingest, j.object, j.external, j.state = true, t.obj.Name, in.ExternalIDFieldName, StateOpen
	o.jobs.add(j)
	o.jobs.mu.Lock()
	info := o.info(j)
	o.jobs.mu.Unlock()
	writeJSON(q.w, http.StatusOK, info)
	return nil
}

func (o *Org) serveIngest(q *request) *apiError {
	j, aerr := o.jobs.find(q.args[0], true, o.now())
	if aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	if o.advance(j, true) {
		o.ingest(j)
	}
	info := o.status(j)
	o.jobs.mu.Unlock()
	writeJSON(q.w, http.StatusOK, info)
	return nil
}

// serveUpload takes the job's data, once.
func (o *Org) serveUpload(q *request) *apiError {
	j, aerr := o.jobs.find(q.args[0], true, o.now())
	if aerr != nil {
		return aerr
	}
	upload, aerr := q.body(maxUpload)
	if aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	if j.state != StateOpen {
		return failf(http.StatusBadRequest, "INVALIDJOBSTATE", "Uploading data is only possible while the job is Open: %s", j.state)
	}
	if j.upload != nil {
		return failf(http.StatusBadRequest, "INVALIDBATCH", "Found multiple contents for job: <%s>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.", j.id)
	}
	j.upload = append([]byte{}, upload...)
	q.w.WriteHeader(http.StatusCreated)
	return nil
}

// serveCloseIngest ends the upload or aborts the job.
func (o *Org) serveCloseIngest(q *request) *apiError {
	j, aerr := o.jobs.find(q.args[0], true, o.now())
	if aerr != nil {
		return aerr
	}
	var in jobRequest
	if aerr := q.json(&in); aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	now := o.now()
	switch state := JobState(in.State); {
	case state == StateUploadComplete && j.state == StateOpen:
		j.enter(StateUploadComplete, now)
		j.started = now
	case state == StateAborted && !j.state.terminal():
		o.interrupt(j, 0, StateAborted, "")
	case state != StateUploadComplete && state != StateAborted:
		return failf(http.StatusBadRequest, "API_ERROR", "a job's state can only be set to UploadComplete or Aborted: %s", in.State)
	default:
		return failf(http.StatusBadRequest, "INVALIDJOBSTATE", "Invalid job state: %s", j.state)
	}
	writeJSON(q.w, http.StatusOK, o.info(j))
	return nil
}

// ingest does the job's work. The job store's lock is held.
func (o *Org) ingest(j *job) { o.ingestSome(j, math.MaxInt) }

// ingestSome does the work up to a number of rows, and leaves the others unprocessed.
func (o *Org) ingestSome(j *job, most int) {
	header, rows, err := readUpload(j.upload, delimiters[j.delimiter])
	j.upload = nil
	j.result = &ingestResult{header: header}
	t := o.tables[lowerName(j.object)]
	if err == nil {
		err = o.checkHeader(t, j, header)
	}
	if err != nil {
		j.state, j.message = StateFailed, "InvalidBatch : "+err.Error()
		for _, cells := range rows {
			j.result.unprocessed = append(j.result.unprocessed, ingestRow{cells: cells})
		}
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.newWriter(false)
	for i, cells := range rows {
		row := ingestRow{cells: cells}
		if i >= most {
			j.result.unprocessed = append(j.result.unprocessed, row)
			continue
		}
		var ferr *fieldError
		row.id, row.created, ferr = w.ingest(t, j, header, cells)
		if ferr != nil {
			row.problem = ferr.bulk()
			j.result.failed = append(j.result.failed, row)
			continue
		}
		j.result.succeeded = append(j.result.succeeded, row)
	}
}

// uploadError is what is wrong with an upload as a whole, in the words of a job's errorMessage.
type uploadError string

func (e uploadError) Error() string { return string(e) }

func unusable(format string, args ...any) error { return uploadError(fmt.Sprintf(format, args...)) }

func (o *Org) checkHeader(t *table, j *job, header []string) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	hasID := false
	for _, name := range header {
		if o.visibleIndex(t.obj, name) < 0 {
			return unusable("Field name not found : %s", name)
		}
		hasID = hasID || strings.EqualFold(name, "Id")
	}
	if !hasID && (j.operation == "update" || j.operation == "delete" || j.operation == "hardDelete") {
		return unusable("Field name not found : Id")
	}
	return nil
}

// readUpload reads an upload: a header row and rows with as many cells.
func readUpload(upload []byte, delimiter rune) (header []string, rows [][]string, err error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(upload, []byte("\xef\xbb\xbf"))))
	in.Comma = delimiter
	header, err = in.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, unusable("The upload is empty")
	}
	if err != nil {
		return nil, nil, unusable("Failed to parse the header row: %v", err)
	}
	seen := map[string]bool{}
	for _, name := range header {
		if seen[strings.ToLower(name)] {
			return header, nil, unusable("Duplicate field name : %s", name)
		}
		seen[strings.ToLower(name)] = true
	}
	if rows, err = in.ReadAll(); err != nil {
		return header, nil, unusable("Failed to parse CSV: %v", err)
	}
	return header, rows, nil
}

// ingest applies one row of an upload. An empty cell leaves the field alone, #N/A makes it null.
func (w *writer) ingest(t *table, j *job, header, cells []string) (id string, created bool, ferr *fieldError) {
	fields := make(map[string]any, len(header))
	for i, name := range header {
		switch v := cells[i]; v {
		case "":
		case "#N/A":
			fields[name] = nil
		default:
			fields[name] = v
		}
	}
	switch j.operation {
	case "insert":
		id, ferr = w.insert(t, fields)
		return id, true, ferr
	case "upsert":
		return w.upsert(t, j.external, fields)
	}
	id = takeID(fields)
	k, err := parseID(id)
	if err != nil {
		return "", false, fieldFault("MALFORMED_ID", []string{"Id"}, "malformed id %s", id)
	}
	switch j.operation {
	case "update":
		ferr = w.update(t, k, fields)
	case "delete":
		ferr = w.delete(t, k)
	default:
		ferr = w.hardDelete(t, k)
	}
	return ID18(id), false, ferr
}

func (o *Org) serveSuccessful(q *request) *apiError {
	return o.serveIngestRows(q, []string{"sf__Id", "sf__Created"}, func(r *ingestResult) []ingestRow { return r.succeeded },
		func(r ingestRow) []string { return []string{r.id, strconv.FormatBool(r.created)} })
}

func (o *Org) serveFailed(q *request) *apiError {
	return o.serveIngestRows(q, []string{"sf__Id", "sf__Error"}, func(r *ingestResult) []ingestRow { return r.failed },
		func(r ingestRow) []string { return []string{r.id, r.problem} })
}

func (o *Org) serveUnprocessed(q *request) *apiError {
	return o.serveIngestRows(q, nil, func(r *ingestResult) []ingestRow { return r.unprocessed }, func(ingestRow) []string { return nil })
}

// serveIngestRows writes rows of a finished job, in another order than they were uploaded in.
func (o *Org) serveIngestRows(q *request, head []string, rows func(*ingestResult) []ingestRow, first func(ingestRow) []string) *apiError {
	j, aerr := o.jobs.find(q.args[0], true, o.now())
	if aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	state, result := j.state, j.result
	o.jobs.mu.Unlock()
	if !state.terminal() {
		return failf(http.StatusBadRequest, "INVALIDJOBSTATE", "The job is not complete: %s", state)
	}
	if result == nil {
		result = &ingestResult{}
	}
	q.w.Header().Set("Content-Type", "text/csv;charset=UTF-8")
	body, closeBody := q.compressed()
	q.w.WriteHeader(http.StatusOK)
	c := newCSVWriter(body, j)
	line := func(cells ...string) {
		for _, v := range cells {
			c.value(v)
		}
		c.end()
	}
	line(append(append([]string{}, head...), result.header...)...)
	list := rows(result)
	order := permutation(len(list), o.opts.Seed)
	for i := range list {
		r := list[order(i)]
		line(append(first(r), r.cells...)...)
	}
	// A client that goes away is no fault of the org's.
	_ = c.close()
	_ = closeBody()
	return nil
}
