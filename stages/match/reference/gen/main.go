// Command gen makes the embedded tables of package reference from the files in raw/. Run it with `go generate` in the folder
// above. The same input gives the same bytes.
package main

import (
	"bufio"
	"bytes"
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
	"strconv"
	"strings"

	"github.com/biter777/countries"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/crmsync/crmsync/stages/match/fold"
)

func main() {
	log.SetFlags(0)
	for name, lines := range map[string]func() ([]string, error){
		"nicknames": nicknames, "surnames": surnames, "freemail": freeMail, "forms": forms,
		"places": places, "regions": regions, "countries": countryNames,
	} {
		list, err := lines()
		if err == nil {
			err = write(name, list)
		}
		if err != nil {
			log.Fatalf("make %s: %v", name, err)
		}
	}
}

// write sorts the lines by their key, keeping the order of equal keys, and packs them.
func write(name string, lines []string) error {
	slices.SortStableFunc(lines, func(a, b string) int {
		ka, _, _ := strings.Cut(a, "\t")
		kb, _, _ := strings.Cut(b, "\t")
		return strings.Compare(ka, kb)
	})
	lines = slices.Compact(lines)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := io.WriteString(w, l+"\n"); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("data", name+".gz"), packed.Bytes(), 0o644)
}

func raw(name string) (string, error) {
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

// nicknames: short name -> its formal names.
func nicknames() ([]string, error) {
	formal := map[string][]string{}
	err := rows("nicknames.csv", func(r []string) error {
		name, nick := fold.Text(r[0]), fold.Text(r[2])
		if name != nick && !slices.Contains(formal[nick], name) {
			formal[nick] = append(formal[nick], name)
		}
		return nil
	})
	var lines []string
	for _, nick := range slices.Sorted(maps.Keys(formal)) {
		slices.Sort(formal[nick])
		lines = append(lines, nick+"\t"+strings.Join(formal[nick], ","))
	}
	return lines, err
}

// usPopulation is the census of 2010, the base of its surname counts.
const usPopulation = 308_745_538

// surnames: surname -> bearers per million.
func surnames() ([]string, error) {
	var lines []string
	err := rows("us_surnames_2010.csv", func(r []string) error {
		n, err := strconv.Atoi(r[2])
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%s\t%.1f", strings.ReplaceAll(fold.Text(r[0]), " ", ""), float64(n)/usPopulation*1e6))
		return nil
	})
	return lines, err
}

func freeMail() ([]string, error) {
	text, err := raw("free_email_domains.txt")
	return strings.Fields(strings.ToLower(text)), err
}

// forms: legal forms as folded words.
func forms() ([]string, error) {
	text, err := raw("org_types.yml")
	if err != nil {
		return nil, err
	}
	var doc struct {
		Types []struct {
			Display string   `yaml:"display"`
			Compare string   `yaml:"compare"`
			Aliases []string `yaml:"aliases"`
		} `yaml:"types"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	// What people write for companies in English besides legal forms proper.
	list := []string{"co", "cos", "company", "companies", "corp", "corporation", "inc", "ltd", "limited", "and co", "and company"}
	for _, t := range doc.Types {
		for _, a := range append(t.Aliases, t.Display, t.Compare) {
			if f := fold.Text(a); len(f) > 1 {
				list = append(list, f)
			}
		}
	}
	return list, nil
}

// places: name -> latitude and longitude in thousandths of a degree, country, region (US only), population.
func places() ([]string, error) {
	text, err := raw("cities.tsv")
	if err != nil {
		return nil, err
	}
	type place struct {
		line string
		pop  int
	}
	var list []place
	s := bufio.NewScanner(strings.NewReader(text))
	s.Buffer(nil, 1<<20)
	s.Scan()
	for s.Scan() {
		f := strings.Split(s.Text(), "\t")
		if len(f) != 9 {
			return nil, fmt.Errorf("line with %d fields: %s", len(f), s.Text())
		}
		lat, err1 := strconv.ParseFloat(f[4], 64)
		lng, err2 := strconv.ParseFloat(f[5], 64)
		pop, err3 := strconv.Atoi(f[8])
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, err
		}
		region := ""
		if f[6] == "US" {
			region = f[7]
		}
		fields := fmt.Sprintf("%.0f\t%.0f\t%s\t%s\t%d", lat*1e3, lng*1e3, f[6], region, pop)
		seen := map[string]bool{}
		for _, n := range append([]string{f[2], f[1]}, strings.Split(f[3], ",")...) {
			key := fold.Text(n)
			if len(key) < 3 || seen[key] {
				continue
			}
			seen[key] = true
			list = append(list, place{key + "\t" + fields, pop})
		}
	}
	slices.SortStableFunc(list, func(a, b place) int { return b.pop - a.pop })
	var lines []string
	for _, p := range list {
		lines = append(lines, p.line)
	}
	return lines, s.Err()
}

// regions: country and region name or code -> ISO 3166-2 code.
func regions() ([]string, error) {
	var lines []string
	for _, code := range countries.AllSubdivisions() {
		country, local, ok := strings.Cut(string(code), "-")
		if !ok {
			continue
		}
		c := strings.ToLower(country) + " "
		lines = append(lines, c+fold.Text(local)+"\t"+string(code))
		name, other, _ := strings.Cut(code.String(), "[")
		for _, n := range []string{name, other} {
			if f := fold.Text(n); f != "" && f != fold.Text(local) {
				lines = append(lines, c+f+"\t"+string(code))
			}
		}
	}
	return lines, nil
}

// languages are those in which country names are known.
var languages = []string{"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "ru", "uk", "el", "ar", "he", "zh", "ja", "ko", "hi"}

// countryNames: name or code -> ISO 3166-1 alpha-2 code.
func countryNames() ([]string, error) {
	code := map[string]string{}
	add := func(name, alpha2 string) {
		if f := fold.Text(name); f != "" && code[f] == "" {
			code[f] = alpha2
		}
	}
	all := countries.All()
	for _, c := range all {
		add(c.Alpha2(), c.Alpha2())
		add(c.Alpha3(), c.Alpha2())
	}
	for _, c := range all {
		add(c.String(), c.Alpha2())
	}
	for _, l := range languages {
		names := display.Regions(language.Make(l))
		for _, c := range all {
			if region, err := language.ParseRegion(c.Alpha2()); err == nil {
				add(names.Name(region), c.Alpha2())
			}
		}
	}
	for name, alpha2 := range map[string]string{
		"usa": "US", "u s a": "US", "u s": "US", "us of a": "US", "united states": "US", "united states of america": "US", "america": "US",
		"uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
		"holland": "NL", "the netherlands": "NL", "korea": "KR", "south korea": "KR", "russia": "RU", "uae": "AE", "czech republic": "CZ",
		"prc": "CN", "mainland china": "CN", "brasil": "BR", "deutschland": "DE", "espana": "ES",
	} {
		code[name] = alpha2
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(code)) {
		lines = append(lines, name+"\t"+code[name])
	}
	return lines, nil
}
