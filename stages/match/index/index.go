// Package index keeps a prepared directory in a file, so that the runs that follow need not prepare it again.
package index

import (
	"errors"
	"fmt"
	"os"

	"github.com/edsrzf/mmap-go"
	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/stages/match/feature"
)

// Write writes a directory to a file, beside it first, and puts it in place when it is complete. source says what it was made from.
func Write(path string, d *feature.Directory, source string) (err error) {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if err := d.Save(f, source); err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write index %s: %w", path, err)
	}
	return nil
}

// Open maps a file into memory, where it stays until the program ends: what is read of it shares its pages. The file must not be
// changed in place meanwhile; Write does not.
func Open(path string) (*feature.Directory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	defer f.Close()
	content, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	d, _, err := feature.Load(content)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, errors.Join(err, content.Unmap()))
	}
	return d, nil
}
