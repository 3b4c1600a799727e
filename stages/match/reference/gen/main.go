// Command gen makes the embedded tables of package reference from the files in raw/. Run it with `go generate` in the folder
// above. The same input gives the same bytes.
package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference/internal/digest"
)

// A table is written as lines `key \t fields`, sorted by key, each key once.
type table map[string]string

// put adds a line unless the key is there.
func (t table) put(key, fields string) {
	if _, ok := t[key]; !ok && key != "" {
		t[key] = fields
	}
}

func main() {
	log.SetFlags(0)
	for name, lines := range map[string]func() (table, error){
		"nicknames": nicknames, "cognates": cognates, "spellings": spellings, "readings": readings, "romaji": romaji, "surnames": surnames, "givennames": givenNames,
		"freemail": freeMail, "forms": forms, "regions": regions, "within": within, "countries": countryNames,
	} {
		t, err := lines()
		if err == nil {
			err = write(name, t)
		}
		if err != nil {
			log.Fatalf("make %s: %v", name, err)
		}
	}
	cities, names, err := places()
	if err == nil {
		err = errors.Join(save("places", cities), write("placenames", names))
	}
	if err != nil {
		log.Fatalf("make places: %v", err)
	}
	sum, err := digest.Of(os.DirFS("data"))
	if err == nil {
		err = os.WriteFile(filepath.Join("data", digest.File), []byte(sum), 0o644)
	}
	if err != nil {
		log.Fatalf("make %s: %v", digest.File, err)
	}
}

func write(name string, t table) error {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(t)) {
		line := key
		if t[key] != "" {
			line += "\t" + t[key]
		}
		lines = append(lines, line)
	}
	return save(name, lines)
}

func save(name string, lines []string) error {
	return os.WriteFile(filepath.Join("data", name+".tsv"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// raw returns the text of a file in raw/, which may be packed.
func raw(name string) (string, error) {
	plain, err := os.ReadFile(filepath.Join("raw", name))
	if err == nil {
		return string(plain), nil
	}
	f, err := os.Open(filepath.Join("raw", name+".gz"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// rows calls fn with each record of a raw CSV file after its header.
func rows(name string, fn func(r []string) error) error {
	text, err := raw(name)
	if err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(text))
	if _, err := r.Read(); err != nil {
		return err
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(rec)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// lines calls fn with the fields of each line of a raw file, comments left out.
func lines(name, separator string, fields int, fn func(f []string) error) error {
	text, err := raw(name)
	if err != nil {
		return err
	}
	for n, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, separator)
		if len(f) != fields {
			return fmt.Errorf("%s: line %d has %d fields, not %d", name, n+1, len(f), fields)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if err := fn(f); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, n+1, err)
		}
	}
	return nil
}

// name folds a name into one word.
func name(s string) string { return strings.ReplaceAll(fold.Text(s), " ", "") }

// add puts a value into the list of a key, once.
func add(lists map[string][]string, key, value string) {
	if key != "" && value != "" && !slices.Contains(lists[key], value) {
		lists[key] = append(lists[key], value)
	}
}

func joined(lists map[string][]string) table {
	t := table{}
	for key, list := range lists {
		slices.Sort(list)
		t[key] = strings.Join(list, ",")
	}
	return t
}
