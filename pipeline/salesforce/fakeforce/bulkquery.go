package fakeforce

import (
	"net/http"
	"strings"
)

func (o *Org) queryJobRoutes(data func(string, string, Kind, func(*request) *apiError) route) []route {
	return []route{
		data("POST", "jobs/query", KindQueryCreate, o.serveCreateQueryJob),
		data("GET", "jobs/query", KindQueryStatus, o.serveListQueryJobs),
		data("GET", "jobs/query/*", KindQueryStatus, o.serveQueryJob),
		data("PATCH", "jobs/query/*", KindQueryEnd, o.serveAbortQueryJob),
		data("DELETE", "jobs/query/*", KindQueryEnd, o.serveDeleteQueryJob),
		data("GET", "jobs/query/*/results", KindQueryResults, o.serveQueryResults),
		data("GET", "jobs/query/*/resultPages", KindQueryPages, o.serveResultPages),
	}
}

// serveCreateQueryJob takes the snapshot that the job's results are.
func (o *Org) serveCreateQueryJob(q *request) *apiError {
	var in jobRequest
	if aerr := q.json(&in); aerr != nil {
		return aerr
	}
	if in.Operation != "query" && in.Operation != "queryAll" {
		return failf(http.StatusBadRequest, "API_ERROR", "operation must be query or queryAll: %s", in.Operation)
	}
	if strings.TrimSpace(in.Query) == "" {
		return failf(http.StatusBadRequest, "API_ERROR", "query is required")
	}
	j, aerr := o.newJob(q, &in)
	if aerr != nil {
		return aerr
	}
	if j.query, aerr = o.run(in.Query, planOptions{bulk: true}, in.Operation == "queryAll"); aerr != nil {
		return aerr
	}
	if aerr := o.usage.job(j.created); aerr != nil {
		return aerr
	}
	j.object = j.query.p.t.obj.Name
	j.state, j.started = StateUploadComplete, j.created
	o.jobs.add(j)
	o.jobs.mu.Lock()
	info := o.info(j)
	o.jobs.mu.Unlock()
	writeJSON(q.w, http.StatusOK, info)
	return nil
}

// run plans and executes a statement at one instant.
func (o *Org) run(text string, opts planOptions, all bool) (*resultSet, *apiError) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	p, aerr := o.plan(text, opts)
	if aerr != nil {
		return nil, aerr
	}
	p.all = all
	return o.execute(p), nil
}

func (o *Org) serveQueryJob(q *request) *apiError {
	j, aerr := o.jobs.find(q.args[0], false, o.now())
	if aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	o.advance(j, true)
	info := o.status(j)
	o.jobs.mu.Unlock()
	writeJSON(q.w, http.StatusOK, info)
	return nil
}

func (o *Org) serveListQueryJobs(q *request) *apiError { return o.serveJobs(q, false) }

// serveJobs lists the jobs of a type, newest first, a thousand at a time.
func (o *Org) serveJobs(q *request, ingest bool) *apiError {
	const batch = 1000
	o.jobs.mu.Lock()
	var infos []jobInfo
	for i := len(o.jobs.list) - 1; i >= 0; i-- {
		if j := o.jobs.list[i]; j.ingest == ingest {
			info := o.info(j)
			info.JobType = map[bool]string{false: "V2Query", true: "V2Ingest"}[ingest]
			infos = append(infos, info)
		}
	}
	o.jobs.mu.Unlock()
	from := 0
	if l := q.r.URL.Query().Get("queryLocator"); l != "" {
		var aerr *apiError
		if from, _, aerr = parseLocator(l, len(infos)); aerr != nil {
			return aerr
		}
	}
	to := min(from+batch, len(infos))
	answer := map[string]any{"done": to == len(infos), "records": append([]jobInfo{}, infos[from:to]...), "nextRecordsUrl": nil}
	if to < len(infos) {
		answer["nextRecordsUrl"] = q.r.URL.Path + "?queryLocator=" + locator(to, 0)
	}
	writeJSON(q.w, http.StatusOK, answer)
	return nil
}

func (o *Org) serveAbortQueryJob(q *request) *apiError {
	j, aerr := o.jobs.find(q.args[0], false, o.now())
	if aerr != nil {
		return aerr
	}
	var in jobRequest
	if aerr := q.json(&in); aerr != nil {
		return aerr
	}
	if in.State != string(StateAborted) {
		return failf(http.StatusBadRequest, "API_ERROR", "a query job's state can only be set to Aborted: %s", in.State)
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	if j.state.terminal() {
		return failf(http.StatusBadRequest, "INVALIDJOBSTATE", "Invalid job state: %s", j.state)
	}
	j.enter(StateAborted, o.now())
	writeJSON(q.w, http.StatusOK, o.info(j))
	return nil
}

func (o *Org) serveDeleteQueryJob(q *request) *apiError { return o.deleteJob(q, false) }

func (o *Org) deleteJob(q *request, ingest bool) *apiError {
	j, aerr := o.jobs.find(q.args[0], ingest, o.now())
	if aerr != nil {
		return aerr
	}
	o.jobs.mu.Lock()
	ended := j.state.terminal() || ingest && j.state == StateUploadComplete
	o.jobs.mu.Unlock()
	if !ended {
		return failf(http.StatusBadRequest, "API_ERROR", "Error encountered when deleting the job because the job is not terminated")
	}
	o.jobs.remove(j)
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}
