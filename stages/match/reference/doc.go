// Package reference holds what the matcher knows of the world before it sees a contract: nicknames, legal forms of companies,
// free mail providers, surname frequencies, places with coordinates, countries and regions.
//
// The tables are made from the files in raw/ by `go generate` and embedded, compressed; each is unpacked when first used. Keys
// are folded (package fold). Sources and licences are in data/LICENCES.md.
package reference

//go:generate go run ./gen

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
)

//go:embed data/*.gz
var files embed.FS

// unpack returns an embedded table. A table that cannot be read is a broken build, which nothing at run time could repair.
func unpack(name string) string {
	packed, err := files.ReadFile("data/" + name + ".gz")
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("reference: %s: %v", name, err))
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(fmt.Sprintf("reference: %s: %v", name, err))
	}
	return string(text)
}

// table is a sorted list of lines `key \t fields`, searched in place, so that a large table costs no map.
type table struct {
	text string
	at   []int // where each line begins
}

func lazy(name string) func() *table {
	return sync.OnceValue(func() *table {
		t := &table{text: unpack(name)}
		for i := 0; i < len(t.text); {
			t.at = append(t.at, i)
			i += strings.IndexByte(t.text[i:], '\n') + 1
		}
		return t
	})
}

// line returns the key and the fields of line i.
func (t *table) line(i int) (key, fields string) {
	s := t.text[t.at[i]:]
	s = s[:strings.IndexByte(s, '\n')]
	key, fields, _ = strings.Cut(s, "\t")
	return key, fields
}

// find returns the fields of every line with the key, in order.
func (t *table) find(key string) []string {
	i := sort.Search(len(t.at), func(i int) bool { k, _ := t.line(i); return k >= key })
	var found []string
	for ; i < len(t.at); i++ {
		k, fields := t.line(i)
		if k != key {
			break
		}
		found = append(found, fields)
	}
	return found
}

func (t *table) has(key string) bool {
	i := sort.Search(len(t.at), func(i int) bool { k, _ := t.line(i); return k >= key })
	if i == len(t.at) {
		return false
	}
	k, _ := t.line(i)
	return k == key
}
