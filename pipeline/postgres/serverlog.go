package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxLog is the size at which a start of the server puts its log aside.
const maxLog = 8 << 20

func (s *Server) logPath() string { return filepath.Join(s.cluster.dir, "server.log") }

// openLog opens the log for appending. One older log is kept.
func openLog(path string, owner int) (*os.File, error) {
	if fi, err := os.Lstat(path); err == nil && fi.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the server's log aside: %w", err)
		}
	}
	f, err := openOwned(path, os.O_WRONLY|os.O_APPEND, owner)
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	return f, nil
}

// logTail returns the end of the log, or why there is none.
func logTail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err.Error()
	}
	b := make([]byte, min(fi.Size(), 2048))
	if _, err := f.ReadAt(b, fi.Size()-int64(len(b))); err != nil && !errors.Is(err, os.ErrClosed) {
		return err.Error()
	}
	return string(b)
}

// oldBackends says that a start failed because backends of a postmaster that was killed are still ending.
func oldBackends(tail string) bool {
	return strings.Contains(lastLines(tail, 4), "pre-existing shared memory block")
}
