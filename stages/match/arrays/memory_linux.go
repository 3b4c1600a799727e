package arrays

import "golang.org/x/sys/unix"

func hugePages(memory []byte) error { return unix.Madvise(memory, unix.MADV_HUGEPAGE) }
