// Package reference holds what the matcher knows of the world before it sees a contract: nicknames, names that are one in several
// languages, readings of names in other scripts, legal forms of companies, free mail providers, how common names are, places with
// coordinates, countries and regions.
//
// The tables are made from the files in raw/ by `go generate` and embedded, compressed; each is unpacked when first used. Keys
// are folded (package fold), except those of readings. Sources and licences are in data/LICENCES.md.
package reference

//go:generate go run ./gen

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

//go:embed data/*.zst
var files embed.FS

// Digest identifies the tables: what was made by other ones must be made anew.
var Digest = sync.OnceValue(func() uint64 {
	h := xxh3.New()
	names, err := files.ReadDir("data")
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	for _, n := range names {
		packed, err := files.ReadFile("data/" + n.Name())
		if err != nil {
			panic(fmt.Sprintf("reference: %v", err))
		}
		fmt.Fprintf(h, "%s %d\n", n.Name(), len(packed))
		_, _ = h.Write(packed) // a hash takes everything
	}
	return h.Sum64()
})

// unpack returns an embedded table. A table that cannot be read is a broken build, which nothing at run time could repair.
func unpack(name string) string {
	packed, err := files.ReadFile("data/" + name + ".zst")
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	defer r.Close()
	text, err := r.DecodeAll(packed, nil)
	if err != nil {
		panic(fmt.Sprintf("reference: %s: %v", name, err))
	}
	return string(text)
}

// table is a list of lines `key \t fields`, each key once, found by hash. The text stays one string, so that a large table costs the
// garbage collector nothing.
type table struct {
	text  string
	slots []uint32 // where a line begins, plus one; 0 is free. Its length is a power of two
}

func lazy(name string) func() *table {
	return sync.OnceValue(func() *table { return index(unpack(name)) })
}

func index(text string) *table {
	t := &table{text: text}
	n := 16
	for n < 2*strings.Count(text, "\n") {
		n *= 2
	}
	t.slots = make([]uint32, n)
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], '\n')
		key, _, _ := strings.Cut(text[at:end], "\t")
		i := xxh3.HashString(key) & uint64(n-1)
		for t.slots[i] != 0 {
			i = (i + 1) & uint64(n-1)
		}
		t.slots[i] = uint32(at + 1)
		at = end + 1
	}
	return t
}

// find returns the fields of the line with the key.
func (t *table) find(key string) (fields string, ok bool) {
	mask := uint64(len(t.slots) - 1)
	for i := xxh3.HashString(key) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		line := t.text[t.slots[i]-1:]
		if len(line) <= len(key) || line[:len(key)] != key {
			continue
		}
		switch line[len(key)] {
		case '\n':
			return "", true
		case '\t':
			rest := line[len(key)+1:]
			return rest[:strings.IndexByte(rest, '\n')], true
		}
	}
	return "", false
}

// list returns the fields of the line with the key, separated by commas.
func (t *table) list(key string) []string {
	fields, ok := t.find(key)
	if !ok {
		return nil
	}
	return strings.Split(fields, ",")
}
