package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// The crash tests run this program again as a child that publishes a delta, or compacts, on a store and kills itself before one of
// the steps that change the disk.
const (
	crashStore = "CRMSYNC_TEST_CRASH_STORE"
	crashAt    = "CRMSYNC_TEST_CRASH_AT"
	crashWhat  = "CRMSYNC_TEST_CRASH_WHAT"
)

func TestMain(m *testing.M) {
	if rows, err := strconv.Atoi(os.Getenv(benchChild)); err == nil {
		if err := benchPublish(rows); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if root := os.Getenv(crashStore); root != "" {
		if err := crash(root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crash does the work; every step is printed, and the given one is never done.
func crash(root string) error {
	at, err := strconv.Atoi(os.Getenv(crashAt))
	if err != nil {
		return err
	}
	prev, err := load(root)
	if err != nil {
		return err
	}
	s, err := Open(filepath.Join(root, "data"), Options{Budget: 64 << 10, MaxFileBytes: 1})
	if err != nil {
		return err
	}
	n := 0
	s.disk.before = func(step, path string) {
		if n == at {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				panic(err)
			}
			select {}
		}
		n++
		fmt.Println(step, filepath.Base(path))
	}
	var e Entry
	if os.Getenv(crashWhat) == "compact" {
		e, err = s.Compact(context.Background(), deals, prev, "r000003-sync")
	} else {
		e, err = second(s, &prev)
	}
	if err != nil {
		return err
	}
	return save(root, e)
}

// save and load stand for the manifest.
func save(root string, e Entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	aside := filepath.Join(root, "manifest.tmp")
	return errors.Join(os.WriteFile(aside, b, 0o600), os.Rename(aside, filepath.Join(root, "manifest.json")))
}

func load(root string) (e Entry, err error) {
	b, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(b, &e)
}

func deal(i, version int) []string {
	return []string{fmt.Sprintf("id%05d", i), "north", fmt.Sprint(i), "open", fmt.Sprint(version)}
}

// second writes a delta: every third row changes, every seventh goes.
func second(s *Store, prev *Entry) (Entry, error) {
	ctx := context.Background()
	w, err := s.Create(ctx, deals, "r000002-sync")
	if err != nil {
		return Entry{}, err
	}
	for i := 0; i < 3000; i += 3 {
		rec := record(&testing.T{}, memory.DefaultAllocator, deals, deal(i, 2))
		if err := w.Write(ctx, rec); err != nil {
			return Entry{}, err
		}
	}
	for i := 0; i < 3000; i += 7 {
		if err := w.Delete(ctx, "north", fmt.Sprintf("id%05d", i)); err != nil {
			return Entry{}, err
		}
	}
	return w.Publish(ctx, prev)
}

func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	one, two := state{}, state{}
	var rows [][]string
	for i := range 3000 {
		r := deal(i, 1)
		rows = append(rows, r)
		one[key{r[1], r[0]}] = r
		if i%3 == 0 {
			r = deal(i, 2)
		}
		if i%7 > 0 {
			two[key{r[1], r[0]}] = r
		}
	}
	for _, what := range []string{"publish", "compact"} {
		t.Run(what, func(t *testing.T) {
			steps, stride := 0, 1
			if testing.Short() {
				stride = 3
			}
			for at := 0; ; at += stride {
				root := t.TempDir()
				s := open(t, filepath.Join(root, "data"), Options{})
				before, after := one, two
				first := publish(t, s, "r000001-sync", nil, rows)
				if what == "compact" {
					var err error
					if first, err = second(s, &first); err != nil {
						t.Fatal(err)
					}
					before = two
				}
				if err := save(root, first); err != nil {
					t.Fatal(err)
				}
				done := child(t, self, root, what, at)
				steps = at
				if done {
					published(t, s, root, after)
					break
				}
				// The manifest still names the old state, which reads as ever; a second attempt gets through.
				published(t, s, root, before)
				if !child(t, self, root, what, 1<<30) {
					t.Fatalf("killed before step %d: the second attempt did not end", at)
				}
				published(t, s, root, after)
			}
			if steps < 8 {
				t.Errorf("only %d steps", steps)
			}
		})
	}
}

// child runs the work in another process; false means that it was killed.
func child(t *testing.T, self, root, what string, at int) bool {
	t.Helper()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashStore+"="+root, crashAt+"="+strconv.Itoa(at), crashWhat+"="+what)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child: %v\n%s", err, out)
	}
	return false
}

// published checks that the manifest's entry reads as wanted, and that nothing but its files outlives a sweep.
func published(t *testing.T, s *Store, root string, want state) {
	t.Helper()
	ctx := context.Background()
	e, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(ctx, deals, e)
	equal(t, "published", contents(t, r, err), want)
	if err := s.Verify(ctx, deals, e); err != nil {
		t.Fatal(err)
	}
	if e.Rows != int64(len(want)) {
		t.Errorf("entry counts %d rows, want %d", e.Rows, len(want))
	}
	swept := t.TempDir()
	if err := os.CopyFS(swept, os.DirFS(s.Root())); err != nil {
		t.Fatal(err)
	}
	c := open(t, swept, Options{})
	if _, err := c.Sweep(ctx, []Entry{e}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(swept, "deals"))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, l := range e.Layers {
		files += len(l.Files)
	}
	if len(left) != files {
		t.Errorf("%d files after a sweep, want %d: %v", len(left), files, left)
	}
	r, err = c.Read(ctx, deals, e)
	equal(t, "swept", contents(t, r, err), want)
}
