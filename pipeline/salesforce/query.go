package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Cursor is the result of a REST query, at one of its batches (2,000 rows unless rows are large).
type Cursor struct {
	// Total is the number of rows of all batches.
	Total int64
	// Records are the rows of the batch, each a JSON object with the selected fields and "attributes".
	Records []json.RawMessage

	c      *Client
	object string
	next   string
}

type queryAnswer struct {
	TotalSize int64             `json:"totalSize"`
	Done      bool              `json:"done"`
	Next      string            `json:"nextRecordsUrl"`
	Records   []json.RawMessage `json:"records"`
}

// Query runs a SOQL statement over the live rows and returns its first batch.
func (c *Client) Query(ctx context.Context, soql string) (*Cursor, error) {
	return c.query(ctx, soql, "/query")
}

// QueryAll is Query with the recycle bin included.
func (c *Client) QueryAll(ctx context.Context, soql string) (*Cursor, error) {
	return c.query(ctx, soql, "/queryAll")
}

func (c *Client) query(ctx context.Context, soql, resource string) (*Cursor, error) {
	cur := &Cursor{c: c, object: queried(soql)}
	err := cur.fetch(ctx, c.data(resource), url.Values{"q": {soql}})
	return cur, err
}

// Next moves to the following batch; false when there is none.
func (cur *Cursor) Next(ctx context.Context) (bool, error) {
	if cur.next == "" {
		cur.Records = nil
		return false, nil
	}
	return true, cur.fetch(ctx, cur.next, nil)
}

func (cur *Cursor) fetch(ctx context.Context, ref string, q url.Values) error {
	var a queryAnswer
	err := cur.c.json(ctx, &call{op: "query", object: cur.object, kind: KindQuery, method: http.MethodGet, url: ref, query: q}, &a)
	if err != nil {
		return err
	}
	if !a.Done && a.Next == "" {
		return fmt.Errorf("query %s: %w", cur.object, errors.New("the org says that there are more rows, not where"))
	}
	cur.Total, cur.Records, cur.next = a.TotalSize, a.Records, a.Next
	if a.Done {
		cur.next = ""
	}
	return nil
}

// queried is the object of a statement, for messages.
func queried(soql string) string {
	words := strings.Fields(soql)
	for i, w := range words {
		if strings.EqualFold(w, "FROM") && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}
