package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// KindChanges counts the calls about what was deleted.
const KindChanges Kind = "changes"

// ErrLog says that the org's log of deleted records can't answer for the span that was asked for, or not for the object at all.
var ErrLog = errors.New("the org's log of deleted records does not answer for this")

// DeletedLog is what the org's log of deleted records tells of a span of time.
type DeletedLog struct {
	// Deleted are the records that were deleted in the span, and are deleted still.
	Deleted []DeletedRecord
	// Earliest is the instant before which the log knows nothing: records were deleted for good by then, without a trace.
	Earliest time.Time
	// Covered is the instant up to which the log is complete; it may lie before the span's end.
	Covered time.Time
}

// DeletedRecord is a record of the log.
type DeletedRecord struct {
	ID string
	At time.Time
}

// logSpan is the shortest span that may be asked for.
const logSpan = time.Minute

// Deleted asks the org's log which records of an object were deleted in [from, to). It costs one call. The org looks at whole minutes
// and at spans of one minute or more, so a short one is asked for longer; what lies outside is left out of the answer. A refusal wraps
// ErrLog: too many records (600,000), a span before the log's beginning, an object that has no log.
func (c *Client) Deleted(ctx context.Context, object string, from, to time.Time) (DeletedLog, error) {
	start, end := from.UTC().Truncate(time.Minute), to.UTC().Add(logSpan-1).Truncate(time.Minute)
	if end.Sub(start) < logSpan {
		end = start.Add(logSpan)
	}
	const form = "2006-01-02T15:04:05+00:00"
	k := &call{
		op: "list deleted", object: object, kind: KindChanges, method: http.MethodGet, url: c.data("/sobjects/" + object + "/deleted/"),
		query: url.Values{"start": {start.Format(form)}, "end": {end.Format(form)}},
	}
	var answer struct {
		Records []struct {
			ID      string  `json:"id"`
			Deleted instant `json:"deletedDate"`
		} `json:"deletedRecords"`
		Earliest instant `json:"earliestDateAvailable"`
		Covered  instant `json:"latestDateCovered"`
	}
	err := c.json(ctx, k, &answer)
	var refused *APIError
	if errors.As(err, &refused) && noLog(refused) {
		return DeletedLog{}, fmt.Errorf("%w: %w", ErrLog, err)
	}
	if err != nil {
		return DeletedLog{}, err
	}
	log := DeletedLog{Earliest: answer.Earliest.Time, Covered: answer.Covered.Time}
	for _, r := range answer.Records {
		if r.ID == "" {
			return DeletedLog{}, fmt.Errorf("%s: a record without an id", subject(k.op, k.object, ""))
		}
		if !r.Deleted.Before(from) && r.Deleted.Before(to) {
			log.Deleted = append(log.Deleted, DeletedRecord{ID: r.ID, At: r.Deleted.Time})
		}
	}
	return log, nil
}

// noLog tells a refusal of the question from one of the caller. Guides name EXCEEDED_ID_LIMIT and INVALID_REPLICATION_DATE, and
// INVALID_TYPE_FOR_OPERATION or NOT_FOUND for objects that have no log.
func noLog(e *APIError) bool {
	if e.HasCode("NOT_FOUND") || e.Status == http.StatusNotFound {
		return true
	}
	return e.Status == http.StatusBadRequest && e.Unwrap() == nil
}

// instant is a date and time as REST writes them: 2026-01-02T03:04:05.000+0000, or with Z or +00:00.
type instant struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler; null is the zero time.
func (t *instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		return nil
	}
	for _, form := range []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.999-0700"} {
		if at, err := time.Parse(form, strings.TrimSpace(s)); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is no date and time", s)
}
