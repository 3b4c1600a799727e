//go:build linux

package snapshot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// What a writer spills is encrypted too (R37), and has no name in the folder.
func TestScratchIsEncrypted(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		t.Run(fmt.Sprint(sealed), func(t *testing.T) {
			o := Options{Budget: 64 << 10}
			if sealed {
				o.Key = newKey(t)
			}
			s := open(t, t.TempDir(), o)
			w, err := s.Create(context.Background(), deals, "r1")
			if err != nil {
				t.Fatal(err)
			}
			b := columnar.NewBuilder(memory.DefaultAllocator, deals)
			for i := range 20000 {
				for c, v := range []string{fmt.Sprintf("secret%06d", i), "north", "1", "open", "1"} {
					b.Text(c, v)
				}
				if err := b.EndRow(); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Write(context.Background(), b.NewRecord()); err != nil {
				t.Fatal(err)
			}
			files, plain := unnamed(t, s.Root())
			if files == 0 {
				t.Fatal("nothing was spilled")
			}
			if plain == sealed {
				t.Errorf("encrypted: %v; secrets can be read: %v", sealed, plain)
			}
			if left, err := os.ReadDir(w.dir); err != nil || len(left) > 0 {
				t.Errorf("named scratch files: %v, %v", left, err)
			}
			if err := w.Abort(); err != nil {
				t.Fatal(err)
			}
			if files, _ := unnamed(t, s.Root()); files > 0 {
				t.Errorf("%d scratch files are open after Abort", files)
			}
		})
	}
}

// unnamed looks into this process's open files under root that have been unlinked.
func unnamed(t *testing.T, root string) (files int, plain bool) {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		to, err := os.Readlink(fd)
		if err != nil || !strings.HasPrefix(to, root) || !strings.HasSuffix(to, "(deleted)") {
			continue
		}
		f, err := os.Open(fd)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		files++
		plain = plain || bytes.Contains(content, []byte("secret0"))
	}
	return files, plain
}
