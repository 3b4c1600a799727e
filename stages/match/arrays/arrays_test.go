package arrays

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

type point struct {
	x, y float32
	n    uint64
}

func written(t testing.TB) []byte {
	t.Helper()
	w, err := NewWriter("test", map[string]int{"rows": 3})
	if err != nil {
		t.Fatal(err)
	}
	Add(w, "points", []point{{1, 2, 3}, {4, 5, 6}})
	Add(w, "codes", []uint16{7, 8, 9})
	Add(w, "none", []uint32(nil))
	var b bytes.Buffer
	n, err := w.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d of %d bytes: %v", n, b.Len(), err)
	}
	return b.Bytes()
}

func read(content []byte) (*File, error) {
	b := Buffer(len(content))
	copy(b, content)
	return Read("test", b)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	f, err := read(written(t))
	if err != nil {
		t.Fatal(err)
	}
	points, err := Get[point](f, "points")
	if err != nil || !slices.Equal(points, []point{{1, 2, 3}, {4, 5, 6}}) {
		t.Errorf("points: %v, %v", points, err)
	}
	codes, err := Get[uint16](f, "codes")
	if err != nil || !slices.Equal(codes, []uint16{7, 8, 9}) || cap(codes) != 3 {
		t.Errorf("codes: %v, %v", codes, err)
	}
	if none, err := Get[uint32](f, "none"); err != nil || len(none) != 0 {
		t.Errorf("none: %v, %v", none, err)
	}
	var meta struct{ Rows int }
	if err := f.Meta(&meta); err != nil || meta.Rows != 3 {
		t.Errorf("meta: %v, %v", meta, err)
	}
	for _, err := range []error{second(Get[uint32](f, "codes")), second(Get[uint16](f, "absent"))} {
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%v, want ErrFormat", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestDamageIsSeen(t *testing.T) {
	good := written(t)
	if _, err := Read("other", good); !errors.Is(err, ErrFormat) {
		t.Errorf("another kind: %v", err)
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1
		if _, err := read(bad); !errors.Is(err, ErrFormat) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := read(good[:i]); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut off at %d: %v", i, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := read(content)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("%v is no ErrFormat", err)
			}
			return
		}
		for name := range file.head.Arrays {
			if _, err := Get[uint32](file, name); err != nil && !errors.Is(err, ErrFormat) {
				t.Error(err)
			}
		}
	})
}

// TestChecksumOfPieces: it does not depend on how much is written at a time, and on every byte.
func TestChecksumOfPieces(t *testing.T) {
	all := make([]byte, 3*hashed+77)
	for i := range all {
		all[i] = byte(i * i >> 7)
	}
	for _, n := range []int{0, 1, hashed - 1, hashed, hashed + 1, 2 * hashed, len(all)} {
		want := sumOf(all[:n])
		for _, step := range []int{1 << 10, hashed - 1, hashed, hashed + 1} {
			c := &checksum{}
			for piece := range slices.Chunk(all[:n], step) {
				if k, err := c.Write(piece); k != len(piece) || err != nil {
					t.Fatal(k, err)
				}
			}
			if got := c.sum(); got != want {
				t.Errorf("%d bytes by %d: %x, at once %x", n, step, got, want)
			}
		}
		for _, at := range []int{0, n / 2, n - 1} {
			if at >= 0 && at < n {
				all[at]++
				if sumOf(all[:n]) == want {
					t.Errorf("%d bytes: byte %d doesn't count", n, at)
				}
				all[at]--
			}
		}
	}
}
