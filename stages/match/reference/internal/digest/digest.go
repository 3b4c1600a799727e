// Package digest identifies reference tables by their content.
package digest

import (
	"fmt"
	"io/fs"

	"github.com/zeebo/xxh3"
)

// File is the name of the file beside the tables that holds their digest.
const File = "digest"

// Of returns the digest of the tables in a folder.
func Of(folder fs.FS) (string, error) {
	names, err := fs.Glob(folder, "*.tsv")
	if err != nil {
		return "", err
	}
	h := xxh3.New()
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		_, _ = h.Write(text) // a hash takes everything
	}
	return fmt.Sprintf("%016x", h.Sum64()), nil
}
