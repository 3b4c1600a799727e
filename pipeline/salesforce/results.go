package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// PageRef names one page of a job's result. It can be kept and used again while the job exists. The zero value is the first page.
type PageRef struct {
	// Locator is what the page before it told.
	Locator string `json:"locator,omitempty"`
	// URL is the page's own address, when the org listed the pages.
	URL string `json:"url,omitempty"`
}

// Page is what is known of a page once it was read.
type Page struct {
	Rows int64
	// Next names the page that follows; Last says that there is none. Pages that the org listed do not tell.
	Next PageRef
	Last bool
}

// ErrCut is what a consumer returns when the text of a page ends in the middle of a row.
var ErrCut = errors.New("the text ends in the middle of a row")

// ReadPage reads one page of a complete job's result. consume gets the CSV text, header row included, and returns how many rows it
// found; it is called anew, from the beginning of the page, when the connection broke, the text was cut or the number of rows is
// not the one that the org told.
func (c *Client) ReadPage(ctx context.Context, job Job, ref PageRef, maxRows int, consume func(io.Reader) (int64, error)) (Page, error) {
	name := subject("read results", job.Object, job.ID)
	k := &call{
		op: "read results", object: job.Object, job: job.ID, kind: KindJobResults, method: http.MethodGet, accept: "text/csv",
		url: c.data(jobsPath + "/" + job.ID + "/results"), limit: c.cfg.PageTimeout,
	}
	switch {
	case ref.URL != "":
		k.url = ref.URL
	default:
		k.query = url.Values{}
		if maxRows > 0 {
			k.query.Set("maxRecords", strconv.Itoa(maxRows))
		}
		if ref.Locator != "" {
			k.query.Set("locator", ref.Locator)
		}
	}
	var page Page
	err := c.repeat(ctx, name, func(ctx context.Context) error {
		s, err := c.open(ctx, k)
		if err != nil {
			return err
		}
		defer s.Close()
		if kind := s.header.Get("Content-Type"); strings.HasPrefix(strings.ToLower(kind), "text/html") {
			return &passing{err: fmt.Errorf("%s: the answer is no CSV but %q; something between here and Salesforce answered", name, kind)}
		}
		page = Page{}
		page.Next.Locator = s.header.Get("Sforce-Locator")
		page.Last = page.Next.Locator == "" || page.Next.Locator == "null"
		if page.Last {
			page.Next.Locator = ""
		}
		rows, err := consume(s)
		switch {
		case s.err != nil && ctx.Err() != nil:
			return fmt.Errorf("%s: %w", name, context.Cause(ctx))
		case s.err != nil:
			return &passing{err: fmt.Errorf("%s: the page broke off: %w", name, s.err)}
		case errors.Is(err, ErrCut):
			return &passing{err: fmt.Errorf("%s: %w", name, err)}
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		page.Rows = rows
		told := s.header.Get("Sforce-NumberOfRecords")
		if want, err := strconv.ParseInt(told, 10, 64); err == nil && want != rows {
			return &passing{err: fmt.Errorf("%s: a page of %d rows that should have %d: %w", name, rows, want, ErrRowCount)}
		}
		// A consumer may stop at the last row; the rest must still be the end, or the connection was cut there.
		if _, err := io.Copy(io.Discard, s); err != nil {
			return &passing{err: fmt.Errorf("%s: the page broke off: %w", name, err)}
		}
		return nil
	})
	return page, err
}

// pageList is an answer of resultPages. The guides spell its members in several ways.
type pageList struct {
	Pages []struct {
		ResultURL  string `json:"resultUrl"`
		ResultLink string `json:"resultLink"`
		URL        string `json:"url"`
	} `json:"resultPages"`
	NextRecordsURL string `json:"nextRecordsUrl"`
	NextRecordURL  string `json:"nextRecordUrl"`
	NextPageURL    string `json:"nextPageUrl"`
	Done           *bool  `json:"done"`
}

// maxPages bounds the list of a job's pages, against an org that never says that it is done.
const maxPages = 1_000_000

// ListPages returns the addresses of all pages of a complete job's result, so that they can be read side by side; their size is the
// org's choice. An org that does not offer this answers with an error that wraps ErrNotFound; pages are then read one after the other.
func (c *Client) ListPages(ctx context.Context, job Job) ([]PageRef, error) {
	k := &call{
		op: "list result pages", object: job.Object, job: job.ID, kind: KindJobPages, method: http.MethodGet,
		url: c.data(jobsPath + "/" + job.ID + "/resultPages"),
	}
	var refs []PageRef
	for {
		var list pageList
		if err := c.json(ctx, k, &list); err != nil {
			return nil, err
		}
		for _, p := range list.Pages {
			ref := firstText(p.ResultURL, p.ResultLink, p.URL)
			if ref == "" {
				return nil, fmt.Errorf("%s: a page without an address", subject(k.op, k.object, k.job))
			}
			refs = append(refs, PageRef{URL: ref})
		}
		next := firstText(list.NextRecordsURL, list.NextRecordURL, list.NextPageURL)
		if next == "" || list.Done != nil && *list.Done {
			return refs, nil
		}
		if len(list.Pages) == 0 || len(refs) > maxPages {
			return nil, fmt.Errorf("%s: the list does not end", subject(k.op, k.object, k.job))
		}
		k.url, k.query = next, nil
	}
}
