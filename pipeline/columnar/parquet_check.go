package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// checkFooter refuses what does not begin and end as Parquet, before the library allocates what a damaged footer asks for.
func checkFooter(r io.ReaderAt, size int64) error {
	const magic = "PAR1"
	if size < 12 {
		return fmt.Errorf("file has %d bytes: %w", size, ErrCorrupt)
	}
	var head [4]byte
	var tail [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return fmt.Errorf("read head: %w: %w", err, ErrCorrupt)
	}
	if n, err := r.ReadAt(tail[:], size-8); n < len(tail) {
		return fmt.Errorf("read tail: %w: %w", err, ErrCorrupt)
	}
	if string(head[:]) != magic || string(tail[4:]) != magic {
		return fmt.Errorf("file does not begin and end with %s: %w", magic, ErrCorrupt)
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > size-12 {
		return fmt.Errorf("footer of %d bytes in a file of %d: %w", length, size, ErrCorrupt)
	}
	footer := make([]byte, length)
	if n, err := r.ReadAt(footer, size-8-length); n < len(footer) {
		return fmt.Errorf("read footer: %w: %w", err, ErrCorrupt)
	}
	if _, err := thriftStruct(footer, func(int, int, int64) {}); err != nil {
		return fmt.Errorf("footer: %w", err)
	}
	return nil
}

// checkChunks refuses column chunks that reach beyond the file, and codecs that the library decodes without a bound on memory (LZ4).
func checkChunks(m *format.FileMetaData, size int64) error {
	for _, g := range m.RowGroups {
		for _, c := range g.Columns {
			begin, meta := chunkBegin(&c), &c.MetaData
			if begin < 4 || begin > size || meta.TotalCompressedSize < 0 || meta.TotalCompressedSize > size-begin || g.NumRows < 0 {
				return fmt.Errorf("column chunk at %d reaches beyond the file: %w", begin, ErrCorrupt)
			}
			if meta.Codec == format.Lz4Raw || meta.Codec == format.Lz4 {
				return fmt.Errorf("codec %s is not supported: %w", meta.Codec, ErrCorrupt)
			}
		}
	}
	return nil
}

func chunkBegin(c *format.ColumnChunk) int64 {
	if at := c.MetaData.DictionaryPageOffset; at != 0 {
		return at
	}
	return c.MetaData.DataPageOffset
}

// pageChecker goes over the page headers of a column chunk just ahead of the library.
type pageChecker struct {
	r        io.ReaderAt
	at, end  int64
	maxBytes int64 // of a page when decoded
	maxRows  int64
	head     []byte
}

// The bounds of a page: how long its header may be, and how much it may hold.
const (
	maxPageHeader = 16 << 20
	maxPageBytes  = 512 << 20
)

func newPageChecker(r io.ReaderAt, c *format.ColumnChunk, rows int64) *pageChecker {
	begin := chunkBegin(c)
	return &pageChecker{
		r: r, at: begin, end: begin + c.MetaData.TotalCompressedSize, maxRows: rows,
		maxBytes: min(c.MetaData.TotalUncompressedSize, maxPageBytes),
	}
}

// page checks the headers up to the next page of data.
func (p *pageChecker) page() error {
	for p.at < p.end {
		kind, err := p.header()
		if err != nil {
			return fmt.Errorf("page header: %w", err)
		}
		if kind != int64(format.DictionaryPage) {
			return nil
		}
	}
	return nil
}

func (p *pageChecker) header() (kind int64, err error) {
	const (
		pageType, decoded, encoded = 1, 2, 3
		dataPage, dictionary, v2   = 5, 7, 8
		numValues                  = 1
	)
	var size, compressed, rows int64
	var length int
	for window := int64(512); ; window *= 8 {
		window = min(window, p.end-p.at)
		if int64(cap(p.head)) < window {
			p.head = make([]byte, window)
		}
		p.head = p.head[:window]
		if n, err := p.r.ReadAt(p.head, p.at); n < len(p.head) {
			return 0, fmt.Errorf("%w: %w", err, ErrCorrupt)
		}
		length, err = thriftStruct(p.head, func(outer, inner int, v int64) {
			switch {
			case inner == 0 && outer == pageType:
				kind = v
			case inner == 0 && outer == decoded:
				size = v
			case inner == 0 && outer == encoded:
				compressed = v
			case inner == numValues && (outer == dataPage || outer == dictionary || outer == v2):
				rows = v
			}
		})
		if err == nil {
			break
		}
		if !errors.Is(err, errThriftShort) || window >= p.end-p.at || window >= maxPageHeader {
			return 0, err
		}
	}
	p.at += int64(length)
	if compressed < 0 || compressed > p.end-p.at || size < 0 || size > p.maxBytes || rows < 0 || rows > p.maxRows {
		return 0, fmt.Errorf("%d rows in %d bytes, %d decoded, do not fit: %w", rows, compressed, size, ErrCorrupt)
	}
	p.at += compressed
	return kind, nil
}
