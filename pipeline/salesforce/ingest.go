package salesforce

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// KindIngest counts the calls about ingest jobs.
const KindIngest Kind = "ingest"

// JobOpen is the state of an ingest job that waits for its data; a job that stays so does nothing.
const JobOpen JobState = "Open"

// MaxUpload is how many bytes of CSV one ingest job takes: Salesforce allows 150 MB once they are base64, which is 100 MB before.
const MaxUpload = 100_000_000

// IngestJob is a Bulk job that makes records. Its data is uploaded once; nothing is made before the job is closed.
type IngestJob struct {
	ID     string
	Object string
	State  JobState
	// Processed rows include Failed ones.
	Processed int64  `json:"numberRecordsProcessed"`
	Failed    int64  `json:"numberRecordsFailed"`
	Message   string `json:"errorMessage"`
}

// Ended reports whether the job does nothing any more.
func (j IngestJob) Ended() bool {
	return j.State == JobComplete || j.State == JobFailed || j.State == JobAborted
}

// IngestPart names a list of a job's rows.
type IngestPart string

// The lists of an ended job.
const (
	IngestSucceeded   IngestPart = "successfulResults"
	IngestRefused     IngestPart = "failedResults"
	IngestUnprocessed IngestPart = "unprocessedrecords"
)

// IngestRow is what became of one uploaded row. The order of rows is not that of the upload.
type IngestRow struct {
	// ID is the new record's; empty when none was made.
	ID string
	// Error is why the row was refused; its Code is empty when it was not.
	Error SaveError
	// Fields are the row's cells as they were uploaded.
	Fields map[string]string
}

const ingestPath = "/jobs/ingest"

// CreateIngestJob opens a job that makes records of an object. Repeating it after a lost answer leaves at most an open job, which does
// nothing. An object that the Bulk API does not serve wraps ErrNotBulk.
func (c *Client) CreateIngestJob(ctx context.Context, object string) (IngestJob, error) {
	body, err := json.Marshal(map[string]string{
		"object": object, "operation": "insert", "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	})
	if err != nil {
		return IngestJob{}, fmt.Errorf("create ingest job: %w", err)
	}
	var j IngestJob
	err = c.json(ctx, &call{op: "create ingest job", object: object, kind: KindIngest, method: http.MethodPost, url: c.data(ingestPath), body: body}, &j)
	if err == nil && j.ID == "" {
		err = fmt.Errorf("create ingest job %s: the org gave it no id", object)
	}
	return j, err
}

// UploadIngest gives a job its data: a header row with field names, and rows. A job takes data once; after an error the job is to be
// aborted.
func (c *Client) UploadIngest(ctx context.Context, job IngestJob, data []byte) error {
	if len(data) > MaxUpload {
		return fmt.Errorf("%s: %d bytes, at most %d go at once", subject("upload", job.Object, job.ID), len(data), MaxUpload)
	}
	return c.json(ctx, &call{
		op: "upload", object: job.Object, job: job.ID, kind: KindIngest, method: http.MethodPut, url: c.data(ingestPath + "/" + job.ID + "/batches"),
		body: data, contentType: "text/csv", limit: c.cfg.PageTimeout,
	}, nil)
}

// CloseIngestJob has the org make the records. After an error the job's state tells whether it was closed; a close that comes late has
// no effect once the job is aborted.
func (c *Client) CloseIngestJob(ctx context.Context, id string) error {
	return c.endIngest(ctx, "close ingest job", id, JobUploadComplete)
}

// AbortIngestJob stops a job that has not ended. What it made stays.
func (c *Client) AbortIngestJob(ctx context.Context, id string) error {
	return c.endIngest(ctx, "abort ingest job", id, JobAborted)
}

// endIngest sets a job's state. An org that has it so already, as after an answer that was lost, refuses; that is no error.
func (c *Client) endIngest(ctx context.Context, op, id string, state JobState) error {
	err := c.json(ctx, &call{
		op: op, job: id, kind: KindIngest, method: http.MethodPatch, url: c.data(ingestPath + "/" + id), body: []byte(`{"state":"` + string(state) + `"}`),
	}, nil)
	var e *APIError
	if !errors.As(err, &e) || !e.HasCode("INVALID_JOB_STATE") {
		return err
	}
	j, lookErr := c.IngestJob(ctx, id)
	if lookErr == nil && (j.State == state || state == JobUploadComplete && j.State != JobOpen && j.State != JobAborted) {
		return nil
	}
	return errors.Join(err, lookErr)
}

// IngestJob tells how far a job is. One that is gone, as after 7 days, wraps ErrNotFound.
func (c *Client) IngestJob(ctx context.Context, id string) (IngestJob, error) {
	var j IngestJob
	err := c.json(ctx, &call{op: "ingest job", job: id, kind: KindIngest, method: http.MethodGet, url: c.data(ingestPath + "/" + id)}, &j)
	return j, err
}

// WaitIngestJob waits for a job's end, at most for about so long, and returns it as it was seen last; Ended tells which.
func (c *Client) WaitIngestJob(ctx context.Context, id string, patience time.Duration) (IngestJob, error) {
	for waited := time.Duration(0); ; {
		j, err := c.IngestJob(ctx, id)
		if err != nil || j.Ended() || waited >= patience {
			return j, err
		}
		pause := min(max(waited/3, shortestPoll), longestPoll)
		if err := c.cfg.Sleep(ctx, pause); err != nil {
			return j, fmt.Errorf("%s: %w", subject("ingest job", j.Object, id), err)
		}
		waited += pause
	}
}

// IngestRows returns one of an ended job's lists.
func (c *Client) IngestRows(ctx context.Context, job IngestJob, part IngestPart) ([]IngestRow, error) {
	var all []IngestRow
	for locator := ""; ; {
		rows, next, err := c.ingestPage(ctx, job, part, locator)
		all = append(all, rows...)
		if err != nil || next == "" || next == locator {
			return all, err
		}
		locator = next
	}
}

// ingestPage reads a page of a list; as a rule there is just one.
func (c *Client) ingestPage(ctx context.Context, job IngestJob, part IngestPart, locator string) (rows []IngestRow, next string, err error) {
	name := subject("read "+string(part), job.Object, job.ID)
	k := &call{
		op: "read " + string(part), object: job.Object, job: job.ID, kind: KindIngest, method: http.MethodGet, accept: "text/csv",
		url: c.data(ingestPath + "/" + job.ID + "/" + string(part)), limit: c.cfg.PageTimeout,
	}
	if locator != "" {
		k.query = url.Values{"locator": {locator}}
	}
	err = c.repeat(ctx, name, func(ctx context.Context) error {
		s, err := c.open(ctx, k)
		if err != nil {
			return err
		}
		defer s.Close()
		rows, err = readIngestRows(s)
		switch {
		case s.err != nil && ctx.Err() != nil:
			return fmt.Errorf("%s: %w", name, context.Cause(ctx))
		case s.err != nil:
			return &passing{err: fmt.Errorf("%s: the answer broke off: %w", name, s.err)}
		case err != nil:
			return &passing{err: fmt.Errorf("%s: %w", name, err)}
		}
		if next = s.header.Get("Sforce-Locator"); next == "null" {
			next = ""
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// readIngestRows reads a list: sf__Id and sf__Created or sf__Error, if any, and the uploaded columns. Nothing at all is no rows.
func readIngestRows(r io.Reader) ([]IngestRow, error) {
	text := bufio.NewReader(r)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = text.Discard(3) // it is in the buffer
	}
	in := csv.NewReader(text)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the header row: %w", err)
	}
	var rows []IngestRow
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read row %d: %w", len(rows)+1, err)
		}
		if len(cells) != len(header) {
			return nil, fmt.Errorf("read row %d: %d cells under %d columns: %w", len(rows)+1, len(cells), len(header), ErrCut)
		}
		row := IngestRow{Fields: make(map[string]string, len(header))}
		for i, name := range header {
			switch name {
			case "sf__Id":
				row.ID = cells[i]
			case "sf__Error":
				row.Error = parseIngestError(cells[i])
			case "sf__Created":
			default:
				row.Fields[name] = cells[i]
			}
		}
		rows = append(rows, row)
	}
}

// parseIngestError reads CODE:message:field,field -- as failedResults write it. What has another form is a message.
func parseIngestError(s string) SaveError {
	s = strings.TrimSpace(s)
	code, rest, found := strings.Cut(s, ":")
	if !found || code == "" || strings.ContainsFunc(code, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return SaveError{Code: "UNKNOWN_ERROR", Message: s}
	}
	e := SaveError{Code: code, Message: rest}
	list, ended := strings.CutSuffix(rest, "--")
	if at := strings.LastIndexByte(list, ':'); ended && at >= 0 {
		e.Message = list[:at]
		for name := range strings.SplitSeq(list[at+1:], ",") {
			if name = strings.TrimSpace(name); name != "" {
				e.Fields = append(e.Fields, name)
			}
		}
	}
	return e
}

// IngestCSV writes an upload: the columns, and a row for each record with an empty cell for a field that it lacks. Salesforce reads a
// cell of IngestNull as no value, so records with that as a text can't go this way.
func IngestCSV(columns []string, records []Record) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write(columns); err != nil {
		return nil, fmt.Errorf("write an upload: %w", err)
	}
	cells := make([]string, len(columns))
	for n, r := range records {
		for name, v := range r.Fields {
			if text, ok := v.(string); !ok || text == IngestNull || !slices.Contains(columns, name) {
				return nil, fmt.Errorf("write an upload: record %d: field %s can't be told in a column of text", n+1, name)
			}
		}
		for i, name := range columns {
			cells[i], _ = r.Fields[name].(string)
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("write an upload: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("write an upload: %w", err)
	}
	return out.Bytes(), nil
}

// IngestNull is the cell that stands for no value.
const IngestNull = "#N/A"
