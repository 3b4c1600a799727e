package generate

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/names.tsv.gz
var namesFile []byte

//go:embed data/places.tsv.gz
var placesFile []byte

// name is a name as its people write it, and in ASCII.
type name struct{ local, roman string }

// place is a city.
type place struct {
	name         name
	code, region string // of the region, "" where people do not write it
}

// women and men are the two lists of given names.
const (
	women = iota
	men
)

// world is all countries, with their names and places.
type world struct {
	countries weighted[*country]
	by        map[string]*country
}

var theWorld = sync.OnceValue(func() *world {
	w := &world{by: map[string]*country{}}
	for i := range countries {
		c := &countries[i]
		w.by[c.code] = c
		w.countries.add(c, c.share)
	}
	each(namesFile, func(f []string) {
		c, n, weight := w.by[f[0]], name{f[2], f[3]}, number(f[4])
		switch f[1] {
		case "f":
			c.given[women].add(n, weight)
		case "m":
			c.given[men].add(n, weight)
		default:
			c.family.add(n, weight)
		}
	})
	each(placesFile, func(f []string) {
		w.by[f[0]].places.add(place{name{f[1], f[2]}, f[3], f[4]}, number(f[5]))
	})
	for i := range countries {
		c := &countries[i]
		if other := w.by[c.like]; other != nil {
			for sex := range c.given {
				if len(c.given[sex].values) == 0 {
					c.given[sex] = other.given[sex]
				}
			}
			if len(c.family.values) == 0 {
				c.family = other.family
			}
		}
		c.plan = numbering(c)
	}
	return w
})

// number reads a weight of an embedded table.
func number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(fmt.Sprintf("generate: table: %v", err))
	}
	return x
}

// each calls fn for the lines of an embedded table. One that cannot be read is a broken build, which nothing at run time could
// repair.
func each(packed []byte, fn func(fields []string)) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("generate: table: %v", err))
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Sprintf("generate: table: %v", err))
	}
	for line := range strings.Lines(string(text)) {
		fn(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
}
