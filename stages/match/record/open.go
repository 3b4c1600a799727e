package record

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/crmsync/crmsync/schemas"
)

// ErrInput says that a file cannot be read as a table; the error names the file, the line or column, and what is wrong.
var ErrInput = errors.New("unusable input")

// Options say how to read a file.
type Options struct {
	// Workers is how many goroutines parse. Default 1.
	Workers int
	// Progress, when set, is called with the number of rows read since the last call.
	Progress func(rows int)
	// Written asks for Table.Written.
	Written bool

	block  int // bytes that a goroutine parses at a time
	pieces int // how many blocks the file has, 0 when that is not known
}

const usualBlock = 1 << 20

// Open reads a table from a CSV (.csv, .tsv, also .gz) or Parquet (.parquet) file. id names the column of ids; columns name the
// columns of each role, several of one role being joined by a space. The table is the same whatever the number of workers.
func Open(ctx context.Context, path, id string, columns map[schemas.Role][]string, o Options) (*Table, error) {
	if o.Workers < 1 {
		o.Workers = 1
	}
	if o.block == 0 {
		o.block = usualBlock
	}
	read := openCSV
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		read = openParquet
	}
	t, err := read(ctx, path, id, columns, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// layout says which fields of a record make up which role.
type layout struct {
	id    int
	roles []schemas.Role
	at    [][]int // fields by role
	width int
}

func newLayout(header []string, id string, columns map[schemas.Role][]string) (layout, error) {
	l := layout{width: len(header)}
	var err error
	if l.id, err = find(header, id); err != nil {
		return l, fmt.Errorf("id: %w", err)
	}
	for role := range columns {
		l.roles = append(l.roles, role)
	}
	slices.Sort(l.roles)
	for _, role := range l.roles {
		var fields []int
		for _, name := range columns[role] {
			at, err := find(header, name)
			if err != nil {
				return l, fmt.Errorf("role %s: %w", role, err)
			}
			fields = append(fields, at)
		}
		l.at = append(l.at, fields)
	}
	return l, nil
}

// find returns the position of a column; the error names the column most like it.
func find(header []string, name string) (int, error) {
	if i := slices.Index(header, name); i >= 0 {
		if slices.Contains(header[i+1:], name) {
			return 0, fmt.Errorf("%w: two columns are called %q; rename one of them", ErrInput, name)
		}
		return i, nil
	}
	near, least := "", len(name)/2+2
	for _, h := range header {
		if d := levenshtein.ComputeDistance(strings.ToLower(h), strings.ToLower(name)); d < least {
			near, least = h, d
		}
	}
	if near != "" {
		return 0, fmt.Errorf("%w: no column %q; did you mean %q? The columns are %s", ErrInput, name, near, strings.Join(header, ", "))
	}
	return 0, fmt.Errorf("%w: no column %q; the columns are %s", ErrInput, name, strings.Join(header, ", "))
}

// cleanHeader trims the names of columns.
func cleanHeader(header []string) []string {
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.TrimSpace(h)
	}
	return names
}
