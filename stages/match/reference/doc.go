// Package reference holds what the matcher knows of the world before it sees a contract: nicknames, names that are one in several
// languages, readings of names in other scripts, legal forms of companies, free mail providers, how common names are, places with
// coordinates, countries and regions.
//
// The tables are made from the files in raw/ by `go generate` and embedded. Keys are folded (package fold), except those of readings.
// Sources and licences are in data/LICENCES.md.
package reference

//go:generate go run ./gen

import (
	"encoding/binary"
	"strings"
	"sync"
)

// table is a list of lines `key \t fields`, each key once, in the order of keys. The text stays one string, and an index of
// some lines is enough, so that a large table is of use at once and costs the garbage collector nothing.
type table struct {
	text   string
	starts []uint32 // of some lines
	heads  []uint64 // how the keys of these begin
}

// apart is how many bytes there are between the lines in the index.
const apart = 128

func lazy(text string) func() *table {
	return sync.OnceValue(func() *table { return index(text) })
}

func index(text string) *table {
	t := &table{text: text}
	for at := 0; at < len(text); {
		t.starts, t.heads = append(t.starts, uint32(at)), append(t.heads, headOf(text[at:]))
		at += apart
		end := strings.IndexByte(text[min(at, len(text)):], '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	return t
}

// headOf returns the first eight bytes of a line's key, in an order that is that of keys where they differ.
func headOf(line string) uint64 {
	var head [8]byte
	for i := range min(len(line), len(head)) {
		if line[i] == '\t' || line[i] == '\n' {
			break
		}
		head[i] = line[i]
	}
	return binary.BigEndian.Uint64(head[:])
}

// find returns the fields of the line with the key.
func (t *table) find(key string) (fields string, ok bool) {
	head := headOf(key)
	// The last line in the index that is not after the key.
	from, to := 0, len(t.starts)
	for from < to {
		mid := (from + to) / 2
		if h := t.heads[mid]; h < head || h == head && keyOf(t.text[t.starts[mid]:]) <= key {
			from = mid + 1
		} else {
			to = mid
		}
	}
	if from == 0 {
		return "", false
	}
	for at := int(t.starts[from-1]); at < len(t.text); {
		end := at + strings.IndexByte(t.text[at:], '\n')
		line := t.text[at:end]
		if rest, ok := strings.CutPrefix(line, key); ok {
			if rest != "" && rest[0] != '\t' { // which is before all that a key is made of
				return "", false
			}
			return strings.TrimPrefix(rest, "\t"), true
		}
		if line > key {
			return "", false
		}
		at = end + 1
	}
	return "", false
}

// keyOf returns the key of the line that a text begins with.
func keyOf(text string) string { return text[:strings.IndexAny(text, "\t\n")] }

// list returns the fields of the line with the key, separated by commas.
func (t *table) list(key string) []string {
	fields, ok := t.find(key)
	if !ok {
		return nil
	}
	return strings.Split(fields, ",")
}
