package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// JobState is how far a Bulk job is.
type JobState string

// The states of a query job.
const (
	JobUploadComplete JobState = "UploadComplete"
	JobInProgress     JobState = "InProgress"
	JobComplete       JobState = "JobComplete"
	JobFailed         JobState = "Failed"
	JobAborted        JobState = "Aborted"
)

// Job is a Bulk query job.
type Job struct {
	ID        string
	Object    string
	Operation string
	State     JobState
	// CreatedBy is the id of the user who made the job.
	CreatedBy string `json:"createdById"`
	// Records is how many rows the result has, once the state is JobComplete.
	Records int64  `json:"numberRecordsProcessed"`
	Message string `json:"errorMessage"`
}

const jobsPath = "/jobs/query"

// CreateQueryJob starts a Bulk query; all includes the recycle bin. Repeating it after a lost answer leaves at most a job that
// nobody reads.
func (c *Client) CreateQueryJob(ctx context.Context, soql string, all bool) (Job, error) {
	operation := "query"
	if all {
		operation = "queryAll"
	}
	body, err := json.Marshal(map[string]string{
		"operation": operation, "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	})
	if err != nil {
		return Job{}, fmt.Errorf("create query job: %w", err)
	}
	var j Job
	err = c.json(ctx, &call{
		op: "create query job", object: queried(soql), kind: KindJobCreate, method: http.MethodPost, url: c.data(jobsPath), body: body,
	}, &j)
	if err == nil && j.ID == "" {
		err = fmt.Errorf("create query job %s: the org gave it no id", queried(soql))
	}
	if err == nil {
		c.Recall(j)
	}
	return j, err
}

// QueryJob tells how far a job is.
func (c *Client) QueryJob(ctx context.Context, id string) (Job, error) {
	var j Job
	err := c.json(ctx, &call{op: "query job", job: id, kind: KindJobStatus, method: http.MethodGet, url: c.data(jobsPath + "/" + id)}, &j)
	if err == nil {
		c.Recall(j)
	}
	return j, err
}

// The pauses between looks at a job grow with the time waited: a third of it, between these two. A job of ten seconds is seen
// within three of its end, and one of an hour costs some forty calls.
const (
	shortestPoll = 200 * time.Millisecond
	longestPoll  = 2 * time.Minute
)

// WaitQueryJob waits for a job's end and returns it when it is complete. seen, if not nil, is told of each look.
func (c *Client) WaitQueryJob(ctx context.Context, id string, seen func(Job)) (Job, error) {
	for waited := time.Duration(0); ; {
		j, err := c.QueryJob(ctx, id)
		if err != nil {
			return j, err
		}
		if seen != nil {
			seen(j)
		}
		name := subject("query job", j.Object, id)
		switch j.State {
		case JobComplete:
			return j, nil
		case JobFailed:
			return j, fmt.Errorf("%s: %s: %w", name, firstText(j.Message, "no reason given"), ErrJobFailed)
		case JobAborted:
			return j, fmt.Errorf("%s: %w", name, ErrJobAborted)
		case JobUploadComplete, JobInProgress:
		default:
			return j, fmt.Errorf("%s: unknown state %q", name, j.State)
		}
		if waited >= c.cfg.JobTimeout {
			return j, fmt.Errorf("%s: still %s after %s: %w", name, j.State, waited.Round(time.Second), ErrJobStuck)
		}
		pause := min(max(waited/3, shortestPoll), longestPoll)
		if err := c.cfg.Sleep(ctx, pause); err != nil {
			return j, fmt.Errorf("%s: %w", name, err)
		}
		waited += pause
	}
}

// AbortQueryJob stops a job that has not ended.
func (c *Client) AbortQueryJob(ctx context.Context, id string) error {
	return c.json(ctx, &call{
		op: "abort query job", job: id, kind: KindJobEnd, method: http.MethodPatch, url: c.data(jobsPath + "/" + id), body: []byte(`{"state":"Aborted"}`),
	}, nil)
}

// DeleteQueryJob removes an ended job and its result. A job that is gone already wraps ErrNotFound.
func (c *Client) DeleteQueryJob(ctx context.Context, id string) error {
	return c.json(ctx, &call{op: "delete query job", job: id, kind: KindJobEnd, method: http.MethodDelete, url: c.data(jobsPath + "/" + id)}, nil)
}
