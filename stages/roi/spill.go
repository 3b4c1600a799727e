package roi

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// spill is a file of blocks, each of which belongs to a bucket. Blocks are sealed with a key that no one else has and that is gone
// with the process, since they hold profiles' ids. Blocks may be added by several goroutines, and read after that.
type spill struct {
	file *os.File
	seal cipher.AEAD

	mu     sync.Mutex
	end    int64
	blocks [][]block // per bucket
}

// block is where a sealed block lies; its place is its nonce too.
type block struct {
	at   int64
	size int
}

func newSpill(dir string, buckets int) (*spill, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	seal, err := cipher.NewGCM(c)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "touches"), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make scratch file: %w", err)
	}
	return &spill{file: f, seal: seal, blocks: make([][]block, buckets)}, nil
}

func (s *spill) nonce(at int64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, s.seal.NonceSize()-8, s.seal.NonceSize()), uint64(at))
}

// add appends a block to a bucket. buffer is for the sealed bytes; it is returned for use with the next block.
func (s *spill) add(bucket int, data, buffer []byte) ([]byte, error) {
	size := len(data) + s.seal.Overhead()
	s.mu.Lock()
	at := s.end
	s.end += int64(size)
	s.blocks[bucket] = append(s.blocks[bucket], block{at, size})
	s.mu.Unlock()
	sealed := s.seal.Seal(buffer[:0], s.nonce(at), data, nil)
	if _, err := s.file.WriteAt(sealed, at); err != nil {
		return sealed, fmt.Errorf("write scratch file: %w", err)
	}
	return sealed, nil
}

// load returns what was added to a bucket, block after block, in the buffer if that is large enough.
func (s *spill) load(bucket int, buffer []byte) ([]byte, error) {
	total := 0
	for _, b := range s.blocks[bucket] {
		total += b.size
	}
	data := slices.Grow(buffer[:0], total)
	for _, b := range s.blocks[bucket] {
		sealed := data[len(data) : len(data)+b.size]
		if _, err := s.file.ReadAt(sealed, b.at); err != nil {
			return nil, fmt.Errorf("read scratch file: %w", err)
		}
		open, err := s.seal.Open(sealed[:0], s.nonce(b.at), sealed, nil)
		if err != nil {
			return nil, fmt.Errorf("read scratch file: %w", err)
		}
		data = data[:len(data)+len(open)]
	}
	return data, nil
}

// close removes the file.
func (s *spill) close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
