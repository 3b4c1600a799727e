package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// nicknames: short name or other spelling -> formal names.
func nicknames() (table, error) {
	formal := map[string][]string{}
	err := rows("nicknames.csv", func(r []string) error {
		if long, short := fold.Text(r[0]), fold.Text(r[2]); long != short {
			add(formal, short, long)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = lines("given_names.txt", "|", 4, func(f []string) error {
		long := name(f[1])
		for _, other := range strings.Fields(f[2]) {
			if o := name(other); o != long && alike(o, long, respelt[f[0]]) {
				add(formal, o, long)
			}
		}
		for _, short := range strings.Fields(f[3]) {
			if s := name(short); s != long {
				add(formal, s, long)
			}
		}
		return nil
	})
	return joined(formal), err
}

// respelt are languages written in other letters, whose names are written in Latin ones in several ways.
var respelt = map[string]bool{"ru": true, "uk": true, "bg": true, "hr": true, "el": true, "ar": true, "fa": true, "he": true, "hi": true, "ko": true, "ja": true, "zh": true, "tr": true}

// alike tells another spelling of a name from its form in another language: their skeletons are the same, or, of names from other
// letters, a third of their letters apart.
func alike(a, b string, respelt bool) bool {
	a, b = fold.Skeleton(a), fold.Skeleton(b)
	if !respelt {
		return a == b
	}
	return levenshtein.ComputeDistance(a, b) <= max(1, min(len(a), len(b))/3)
}

// cognates: name -> labels of the sets of names that are one in several languages.
func cognates() (table, error) {
	sets := map[string][]string{}
	err := lines("cognates.txt", "\t", 1, func(f []string) error {
		names := strings.Fields(f[0])
		for _, n := range names {
			add(sets, name(n), name(names[0]))
		}
		return nil
	})
	return joined(sets), err
}

// spellings: surname -> labels of the sets of its spellings.
func spellings() (table, error) {
	sets := map[string][]string{}
	err := lines("surname_spellings.txt", "\t", 1, func(f []string) error {
		names := strings.Fields(f[0])
		for _, n := range names {
			add(sets, name(n), name(names[0]))
		}
		return nil
	})
	return joined(sets), err
}

// readings: kind (g, s, or j and k for Japanese ones) and a name as written -> its readings, likeliest first.
func readings() (table, error) {
	found := map[string][]string{}
	err := lines("readings.txt", "|", 4, func(f []string) error {
		for _, w := range strings.Fields(f[2]) {
			if f[1] == "s" || f[1] == "b" {
				add(found, "s"+w, name(f[3]))
			}
			if f[1] == "g" || f[1] == "b" {
				add(found, "g"+w, name(f[3]))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for file, at := range map[string]struct {
		kind          string
		local, romans int
	}{"surnames_by_country.csv": {"s", 4, 5}, "forenames_by_country.csv": {"g", 10, 11}} {
		err = rows(file, func(r []string) error {
			w := r[at.local]
			if han := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Han, r) }); han && r[0] != "CN" && r[0] != "TW" {
				return nil
			}
			if strings.ContainsFunc(w, readable) && len([]rune(w)) < 12 && !slices.Contains(strings.Fields(w), "") {
				if key := at.kind + w; len(found[key]) == 0 {
					add(found, key, name(r[at.romans]))
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := japanese(found); err != nil {
		return nil, err
	}
	t := table{}
	for key, list := range found {
		t[key] = strings.Join(list[:min(len(list), 6)], ",")
	}
	return t, nil
}

// readable reports whether r belongs to a script whose letters do not say how they are read.
func readable(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Han, unicode.Hangul)
}

// japanese adds Japanese names. A given name can be read in many ways: those read like it most often come first.
func japanese(found map[string][]string) error {
	type reading struct {
		kana   string
		common bool
	}
	of, spelled := map[string][]reading{}, map[string]int{}
	var order []string
	err := lines("japanese_names.tsv", "\t", 4, func(f []string) error {
		switch f[0] {
		case "surname":
			add(found, "j"+f[1], name(f[2]))
		case "given":
			if of[f[1]] == nil {
				order = append(order, f[1])
			}
			of[f[1]] = append(of[f[1]], reading{f[2], f[3] == "1"})
			spelled[f[2]]++
		}
		return nil
	})
	for _, w := range order {
		list := of[w]
		slices.SortStableFunc(list, func(a, b reading) int {
			if a.common != b.common {
				if a.common {
					return -1
				}
				return 1
			}
			return spelled[b.kana] - spelled[a.kana]
		})
		if !list[0].common {
			list = list[:1]
		}
		for _, r := range list {
			add(found, "k"+w, name(r.kana))
		}
	}
	return err
}

// romaji: Japanese name in Latin letters -> s for a surname, g for a given name, of the common ones.
func romaji() (table, error) {
	kinds := map[string][]string{}
	err := lines("japanese_names.tsv", "\t", 4, func(f []string) error {
		if n := name(f[2]); f[0] == "surname" {
			add(kinds, n, "s")
		} else if f[3] == "1" {
			add(kinds, n, "g")
		}
		return nil
	})
	return joined(kinds), err
}

// usPopulation is the census of 2010, the base of its surname counts.
const usPopulation = 308_745_538

// millions are the inhabitants of countries about 2020 (United Nations, World Population Prospects), for countries with counts of
// names.
var millions = map[string]float64{
	"AR": 45, "AT": 8.9, "AU": 25.7, "BE": 11.6, "BG": 6.9, "BR": 213, "BY": 9.6, "CA": 38, "CH": 8.6, "CL": 19.3, "CN": 1425, "CO": 50.9, "CU": 11.3,
	"CZ": 10.5, "DE": 83.3, "DK": 5.8, "DO": 11, "EE": 1.3, "ES": 47.4, "FI": 5.5, "FR": 64.5, "GE": 3.8, "GT": 16.9, "HR": 4.1, "IL": 8.8, "JP": 125,
	"KZ": 19, "LK": 21.7, "LU": 0.63, "MD": 3.1, "MT": 0.5, "MX": 126, "NL": 17.4, "NO": 5.4, "PE": 33, "PH": 112, "PL": 38.4, "PT": 10.3, "PY": 6.6,
	"RU": 145, "SI": 2.1, "SK": 5.5, "TW": 23.8, "US": 331, "VN": 96.6, "XK": 1.8,
	"GB": 67, "IT": 59.5, "IN": 1396, "KR": 51.8, "TR": 84, "UA": 43.9, "RO": 19.4, "HU": 9.7, "GR": 10.5, "SE": 10.4, "IE": 4.9, "RS": 7.4, "IR": 87,
	"EG": 107, "MA": 36.7, "DZ": 43.5, "SA": 36, "PK": 227, "BD": 167, "ZA": 58.8, "NG": 208, "ID": 272, "MY": 33.2, "TH": 71.5, "NZ": 5.1,
}

const world = 7_841 // millions, 2020

// surnames: surname -> bearers per million, in the US and in the world.
func surnames() (table, error) {
	us, all := map[string]float64{}, map[string]float64{}
	err := rows("us_surnames_2010.csv", func(r []string) error {
		n, err := strconv.Atoi(r[2])
		if err == nil {
			us[name(r[0])] += float64(n) / usPopulation * 1e6
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	err = rows("surnames_by_country.csv", func(r []string) error {
		country, people := r[0], millions[r[0]]*1e6
		n, err := strconv.ParseFloat(r[6], 64)
		share := n / people
		if err != nil || people == 0 || country == "US" || country == "IT" || country == "SV" || country == "DO" || share < 1e-5 || share > 0.4 {
			return nil // Italy's figures are no counts; others repeat those of another country
		}
		if key := country + name(r[5]); !seen[key] {
			seen[key] = true
			all[name(r[5])] += n
		}
		return nil
	})
	t := table{}
	for n, per := range us {
		t[n] = fmt.Sprintf("%.1f\t%.1f", per, (all[n]/1e6+per/1e6*millions["US"])/world*1e6)
	}
	for n, bearers := range all {
		t.put(n, fmt.Sprintf("0\t%.1f", bearers/1e6/world*1e6))
	}
	return t, err
}

// givenNames are names that so many people bear that one of them is no misspelling of another one.
func givenNames() (table, error) {
	t := table{}
	err := rows("us_given_names_1990.csv", func(r []string) error {
		percent, err := strconv.ParseFloat(r[2], 64)
		if percent >= 0.005 {
			t.put(name(r[1]), "")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, rows("forenames_by_country.csv", func(r []string) error {
		if n := name(r[11]); len(n) > 1 {
			t.put(n, "")
		}
		return nil
	})
}

func freeMail() (table, error) {
	text, err := raw("free_email_domains.txt")
	t := table{}
	for _, d := range strings.Fields(strings.ToLower(text)) {
		t.put(d, "")
	}
	return t, err
}
