//go:build !linux

package postgres

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

func selfExe() (string, error) { return os.Executable() }

// dieWithParent is known to Linux alone. Elsewhere a server whose supervisor was killed goes on until the next Start ends it.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// commandLine asks ps, which joins the arguments with spaces; a data folder with spaces in its name is put together again.
func commandLine(pid int) []string {
	out, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	line := strings.TrimSpace(string(out))
	exe, rest, _ := strings.Cut(line, " -D ")
	data, _, _ := strings.Cut(rest, " -c ")
	return []string{exe, "-D", data}
}
