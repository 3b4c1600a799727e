package arrays

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// large is from how many bytes on an array gets large pages.
const large = 4 << 20

// Make returns n zero values. Where they are many they're put on large pages, if the system has any: look-ups go all over such arrays,
// and on small pages finding the page costs as much as fetching the value; each page also costs a trip to the system at first use, and
// one more where the garbage collector looks for pointers before anything was written.
func Make[T any](n int) []T {
	values := make([]T, n)
	if size := n * int(unsafe.Sizeof(*new(T))); size >= large {
		Advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), size))
	}
	return values
}

// Grow returns the values with room for n more, as slices.Grow does.
func Grow[T Fixed](values []T, n int) []T {
	if cap(values)-len(values) >= n {
		return values
	}
	grown := Make[T](max(len(values)+n, cap(values)+cap(values)/4))
	return grown[:copy(grown, values)]
}

// Advise asks for large pages where the memory is not in use yet. It is a hint: whether there are any makes no difference but in time.
func Advise(memory []byte) {
	page := uintptr(unix.Getpagesize())
	at := uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	from := (page - at%page) % page
	to := uintptr(len(memory)) - (at+uintptr(len(memory)))%page
	_ = hugePages(memory[from:to]) // fails where the kernel was built without them
}
