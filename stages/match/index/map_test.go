package index_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/index"
	"github.com/crmsync/crmsync/stages/match/record"
)

// TestMapGivesWhatWasKept goes over files below, at and beyond the size of the blocks in which they are written.
func TestMapGivesWhatWasKept(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, size := range []int{1, 4095, 2<<20 - 1, 2 << 20, 5<<20 + 17} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(r.Uint32())
		}
		path := filepath.Join(t.TempDir(), "kept")
		if err := index.Keep(path, nil, func(to io.Writer) error {
			for rest := want; len(rest) > 0; { // in pieces of every size
				n := min(len(rest), 1+r.IntN(3<<20))
				if _, err := to.Write(rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got, err := index.Map(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
	}
}

// TestDamagedFileIsNotMapped flips a byte at a time of a prepared directory, and cuts it off.
func TestDamagedFileIsNotMapped(t *testing.T) {
	b := record.NewBuilder(schemas.GivenName, schemas.Surname)
	for _, id := range []string{"a", "b", "c"} {
		if err := b.Row(id); err != nil {
			t.Fatal(err)
		}
		b.Set(0, "Ada")
		b.Set(1, "Lovelace")
	}
	path := filepath.Join(t.TempDir(), "people.index")
	if err := index.Write(path, feature.Prepare(feature.Person, b.Table(), feature.Options{Workers: 1}), "test", nil); err != nil {
		t.Fatal(err)
	}
	if d, err := index.OpenMapped(path); err != nil || d.Table.Len() != 3 {
		t.Fatalf("%v, %v", d, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, content []byte) {
		t.Helper()
		damaged := filepath.Join(t.TempDir(), "damaged.index")
		if err := os.WriteFile(damaged, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := index.OpenMapped(damaged); !errors.Is(err, arrays.ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := 0; i < len(whole); i += 1 + len(whole)/97 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		refused("a flipped bit", flipped)
	}
	for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 1} {
		refused("cut off", whole[:n])
	}
	if _, err := index.Map(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
