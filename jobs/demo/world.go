// Package demo makes the world that the demonstration runs in: a Salesforce org behind HTTP, a Sales Navigator export, and a
// configuration that points to both. What it makes is the same for the same seed and instant.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
)

// Contract is the name of the demonstration's contract.
const Contract = "demo"

const (
	clientID = "demo-consumer-key"
	username = "integration@example.com"
	// marker says that a folder was made by the demonstration, which may remove it.
	marker = ".crmsync-demo"
)

// ErrForeign says that a folder is not empty and was not made by the demonstration.
var ErrForeign = errors.New("the folder holds something else")

// World is the demonstration's folder:
//
//	DIR/org/           the org's records, as CSV
//	DIR/export/        the Sales Navigator export
//	DIR/truth/         which record is which profile, to measure the matcher by
//	DIR/keys/          the integration user's key, and the snapshots' key
//	DIR/crmsync.yaml   the configuration
type World struct {
	Dir  string
	Data *demodata.Org
	Org  *fakeforce.Org
	URL  string

	key    *rsa.PrivateKey
	server *http.Server
	failed chan error
}

// Make generates the world in the folder, which must be new or an earlier demonstration's. Nothing listens yet.
func Make(dir string, seed uint64, now time.Time) (*World, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("make demo: %w", err)
	}
	w := &World{Dir: dir}
	if err := w.clear(); err != nil {
		return nil, err
	}
	org, export, err := demodata.Generate(seed, now)
	if err != nil {
		return nil, fmt.Errorf("generate demo: %w", err)
	}
	w.Data = org
	for _, write := range []func() error{
		func() error { return org.WriteCSV(filepath.Join(dir, "org")) },
		func() error { return export.Write(filepath.Join(dir, "export")) },
		func() error { return org.WriteTruth(filepath.Join(dir, "truth")) },
		w.makeKeys,
	} {
		if err := write(); err != nil {
			return nil, fmt.Errorf("write demo: %w", err)
		}
	}
	w.Org, err = fakeforce.Open(filepath.Join(dir, "org"), fakeforce.Options{
		OrgName: "Demo org", ClientID: clientID, Username: username, PublicKey: &w.key.PublicKey, Clock: fakeforce.FixedClock(now), Seed: seed,
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// clear empties an earlier demonstration's folder; the private database is left, since it is emptied by its own means.
func (w *World) clear() error {
	entries, err := os.ReadDir(w.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("make demo: %w", err)
	}
	if len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(w.Dir, marker)); err != nil {
			return fmt.Errorf("%s: %w; choose another folder with --dir", w.Dir, ErrForeign)
		}
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "postgres") || e.Name() == marker {
			continue
		}
		if err := os.RemoveAll(filepath.Join(w.Dir, e.Name())); err != nil {
			return fmt.Errorf("clear demo: %w", err)
		}
	}
	// The server's own account has to pass through on its way to the database.
	if err := os.MkdirAll(w.Dir, 0o755); err != nil {
		return fmt.Errorf("make demo: %w", err)
	}
	if err := os.WriteFile(filepath.Join(w.Dir, marker), []byte("made by crmsync demo; it may be removed as a whole\n"), 0o600); err != nil {
		return fmt.Errorf("make demo: %w", err)
	}
	return nil
}

func (w *World) makeKeys() error {
	var err error
	if w.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(w.key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&w.key.PublicKey)
	if err != nil {
		return err
	}
	snapshots, err := snapshot.NewKey()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.path("keys"), 0o700); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"salesforce.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"salesforce.pub": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		"snapshots.key":  []byte(snapshots + "\n"),
	} {
		if err := os.WriteFile(w.path("keys", name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

// ConfigFile is the configuration that Serve writes.
func (w *World) ConfigFile() string { return w.path("crmsync.yaml") }

// Serve makes the org listen on a free loopback port and writes the configuration. End it with Close.
func (w *World) Serve(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the demo's org: %w", err)
	}
	w.URL = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w.Org, ReadHeaderTimeout: 10 * time.Second}
	w.failed = make(chan error, 1)
	go func() { w.failed <- w.server.Serve(listener) }()
	if err := os.WriteFile(w.ConfigFile(), []byte(w.config()), 0o600); err != nil {
		return errors.Join(fmt.Errorf("write demo configuration: %w", err), w.Close())
	}
	return nil
}

// Close ends the serving and keeps the org's records as they are now.
func (w *World) Close() error {
	if w.server == nil {
		return nil
	}
	err := w.server.Close()
	if served := <-w.failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	w.server = nil
	if err != nil {
		return fmt.Errorf("close the demo's org: %w", err)
	}
	return w.Org.SaveDir(w.path("org"))
}

func (w *World) config() string {
	return fmt.Sprintf(`# The demonstration's contract. The org listens only while something serves it, for instance
#   fakeforce --data %[1]s/org --client-id %[4]s --user %[5]s --public-key %[1]s/keys/salesforce.pub
# whose address then goes into salesforce.login_url.
contract: %[2]s
work_dir: %[1]s
salesforce:
  login_url: %[3]s
  client_id: %[4]s
  username: %[5]s
  private_key_file: %[1]s/keys/salesforce.key
  reserve: 1000
  # The demonstration's clock jumps, so there is nothing to wait or look back for.
  overlap: 0s
  lag: 0s
navigator:
  dir: %[1]s/export
snapshots:
  key_file: %[1]s/keys/snapshots.key
log:
  level: warn
`, w.Dir, Contract, w.URL, clientID, username)
}

// ApplyChanges lets half a day pass in the org, with the edits that people made in it.
func (w *World) ApplyChanges() (int, error) {
	w.Org.Clock().Advance(6 * time.Hour)
	changes := demodata.Changes(w.Data)
	edits := make([]fakeforce.Change, len(changes))
	for i, c := range changes {
		edits[i] = fakeforce.Change{Op: c.Op, Object: c.Object, ID: c.ID, Fields: c.Fields}
	}
	if _, err := w.Org.Apply(edits); err != nil {
		return 0, fmt.Errorf("change the demo's org: %w", err)
	}
	w.Org.Clock().Advance(6 * time.Hour)
	return len(changes), nil
}
