package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// rootWorkDir is root's work directory: /root is closed to the user that runs PostgreSQL.
const rootWorkDir = "/var/lib/crmsync"

// DefaultWorkDir is where crmsync keeps its files unless told otherwise: /var/lib/crmsync for root, else the user's state folder.
func DefaultWorkDir() (string, error) {
	if os.Geteuid() == 0 {
		return rootWorkDir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "crmsync"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("default work directory: %w", err)
	}
	return filepath.Join(home, ".local", "state", "crmsync"), nil
}

// ServerDir is the folder of a work directory's private server: WORK/postgres, or, for root in a work directory that the user
// running PostgreSQL cannot reach, a folder of its own under /var/lib/crmsync that WORK/postgres.dir names. The answer for a work
// directory stays the same, also when the directory is moved or its mode changes.
func ServerDir(workDir string) (dir string, err error) {
	workDir, err = filepath.Abs(workDir)
	if err != nil {
		return "", fmt.Errorf("place of the private server: %w", err)
	}
	return serverDir(workDir, rootWorkDir)
}

func serverDir(workDir, aside string) (string, error) {
	inside, pointer := filepath.Join(workDir, "postgres"), filepath.Join(workDir, "postgres.dir")
	b, err := os.ReadFile(pointer)
	if err == nil {
		dir := strings.TrimSpace(string(b))
		if !filepath.IsAbs(dir) {
			return "", fmt.Errorf("place of the private server: %s does not name a folder", pointer)
		}
		return dir, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("place of the private server: %w", err)
	}
	run, err := accountFor(inside)
	if err != nil {
		return "", fmt.Errorf("place of the private server: %w", err)
	}
	if err := run.reach(inside); err == nil || !errors.Is(err, ErrUnreachable) {
		return inside, err
	}
	if err := openWay(aside); err != nil {
		return "", fmt.Errorf("place of the private server: %w", err)
	}
	dir, err := os.MkdirTemp(aside, "postgres-*")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err == nil {
		err = os.MkdirAll(workDir, 0o700)
	}
	if err == nil {
		err = renameio.WriteFile(pointer, []byte(dir+"\n"), 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("place of the private server: %w", err)
	}
	return dir, nil
}

// openWay makes root's own work directory if need be, and lets others pass through it, not look into it: what it holds is closed
// by modes of its own.
func openWay(dir string) error {
	if err := makeWay(dir, 0o711); err != nil {
		return err
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if fi.Mode().Perm()&0o001 == 0 {
		return os.Chmod(dir, fi.Mode().Perm()|0o011)
	}
	return nil
}

// makeWay makes a folder and those above it that are missing, with exactly the mode, whatever the umask.
func makeWay(dir string, mode os.FileMode) error {
	if fi, err := os.Stat(dir); err == nil {
		if !fi.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		return nil
	}
	if err := makeWay(filepath.Dir(dir), mode); err != nil {
		return err
	}
	if err := os.Mkdir(dir, mode); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	}
	return os.Chmod(dir, mode)
}
