package columnar

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// checkEnds refuses what does not begin and end as Parquet, before the library allocates what a damaged footer asks for.
func checkEnds(r io.ReaderAt, size int64) error {
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
	if footer := int64(binary.LittleEndian.Uint32(tail[:])); footer > size-12 {
		return fmt.Errorf("footer of %d bytes in a file of %d: %w", footer, size, ErrCorrupt)
	}
	return nil
}

// checkChunks refuses column chunks that reach beyond the file, are larger than any of ours could be, or use a codec that the library
// decodes without a bound on memory (LZ4).
func checkChunks(m *format.FileMetaData, size int64) error {
	for _, g := range m.RowGroups {
		for _, c := range g.Columns {
			meta := &c.MetaData
			begin := meta.DataPageOffset
			if meta.DictionaryPageOffset != 0 {
				begin = min(begin, meta.DictionaryPageOffset)
			}
			if begin < 4 || meta.TotalCompressedSize < 0 || meta.TotalCompressedSize > size-begin || meta.NumValues < 0 || g.NumRows < 0 {
				return fmt.Errorf("column chunk at %d reaches beyond the file: %w", begin, ErrCorrupt)
			}
			switch meta.Codec {
			case format.Lz4Raw, format.Lz4:
				return fmt.Errorf("codec %s is not supported: %w", meta.Codec, ErrCorrupt)
			}
		}
	}
	return nil
}
