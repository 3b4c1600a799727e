// Package ballast keeps the garbage collector from running while the program starts. The tables that packages load as they are
// initialised stay for good, and going through them twice took a third of the time that starting takes.
//
// The linker initialises packages by path as far as their imports allow; this one imports next to nothing, so that it comes before those with
// tables. It can't set the collector's percentage instead: package runtime/debug comes late.
package ballast

import "runtime"

// held counts as memory in use, but none of its pages is ever touched.
var held = make([]byte, 16<<20)

// Drop ends it: the collector runs as usual from here on.
func Drop() {
	runtime.KeepAlive(held)
	held = nil
}
