package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table collects names of the commonest first: the weight of a name follows from its rank, unless the source counted its bearers.
type table struct {
	b    bytes.Buffer
	rank map[string]int // names so far by country and kind
	seen map[string]bool
}

// flat says how slowly names become rarer: the weight is 1/(rank+flat). In Korea few surnames are those of most people.
var flat = map[string]float64{"KRs": 1, "CNs": 6, "INs": 10, "ILs": 8, "EGs": 8, "": 22}

// native are countries whose names are of use in their own script only.
var native = strings.Fields("JP RU GR CN KR IL EG")

func (t *table) add(country, kind, local, roman string) {
	key := country + kind
	local = strings.ReplaceAll(strings.ReplaceAll(local, "_", " "), "\u0301", "") // stress marks
	if roman = latin(roman, country); local == "" || roman == "" || t.seen[key+local] {
		return
	}
	if slices.Contains(native, country) == isLatin(local) {
		return
	}
	t.seen[key+local] = true
	t.rank[key]++
	c, ok := flat[key]
	if !ok {
		c = flat[""]
	}
	t.put(country, kind, local, roman, 1e6/(float64(t.rank[key])+c))
}

func (t *table) put(country, kind, local, roman string, weight float64) {
	fmt.Fprintf(&t.b, "%s\t%s\t%s\t%s\t%d\n", country, kind, local, roman, int(math.Ceil(weight)))
}

// names writes lines of country, kind (f, m or s), name, romanised name and weight.
func names() error {
	t := &table{rank: map[string]int{}, seen: map[string]bool{}}
	if err := errors.Join(t.handmade(), t.popular(), t.pets(), t.census(), t.japanese()); err != nil {
		return err
	}
	return write("data/names.tsv.gz", t.b.Bytes())
}

// handmade adds the lists beside this program, and for China and Korea given names of two syllables made of theirs.
func (t *table) handmade() error {
	lines, err := list("names.txt")
	if err != nil {
		return err
	}
	first := map[string][]string{}
	for _, line := range lines {
		f := strings.Split(line, " | ")
		country, kind, words := f[0], f[1], strings.Fields(f[2])
		switch kind {
		case "first":
			first[country] = words
			continue
		case "last":
			for i, b := range words {
				for k, a := range first[country] {
					a1, a2, _ := strings.Cut(a, "=")
					b1, b2, _ := strings.Cut(b, "=")
					weight := 1e6 / float64(i+k+8)
					t.put(country, "f", a1+b1, a2+b2, weight)
					t.put(country, "m", a1+b1, a2+b2, weight)
				}
			}
			continue
		}
		for _, w := range words {
			local, roman, ok := strings.Cut(w, "=")
			if !ok {
				roman = local
			}
			t.add(country, kind, local, roman)
		}
	}
	return nil
}

// popular adds the popular names by country.
func (t *table) popular() error {
	given, err := rows("forenames_by_country.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range given[1:] {
		if kind := strings.ToLower(r[9]); wanted(r[0]) && (kind == "f" || kind == "m") {
			t.add(r[0], kind, r[10], r[11])
		}
	}
	family, err := rows("surnames_by_country.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range family[1:] {
		if wanted(r[0]) && r[0] != "CN" && r[0] != "KR" {
			t.add(r[0], "s", r[4], r[5])
		}
	}
	return nil
}

// wanted reports whether a country's names are not those of the US census.
func wanted(country string) bool {
	return slices.Contains(countries, country) && country != "US" && country != "CA" && country != "AU"
}

// languages are the countries whose people have the names of a language.
var languages = map[string][]string{
	"de": {"DE"}, "fr": {"FR"}, "es": {"ES", "MX"}, "it": {"IT"}, "pt": {"BR"}, "tr": {"TR"}, "nl": {"NL"}, "pl": {"PL"}, "da": {"DK"}, "sv": {"SE"},
}

// pets adds the formal names of the lists of short names; they do not say whose they are, so either
// sex bears those that no other list has.
func (t *table) pets() error {
	lines, err := list("../" + raw + "given_names.txt")
	if err != nil {
		return err
	}
	for _, line := range lines {
		language, rest, _ := strings.Cut(line, "|")
		formal, _, _ := strings.Cut(rest, "|")
		if formal = strings.TrimSpace(formal); formal == "" {
			continue
		}
		first, size := utf8.DecodeRuneInString(formal)
		formal = string(unicode.ToUpper(first)) + formal[size:]
		for _, country := range languages[strings.TrimSpace(language)] {
			woman, man := t.seen[country+"f"+formal], t.seen[country+"m"+formal]
			if !man {
				t.add(country, "f", formal, formal)
			}
			if !woman {
				t.add(country, "m", formal, formal)
			}
		}
	}
	return nil
}

// census adds the names of the United States with their counts.
func (t *table) census() error {
	family, err := rows("us_surnames_2010.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range family[1:] {
		count, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			return err
		}
		name := capital(r[0])
		t.put("US", "s", name, name, count)
	}
	given, err := rows("us_given_names_1990.csv.gz", ',')
	if err != nil {
		return err
	}
	for _, r := range given[1:] {
		percent, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			return err
		}
		name := capital(r[1])
		t.put("US", r[0][:1], name, name, percent*10000)
	}
	return nil
}

// japanese adds surnames with their counts.
func (t *table) japanese() error {
	dictionary, err := rows("japanese_names.tsv.gz", '\t')
	if err != nil {
		return err
	}
	for _, r := range dictionary[1:] {
		if r[0] != "surname" {
			continue
		}
		count, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			return err
		}
		if t.seen["JPs"+r[1]] || count < 5000 { // beyond some hundred names, readings are too uncertain
			continue
		}
		t.seen["JPs"+r[1]] = true
		t.put("JP", "s", r[1], hepburn(r[2]), count/100)
	}
	return nil
}

// capital writes SMITH as Smith, MCDONALD as McDonald.
func capital(s string) string {
	s = strings.ToLower(s)
	if len(s) > 5 && strings.HasPrefix(s, "mc") {
		return "Mc" + strings.ToUpper(s[2:3]) + s[3:]
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
