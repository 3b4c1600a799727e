package match_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match"
)

// TestDirectoryIsPreparedOnce runs the stage again and again: the directory is prepared anew only when the export changed, and the
// links are those of a run that never saw another.
func TestDirectoryIsPreparedOnce(t *testing.T) {
	for name, encrypted := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			var o snapshot.Options
			if encrypted {
				key, err := snapshot.NewKey()
				if err != nil {
					t.Fatal(err)
				}
				o.Key = key
			}
			home := pipeline.Home{Dir: t.TempDir()}
			store, err := snapshot.Open(home.DataDir(), o)
			if err != nil {
				t.Fatal(err)
			}
			f := fortune(t)
			prepared := func(want int64) {
				t.Helper()
				got := runIn(t, home, store, f, &match.Stage{}, 2)
				if n := got.m.Count("directories_prepared"); n != want {
					t.Errorf("%d directories prepared, want %d", n, want)
				}
				if d := cmp.Diff(runStage(t, f, &match.Stage{}, 1).links, got.links); d != "" {
					t.Errorf("links differ from those of a first run: %s", d)
				}
			}
			prepared(2)
			f[schemas.Contact][0]["LastName"] = "Someone Else"
			if !encrypted { // the same rows encrypted again are other bytes, which counts as a change
				prepared(0)
			}
			f[schemas.People] = f[schemas.People][:900]
			if !encrypted {
				prepared(1)
			}
			f[schemas.Companies][0]["website"] = "example.com"
			prepared(2)

			files, err := filepath.Glob(filepath.Join(home.Dir, "cache", "*"))
			if err != nil || len(files) != 4 {
				t.Fatalf("cache holds %v, %v", files, err)
			}
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if plain := string(data[:7]) == "crmsync"; plain == encrypted {
					t.Errorf("%s: plain %v, snapshots encrypted %v", file, plain, encrypted)
				}
				if err := os.WriteFile(file, append(data[:len(data)/2], make([]byte, 99)...), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			prepared(2) // damaged ones are made anew
		})
	}
}

// TestScoresAreKept runs the stage again and again with Retrain set: only records that changed are scored, and the links are those of
// a run that scores all of them by the same model. An account that is linked elsewhere changes its contacts.
func TestScoresAreKept(t *testing.T) {
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := fortune(t)
	all := int64(len(f[schemas.Account]) + len(f[schemas.Contact]) + len(f[schemas.Lead]))
	scored := func(least, most int64) {
		t.Helper()
		got := runIn(t, home, store, f, &match.Stage{Retrain: 0.1}, 2)
		if n := got.m.Count("records_scored"); n < least || n > most {
			t.Errorf("%d records scored, want %d to %d of %d", n, least, most, all)
		}
		model, err := match.ReadModel(got.model)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(runStage(t, f, &match.Stage{Model: model}, 1).links, got.links); d != "" {
			t.Errorf("links differ from those of a run that scores all: %s", d)
		}
	}
	scored(all, all)
	scored(0, 0)
	f[schemas.Contact][0]["LastName"] = "Someone Else"
	scored(1, 1)
	for _, a := range f[schemas.Account] {
		if a["Id"] == f[schemas.Contact][1]["AccountId"] {
			a["Name"] = "Quite Another Company"
		}
	}
	scored(2, 12) // the account and its contacts
	f[schemas.Companies][0]["website"] = "example.com"
	scored(all, all)
}
