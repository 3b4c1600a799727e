package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds an answer that is held in memory.
const maxAnswer = 64 << 20

// call is one request to the org and what errors about it should name.
type call struct {
	op, object, job string
	kind            Kind
	method          string
	url             string // path on the instance, or absolute
	query           url.Values
	body            []byte
	contentType     string
	accept          string
	// once marks a call whose effect must not happen twice: it is repeated only when the org certainly did not take it.
	once bool
	// anonymous calls carry no session; plain ones may be answered with something else than JSON.
	anonymous, plain bool
	limit            time.Duration // longest duration of the whole; 0 is the configured timeout
}

// reply is an answer held in memory.
type reply struct {
	header http.Header
	body   []byte
}

// json makes a call and decodes its answer.
func (c *Client) json(ctx context.Context, call *call, answer any) error {
	return c.repeat(ctx, subject(call.op, call.object, call.job), func(ctx context.Context) error {
		r, err := c.exchange(ctx, call)
		if err != nil {
			return err
		}
		if answer == nil {
			return nil
		}
		if err := json.Unmarshal(r.body, answer); err != nil {
			err = fmt.Errorf("%s: the answer is not what was expected: %w", subject(call.op, call.object, call.job), err)
			if call.once {
				return uncertain(err)
			}
			return &passing{err: err}
		}
		return nil
	})
}

// read makes a call and returns its answer as it is.
func (c *Client) read(ctx context.Context, call *call) (*reply, error) {
	var r *reply
	err := c.repeat(ctx, subject(call.op, call.object, call.job), func(ctx context.Context) (err error) {
		r, err = c.exchange(ctx, call)
		return err
	})
	return r, err
}

// exchange makes one attempt and holds the answer.
func (c *Client) exchange(ctx context.Context, call *call) (*reply, error) {
	s, err := c.open(ctx, call)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	body, err := io.ReadAll(io.LimitReader(s, maxAnswer+1))
	name := subject(call.op, call.object, call.job)
	switch {
	case err != nil && ctx.Err() != nil && !call.once:
		return nil, fmt.Errorf("%s: %w", name, context.Cause(ctx))
	case err != nil:
		return nil, call.lost(fmt.Errorf("%s: the answer was cut: %w", name, err))
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("%s: the answer is larger than %d MiB", name, maxAnswer>>20)
	case !call.plain && len(body) > 0 && !json.Valid(body):
		return nil, call.lost(fmt.Errorf("%s: the answer is no JSON but %q; something between here and Salesforce answered", name, s.header.Get("Content-Type")))
	}
	return &reply{s.header, body}, nil
}

// lost says what a lost answer means: try again, or, for a call that must not happen twice, that its effect is unknown.
func (k *call) lost(err error) error {
	if k.once {
		return uncertain(err)
	}
	return &passing{err: err}
}

func uncertain(err error) error { return fmt.Errorf("%w; %w", err, ErrUncertain) }

// open makes one attempt, logging in again and replaying once if the session has ended, and returns the body of a good answer.
func (c *Client) open(ctx context.Context, call *call) (*stream, error) {
	if call.anonymous {
		return c.send(ctx, call, nil)
	}
	for again := false; ; again = true {
		s, err := c.session(ctx)
		if err != nil {
			return nil, err
		}
		body, err := c.send(ctx, call, s)
		var e *APIError
		if err == nil || !errors.As(err, &e) || !e.sessionEnded() {
			return body, err
		}
		c.drop(s)
		if again {
			return nil, fmt.Errorf("%w; a new session was refused as well", err)
		}
		c.cfg.Log.Debug("session ended; logging in again", "op", call.op)
	}
}

// send makes one request. A refusal is returned as an *APIError, marked as passing where it may be.
func (c *Client) send(ctx context.Context, call *call, s *session) (*stream, error) {
	name := subject(call.op, call.object, call.job)
	if err := c.books.allow(call.kind, call.object, call.job, c.cfg.Reserve); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	limit := call.limit
	if limit == 0 {
		limit = c.cfg.Timeout
	}
	st := newStream(ctx, limit, c.cfg.Timeout)
	var sent atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(st.ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}), call, s)
	if err != nil {
		st.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		cause := context.Cause(st.ctx)
		st.Close()
		return nil, call.failed(ctx, err, cause, sent.Load())
	}
	c.books.observe(resp.Header, began, time.Now())
	st.attach(resp)
	if resp.StatusCode/100 == 2 {
		if err := st.decompress(); err != nil {
			st.Close()
			return nil, call.lost(fmt.Errorf("%s: %w", name, err))
		}
		return st, nil
	}
	defer st.Close()
	if err := st.decompress(); err != nil {
		return nil, call.lost(fmt.Errorf("%s: %w", name, err))
	}
	body, err := io.ReadAll(io.LimitReader(st, 1<<20))
	if err != nil {
		body = nil
	}
	e, isJSON := parseError(call, resp.StatusCode, body)
	if resp.StatusCode/100 == 3 {
		return nil, fmt.Errorf("%w: redirected to where there is nothing", e)
	}
	if !passingStatus(resp.StatusCode) && isJSON {
		return nil, e
	}
	if !isJSON && e.Message == "" {
		e.Message = fmt.Sprintf("an answer of type %q that is no JSON", resp.Header.Get("Content-Type"))
	}
	if call.once && (resp.StatusCode >= 500 || !isJSON) {
		return nil, uncertain(e)
	}
	return nil, &passing{err: e, after: retryAfter(resp.Header)}
}

// failed explains why there was no answer at all.
func (k *call) failed(ctx context.Context, err, cause error, sent bool) error {
	name := subject(k.op, k.object, k.job)
	if errors.Is(err, ErrInsecure) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if cause != nil {
		err = cause
	} else if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // without the address: a locator or a query would fill the line
	}
	err = fmt.Errorf("%s: %w", name, err)
	switch {
	case k.once && sent:
		return uncertain(err)
	case ctx.Err() != nil:
		return err
	default:
		return &passing{err: err}
	}
}

func (c *Client) request(ctx context.Context, call *call, s *session) (*http.Request, error) {
	var target *url.URL
	var err error
	if s == nil {
		target, err = secureURL(call.url)
	} else {
		target, err = resolve(s, call.url)
	}
	if err != nil {
		return nil, err
	}
	if call.query != nil {
		// Salesforce reads %20 everywhere, and + not everywhere.
		target.RawQuery = strings.ReplaceAll(call.query.Encode(), "+", "%20")
	}
	var body io.Reader
	if call.body != nil {
		body = bytes.NewReader(call.body)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	if s != nil {
		req.Header.Set("Authorization", "Bearer "+s.token.Reveal())
	}
	req.Header.Set("Accept", firstText(call.accept, "application/json"))
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("User-Agent", "crmsync")
	if call.body != nil {
		req.Header.Set("Content-Type", firstText(call.contentType, "application/json"))
	}
	return req, nil
}
