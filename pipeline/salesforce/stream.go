package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

var (
	errTooLong = errors.New("the answer took too long")
	errStalled = errors.New("no data came for too long")
)

// stream is the body of an answer, uncompressed, within two deadlines: one for the whole, and one for each pause. It remembers
// the error that ended it, so that a reader of its contents can tell a cut connection from contents that are wrong.
type stream struct {
	ctx    context.Context
	header http.Header
	err    error // first error of reading, other than io.EOF
	ended  bool  // the end was reached

	cancel  context.CancelCauseFunc
	pause   time.Duration
	whole   *time.Timer
	stall   *time.Timer
	body    io.ReadCloser
	content io.Reader
}

func newStream(ctx context.Context, whole, pause time.Duration) *stream {
	s := &stream{pause: pause}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.whole = time.AfterFunc(whole, func() { s.cancel(errTooLong) })
	s.stall = time.AfterFunc(pause, func() { s.cancel(errStalled) })
	return s
}

func (s *stream) attach(resp *http.Response) {
	s.header, s.body, s.content = resp.Header, resp.Body, wire{s}
}

// wire reads the body as it comes and moves the deadline of the pause.
type wire struct{ s *stream }

func (w wire) Read(p []byte) (int, error) {
	n, err := w.s.body.Read(p)
	if n > 0 {
		w.s.stall.Reset(w.s.pause)
	}
	return n, err
}

func (s *stream) decompress() error {
	if !strings.EqualFold(s.header.Get("Content-Encoding"), "gzip") {
		return nil
	}
	z, err := gzip.NewReader(s.content)
	if err == io.EOF { // no body at all, as with 204
		s.content = strings.NewReader("")
		return nil
	}
	if err != nil {
		return fmt.Errorf("the answer's compression is damaged: %w", err)
	}
	s.content = z
	return nil
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.content.Read(p)
	switch {
	case err == io.EOF:
		s.ended = true
	case err != nil:
		if cause := context.Cause(s.ctx); cause != nil {
			err = cause
		}
		if s.err == nil {
			s.err = err
		}
	}
	return n, err
}

// Close ends the stream; reading it to its end before lets the connection be used again.
func (s *stream) Close() error {
	s.whole.Stop()
	s.stall.Stop()
	var err error
	if s.body != nil {
		err = s.body.Close()
	}
	s.cancel(nil)
	return err
}
