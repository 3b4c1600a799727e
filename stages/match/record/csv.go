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

// textFile is a file of separated values.
type textFile struct {
	io.Reader
	file  *os.File
	comma rune // 0 when the file's name doesn't tell
	size  int64
}

func (f *textFile) Close() error { return f.file.Close() }

// openText opens a file, which may be compressed; then its size is 0.
func openText(path string) (*textFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	t := &textFile{Reader: f, file: f}
	name := strings.ToLower(path)
	if packed, ok := strings.CutSuffix(name, ".gz"); ok {
		name = packed
		if t.Reader, err = gzip.NewReader(f); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: %w", ErrInput, err), f.Close())
		}
	} else if info, err := f.Stat(); err == nil {
		t.size = info.Size()
	}
	if filepath.Ext(name) == ".tsv" {
		t.comma = '\t'
	}
	return t, nil
}

func openCSV(ctx context.Context, path, id string, columns map[schemas.Role][]string, o Options) (*Table, error) {
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.size > 0 {
		o.pieces = int(f.size/int64(o.block)) + 1
	}
	return readCSV(ctx, f, f.comma, id, columns, o)
}

// parsed is what became of a piece.
type parsed struct {
	ids     Texts
	hashes  []uint64 // of the ids
	texts   []uint64 // hashes of the records' texts, when they're asked for
	columns []values
	lines   []int32 // of the records, from the piece's first
	first   int
	err     error
}

// values are a column of a piece.
type values struct {
	codes []uint32
	texts Texts // as far as they were numbered when the piece was done
	by    *numbering
}

// reader parses pieces one after the other, and goes on numbering values where the piece before left off: most of a piece's values
// came before. Column i is numbered by the i-th.
type reader []*numbering

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
	cut := newCutter(in, o.block, o.Workers)
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
	if o.Written {
		m.written = &Written{Form: formOf(header, comma, l)}
	}
	var failed atomic.Pointer[error]
	fail := func(err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	readers, idle := make(chan reader, o.Workers), make(chan *parsed, 2*o.Workers)
	for range o.Workers {
		readers <- make(reader, len(l.roles))
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
		by := <-readers // here and not in the goroutine, so that a reader gets its pieces in their order
		s.Go(func() stream.Callback {
			var out *parsed
			select {
			case out = <-idle:
			default:
				out = &parsed{}
			}
			func() {
				defer func() { readers <- by }() // after a panic too, or the loop would wait for ever
				l.parse(part, comma, by, out)
			}()
			if o.Written {
				out.texts = hashTexts(part.data, out.texts)
			}
			cut.free(part)
			return func() {
				if failed.Load() != nil {
					return
				}
				fail(m.add(out))
				if o.Progress != nil {
					o.Progress(out.ids.Len())
				}
				select {
				case idle <- out:
				default:
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

// parse reads the records of a piece into what became of one that is done with. It keeps nothing of the piece's memory.
func (l layout) parse(part piece, comma rune, by reader, out *parsed) {
	l.begin(out, by, part.line, bytes.Count(part.data, []byte{'\n'})+1)
	if !utf8.Valid(part.data) {
		out.err = notText(part)
		return
	}
	out.err = split(part, comma, func(rec []string, line int) error { return l.record(out, rec, line) })
	out.end()
}

// begin makes room for a number of rows.
func (l layout) begin(out *parsed, by reader, first, rows int) {
	*out = parsed{
		ids:    Texts{out.ids.data[:0], slices.Grow(out.ids.ends[:0], rows)},
		hashes: slices.Grow(out.hashes[:0], rows), texts: out.texts[:0], lines: slices.Grow(out.lines[:0], rows),
		columns: slices.Grow(out.columns[:0], len(l.roles))[:len(l.roles)], first: first,
	}
	for i := range out.columns {
		if by[i] == nil || by[i].dict.Len() > mostNumbered {
			by[i] = newNumbering()
		}
		out.columns[i] = values{codes: slices.Grow(out.columns[i].codes[:0], rows), by: by[i]}
	}
}

// end notes which values the piece may have: the reader goes on adding others.
func (p *parsed) end() {
	for i := range p.columns {
		p.columns[i].texts = p.columns[i].by.dict.Texts
	}
}

// record adds a record, of which the line is counted from the piece's first, to what became of the piece.
func (l layout) record(out *parsed, rec []string, line int) error {
	id := ""
	if l.id < len(rec) {
		id = strings.TrimSpace(rec[l.id])
	}
	switch {
	case id == "":
		return fmt.Errorf("%w: line %d: the record has no id", ErrInput, out.first+line)
	case len(rec) > l.width && strings.TrimSpace(strings.Join(rec[l.width:], "")) != "":
		return fmt.Errorf("%w: line %d, record %s: %d fields, the header has %d: is a comma not quoted?", ErrInput, out.first+line, id, len(rec), l.width)
	}
	out.ids.Add(id)
	out.hashes = append(out.hashes, xxh3.HashString(id))
	out.lines = append(out.lines, int32(line))
	for i, fields := range l.at {
		c := &out.columns[i]
		c.codes = append(c.codes, c.by.dict.Code(value(rec, fields)))
	}
	return nil
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
