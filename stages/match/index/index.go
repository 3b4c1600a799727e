// Package index keeps what the matcher made of a directory in files, so that the runs that follow need not make it again.
package index

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/google/renameio/v2"
	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
)

// Write writes a directory to a file. source says what it was made from.
func Write(path string, d *feature.Directory, source string, seal columnar.Seal) error {
	return Keep(path, seal, func(to io.Writer) error { return d.Save(to, source) })
}

// Keep writes what save writes to a file, beside it first, and puts it in place when it is complete. The file is encrypted when there is
// a seal.
func Keep(path string, seal columnar.Seal, save func(to io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if seal != nil {
		sealed, err := seal.Seal(f)
		if err != nil {
			return err
		}
		if err := errors.Join(save(sealed), sealed.Close()); err != nil {
			return err
		}
	} else {
		to := &blocks{to: f, buf: make([]byte, 0, block)}
		if err := errors.Join(save(to), to.flush()); err != nil {
			return err
		}
	}
	return f.CloseAtomicallyReplace()
}

// block is the size of a large page. Linux keeps a file that was written in such blocks on large pages, by which Map maps it then.
const block = 2 << 20

// blocks writes a file block by block.
type blocks struct {
	to  io.Writer
	buf []byte
}

func (b *blocks) Write(p []byte) (n int, err error) {
	for n < len(p) {
		k := min(block-len(b.buf), len(p)-n)
		b.buf = append(b.buf, p[n:n+k]...)
		n += k
		if len(b.buf) == block {
			if err := b.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (b *blocks) flush() error {
	_, err := b.to.Write(b.buf)
	b.buf = b.buf[:0]
	return err
}

// Open reads a prepared directory. The error wraps arrays.ErrFormat when the file is not what Write made.
func Open(path string, seal columnar.Seal) (*feature.Directory, error) {
	content, err := Content(path, seal)
	if err != nil {
		return nil, err
	}
	return load(path, content)
}

// OpenMapped maps a prepared directory that was written without a seal (see Map).
func OpenMapped(path string) (*feature.Directory, error) {
	content, err := Map(path)
	if err != nil {
		return nil, err
	}
	return load(path, content)
}

func load(path string, content []byte) (*feature.Directory, error) {
	d, _, err := feature.Load(content)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return d, nil
}

// Content reads a file that Keep wrote into memory, decrypted when there is a seal. The error wraps arrays.ErrFormat when it can't be
// decrypted.
func Content(path string, seal columnar.Seal) (content []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // which names the file
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	content = arrays.Buffer(int(info.Size()))[:info.Size()] // an encrypted file is longer than what it holds
	if seal == nil {
		err = readParts(f, content)
	} else {
		content, err = unseal(f, seal, content)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return content, nil
}

// readParts reads a file on several goroutines.
func readParts(f *os.File, content []byte) error {
	const part = 16 << 20
	p := pool.New().WithErrors().WithFirstError().WithMaxGoroutines(runtime.GOMAXPROCS(0))
	for at := 0; at < len(content); at += part {
		p.Go(func() error {
			_, err := io.ReadFull(io.NewSectionReader(f, int64(at), part), content[at:min(len(content), at+part)])
			return err
		})
	}
	return p.Wait()
}

func unseal(f *os.File, seal columnar.Seal, room []byte) ([]byte, error) {
	plain, err := seal.Unseal(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", arrays.ErrFormat, err)
	}
	n, err := io.ReadFull(plain, room)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: %w", arrays.ErrFormat, err) // a damaged file fails to decrypt
	}
	return room[:n], nil
}
