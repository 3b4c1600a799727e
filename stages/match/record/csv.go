package record

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/sourcegraph/conc/stream"
	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
)

// ReadCSV reads a table from CSV with a header row, one column for each role.
func ReadCSV(r io.Reader, id string, columns map[schemas.Role]string) (*Table, error) {
	several := map[schemas.Role][]string{}
	for role, name := range columns {
		several[role] = []string{name}
	}
	return readCSV(context.Background(), r, ',', id, several, Options{Workers: 1, block: 1 << 20})
}

func openCSV(ctx context.Context, path, id string, columns map[schemas.Role][]string, o Options) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	defer f.Close()
	var in io.Reader = f
	name := strings.ToLower(path)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInput, err)
		}
		name = strings.TrimSuffix(name, ".gz")
	}
	comma := rune(0)
	if filepath.Ext(name) == ".tsv" {
		comma = '\t'
	}
	if info, err := f.Stat(); err == nil && in == io.Reader(f) {
		o.pieces = int(info.Size()/int64(o.block)) + 1
	}
	return readCSV(ctx, in, comma, id, columns, o)
}

// piece is a part of a file that begins and ends between two records.
type piece struct {
	data []byte
	line int // of its first record
}

// parsed is what became of a piece.
type parsed struct {
	ids    Texts
	hashes []uint64 // of the ids
	dicts  []Dictionary
	codes  [][]uint32
	lines  []int32 // of the records, from the piece's first
	first  int
	err    error
}

// separators are tried in this order; spreadsheets of countries that write 0,5 separate by semicolons.
var separators = []rune{',', ';', '\t', '|'}

// readHeader reads the header. A separator of 0 is the first one with which there is a column of ids.
func readHeader(data []byte, id string, comma rune) ([]string, rune, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.TrimLeadingSpace = comma, comma != '\t'
	if comma == 0 {
		for _, c := range separators {
			if header, _, err := readHeader(data, id, c); err == nil && slices.Contains(header, id) {
				return header, c, nil
			}
		}
		return readHeader(data, id, ',')
	}
	header, err := r.Read()
	if err != nil {
		return nil, comma, fmt.Errorf("%w: line 1: header: %w", ErrInput, err)
	}
	return cleanHeader(header), comma, nil
}

// readCSV parses pieces of the file on several goroutines, and puts them together in the order of the file.
func readCSV(ctx context.Context, in io.Reader, comma rune, id string, columns map[schemas.Role][]string, o Options) (*Table, error) {
	cut := &cutter{in: in, block: o.block}
	head, err := cut.record()
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(head.data) {
		return nil, notText(head)
	}
	header, comma, err := readHeader(head.data, id, comma)
	if err != nil {
		return nil, err
	}
	l, err := newLayout(header, id, columns)
	if err != nil {
		return nil, err
	}

	m := newMerger(l)
	m.pieces = o.pieces
	var failed atomic.Pointer[error]
	fail := func(err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	// Pieces are parsed side by side and added in their order. Go waits while all goroutines are busy, so those in flight are few.
	s := stream.New().WithMaxGoroutines(o.Workers)
	for failed.Load() == nil {
		part, err := cut.next()
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fail(err)
			break
		}
		s.Go(func() stream.Callback {
			got := l.parse(part, comma)
			return func() {
				if failed.Load() != nil {
					return
				}
				fail(m.add(got))
				if o.Progress != nil {
					o.Progress(got.ids.Len())
				}
			}
		})
	}
	s.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return m.table()
}

// parse reads the records of a piece.
func (l layout) parse(part piece, comma rune) *parsed {
	out := &parsed{dicts: make([]Dictionary, len(l.roles)), codes: make([][]uint32, len(l.roles)), first: part.line}
	if !utf8.Valid(part.data) {
		out.err = notText(part)
		return out
	}
	rows := bytes.Count(part.data, []byte{'\n'}) + 1
	out.hashes, out.lines = make([]uint64, 0, rows), make([]int32, 0, rows)
	for i := range out.dicts {
		out.dicts[i].Code("")
		out.codes[i] = make([]uint32, 0, rows)
	}
	r := csv.NewReader(bytes.NewReader(part.data))
	r.Comma, r.ReuseRecord, r.FieldsPerRecord, r.TrimLeadingSpace = comma, true, -1, comma != '\t' // a tab is space
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				bad.StartLine, bad.Line = bad.StartLine+part.line-1, bad.Line+part.line-1
			}
			out.err = fmt.Errorf("%w: %w", ErrInput, err)
			return out
		}
		line, _ := r.FieldPos(0)
		id := ""
		if l.id < len(rec) {
			id = strings.TrimSpace(rec[l.id])
		}
		switch {
		case id == "":
			out.err = fmt.Errorf("%w: line %d: the record has no id", ErrInput, line+part.line-1)
			return out
		case len(rec) > l.width && strings.TrimSpace(strings.Join(rec[l.width:], "")) != "":
			out.err = fmt.Errorf("%w: line %d, record %s: %d fields, the header has %d: is a comma not quoted?", ErrInput, line+part.line-1, id, len(rec), l.width)
			return out
		}
		out.ids.Add(id)
		out.hashes = append(out.hashes, xxh3.HashString(id))
		out.lines = append(out.lines, int32(line-1))
		for i, fields := range l.at {
			out.codes[i] = append(out.codes[i], out.dicts[i].Code(value(rec, fields)))
		}
	}
}

// notText names the first line that is not UTF-8: read all the same, its names would match nothing.
func notText(part piece) error {
	line := part.line
	for text := range bytes.Lines(part.data) {
		if !utf8.Valid(text) {
			return fmt.Errorf("%w: line %d: the text is not UTF-8: %q; convert the file first, as with iconv -f WINDOWS-1252 -t UTF-8", ErrInput, line,
				bytes.TrimSpace(text[:min(len(text), 80)]))
		}
		line++
	}
	return fmt.Errorf("%w: the text is not UTF-8", ErrInput)
}

// value joins the fields of a role.
func value(rec []string, fields []int) string {
	if len(fields) == 1 {
		if fields[0] < len(rec) {
			return strings.TrimSpace(rec[fields[0]])
		}
		return ""
	}
	var parts []string
	for _, f := range fields {
		if f < len(rec) {
			if v := strings.TrimSpace(rec[f]); v != "" {
				parts = append(parts, v)
			}
		}
	}
	return strings.Join(parts, " ")
}

// cutter cuts a file between records: at line ends outside quotes.
type cutter struct {
	in    io.Reader
	block int
	rest  []byte // read, not yet given out
	line  int    // of rest
	ended bool
}

// fill reads on until rest holds n bytes or the file ends.
func (c *cutter) fill(n int) error {
	for len(c.rest) < n && !c.ended {
		buf := make([]byte, max(c.block, n-len(c.rest)))
		k := 0
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
		c.rest = append(c.rest, buf[:k]...)
	}
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
	p := piece{c.rest[:n:n], c.line}
	c.line += bytes.Count(p.data, []byte{'\n'})
	c.rest = c.rest[n:]
	return p
}
