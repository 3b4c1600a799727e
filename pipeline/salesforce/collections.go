package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// MaxCollection is how many records one InsertCollection takes.
const MaxCollection = 200

// Record is a record to be made: the object's API name and its field values.
type Record struct {
	Type   string
	Fields map[string]any
}

// MarshalJSON writes the record as the API wants it.
func (r Record) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(r.Fields)+1)
	maps.Copy(m, r.Fields)
	m["attributes"] = map[string]string{"type": r.Type}
	return json.Marshal(m)
}

// SaveResult is what became of one record.
type SaveResult struct {
	ID      string      `json:"id"`
	Success bool        `json:"success"`
	Errors  []SaveError `json:"errors"`
}

// SaveError is a reason why a record was refused.
type SaveError struct {
	Code    string   `json:"statusCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

// HasCode reports whether the error has the code, in any of its spellings.
func (e SaveError) HasCode(code string) bool { return plainCode(e.Code) == plainCode(code) }

// InsertCollection makes up to MaxCollection records and returns what became of each, in their order. With allOrNone, one refused
// record undoes all. An error that wraps ErrUncertain says that the answer was lost: the records may exist or not. After any
// other error none was made.
func (c *Client) InsertCollection(ctx context.Context, records []Record, allOrNone bool) ([]SaveResult, error) {
	if len(records) == 0 {
		return nil, nil
	}
	if len(records) > MaxCollection {
		return nil, fmt.Errorf("insert %d records: at most %d go at once", len(records), MaxCollection)
	}
	body, err := json.Marshal(map[string]any{"allOrNone": allOrNone, "records": records})
	if err != nil {
		return nil, fmt.Errorf("insert %s: %w", records[0].Type, err)
	}
	var results []SaveResult
	err = c.json(ctx, &call{
		op: "insert", object: records[0].Type, kind: KindCollections, method: http.MethodPost, url: c.data("/composite/sobjects"), body: body, once: true,
	}, &results)
	if err != nil {
		return nil, err
	}
	if len(results) != len(records) {
		return nil, uncertain(fmt.Errorf("insert %s: %d answers for %d records", records[0].Type, len(results), len(records)))
	}
	return results, nil
}
