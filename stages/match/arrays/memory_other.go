//go:build !linux

package arrays

// hugePages is for Linux alone; other systems choose the size of pages themselves.
func hugePages([]byte) error { return nil }
