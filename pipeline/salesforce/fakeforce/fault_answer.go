package fakeforce

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
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
func record(h http.Header, r *http.Request, next http.Handler) *recorded {
	answer := &recorded{header: h.Clone()}
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
	record(w.Header(), r, next)
	panic(http.ErrAbortHandler)
}

func cut(_ *Org, f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := record(w.Header(), r, next)
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
	answer := record(w.Header(), r, next)
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

// truncateText cuts the last row, never the header row: a text without rows stays as it is.
func truncateText(_ Fault, a *recorded, _ *http.Request, _ http.Handler) bool {
	body := bytes.TrimRight(a.body.Bytes(), "\r\n")
	if !bytes.ContainsRune(body, '\n') {
		return false
	}
	a.body.Truncate(len(body) - 3)
	return true
}

func loseRows(f Fault, a *recorded, _ *http.Request, _ http.Handler) bool {
	return a.loseRows(f.Value) > 0
}

func shortPage(f Fault, a *recorded, _ *http.Request, _ http.Handler) bool {
	lost := a.loseRows(f.Value)
	return lost > 0 && a.addToCount(-lost)
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

// addToCount changes the number of records that the header tells; false when it tells none.
func (r *recorded) addToCount(delta int) bool {
	n, err := strconv.Atoi(r.header.Get("Sforce-NumberOfRecords"))
	if err != nil {
		return false
	}
	r.header.Set("Sforce-NumberOfRecords", strconv.Itoa(n+delta))
	return true
}

func wrongCount(f Fault, a *recorded, _ *http.Request, _ http.Handler) bool {
	delta, _ := strconv.Atoi(f.Value)
	return a.addToCount(delta)
}

// duplicatePage puts the rows of the first page in the place of those asked for, and names the page that follows the one asked for.
// The count is that of the rows that are there.
func duplicatePage(_ Fault, a *recorded, r *http.Request, next http.Handler) bool {
	first := r.Clone(r.Context())
	query := first.URL.Query()
	if from, _, aerr := parseLocator(query.Get("locator"), math.MaxInt); aerr != nil || from == 0 { // this is the first page
		return false
	}
	query.Del("locator")
	query.Set("maxRecords", a.header.Get("Sforce-NumberOfRecords"))
	first.URL.RawQuery = query.Encode()
	again := record(a.header, first, next)
	if again.status != http.StatusOK {
		return false
	}
	again.header.Set("Sforce-Locator", a.header.Get("Sforce-Locator"))
	*a = *again
	return true
}
