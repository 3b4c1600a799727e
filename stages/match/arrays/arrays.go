// Package arrays keeps named arrays of fixed-size values in one file, so that they can be used again without being parsed.
//
// A file is a magic number, the length of a header, the header as JSON, and the arrays, each at a multiple of 64 bytes, as they are
// in memory (little-endian). Its last eight bytes are a checksum of all before them: the XXH3 hash of the XXH3
// hashes of its pieces of 256 KiB. What is read shares the memory of the file.
package arrays

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// ErrFormat says that a file was not written by this package, or by another version of it, or is damaged.
var ErrFormat = errors.New("not a usable index")

const (
	family = "crmsync"
	magic  = family + "2"
	align  = 64
)

// Fixed is a value without pointers. The compiler cannot check more than that it is no interface.
type Fixed any

// header describes a file.
type header struct {
	Kind   string           `json:"kind"`
	Meta   json.RawMessage  `json:"meta"`
	Arrays map[string]array `json:"arrays"`
}

// array says where an array is.
type array struct {
	Offset int64 `json:"offset"` // from the end of the header
	Count  int   `json:"count"`
	Size   int   `json:"size"` // bytes of a value
}

// Writer collects arrays, which must stay as they are until WriteTo.
type Writer struct {
	head header
	data []part
	next int64
	err  error
}

type part struct {
	offset int64
	bytes  []byte
}

// NewWriter returns a writer for a kind of file. meta is kept as JSON.
func NewWriter(kind string, meta any) (*Writer, error) {
	m, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("encode index header: %w", err)
	}
	return &Writer{head: header{kind, m, map[string]array{}}}, nil
}

// Add adds an array under a name.
func Add[T Fixed](w *Writer, name string, values []T) {
	if _, twice := w.head.Arrays[name]; twice {
		w.err = errors.Join(w.err, fmt.Errorf("array %s occurs twice", name))
	}
	var zero T
	size := int(unsafe.Sizeof(zero))
	w.head.Arrays[name] = array{w.next, len(values), size}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), size*len(values))
	w.data = append(w.data, part{w.next, b})
	w.next += (int64(len(b)) + align - 1) / align * align
}

// WriteTo writes the file.
func (w *Writer) WriteTo(to io.Writer) (int64, error) {
	if w.err != nil {
		return 0, w.err
	}
	h := &checksum{}
	out := &counter{to: io.MultiWriter(to, h)}
	head, err := json.Marshal(w.head)
	if err != nil {
		return 0, fmt.Errorf("encode index header: %w", err)
	}
	begin := (int64(len(magic)+8+len(head)) + align - 1) / align * align
	start := binary.LittleEndian.AppendUint64([]byte(magic), uint64(len(head)))
	if _, err := out.Write(append(start, head...)); err != nil {
		return out.n, err
	}
	for _, p := range append(w.data, part{offset: w.next}) {
		if _, err := out.Write(make([]byte, begin+p.offset-out.n)); err != nil {
			return out.n, err
		}
		if _, err := out.Write(p.bytes); err != nil {
			return out.n, err
		}
	}
	sum := binary.LittleEndian.AppendUint64(nil, h.sum())
	_, err = to.Write(sum)
	return out.n + 8, err
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n += int64(n)
	return n, err
}

// Is reports whether a content begins as one that this package or an earlier version of it wrote, whatever became of it since.
func Is(content []byte) bool { return bytes.HasPrefix(content, []byte(family)) }

// File is a file that was read.
type File struct {
	head header
	data []byte
}

// Read takes a file's content, which must begin at a multiple of eight bytes in memory (see Buffer).
func Read(kind string, content []byte) (*File, error) {
	if Is(content) && !bytes.HasPrefix(content, []byte(magic)) {
		return nil, fmt.Errorf("%w: it is of another version: make it anew with this one", ErrFormat)
	}
	if len(content) < len(magic)+16 || !Is(content) {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrFormat)
	}
	body, sum := content[:len(content)-8], binary.LittleEndian.Uint64(content[len(content)-8:])
	if sumOf(body) != sum {
		return nil, fmt.Errorf("%w: its checksum is wrong, it is damaged or incomplete", ErrFormat)
	}
	n := binary.LittleEndian.Uint64(body[len(magic):])
	if n > uint64(len(body)-len(magic)-8) {
		return nil, fmt.Errorf("%w: its header is cut off", ErrFormat)
	}
	f := &File{}
	if err := json.Unmarshal(body[len(magic)+8:len(magic)+8+int(n)], &f.head); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	if f.head.Kind != kind {
		return nil, fmt.Errorf("%w: it is a %q, not a %q: make it anew with this version", ErrFormat, f.head.Kind, kind)
	}
	begin := (len(magic) + 8 + int(n) + align - 1) / align * align
	f.data = body[min(begin, len(body)):]
	for _, name := range slices.Sorted(maps.Keys(f.head.Arrays)) {
		a := f.head.Arrays[name]
		if a.Offset < 0 || a.Offset%8 != 0 || a.Count < 0 || a.Size <= 0 || a.Offset > int64(len(f.data)) || int64(a.Count) > (int64(len(f.data))-a.Offset)/int64(a.Size) {
			return nil, fmt.Errorf("%w: array %s lies outside the file", ErrFormat, name)
		}
	}
	return f, nil
}

// checksum is that of what is written to it. It goes by pieces, since a goroutine can't be stopped while it hashes, and the garbage
// collector would keep all others waiting for it.
type checksum struct {
	hashes []byte
	piece  []byte // written and not yet hashed
}

const hashed = 1 << 18 // bytes of a piece

func (c *checksum) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(c.piece) == 0 && len(p) >= hashed { // what is at hand need not be copied
			c.add(p[:hashed])
			p = p[hashed:]
			continue
		}
		k := min(hashed-len(c.piece), len(p))
		c.piece = append(c.piece, p[:k]...)
		p = p[k:]
		if len(c.piece) == hashed {
			c.add(c.piece)
			c.piece = c.piece[:0]
		}
	}
	return n, nil
}

func (c *checksum) add(piece []byte) {
	c.hashes = binary.LittleEndian.AppendUint64(c.hashes, xxh3.Hash(piece))
}

func (c *checksum) sum() uint64 {
	if len(c.piece) > 0 {
		c.add(c.piece)
		c.piece = nil
	}
	return xxh3.Hash(c.hashes)
}

func sumOf(b []byte) uint64 {
	c := &checksum{}
	_, _ = c.Write(b) // it takes everything
	return c.sum()
}

// Meta decodes what NewWriter was given.
func (f *File) Meta(into any) error {
	if err := json.Unmarshal(f.head.Meta, into); err != nil {
		return fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	return nil
}

// Get returns an array. It shares the file's memory; its capacity is its length, so that appending to it copies.
func Get[T Fixed](f *File, name string) ([]T, error) {
	a, ok := f.head.Arrays[name]
	var zero T
	if !ok || a.Size != int(unsafe.Sizeof(zero)) {
		return nil, fmt.Errorf("%w: array %s is missing or of another form: make it anew with this version", ErrFormat, name)
	}
	if a.Count == 0 {
		return nil, nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&f.data[a.Offset])), a.Count), nil
}

// Buffer returns n bytes that begin at a multiple of eight.
func Buffer(n int) []byte {
	words := Make[uint64](n/8 + 1)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n)
}
