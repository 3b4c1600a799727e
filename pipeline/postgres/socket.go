package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// maxSocketPath is the longest path of a unix socket that all systems we run on take.
const maxSocketPath = 103

const socketName = "/.s.PGSQL.5432.lock"

// socketDir makes the folder of the server's socket: DIR/socket, or, where that path is too long for a socket or holds what
// separates hosts, a folder under /tmp. Access to the server is access to that folder, so it is private to the account and was not made by anybody else.
func socketDir(dir string, run account) (string, error) {
	s := filepath.Join(dir, "socket")
	if len(s)+len(socketName) > maxSocketPath || strings.ContainsAny(s, ",\"\n") {
		sum := sha256.Sum256([]byte(dir))
		s = fmt.Sprintf("/tmp/pg-%d-%s", run.uid, hex.EncodeToString(sum[:8]))
	}
	if err := run.makeOwn(s); err != nil {
		return "", fmt.Errorf("folder of the server's socket: %w", err)
	}
	return s, nil
}
