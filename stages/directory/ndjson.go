package directory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/crmsync/crmsync/schemas"
)

// ndjsonDecoder reads one JSON object a line. Members of nested objects are columns named with dots; the texts of an array are
// joined by schemas.ListSeparator.
type ndjsonDecoder struct {
	in     *bufio.Reader
	file   io.Closer
	layout *layout
	at     map[string]int // field by column as written, -1: not used
	names  []string       // columns in the order in which they were first seen
	line   int64
	buf    []byte
	ahead  bool // buf holds a line that was read to choose the layout
	rows   int64
}

// maxDepth bounds nested objects.
const maxDepth = 8

func newNDJSON(text *bufio.Reader, file io.Closer, choose func([]string) *layout) (*ndjsonDecoder, error) {
	d := &ndjsonDecoder{in: text, file: file, at: map[string]int{}}
	err := d.read()
	if err != nil && err != io.EOF {
		return nil, err
	}
	d.ahead = err == nil
	var first []string
	_ = walk(d.buf, func(column, _ string) error { // a bad first line is refused when it is read as a row
		first = append(first, column)
		return nil
	})
	d.layout = choose(first)
	return d, nil
}

func (d *ndjsonDecoder) columns() []string { return d.names }

// read puts the next line that is not blank into buf.
func (d *ndjsonDecoder) read() error {
	for {
		d.buf = d.buf[:0]
		for {
			part, err := d.in.ReadSlice('\n')
			d.buf = append(d.buf, part...)
			if len(d.buf) > maxRecord {
				return fmt.Errorf("line %d: %w", d.line+1, errTooLong)
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err != nil && (err != io.EOF || len(d.buf) == 0) {
				return err
			}
			break
		}
		d.line++
		if len(bytes.TrimSpace(d.buf)) > 0 {
			return nil
		}
	}
}

func (d *ndjsonDecoder) next(cells []string) (int64, error) {
	if !d.ahead {
		if err := d.read(); err != nil {
			return 0, err
		}
	}
	d.ahead = false
	d.rows++
	set := make([]bool, len(d.layout.ds.Fields))
	err := walk(d.buf, func(column, value string) error {
		i := d.field(column)
		if i < 0 {
			return nil
		}
		if set[i] {
			return &badRow{field: d.layout.ds.Fields[i].Name, reason: "given twice"}
		}
		cells[i], set[i] = value, true
		return nil
	})
	return d.line, err
}

func (d *ndjsonDecoder) field(column string) int {
	if i, ok := d.at[column]; ok {
		return i
	}
	i, ok := d.layout.columns[fold(column)]
	if !ok {
		i = -1
	}
	if len(d.at) < 10_000 { // columns named by data are not kept
		d.at[column] = i
		d.names = append(d.names, column)
	}
	return i
}

func (d *ndjsonDecoder) finish() error {
	defer d.close()
	if d.rows == 0 {
		return nil
	}
	return d.layout.complete(func(field int) bool {
		return slices.ContainsFunc(d.names, func(c string) bool { return d.at[c] == field })
	}, d.names)
}

func (d *ndjsonDecoder) close() error { return d.file.Close() }

var (
	errNoObject = &badRow{reason: "line is no JSON object"}
	errNotUTF8  = &badRow{reason: "text is not UTF-8"}
)

// walk calls visit for every member of a line's object that is not null.
func walk(line []byte, visit func(column, value string) error) error {
	if !utf8.Valid(line) {
		return errNotUTF8 // the decoder would put something else in its place
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errNoObject
	}
	if err := walkObject(dec, "", 1, visit); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errNoObject
	}
	return nil
}

func walkObject(dec *json.Decoder, prefix string, depth int, visit func(column, value string) error) error {
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return errNoObject
		}
		if t, err = dec.Token(); err != nil {
			return errNoObject
		}
		switch {
		case t == json.Delim('{') && depth < maxDepth:
			err = walkObject(dec, prefix+name+".", depth+1, visit)
		case t == json.Delim('['):
			err = walkArray(dec, prefix+name, visit)
		case t == nil:
		default:
			value, ok := scalar(t)
			if !ok {
				return &badRow{reason: "objects are nested too deep"}
			}
			err = visit(prefix+name, value)
		}
		if err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return errNoObject
	}
	return nil
}

func walkArray(dec *json.Decoder, column string, visit func(column, value string) error) error {
	var joined []byte
	n := 0
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return errNoObject
		}
		if t == nil {
			continue
		}
		value, ok := scalar(t)
		if !ok {
			return &badRow{reason: "an array holds objects or arrays; only texts and numbers can be read"}
		}
		if n++; n > 1 {
			joined = append(joined, schemas.ListSeparator...)
		}
		joined = append(joined, value...)
	}
	if _, err := dec.Token(); err != nil {
		return errNoObject
	}
	if n == 0 {
		return nil
	}
	return visit(column, string(joined))
}

// scalar spells a token as text; false for the start of an object or array.
func scalar(t json.Token) (string, bool) {
	switch t := t.(type) {
	case string:
		return t, true
	case bool:
		return strconv.FormatBool(t), true
	case json.Number:
		return t.String(), true
	default:
		return "", false
	}
}
