// Package index keeps a prepared directory in a file, so that the runs that follow need not prepare it again.
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

// Write writes a directory to a file, beside it first, and puts it in place when it is complete. source says what it was made from.
// The file is encrypted when there is a seal.
func Write(path string, d *feature.Directory, source string, seal columnar.Seal) (err error) {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if seal != nil {
		sealed, err := seal.Seal(f)
		if err != nil {
			return fmt.Errorf("write index %s: %w", path, err)
		}
		if err := errors.Join(d.Save(sealed, source), sealed.Close()); err != nil {
			return fmt.Errorf("write index %s: %w", path, err)
		}
	} else if err := d.Save(f, source); err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	return nil
}

// Open reads a file into memory. It is not mapped: look-ups go all over it, and the small pages of a mapped file cost more than
// reading it does. The error wraps arrays.ErrFormat when the file is not what Write made.
func Open(path string) (*feature.Directory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	content := arrays.Buffer(int(info.Size()))[:info.Size()]
	const part = 16 << 20
	p := pool.New().WithErrors().WithFirstError().WithMaxGoroutines(runtime.GOMAXPROCS(0))
	for at := 0; at < len(content); at += part {
		p.Go(func() error {
			_, err := io.ReadFull(io.NewSectionReader(f, int64(at), part), content[at:min(len(content), at+part)])
			return err
		})
	}
	if err := p.Wait(); err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	d, _, err := feature.Load(content)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	return d, nil
}

// OpenSealed reads an encrypted file into memory. The error wraps arrays.ErrFormat when the file is not what Write made.
func OpenSealed(path string, seal columnar.Seal) (*feature.Directory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	plain, err := seal.Unseal(f)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w: %w", path, arrays.ErrFormat, err)
	}
	content := arrays.Buffer(int(info.Size())) // an encrypted file is longer than what it holds
	n, err := io.ReadFull(plain, content)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("open index %s: %w: %w", path, arrays.ErrFormat, err) // a damaged file fails to decrypt
	}
	d, _, err := feature.Load(content[:n])
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	return d, nil
}
