package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// places: the places, largest first, each with latitude and longitude in thousandths of a degree, country, ISO 3166-2 code of its
// region without the country, population; and name -> numbers of places in that list.
func places() (cities []string, names table, err error) {
	of, err := readRegions()
	if err != nil {
		return nil, nil, err
	}
	type place struct {
		line, country string
		names         []string
		pop           int
	}
	var list []place
	header := true
	err = lines("cities.tsv", "\t", 9, func(f []string) error {
		if header {
			header = false
			return nil
		}
		lat, err1 := strconv.ParseFloat(f[4], 64)
		lng, err2 := strconv.ParseFloat(f[5], 64)
		pop, err3 := strconv.Atoi(f[8])
		_, region, _ := strings.Cut(of.gazetteer[f[6]+"."+f[7]], "-")
		p := place{fmt.Sprintf("%.0f\t%.0f\t%s\t%s\t%d", lat*1e3, lng*1e3, f[6], region, pop), f[6], nil, pop}
		for _, n := range append([]string{f[2], f[1]}, strings.Split(f[3], ",")...) {
			if key := fold.Text(n); len(key) > 2 && !slices.Contains(p.names, key) {
				p.names = append(p.names, key)
			}
		}
		list = append(list, p)
		return errors.Join(err1, err2, err3)
	})
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Compare(b.pop, a.pop) })
	numbers := map[string][]string{}
	for i, p := range list {
		cities = append(cities, p.line)
		for _, n := range p.names {
			numbers[n] = append(numbers[n], strconv.Itoa(i))
		}
	}
	names = table{}
	for n, list := range numbers {
		names[n] = strings.Join(list, ",")
	}
	return cities, names, err
}
