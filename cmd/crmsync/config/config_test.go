package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crmsync.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLaterSourcesWin(t *testing.T) {
	path := write(t, "contract: acme\nrun:\n  memory: 1GiB\n  workers: 3\nsalesforce:\n  lag: 90s\n")
	c, err := Load(Source{
		File:      path,
		Environ:   []string{"CRMSYNC_RUN_WORKERS=5", "CRMSYNC_SALESFORCE_CLIENT_ID=key", "HOME=/root", "CRMSYNC_TEST_DATABASE_URL=x"},
		Overrides: []string{"run.workers=7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Contract != "acme" || c.Run.Memory != 1<<30 || c.Run.Workers != 7 || c.Salesforce.Lag != 90*time.Second || c.Salesforce.ClientID != "key" {
		t.Errorf("got %+v", c)
	}
	if c.Salesforce.APIVersion != "66.0" {
		t.Errorf("default lost: api_version %q", c.Salesforce.APIVersion)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	tests := []struct {
		name string
		src  Source
		want []string
	}{
		{"unknown key", Source{File: write(t, "salesforce:\n  login_ulr: https://x.example\n")}, []string{`"salesforce.login_ulr"`, `"salesforce.login_url"`}},
		{"unknown variable", Source{Environ: []string{"CRMSYNC_RUN_MEMROY=1GiB"}}, []string{"CRMSYNC_RUN_MEMROY", "CRMSYNC_RUN_MEMORY"}},
		{"unknown flag key", Source{Overrides: []string{"log.levle=info"}}, []string{`"log.level"`}},
		{"no value", Source{Overrides: []string{"contract"}}, []string{"key=value"}},
		{"size", Source{Overrides: []string{"run.memory=lots"}}, []string{"lots", "512MiB"}},
		{"too little memory", Source{Overrides: []string{"run.memory=1MiB"}}, []string{"run.memory", "64MiB"}},
		{"several at once", Source{Overrides: []string{"contract=A B", "log.level=loud"}}, []string{"contract", "log.level"}},
		{"flow", Source{Overrides: []string{"salesforce.flow=password"}}, []string{"salesforce.flow", "jwt"}},
		{"callback port", Source{Overrides: []string{"salesforce.callback_port=0"}}, []string{"salesforce.callback_port", "65535"}},
		{"token without key", Source{Overrides: []string{"salesforce.flow=web_server", "snapshots.unencrypted=true"}}, []string{"snapshots.key_file"}},
		{"objects at once", Source{Overrides: []string{"salesforce.objects_at_once=-1"}}, []string{"salesforce.objects_at_once", "one per worker"}},
		{"sweep", Source{Overrides: []string{"salesforce.sweep_every=-1h"}}, []string{"salesforce.sweep_every", "-1h0m0s"}},
		{"vanished", Source{Overrides: []string{"salesforce.max_vanished=0"}}, []string{"salesforce.max_vanished", "0.5"}},
		{"missing file", Source{File: filepath.Join(t.TempDir(), "none.yaml")}, []string{"does not exist", "crmsync init"}},
		{"bad yaml", Source{File: write(t, "a: [")}, []string{"crmsync.yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.src)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %s", err, w)
				}
			}
		})
	}
}

func TestMappingTakesAnyNames(t *testing.T) {
	c, err := Load(Source{File: write(t, "navigator:\n  mapping:\n    people:\n      first_name: Vorname\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Navigator.Mapping["people"]["first_name"]; got != "Vorname" {
		t.Errorf("mapping: got %q", got)
	}
}

func TestSecretNeverShows(t *testing.T) {
	c, err := Load(Source{Overrides: []string{"database.url=postgres://u:hunter2@h/db"}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(b), fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Database.URL)} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("secret shows in %s", shown)
		}
	}
	if c.Database.URL.Reveal() == "" {
		t.Error("the secret is lost")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("contract: a\nrun: {memory: 1GiB}\n")
	f.Add("navigator: {mapping: {people: {a: b}}}")
	f.Add("salesforce: 3")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Load(Source{File: path}); err == nil {
			if err := c.Validate(); err != nil {
				t.Errorf("Load accepted what Validate refuses: %v", err)
			}
		}
	})
}
