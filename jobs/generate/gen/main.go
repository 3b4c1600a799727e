// Command gen makes the generator's tables of names and places from the matcher's raw reference files. Run it by `go generate`.
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
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const raw = "../../stages/match/reference/raw/"

// countries are those that people of the generated world live in.
var countries = []string{"US", "GB", "DE", "FR", "ES", "IT", "BR", "MX", "JP", "RU", "TR", "NL", "PL", "DK", "GR"}

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
		return nil, err
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

// names writes lines of country, kind (f, m or s), name, romanised name and weight.
func names() error {
	var b bytes.Buffer
	given, err := rows("forenames_by_country.csv.gz", ',')
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, r := range given[1:] {
		if len(r) < 12 || r[0] == "US" || !slices.Contains(countries, r[0]) || r[11] == "" {
			continue
		}
		kind := strings.ToLower(r[9])
		if kind != "f" && kind != "m" {
			continue
		}
		at[r[0]+kind]++
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\n", r[0], kind, r[10], r[11], 10000/(at[r[0]+kind]+4))
	}
	if err := more(&b, at); err != nil {
		return err
	}
	family, err := rows("surnames_by_country.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range family[1:] {
		if len(r) < 6 || r[0] == "US" || !slices.Contains(countries, r[0]) || r[5] == "" {
			continue
		}
		at[r[0]+"s"]++
		fmt.Fprintf(&b, "%s\ts\t%s\t%s\t%d\n", r[0], r[4], r[5], 10000/(at[r[0]+"s"]+6))
	}
	us, err := rows("us_surnames_2010.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range us[1:] {
		name := r[0][:1] + strings.ToLower(r[0][1:])
		fmt.Fprintf(&b, "US\ts\t%s\t%s\t%s\n", name, name, r[2])
	}
	census, err := rows("us_given_names_1990.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range census[1:] {
		weight, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			return err
		}
		name := r[1][:1] + strings.ToLower(r[1][1:])
		fmt.Fprintf(&b, "US\t%s\t%s\t%s\t%d\n", r[0][:1], name, name, int(weight*10000)+1)
	}
	return write("data/names.tsv.gz", b.Bytes())
}

// languages are the countries whose people have the names of a language.
var languages = map[string][]string{
	"de": {"DE"}, "fr": {"FR"}, "es": {"ES", "MX"}, "it": {"IT"}, "pt": {"BR"}, "ru": {"RU"}, "tr": {"TR"}, "nl": {"NL"}, "pl": {"PL"}, "da": {"DK"}, "el": {"GR"},
}

// more writes the less popular given names of many languages, which either sex may bear in the generated world.
func more(b *bytes.Buffer, at map[string]int) error {
	data, err := os.ReadFile(raw + "given_names.txt")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(line, "|")
		if len(f) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		formal := strings.TrimSpace(f[1])
		if formal == "" {
			continue
		}
		first, size := utf8.DecodeRuneInString(formal)
		formal = string(unicode.ToUpper(first)) + formal[size:]
		for _, country := range languages[strings.TrimSpace(f[0])] {
			for _, kind := range []string{"f", "m"} {
				at[country+kind]++
				fmt.Fprintf(b, "%s\t%s\t%s\t%s\t%d\n", country, kind, formal, formal, 10000/(at[country+kind]+4))
			}
		}
	}
	return nil
}

// places writes lines of country, name, region code, latitude, longitude and population.
func places() error {
	list, err := rows("cities.tsv.gz", '\t')
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, r := range list[1:] {
		pop, err := strconv.Atoi(r[8])
		if err != nil {
			return err
		}
		if pop < 40_000 || !slices.Contains(countries, r[6]) {
			continue
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%d\n", r[6], r[1], r[7], r[4], r[5], pop)
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
