package fakeforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// JobState is the state of a Bulk job.
type JobState string

// The states. Open is for ingest jobs only.
const (
	StateOpen           JobState = "Open"
	StateUploadComplete JobState = "UploadComplete"
	StateInProgress     JobState = "InProgress"
	StateJobComplete    JobState = "JobComplete"
	StateFailed         JobState = "Failed"
	StateAborted        JobState = "Aborted"
)

func (s JobState) terminal() bool {
	return s == StateJobComplete || s == StateFailed || s == StateAborted
}

// jobRetention is how long a job and its results are kept.
const jobRetention = 7 * 24 * time.Hour

// job is a Bulk job, of either type. Its store's lock guards the fields that change.
type job struct {
	id        string
	ingest    bool
	version   int
	object    string
	operation string
	ending    string // LF or CRLF
	delimiter string // COMMA, …
	created   time.Time

	state    JobState
	stamped  time.Time // of the last change of state
	started  time.Time // when the work began: at creation, or when an upload was complete
	polls    int       // status requests since started
	held     bool      // never gets beyond InProgress
	message  string    // of a failed job
	query    *resultSet
	external string // ingest: the field that upsert matches by
	upload   []byte
	result   *ingestResult
}

// jobStore holds the jobs in the order of their creation.
type jobStore struct {
	mu   sync.Mutex
	jobs map[string]*job
	list []*job
	next uint64
}

func (s *jobStore) init() { s.jobs, s.next = map[string]*job{}, firstSerial }

// add gives the job its id.
func (s *jobStore) add(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.id = MakeID(prefixJob, s.next)
	s.next++
	s.jobs[j.id] = j
	s.list = append(s.list, j)
}

// find returns the job that a request names.
func (s *jobStore) find(id string, ingest bool, now time.Time) (*job, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ok := s.jobs[ID18(id)]
	if !ok || j.ingest != ingest || now.Sub(j.created) > jobRetention {
		return nil, errNotFound
	}
	return j, nil
}

// objectOf returns the object of a job, "" when there is no such job.
func (s *jobStore) objectOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j, ok := s.jobs[ID18(id)]; ok {
		return j.object
	}
	return ""
}

func (s *jobStore) remove(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jobs, j.id)
	s.list = slices.DeleteFunc(s.list, func(other *job) bool { return other == j })
}

// advance moves a job on: a poll counts as one step, and enough steps and time complete it. The store's lock is held.
// It returns true when the job's work is to be done now.
func (o *Org) advance(j *job, poll bool) (due bool) {
	if j.state != StateUploadComplete && j.state != StateInProgress {
		return false
	}
	if poll {
		j.polls++
	}
	now := o.now()
	switch {
	case !j.held && j.polls > o.opts.JobPolls && now.Sub(j.started) >= o.opts.JobLatency:
		j.enter(StateJobComplete, now)
		return true
	case poll && j.state == StateUploadComplete && j.polls*2 > o.opts.JobPolls:
		j.enter(StateInProgress, now)
	}
	return false
}

func (j *job) enter(state JobState, now time.Time) { j.state, j.stamped = state, now }

// jobInfo is a job as the API shows it.
type jobInfo struct {
	ID                  string   `json:"id"`
	Operation           string   `json:"operation"`
	Object              string   `json:"object"`
	CreatedByID         string   `json:"createdById"`
	CreatedDate         string   `json:"createdDate"`
	SystemModstamp      string   `json:"systemModstamp"`
	State               JobState `json:"state"`
	ExternalIDFieldName string   `json:"externalIdFieldName,omitempty"`
	ConcurrencyMode     string   `json:"concurrencyMode"`
	ContentType         string   `json:"contentType"`
	APIVersion          apiFloat `json:"apiVersion"`
	ContentURL          string   `json:"contentUrl,omitempty"`
	LineEnding          string   `json:"lineEnding"`
	ColumnDelimiter     string   `json:"columnDelimiter"`

	JobType                 string `json:"jobType,omitempty"`
	NumberRecordsProcessed  *int   `json:"numberRecordsProcessed,omitempty"`
	NumberRecordsFailed     *int   `json:"numberRecordsFailed,omitempty"`
	Retries                 *int   `json:"retries,omitempty"`
	TotalProcessingTime     *int64 `json:"totalProcessingTime,omitempty"`
	IsPKChunkingSupported   *bool  `json:"isPkChunkingSupported,omitempty"`
	APIActiveProcessingTime *int64 `json:"apiActiveProcessingTime,omitempty"`
	ErrorMessage            string `json:"errorMessage,omitempty"`
}

// apiFloat is a version number, written with one digit after the point.
type apiFloat int

func (v apiFloat) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d.0", int(v)), nil }

// info describes the job as its creation does. The store's lock is held.
func (o *Org) info(j *job) jobInfo {
	info := jobInfo{
		ID: j.id, Operation: j.operation, Object: j.object, CreatedByID: o.userID,
		CreatedDate: j.created.UTC().Format(restLayout), SystemModstamp: j.stamped.UTC().Format(restLayout),
		State: j.state, ConcurrencyMode: "Parallel", ContentType: "CSV", APIVersion: apiFloat(j.version),
		LineEnding: j.ending, ColumnDelimiter: j.delimiter,
	}
	if j.ingest {
		info.ExternalIDFieldName = j.external
		if j.state == StateOpen {
			info.ContentURL = fmt.Sprintf("services/data/v%d.0/jobs/ingest/%s/batches", j.version, j.id)
		}
	}
	return info
}

// status describes the job as polling shows it. The store's lock is held.
func (o *Org) status(j *job) jobInfo {
	info := o.info(j)
	zero, took, chunks := 0, int64(0), true
	processed, failed := 0, 0
	info.JobType, info.Retries = "V2Query", &zero
	if j.ingest {
		info.JobType = "V2Ingest"
		if j.result != nil {
			processed, failed = j.result.processed(), len(j.result.failed)
		}
		info.NumberRecordsFailed, info.APIActiveProcessingTime = &failed, &took
	} else {
		info.IsPKChunkingSupported = &chunks
		if j.query != nil && j.state == StateJobComplete {
			processed = j.query.len()
		}
	}
	if !j.started.IsZero() && j.stamped.After(j.started) {
		took = j.stamped.Sub(j.started).Milliseconds()
	}
	info.NumberRecordsProcessed, info.TotalProcessingTime = &processed, &took
	if j.state == StateFailed {
		info.ErrorMessage = j.message
	}
	return info
}

// jobRequest is the body of a job's creation.
type jobRequest struct {
	Operation           string          `json:"operation"`
	Query               string          `json:"query"`
	Object              string          `json:"object"`
	ContentType         string          `json:"contentType"`
	ColumnDelimiter     string          `json:"columnDelimiter"`
	LineEnding          string          `json:"lineEnding"`
	ExternalIDFieldName string          `json:"externalIdFieldName"`
	AssignmentRuleID    string          `json:"assignmentRuleId"`
	State               string          `json:"state"`
	ConcurrencyMode     json.RawMessage `json:"concurrencyMode"`
}

// delimiters are the column delimiters by their names.
var delimiters = map[string]rune{"COMMA": ',', "SEMICOLON": ';', "PIPE": '|', "TAB": '\t', "CARET": '^', "BACKQUOTE": '`'}

// newJob checks what is common to both types.
func (o *Org) newJob(q *request, in *jobRequest) (*job, *apiError) {
	j := &job{version: q.version, operation: in.Operation, ending: "LF", delimiter: "COMMA", created: o.now()}
	j.stamped = j.created
	if in.LineEnding != "" {
		j.ending = strings.ToUpper(in.LineEnding)
	}
	if in.ColumnDelimiter != "" {
		j.delimiter = strings.ToUpper(in.ColumnDelimiter)
	}
	if in.ContentType != "" && !strings.EqualFold(in.ContentType, "CSV") {
		return nil, failf(http.StatusBadRequest, "API_ERROR", "contentType must be CSV: %s", in.ContentType)
	}
	if j.ending != "LF" && j.ending != "CRLF" {
		return nil, failf(http.StatusBadRequest, "API_ERROR", "lineEnding must be LF or CRLF: %s", in.LineEnding)
	}
	if _, ok := delimiters[j.delimiter]; !ok {
		return nil, failf(http.StatusBadRequest, "API_ERROR", "unknown columnDelimiter: %s", in.ColumnDelimiter)
	}
	return j, nil
}

// Job is a job as tests see it.
type Job struct {
	ID, Operation, Object string
	Ingest                bool
	State                 JobState
}

// Jobs lists the jobs that exist, oldest first.
func (o *Org) Jobs() []Job {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	jobs := make([]Job, len(o.jobs.list))
	for i, j := range o.jobs.list {
		jobs[i] = Job{ID: j.id, Operation: j.operation, Object: j.object, Ingest: j.ingest, State: j.state}
	}
	return jobs
}

// FailJob makes a job that is not finished fail with the message, which may be empty.
func (o *Org) FailJob(id, message string) error {
	return o.setJob(id, func(j *job) { o.interrupt(j, 0, StateFailed, message) })
}

// AbortJob aborts a job that is not finished, as another administrator might.
func (o *Org) AbortJob(id string) error {
	return o.setJob(id, func(j *job) { o.interrupt(j, 0, StateAborted, "") })
}

// HoldJob keeps a job that is not finished in progress for good.
func (o *Org) HoldJob(id string) error {
	return o.setJob(id, func(j *job) { j.held = true })
}

// RemoveJob deletes a job and its result, as another administrator might.
func (o *Org) RemoveJob(id string) error {
	o.jobs.mu.Lock()
	j, ok := o.jobs.jobs[ID18(id)]
	o.jobs.mu.Unlock()
	if !ok {
		return fmt.Errorf("fakeforce: no job %s", id)
	}
	o.jobs.remove(j)
	return nil
}

func (o *Org) setJob(id string, set func(*job)) error {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	j, ok := o.jobs.jobs[ID18(id)]
	if !ok {
		return fmt.Errorf("fakeforce: no job %s", id)
	}
	if j.state.terminal() {
		return fmt.Errorf("fakeforce: job %s is %s already", id, j.state)
	}
	set(j)
	return nil
}
