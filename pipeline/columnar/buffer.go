package columnar

import (
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// buffer is a growable byte slice of an allocator.
type buffer struct {
	mem  memory.Allocator
	b    []byte
	n    int
	hint int // size of the buffer finished before this one
}

// extend returns the next n bytes, which the caller fills.
func (b *buffer) extend(n int) []byte {
	end := b.n + n
	if end > len(b.b) {
		b.reserve(end)
	}
	out := b.b[b.n:end]
	b.n = end
	return out
}

func (b *buffer) reserve(n int) {
	size := max(n, 2*len(b.b), 64)
	if len(b.b) == 0 {
		size = max(size, b.hint)
	}
	if b.b == nil {
		b.b = b.mem.Allocate(size)
	} else {
		b.b = b.mem.Reallocate(size, b.b)
	}
}

// finish hands the bytes over to an Arrow buffer and starts anew.
func (b *buffer) finish() *memory.Buffer {
	return memory.NewBufferWithAllocator(b.take(), b.mem)
}

// take returns the bytes, which the caller frees, and starts anew. Much slack is given back, a little is not worth a copy.
func (b *buffer) take() []byte {
	data := b.b
	switch {
	case b.n == 0:
		b.release()
		data = b.mem.Allocate(0)
	case len(data) > b.n+b.n/4+64:
		exact := b.mem.Allocate(b.n)
		copy(exact, data)
		b.mem.Free(data)
		data = exact
	case len(data) != b.n:
		data = b.mem.Reallocate(b.n, data)
	}
	b.hint, b.b, b.n = b.n+b.n/8, nil, 0
	return data
}

func (b *buffer) release() {
	if b.b != nil {
		b.mem.Free(b.b)
	}
	b.b, b.n = nil, 0
}

// maxText is how many bytes of text a column of one record may hold: Arrow's offsets are 32-bit.
const maxText = math.MaxInt32

func int32s(b []byte) []int32 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

func asBytes[T int32 | int64 | uint32 | float64](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}

// bytesAsString views bytes as a string without a copy; it must not outlive them.
func bytesAsString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func isNull(v *vector, i int) bool {
	return v.valid.n > 0 && v.valid.b[i/8]&(1<<(i%8)) == 0
}

func stringAsBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
