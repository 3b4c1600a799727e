package directory

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// csvDecoder reads CSV with a header line. The separator is a comma, a semicolon or a tab, whichever the header has most of.
type csvDecoder struct {
	in     *csv.Reader
	guard  *guard
	file   io.Closer
	header []string
	at     []int
	line   int // of the last record
}

func newCSV(text *bufio.Reader, file io.Closer, choose func([]string) *layout) (*csvDecoder, error) {
	comma, err := separator(text)
	if err != nil {
		return nil, err
	}
	g := &guard{r: text}
	d := &csvDecoder{in: csv.NewReader(g), guard: g, file: file}
	d.in.Comma, d.in.FieldsPerRecord, d.in.ReuseRecord = comma, -1, true
	header, err := d.in.Read()
	if err == io.EOF {
		return nil, errors.New("file has no header line; export it again, or remove it if there is nothing to export")
	}
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	d.header = slices.Clone(header)
	d.line, _ = d.in.FieldPos(len(header) - 1)
	d.at, err = choose(d.header).header(d.header)
	return d, err
}

// separator looks at the first line.
func separator(text *bufio.Reader) (rune, error) {
	line, err := text.Peek(text.Size())
	if err != nil && err != io.EOF {
		return 0, err
	}
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best, nil
}

func (d *csvDecoder) columns() []string { return d.header }

func (d *csvDecoder) next(cells []string) (int64, error) {
	d.guard.n = 0
	record, err := d.in.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		// An open quote swallows the lines up to the next one, so they all count.
		return int64(bad.StartLine), &badRow{reason: "quotes are not closed or not doubled", lines: int64(bad.Line - bad.StartLine + 1)}
	case err == io.EOF:
		return 0, err
	case err != nil:
		return 0, fmt.Errorf("after line %d: %w", d.line, err)
	}
	line, _ := d.in.FieldPos(0)
	d.line = line
	if len(record) != len(d.header) {
		end, _ := d.in.FieldPos(len(record) - 1)
		return int64(line), &badRow{reason: "number of columns differs from the header's", lines: int64(end - line + 1)}
	}
	for c, i := range d.at {
		if i >= 0 {
			cells[i] = record[c]
		}
	}
	return int64(line), nil
}

func (d *csvDecoder) finish() error { return d.close() }
func (d *csvDecoder) close() error  { return d.file.Close() }

// guard ends the reading of a record that is too long.
type guard struct {
	r io.Reader
	n int
}

func (g *guard) Read(p []byte) (int, error) {
	if g.n > maxRecord {
		return 0, errTooLong
	}
	n, err := g.r.Read(p)
	g.n += n
	return n, err
}
