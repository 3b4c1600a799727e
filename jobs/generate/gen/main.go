// Command gen makes the generator's tables of names and places from the matcher's raw reference files and from the lists beside it.
// Run it by `go generate` in the folder above. The same input gives the same bytes.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// The folders, seen from the package that embeds the tables.
const (
	raw   = "../../stages/match/reference/raw/"
	lists = "gen/"
)

// countries are those that people of the generated world live in.
var countries = strings.Fields("US GB DE FR ES IT BR MX JP RU TR NL PL DK GR IN CN KR IL EG SE CA AU")

func main() {
	if err := errors.Join(names(), places()); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// rows reads a compressed table.
func rows(file string, comma rune) ([][]string, error) {
	f, err := os.Open(raw + file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if comma == '\t' { // no quoting
		var out [][]string
		in := bufio.NewScanner(z)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			out = append(out, strings.Split(in.Text(), "\t"))
		}
		return out, in.Err()
	}
	r := csv.NewReader(z)
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// list reads the lines of a list beside this program, less its comments.
func list(file string) (lines []string, err error) {
	data, err := os.ReadFile(lists + file)
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines, err
}

// places writes lines of country, name, name in ASCII, region code, region and population.
func places() error {
	regions := map[string]string{} // country code -> name
	lines, err := list("regions.txt")
	if err != nil {
		return err
	}
	for _, line := range lines {
		f := strings.Fields(line)
		for _, r := range f[1:] {
			code, name, _ := strings.Cut(r, "=")
			regions[f[0]+" "+code] = strings.ReplaceAll(name, "_", " ")
		}
	}
	iso := map[string]string{} // country and GeoNames code -> ISO code
	table, err := rows("iso_regions.tsv.gz", '\t')
	if err != nil {
		return err
	}
	for _, r := range table[1:] {
		iso[r[0]+" "+r[2]] = r[1]
	}
	cities, err := rows("cities.tsv.gz", '\t')
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, r := range cities[1:] {
		if people := r[8]; len(people) < 5 || len(people) == 5 && people < "40000" || !slices.Contains(countries, r[6]) {
			continue
		}
		code := iso[r[6]+" "+r[7]]
		region := regions[r[6]+" "+code]
		if region == "" {
			code = ""
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%s\n", r[6], r[1], latin(r[2], r[6]), code, region, r[8])
	}
	return write("data/places.tsv.gz", b.Bytes())
}

func write(path string, data []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.Copy(z, bytes.NewReader(data)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
