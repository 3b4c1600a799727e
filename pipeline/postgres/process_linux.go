package postgres

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// selfExe names this very program, even after its file was replaced or deleted.
func selfExe() (string, error) { return "/proc/self/exe", nil }

// dieWithParent has the kernel send the signal to the child once the thread that started it is gone. That thread must live as long
// as the child should: the caller locks its goroutine to it.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// commandLine returns the arguments of a process, or nothing when it is gone or a zombie.
func commandLine(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(b) == 0 {
		return nil
	}
	var args []string
	for arg := range bytes.SplitSeq(bytes.TrimRight(b, "\x00"), []byte{0}) {
		args = append(args, string(arg))
	}
	return args
}
