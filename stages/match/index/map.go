package index

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"

	"github.com/crmsync/crmsync/stages/match/arrays"
)

// Map maps a file that Keep wrote without a seal, which takes no memory and no time to copy it. It stays mapped for as long as the
// process lives: what is made of the content shares its memory, texts most of all, and nothing tells when the last of them is gone. So
// it is for programs that do one job and end. The file must not be changed in place; Keep never does. The error wraps arrays.ErrFormat
// when the file is empty.
func Map(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // which names the file
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > math.MaxInt {
		return nil, fmt.Errorf("open %s: %w: %d bytes can't be mapped", path, arrays.ErrFormat, info.Size())
	}
	content, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	arrays.Advise(content)
	return content, nil
}
