package demodata

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// File is a file of a folder.
type File struct {
	Name string // relative to the folder, with slashes
	Data []byte
}

// table is rows as CSV.
func table(name string, columns []string, rows []fields) (File, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	record := append([]string(nil), columns...)
	if err := out.Write(record); err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	for _, row := range rows {
		for i, c := range columns {
			record[i] = row[c]
		}
		if err := out.Write(record); err != nil {
			return File{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	return File{name, b.Bytes()}, nil
}

// ndjson is rows as one JSON object a line, members in the order of the columns, without empty ones. true and false become booleans.
func ndjson(name string, columns []string, rows []fields) (File, error) {
	var b bytes.Buffer
	for _, row := range rows {
		sep := byte('{')
		for _, c := range columns {
			v := row[c]
			if v == "" {
				continue
			}
			text, err := json.Marshal(v)
			if err != nil {
				return File{}, fmt.Errorf("%s: %w", name, err)
			}
			if v == "true" || v == "false" {
				text = []byte(v)
			}
			b.WriteByte(sep)
			fmt.Fprintf(&b, "%q:%s", c, text)
			sep = ','
		}
		b.WriteString("}\n")
	}
	return File{name, b.Bytes()}, nil
}

func writeFiles(dir string, files []File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write demo data: %w", err)
		}
		if err := renameio.WriteFile(path, f.Data, 0o644); err != nil {
			return fmt.Errorf("write demo data: %w", err)
		}
	}
	return nil
}
