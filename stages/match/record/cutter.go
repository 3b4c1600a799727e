package record

import (
	"bytes"
	"fmt"
	"io"
)

// piece is a part of a file that begins and ends between two records.
type piece struct {
	data   []byte
	line   int    // of its first record
	buffer []byte // that data is in
}

// cutter cuts a file between records: at line ends outside quotes.
type cutter struct {
	in     io.Reader
	block  int
	rest   []byte // read, not yet given out
	buffer []byte // that rest is in
	line   int    // of rest
	ended  bool
	idle   chan []byte // buffers of pieces that are done with, of block bytes each
}

func newCutter(in io.Reader, block, workers int) *cutter {
	return &cutter{in: in, block: block, idle: make(chan []byte, workers+2)}
}

// free takes back the memory of a piece. It may be called while the cutter is at work.
func (c *cutter) free(p piece) {
	if len(p.buffer) != c.block {
		return
	}
	select {
	case c.idle <- p.buffer:
	default:
	}
}

// room returns a buffer of at least n bytes.
func (c *cutter) room(n int) []byte {
	if n > c.block {
		return make([]byte, n)
	}
	select {
	case buf := <-c.idle:
		return buf
	default:
		return make([]byte, c.block)
	}
}

// fill reads on until rest holds n bytes or the file ends.
func (c *cutter) fill(n int) error {
	if len(c.rest) >= n || c.ended {
		return nil
	}
	// The buffer may be the one that rest is in, if its piece is done with: copying within it is sound, and nobody else takes buffers.
	buf := c.room(n)
	k := copy(buf, c.rest)
	c.rest, c.buffer = nil, buf
	for k < len(buf) && !c.ended {
		// Not io.ReadFull: a compressed file that was cut off ends in the error by which that tells the end of any other.
		got, err := c.in.Read(buf[k:])
		k += got
		switch {
		case err == io.EOF:
			c.ended = true
		case err != nil:
			return fmt.Errorf("%w: after line %d: the file is damaged or was cut off: %w", ErrInput, c.line, err)
		}
	}
	c.rest = buf[:k]
	return nil
}

// record returns the first record.
func (c *cutter) record() (piece, error) {
	c.line = 1
	for n := c.block; ; n *= 2 {
		if err := c.fill(n); err != nil {
			return piece{}, err
		}
		c.rest = bytes.TrimPrefix(c.rest, []byte("\ufeff"))
		quotes := 0
		for i, b := range c.rest {
			if b == '"' {
				quotes++
			}
			if b == '\n' && quotes%2 == 0 && len(bytes.TrimSpace(c.rest[:i])) > 0 {
				return c.take(i + 1), nil
			}
		}
		if c.ended {
			if len(bytes.TrimSpace(c.rest)) == 0 {
				return piece{}, fmt.Errorf("%w: the file is empty, it has not even a header", ErrInput)
			}
			return c.take(len(c.rest)), nil
		}
	}
}

// next returns the next piece; io.EOF at the end.
func (c *cutter) next() (piece, error) {
	for n := c.block; ; n *= 2 {
		if err := c.fill(n); err != nil {
			return piece{}, err
		}
		if len(c.rest) == 0 {
			return piece{}, io.EOF
		}
		if c.ended && len(c.rest) <= n {
			return c.take(len(c.rest)), nil
		}
		window := c.rest[:min(n, len(c.rest))]
		odd := bytes.Count(window, []byte{'"'})%2 == 1
		for end := len(window); ; {
			i := bytes.LastIndexByte(window[:end], '\n')
			if i < 0 {
				break // one record longer than the window
			}
			if bytes.Count(window[i:end], []byte{'"'})%2 == 1 {
				odd = !odd
			}
			if !odd {
				return c.take(i + 1), nil
			}
			end = i
		}
	}
}

func (c *cutter) take(n int) piece {
	p := piece{c.rest[:n:n], c.line, c.buffer}
	c.line += bytes.Count(p.data, []byte{'\n'})
	c.rest = c.rest[n:]
	return p
}
