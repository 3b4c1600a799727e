package fakeforce

import (
	"bufio"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// csvWriter writes CSV as the Bulk API does: every value in quotes, nulls as empty values.
type csvWriter struct {
	out       *bufio.Writer
	buf       []byte
	delimiter byte
	crlf      bool
	written   int
	err       error
}

func newCSVWriter(w io.Writer, j *job) *csvWriter {
	return &csvWriter{out: bufio.NewWriterSize(w, 64<<10), delimiter: byte(delimiters[j.delimiter]), crlf: j.ending == "CRLF"}
}

func (c *csvWriter) value(v string) {
	c.buf = append(c.buf, '"')
	for {
		i := strings.IndexByte(v, '"')
		if i < 0 {
			break
		}
		c.buf = append(c.buf, v[:i+1]...)
		c.buf = append(c.buf, '"')
		v = v[i+1:]
	}
	c.buf = append(c.buf, v...)
	c.buf = append(c.buf, '"', c.delimiter)
}

// end closes the row.
func (c *csvWriter) end() {
	if n := len(c.buf); n > 0 {
		c.buf = c.buf[:n-1]
	}
	if c.crlf {
		c.buf = append(c.buf, '\r')
	}
	c.buf = append(c.buf, '\n')
	n, err := c.out.Write(c.buf)
	c.written += n
	if c.err == nil {
		c.err = err
	}
	c.buf = c.buf[:0]
}

func (c *csvWriter) close() error {
	if err := c.out.Flush(); c.err == nil {
		c.err = err
	}
	return c.err
}

// acceptsGzip reports whether the client asked for compression.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "gzip") && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}

// compressed returns where an answer's body goes, compressed if the client asked for it, and what closes it.
func (q *request) compressed() (io.Writer, func() error) {
	if !acceptsGzip(q.r) {
		return q.w, func() error { return nil }
	}
	q.w.Header().Set("Content-Encoding", "gzip")
	q.w.Header().Add("Vary", "Accept-Encoding")
	zw, err := gzip.NewWriterLevel(q.w, gzip.BestSpeed)
	if err != nil {
		// The level is a constant that the library knows.
		return q.w, func() error { return nil }
	}
	return zw, zw.Close
}

// writePage writes the header row and the rows from..to of the job's shuffled result and returns the bytes of CSV.
func (o *Org) writePage(q *request, j *job, from, to int) (int, error) {
	rs := j.query
	w, closeBody := q.compressed()
	q.w.WriteHeader(http.StatusOK)
	if q.r.Method == http.MethodHead {
		return 0, nil
	}
	c := newCSVWriter(w, j)
	shown := rs.p.out[:rs.p.shown]
	for _, col := range shown {
		c.value(col.name)
	}
	c.end()
	read := rs.reader()
	order := o.shuffle(rs)
	row := make([]string, len(rs.p.out))
	for i := from; i < to && c.err == nil; i++ {
		read(order(i), row)
		for k, col := range shown {
			switch v := row[k]; {
			case v != "" && (col.field.Type == TypeDouble || col.field.Type == TypeCurrency):
				c.buf = append(c.buf, '"')
				c.buf = appendDouble(c.buf, v)
				c.buf = append(c.buf, '"', c.delimiter)
			default:
				c.value(v)
			}
		}
		c.end()
	}
	if err := c.close(); err != nil {
		return c.written, err
	}
	return c.written, closeBody()
}

// shuffle is the order of a Bulk result: the same at every reading, and no order that a client could lean on, as Salesforce
// promises none. An ordered statement keeps its order.
func (o *Org) shuffle(rs *resultSet) func(int) int {
	if len(rs.p.order) > 0 {
		return func(i int) int { return i }
	}
	return permutation(rs.len(), o.opts.Seed)
}

// permutation maps 0..n-1 onto itself: i -> step*i + shift (mod n), where step and n have no common divisor.
func permutation(n int, seed uint64) func(int) int {
	if n < 3 {
		return func(i int) int { return n - 1 - i }
	}
	m := uint64(n)
	mix := (seed + 1) * 0x9E3779B97F4A7C15
	step := m/3 + (mix>>20)%(m/3+1)
	for step < 2 || gcd(step, m) != 1 {
		step++ // ends at m-1 at the latest, which shares no divisor with m
	}
	shift := (mix >> 7) % m
	return func(i int) int { return int((uint64(i)*step + shift) % m) }
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
