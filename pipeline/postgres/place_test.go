package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func rootOnly(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, who runs PostgreSQL as somebody else")
	}
}

func closedFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(serverFolder(t), "closed")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStartSaysWhichFolderIsClosed(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	closed := closedFolder(t)
	_, err := Start(t.Context(), quick(filepath.Join(closed, "a", "b")))
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), closed+", mode -rwx------") || !strings.Contains(err.Error(), "/var/lib/crmsync") {
		t.Errorf("got %v", err)
	}
}

func TestServerDirGoesAsideAndStaysThere(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	work, aside := filepath.Join(closedFolder(t), "work"), filepath.Join(closedFolder(t), "aside")
	if err := os.Chmod(filepath.Dir(aside), 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(aside, 0o700); err != nil { // as made by somebody who did not know
		t.Fatal(err)
	}
	dir, err := serverDir(work, aside)
	if err != nil || filepath.Dir(dir) != aside {
		t.Fatalf("got %s, %v", dir, err)
	}
	s := start(t, quick(dir))
	if got := query[int](t, s, "SELECT 1"); got != 1 {
		t.Error(got)
	}
	moved := work + "-moved"
	if err := os.Rename(work, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(work), 0o755); err != nil {
		t.Fatal(err)
	}
	if again, err := serverDir(moved, aside); err != nil || again != dir {
		t.Errorf("moved and opened: %s, %v; want %s", again, err, dir)
	}
	if other, err := serverDir(work, aside); err != nil || other != filepath.Join(work, "postgres") {
		t.Errorf("a new work directory in an open folder: %s, %v", other, err)
	}
}

func TestServerDirInside(t *testing.T) {
	t.Parallel()
	work := filepath.Join(serverFolder(t), "work")
	dir, err := ServerDir(work)
	if err != nil || dir != filepath.Join(work, "postgres") {
		t.Errorf("got %s, %v", dir, err)
	}
}

func TestDefaultWorkDir(t *testing.T) {
	dir, err := DefaultWorkDir()
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 && dir != "/var/lib/crmsync" {
		t.Errorf("as root %s", dir)
	}
	if os.Geteuid() != 0 {
		t.Setenv("XDG_STATE_HOME", "/x")
		if dir, err = DefaultWorkDir(); err != nil || dir != "/x/crmsync" {
			t.Errorf("got %s, %v", dir, err)
		}
	}
}

// TestFolderOfAnotherUser runs the server as the user whose folder it is, and lets that user go on with it.
func TestFolderOfAnotherUser(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	nobody, err := accountOfName("nobody")
	if err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(serverFolder(t), "theirs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, nobody.uid, nobody.gid); err != nil {
		t.Fatal(err)
	}
	s := start(t, quick(dir))
	exec1(t, s, "CREATE TABLE kept AS SELECT 7 AS n")
	for _, name := range []string{"data", "socket", "server.lock", "clients.lock", "supervisor.lock", "server.log"} {
		if uid, ok := ownerOf(filepath.Join(dir, name)); !ok || uid != nobody.uid {
			t.Errorf("%s belongs to %d", name, uid)
		}
	}
	stop(t, s)
	them := &syscall.SysProcAttr{Credential: nobody.credential()}
	c := startClient(t, quick(dir), them)
	if got := c.line(t); got != "ready attached=false" {
		t.Fatal(got)
	}
	second := startClient(t, quick(dir), them)
	if got := second.line(t); got != "ready attached=true" {
		t.Error(got)
	}
	s = start(t, quick(dir)) // and root beside them
	if got := query[int](t, s, "SELECT n FROM kept"); got != 7 || !s.Attached() {
		t.Errorf("n = %d, attached %v", got, s.Attached())
	}
	c.end(t)
	second.end(t)
	stop(t, s)
	waitDown(t, s)
}

func TestOrdinaryUserIsKeptOutOfOthersFolders(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	nobody, err := accountOfName("nobody")
	if err != nil {
		t.Skip(err)
	}
	c := startClient(t, quick(serverFolder(t)), &syscall.SysProcAttr{Credential: nobody.credential()})
	if got := c.line(t); !strings.Contains(got, "belongs to another user (uid 0)") {
		t.Error(got)
	}
	_ = c.cmd.Wait()
}

func TestLongPathsAndOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("long", 30), `a b,c"d[e]*'f\g`} {
		dir := filepath.Join(serverFolder(t), name)
		s := start(t, quick(dir))
		if got := query[int](t, s, "SELECT 1"); got != 1 {
			t.Error(got)
		}
		again := start(t, quick(dir))
		if !again.Attached() {
			t.Errorf("%s: not attached", name)
		}
		p, _ := readPidFile(s.cluster.data())
		stop(t, again)
		stop(t, s)
		if !strings.HasPrefix(p.socketDir, dir) {
			if want := fmt.Sprintf("/tmp/pg-%d-", s.cluster.run.uid); !strings.HasPrefix(p.socketDir, want) {
				t.Errorf("socket in %s", p.socketDir)
			}
			if err := os.RemoveAll(p.socketDir); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSocketFolderOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	dir := serverFolder(t)
	run, err := accountFor(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "socket"), 0o755); err != nil {
		t.Fatal(err)
	}
	if s, err := socketDir(dir, run); err == nil {
		t.Errorf("took %s, which is open to all", s)
	}
	if err := os.Remove(filepath.Join(dir, "socket")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/tmp", filepath.Join(dir, "socket")); err != nil {
		t.Fatal(err)
	}
	if s, err := socketDir(dir, run); err == nil {
		t.Errorf("took %s, which is a link", s)
	}
}

// TestFolderForAnotherAccountIsWholeOrNotThere goes on after a kill between making a folder and giving it away.
func TestFolderForAnotherAccountIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	nobody, err := accountOfName("nobody")
	if err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(t.TempDir(), "socket")
	if err := os.Mkdir(dir+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 { // made, and found
		if err := nobody.makeOwn(dir); err != nil {
			t.Fatal(err)
		}
	}
	fi, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if uid, _ := ownerOf(dir); uid != nobody.uid || fi.Mode() != os.ModeDir|0o700 {
		t.Errorf("owner %d, mode %v", uid, fi.Mode())
	}
	if _, err := os.Lstat(dir + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left beside it: %v", err)
	}
	theirs := filepath.Join(t.TempDir(), "theirs")
	if err := os.Mkdir(theirs, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := nobody.makeOwn(theirs); err == nil {
		t.Error("a folder of somebody else was taken")
	}
}
