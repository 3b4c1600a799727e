package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// pidFile is what a postmaster says about itself in its data folder.
type pidFile struct {
	pid       int
	port      string
	socketDir string
	ready     bool
}

// readPidFile reads DATA/postmaster.pid; ok is false when there is none, or none that can be read yet.
func readPidFile(data string) (p pidFile, ok bool) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return p, false
	}
	return parsePidFile(string(b))
}

// parsePidFile reads the lines of a postmaster.pid: 1 process id, 2 data folder, 3 start time, 4 port, 5 socket folder,
// 6 listen address, 7 shared memory, 8 status. A starting server has written only the first of them.
func parsePidFile(text string) (p pidFile, ok bool) {
	lines := strings.Split(text, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return p, false
	}
	p.pid = pid
	if len(lines) >= 5 {
		p.port, p.socketDir = strings.TrimSpace(lines[3]), lines[4]
	}
	p.ready = len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
	return p, true
}

// dropForeignPidFile removes a pid file left by a server that is gone and whose process id now belongs to something else, as
// happens when a container starts anew: PostgreSQL would refuse to start. The caller holds supervisor.lock, so no server of this
// folder is starting. A file that names no live process stays: PostgreSQL deals with it, and checks by it that no old backend is
// still at work.
func dropForeignPidFile(data string) error {
	p, ok := readPidFile(data)
	if !ok || !alive(p.pid) || isPostmaster(p.pid, data) {
		return nil
	}
	return os.Remove(filepath.Join(data, "postmaster.pid"))
}
