package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxRecord is the longest record that is read, in bytes. Salesforce's own bound is far below.
const MaxRecord = 64 << 20

const firstBuffer = 256 << 10

// What can be wrong with CSV.
var (
	ErrCut       = errors.New("the text ends within a record")
	ErrQuote     = errors.New("a quote where none may be")
	ErrTooLong   = fmt.Errorf("a record of more than %d MiB", MaxRecord>>20)
	ErrCellCount = errors.New("not as many values as the header has columns")
)

// SyntaxError says where CSV is wrong.
type SyntaxError struct {
	// Line is where the record begins, from 1; Record counts records, the header included, from 1.
	Line, Record int64
	Err          error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("CSV line %d, record %d: %v", e.Line, e.Record, e.Err)
}
func (e *SyntaxError) Unwrap() error { return e.Err }

// span is a cell in the buffer, without its quotes; doubled says that quotes in it are.
type span struct {
	from, to int
	doubled  bool
}

// Reader takes CSV apart. It is not safe for concurrent use.
type Reader struct {
	src   io.Reader
	buf   []byte
	pos   int // where the next record begins
	end   int // of what was read into buf
	eof   bool
	err   error
	line  int64 // of the next record
	began int64 // line of the record that Next returned
	count int64
	width int
	spans []span
	cells [][]byte
}

// NewReader reads from src.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, buf: make([]byte, firstBuffer), line: 1}
}

// Line is where the record that Next returned begins.
func (r *Reader) Line() int64 { return r.began }

// Record is the number of the record that Next returned, from 1.
func (r *Reader) Record() int64 { return r.count }

// Next returns the next record. Its cells are valid until the next call. Blank lines are skipped. Every record has as many cells
// as the first. The error is io.EOF at the end, a *SyntaxError, or that of the source.
func (r *Reader) Next() ([][]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	for {
		n, lines, err := r.scan()
		if err == errMore {
			if err = r.fill(); err == nil {
				continue
			}
		}
		if err == nil && n == 0 { // a blank line
			continue
		}
		r.began = r.line
		if err == io.EOF {
			r.err = io.EOF
			return nil, io.EOF
		}
		r.count++
		if err == nil && r.width > 0 && len(r.spans) != r.width {
			err = ErrCellCount
			if r.eof && r.pos+n == r.end && r.buf[r.end-1] != '\n' {
				err = ErrCut
			}
		}
		if err != nil {
			if !errors.Is(err, errSource) {
				err = &SyntaxError{r.began, r.count, err}
			}
			r.err = err
			return nil, err
		}
		r.width = len(r.spans)
		r.cut()
		r.pos += n
		r.line += lines
		return r.cells, nil
	}
}

// errMore says that the buffer ends within the record; errSource marks errors of the source.
var (
	errMore   = errors.New("more input needed")
	errSource = errors.New("read CSV")
)

// scan finds the cells of the record at pos, without changing the buffer, and returns its length with the line end, and the line
// ends in it. A length of zero is a blank line, which was skipped.
func (r *Reader) scan() (n int, lines int64, err error) {
	b := r.buf[r.pos:r.end]
	if len(b) == 0 {
		if r.eof {
			return 0, 0, io.EOF
		}
		return 0, 0, errMore
	}
	if skip := r.blank(b); skip != 0 {
		if skip < 0 {
			return 0, 0, errMore
		}
		r.pos += skip
		r.line++
		return 0, 0, nil
	}
	r.spans = r.spans[:0]
	i := 0
	for {
		if i < len(b) && b[i] == '"' {
			s := span{from: i + 1}
			i++
			for {
				q := bytes.IndexByte(b[i:], '"')
				if q < 0 {
					if r.eof {
						return 0, 0, ErrCut
					}
					return 0, 0, errMore
				}
				i += q
				if i+1 < len(b) && b[i+1] == '"' {
					s.doubled = true
					i += 2
					continue
				}
				if i+1 == len(b) && !r.eof {
					return 0, 0, errMore // whether the quote is doubled is not known yet
				}
				break
			}
			s.to = i
			r.spans = append(r.spans, s)
			i++
			switch {
			case i < len(b) && b[i] == ',':
				i++
				continue
			case i == len(b) || b[i] == '\n':
			case b[i] == '\r' && (i+1 == len(b) || b[i+1] == '\n'):
				if i+1 == len(b) && !r.eof {
					return 0, 0, errMore
				}
				i++
			default:
				return 0, 0, ErrQuote
			}
		} else {
			s := span{from: i}
			for i < len(b) && b[i] != ',' && b[i] != '\n' {
				if b[i] == '"' {
					return 0, 0, ErrQuote
				}
				i++
			}
			if i == len(b) && !r.eof {
				return 0, 0, errMore
			}
			s.to = i
			if i < len(b) && b[i] == ',' {
				r.spans = append(r.spans, s)
				i++
				continue
			}
			if s.to > s.from && b[s.to-1] == '\r' {
				s.to--
			}
			r.spans = append(r.spans, s)
		}
		// The record ends here, at a line end or at the end of the text.
		if i < len(b) {
			i++
		}
		return i, r.breaks(b[:i]), nil
	}
}

// blank returns the length of an empty line at the start of b, 0 if there is none, -1 if that is not known yet.
func (r *Reader) blank(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case b[0] != '\r':
		return 0
	case len(b) > 1 && b[1] == '\n':
		return 2
	case len(b) == 1 && !r.eof:
		return -1
	case len(b) == 1:
		return 1
	default:
		return 0
	}
}

// breaks counts line ends. Records that hold none but their own are the rule, and their cells tell so.
func (r *Reader) breaks(rec []byte) int64 { return int64(bytes.Count(rec, newline)) }

var newline = []byte{'\n'}

// cut makes cells of the spans, folding doubled quotes in place: the record is complete and will not be scanned again.
func (r *Reader) cut() {
	b := r.buf[r.pos:r.end]
	if cap(r.cells) < len(r.spans) {
		r.cells = make([][]byte, len(r.spans))
	}
	r.cells = r.cells[:len(r.spans)]
	for i, s := range r.spans {
		cell := b[s.from:s.to:s.to]
		if s.doubled {
			cell = fold(cell)
		}
		r.cells[i] = cell
	}
}

// fold replaces each pair of quotes by one.
func fold(cell []byte) []byte {
	to := bytes.IndexByte(cell, '"')
	for from := to; from < len(cell); {
		q := bytes.IndexByte(cell[from:], '"')
		if q < 0 {
			to += copy(cell[to:], cell[from:])
			break
		}
		to += copy(cell[to:], cell[from:from+q+1])
		from += q + 2
	}
	return cell[:to]
}

// fill reads more of the source behind what the buffer holds of the record, and makes room for it.
func (r *Reader) fill() error {
	if r.pos > 0 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		if len(r.buf) >= MaxRecord {
			return ErrTooLong
		}
		larger := make([]byte, 2*len(r.buf))
		copy(larger, r.buf[:r.end])
		r.buf = larger
	}
	for empty := 0; ; empty++ {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		switch {
		case err == io.EOF:
			r.eof = true
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", errSource, err)
		case n > 0:
			return nil
		case empty > 100:
			return fmt.Errorf("%w: %w", errSource, io.ErrNoProgress)
		}
	}
}
