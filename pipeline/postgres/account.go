package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrUnreachable says that the account which runs the server cannot reach a folder that it needs.
var ErrUnreachable = errors.New("folder is closed to the account that runs PostgreSQL")

// account is who runs PostgreSQL: this user, or, as PostgreSQL refuses root, somebody else when this is root.
type account struct {
	name     string
	uid, gid int
	switched bool
}

// credential is what children are started with; nil leaves them ours.
func (a account) credential() *syscall.Credential {
	if !a.switched {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// accountFor chooses who runs the server of a folder: whoever owns what is there already, else as root the user postgres or nobody.
func accountFor(dir string) (account, error) {
	me := os.Geteuid()
	owner, made := ownerOf(filepath.Join(dir, "data"))
	found := made
	if !made {
		owner, found = ownerOf(dir)
	}
	if made && owner == 0 {
		return account{}, fmt.Errorf("%s belongs to root, as whom PostgreSQL does not run; give it to another user or remove it", filepath.Join(dir, "data"))
	}
	if me != 0 {
		if found && owner != me {
			return account{}, fmt.Errorf("%s belongs to another user (uid %d); run crmsync as that user or choose another work directory", dir, owner)
		}
		return account{name: "this user", uid: me, gid: os.Getegid()}, nil
	}
	if found && owner != 0 {
		u, err := user.LookupId(strconv.Itoa(owner))
		if err != nil {
			return account{}, fmt.Errorf("%s belongs to uid %d, which is no known user: %w", dir, owner, err)
		}
		return accountOf(u)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, err := accountOfName(name); err == nil {
			return a, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as")
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, fmt.Errorf("uid of user %s: %w", u.Username, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("gid of user %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uid, gid: gid, switched: uid != os.Geteuid()}, nil
}

func ownerOf(path string) (uid int, found bool) {
	fi, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// reach checks that the account may pass every folder down to path; the part that does not exist yet is ours to make.
func (a account) reach(path string) error {
	if !a.switched {
		return nil
	}
	for p := path; ; p = filepath.Dir(p) {
		fi, err := os.Stat(p)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", p, err)
		}
		if fi.IsDir() && !a.passes(fi) {
			return fmt.Errorf("%w: %s, mode %v, on the way to %s, keeps out the user %s: choose a work directory that is not inside it, such as %s",
				ErrUnreachable, p, fi.Mode().Perm(), path, a.name, rootWorkDir)
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}

func (a account) passes(fi os.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	mode := fi.Mode().Perm()
	switch {
	case int(st.Uid) == a.uid:
		return mode&0o100 != 0
	case int(st.Gid) == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// makeOwn makes a folder for the account alone. Only a folder made here is given to the account; one that exists must be its own. A
// kill leaves the folder as it was or the account's, and at most an empty one beside it, which the next call removes.
func (a account) makeOwn(dir string) error {
	fi, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		if !a.switched {
			return os.Mkdir(dir, 0o700)
		}
		aside := dir + ".new"
		if err := os.Remove(aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Mkdir(aside, 0o700); err != nil {
			return err
		}
		if err := os.Lchown(aside, a.uid, a.gid); err != nil {
			return err
		}
		return os.Rename(aside, dir)
	}
	if err != nil {
		return err
	}
	if uid, _ := ownerOf(dir); !fi.IsDir() || uid != a.uid || fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is not a private folder of the user %s", dir, a.name)
	}
	return nil
}

func accountOfName(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	return accountOf(u)
}
