package fakeforce

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// An org's data can live in a folder: one <Object>.csv for each object, with API names as columns, and an org.json that says
// what kind of org it is. An Id column is optional; what is in it and is no id of the object stands for a new id, and
// references in any file may name it.

// settings is the content of org.json; what it leaves out stays as it was.
type settings struct {
	OrgName               string              `json:"orgName"`
	Edition               string              `json:"edition"`
	InstanceName          string              `json:"instanceName"`
	Sandbox               *bool               `json:"sandbox"`
	APIDisabled           *bool               `json:"apiDisabled"`
	RecordTypes           []RecordType        `json:"recordTypes"`
	WithoutManagedPackage *bool               `json:"withoutManagedPackage"`
	CustomFields          map[string][]Field  `json:"customFields"`
	HiddenFields          map[string][]string `json:"hiddenFields"`
	NoBulk                []string            `json:"noBulk"`
}

// Open makes an org from a folder: the options that org.json sets override those given, then the files are loaded.
func Open(dir string, opts Options) (*Org, error) {
	opts, err := readSettings(dir, opts)
	if err != nil {
		return nil, err
	}
	o, err := New(opts)
	if err != nil {
		return nil, err
	}
	return o, o.LoadDir(dir)
}

func readSettings(dir string, opts Options) (Options, error) {
	path := filepath.Join(dir, "org.json")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return opts, nil
	}
	if err != nil {
		return opts, fmt.Errorf("fakeforce: open settings: %w", err)
	}
	defer f.Close()
	var s settings
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return opts, fmt.Errorf("fakeforce: read %s: %w", path, err)
	}
	set := func(dst *string, v string) {
		if v != "" {
			*dst = v
		}
	}
	setFlag := func(dst *bool, v *bool) {
		if v != nil {
			*dst = *v
		}
	}
	set(&opts.OrgName, s.OrgName)
	set(&opts.Edition, s.Edition)
	set(&opts.InstanceName, s.InstanceName)
	setFlag(&opts.Sandbox, s.Sandbox)
	setFlag(&opts.APIDisabled, s.APIDisabled)
	setFlag(&opts.WithoutManagedPackage, s.WithoutManagedPackage)
	if s.RecordTypes != nil {
		opts.RecordTypes = s.RecordTypes
	}
	if s.CustomFields != nil {
		opts.CustomFields = s.CustomFields
	}
	if s.HiddenFields != nil {
		opts.HiddenFields = s.HiddenFields
	}
	if s.NoBulk != nil {
		opts.NoBulk = s.NoBulk
	}
	return opts, nil
}

// source is one file to load.
type source struct {
	t    *table
	path string
}

// LoadDir inserts the rows of a folder's files with the rights of the system. A row whose id exists is updated, so that what
// SaveDir wrote can be loaded into a new org.
func (o *Org) LoadDir(dir string) error {
	var sources []source
	for _, t := range o.order {
		path := filepath.Join(dir, t.obj.Name+".csv")
		if _, err := os.Stat(path); err == nil {
			sources = append(sources, source{t, path})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("fakeforce: load: %w", err)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	names := map[string]map[string]string{} // object -> name in the file -> id
	for _, s := range sources {
		ids, err := s.assignIDs()
		if err != nil {
			return fmt.Errorf("fakeforce: load %s: %w", s.path, err)
		}
		names[s.t.obj.Name] = ids
	}
	w := o.newWriter(true)
	for _, s := range sources {
		if err := s.load(w, names); err != nil {
			return fmt.Errorf("fakeforce: load %s: %w", s.path, err)
		}
		w.undo = nil // nothing is taken back
	}
	return nil
}

// rows reads the file and calls visit for each row, with a map from column to value that visit may keep.
func (s source) rows(visit func(line int, row map[string]string) error) error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	header = append([]string{}, header...)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		row := make(map[string]string, len(header))
		for i, name := range header {
			row[name] = record[i]
		}
		if err := visit(line, row); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// ownID returns the id that a name in an Id column is, if it is one of the object's.
func (s source) ownID(name string) (string, bool) {
	k, err := parseID(name)
	if err != nil || string(k[:3]) != s.t.obj.Prefix {
		return "", false
	}
	return ID18(string(k[:])), true
}

// assignIDs gives every name in the Id column that is no id a new one.
func (s source) assignIDs() (map[string]string, error) {
	ids := map[string]string{}
	return ids, s.rows(func(_ int, row map[string]string) error {
		name := row["Id"]
		if name == "" {
			return nil
		}
		if _, twice := ids[name]; twice {
			return fmt.Errorf("id %q occurs twice", name)
		}
		if id, ok := s.ownID(name); ok {
			ids[name] = id
			return nil
		}
		ids[name] = s.t.nextID()
		return nil
	})
}

func (s source) load(w *writer, names map[string]map[string]string) error {
	obj := s.t.obj
	return s.rows(func(_ int, row map[string]string) error {
		given := make(map[string]any, len(row))
		for name, v := range row {
			if v == "" {
				continue
			}
			if col := obj.Index(name); col == 0 {
				v = names[obj.Name][v]
			} else if col > 0 && obj.Fields[col].Type == TypeReference {
				v = resolve(&obj.Fields[col], v, names)
			}
			given[name] = v
		}
		if id, ok := given["Id"].(string); ok {
			if k, err := parseID(id); err == nil {
				if _, exists := s.t.find(k); exists {
					return orNil(w.update(s.t, k, given))
				}
			}
		}
		_, ferr := w.insert(s.t, given)
		return orNil(ferr)
	})
}

// orNil turns a missing field error into a missing error.
func orNil(e *fieldError) error {
	if e == nil {
		return nil
	}
	return e
}

// resolve replaces the name of a row in another file by its id.
func resolve(f *Field, name string, names map[string]map[string]string) string {
	for _, object := range f.References {
		if id, ok := names[object][name]; ok {
			return id
		}
	}
	return name
}

// SaveDir writes all stored rows to a folder, the recycle bin included, each file at once or not at all. Generated rows are
// not written.
func (o *Org) SaveDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("fakeforce: save: %w", err)
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, t := range o.order {
		if err := t.save(filepath.Join(dir, t.obj.Name+".csv")); err != nil {
			return fmt.Errorf("fakeforce: save %s: %w", t.obj.Name, err)
		}
	}
	return nil
}

func (t *table) save(path string) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }() // without effect after a successful close
	out := csv.NewWriter(f)
	header := make([]string, 0, len(t.obj.Fields))
	var columns []int
	for i := range t.obj.Fields {
		if t.obj.Fields[i].Type != TypeAddress {
			header, columns = append(header, t.obj.Fields[i].Name), append(columns, i)
		}
	}
	if err := out.Write(header); err != nil {
		return err
	}
	cells, record := make([]string, len(t.obj.Fields)), make([]string, len(columns))
	for _, row := range t.rows {
		if row == "" {
			continue
		}
		decodeRow(row, cells)
		for i, c := range columns {
			record[i] = cells[c]
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
