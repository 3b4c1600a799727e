package fakeforce

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// These faults take the place of an answer, or spoil it.

// recorded is an answer that is held back.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header { return r.header }

func (r *recorded) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorded) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// record has the org answer, and holds its answer back.
func record(w http.ResponseWriter, r *http.Request, next http.Handler) *recorded {
	answer := &recorded{header: w.Header().Clone()}
	next.ServeHTTP(answer, r)
	answer.WriteHeader(http.StatusOK)
	return answer
}

// send gives an answer, the first n bytes of its body when n is not negative; its length is said to be that of all.
func (r *recorded) send(w http.ResponseWriter, n int) {
	h := w.Header()
	for k, v := range r.header {
		h[k] = v
	}
	h.Set("Content-Length", strconv.Itoa(r.body.Len()))
	w.WriteHeader(r.status)
	body := r.body.Bytes()
	if n >= 0 {
		body = body[:n]
	}
	_, _ = w.Write(body) // a client that is gone is no concern of a server
}

// plainText asks the org for an answer that is not compressed.
func plainText(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	c.Header.Del("Accept-Encoding")
	return c
}

func drop(*Org, Fault, http.ResponseWriter, *http.Request, http.Handler) {
	panic(http.ErrAbortHandler)
}

func lose(_ *Org, _ Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	record(w, r, next)
	panic(http.ErrAbortHandler)
}

func cut(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, r, next)
	n := answer.body.Len() / 2
	if given, err := strconv.Atoi(f.Value); err == nil {
		n = min(given, max(0, answer.body.Len()-1))
	}
	answer.send(w, n)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func cutAndExpire(o *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	defer o.ExpireTokens()
	cut(o, f, w, r, next)
}

func stall(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, r, next)
	answer.send(w, answer.body.Len()/2)
	_ = http.NewResponseController(w).Flush()
	pause := time.Hour
	if d, err := time.ParseDuration(f.Value); err == nil {
		pause = d
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		_, _ = w.Write(answer.body.Bytes()[answer.body.Len()/2:])
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func refuse(_ *Org, f Fault, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	text, after, given := strings.Cut(f.Value, ",")
	status, _ := strconv.Atoi(text)
	if given {
		w.Header().Set("Retry-After", after)
	}
	code := map[int]string{http.StatusTooManyRequests: "REQUEST_LIMIT_EXCEEDED", http.StatusServiceUnavailable: "SERVER_UNAVAILABLE"}[status]
	if code == "" {
		code = "UNKNOWN_EXCEPTION"
	}
	writeError(w, failf(status, code, "fault %s", f))
}

func webPage(_ *Org, f Fault, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	status, err := strconv.Atoi(f.Value)
	if err != nil {
		status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>\n")
}

func lostLocator(_ *Org, _ Fault, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	writeError(w, errNotFound)
}

func truncateText(_ *Org, _ Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, plainText(r), next)
	body := answer.body.Bytes()
	n := max(0, len(body)-3)
	for n > 0 && body[n-1] == '\n' {
		n--
	}
	answer.body.Truncate(n)
	answer.send(w, -1)
}

func loseRows(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, plainText(r), next)
	answer.loseRows(f.Value)
	answer.send(w, -1)
}

func shortPage(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, plainText(r), next)
	if lost := answer.loseRows(f.Value); lost > 0 {
		answer.addToCount(-lost)
	}
	answer.send(w, -1)
}

// loseRows takes the last rows away, the header row never, and returns how many went.
func (r *recorded) loseRows(value string) int {
	wanted := 1
	if n, err := strconv.Atoi(value); err == nil {
		wanted = n
	}
	in := csv.NewReader(bytes.NewReader(r.body.Bytes()))
	in.FieldsPerRecord = -1
	var ends []int64
	for {
		if _, err := in.Read(); err != nil {
			if !errors.Is(err, io.EOF) {
				return 0
			}
			break
		}
		ends = append(ends, in.InputOffset())
	}
	lost := min(wanted, len(ends)-1)
	if lost < 1 {
		return 0
	}
	r.body.Truncate(int(ends[len(ends)-1-lost]))
	return lost
}

func (r *recorded) addToCount(delta int) {
	if n, err := strconv.Atoi(r.header.Get("Sforce-NumberOfRecords")); err == nil {
		r.header.Set("Sforce-NumberOfRecords", strconv.Itoa(n+delta))
	}
}

func wrongCount(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w, r, next)
	delta, _ := strconv.Atoi(f.Value)
	answer.addToCount(delta)
	answer.send(w, -1)
}

// duplicatePage answers with the rows of the first page, and names the page that follows the one asked for. Its count is that of the
// rows that it holds.
func duplicatePage(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	asked := record(w, r, next)
	first := r.Clone(r.Context())
	query := first.URL.Query()
	query.Del("locator")
	query.Set("maxRecords", asked.header.Get("Sforce-NumberOfRecords"))
	first.URL.RawQuery = query.Encode()
	answer := record(w, first, next)
	if answer.status != http.StatusOK {
		panic(fmt.Sprintf("fault %s: the first page answers %d", f, answer.status))
	}
	answer.header.Set("Sforce-Locator", asked.header.Get("Sforce-Locator"))
	answer.send(w, -1)
}
