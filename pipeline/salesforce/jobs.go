package salesforce

import (
	"context"
	"net/http"
	"net/url"
)

// QueryJobs lists the org's Bulk query jobs, whoever made them: the newest, as many as one call shows. complete says that there are no
// others.
func (c *Client) QueryJobs(ctx context.Context) (jobs []Job, complete bool, err error) {
	var answer struct {
		Done    *bool  `json:"done"`
		Records []Job  `json:"records"`
		Next    string `json:"nextRecordsUrl"`
	}
	err = c.json(ctx, &call{
		op: "list query jobs", kind: KindJobStatus, method: http.MethodGet, url: c.data(jobsPath), query: url.Values{"jobType": {"V2Query"}},
	}, &answer)
	return answer.Records, answer.Next == "" && (answer.Done == nil || *answer.Done), err
}

// Ended reports whether the job does nothing any more.
func (j Job) Ended() bool {
	return j.State == JobComplete || j.State == JobFailed || j.State == JobAborted
}

// Recall tells the client of a job that an earlier process made, so that calls about it are counted under its object.
func (c *Client) Recall(j Job) { c.books.recall(j) }
