package postgres

import (
	"errors"
	"path/filepath"
	"slices"
	"syscall"
)

// alive says whether a process with the id exists, whoever owns it.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// isPostmaster says whether the process is a postmaster of the data folder. It goes by the command line, which anybody may read:
// root in a container may not look at another user's /proc/PID/exe.
func isPostmaster(pid int, data string) bool {
	args := commandLine(pid)
	return len(args) > 2 && filepath.Base(args[0]) == "postgres" && slices.Contains(args, data)
}
