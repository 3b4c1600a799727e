package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/spf13/cobra"
)

const configTemplate = `# crmsync: one contract. Every key can be set by environment too: CRMSYNC_SALESFORCE_CLIENT_ID and so on.
contract: main

salesforce:
  # https://login.salesforce.com, or your My Domain: https://acme.my.salesforce.com
  login_url: https://login.salesforce.com
  # Consumer key of the External Client App, and the integration user that acts for everyone.
  client_id: ""
  username: ""
  # jwt (default for batch), client_credentials, or web_server (run crmsync connect once); docs/connect.md says how to set each up
  flow: jwt
  private_key_file: %[1]s/salesforce.key
  # API calls of the org's daily allowance that crmsync never uses
  reserve: 5000
  # Objects that are read side by side; 0: one per core
  objects_at_once: 0
  # How often all ids are compared, to find records that were deleted for good without a word
  sweep_every: 168h

navigator:
  # Folder of the Sales Navigator export: people, companies, seats, activities, usage
  dir: ""

snapshots:
  # Imported data is encrypted with this key. Keep a copy elsewhere: without it the snapshots cannot be read.
  key_file: %[1]s/snapshots.key

database:
  # Empty: a private PostgreSQL under the work directory. Else: postgres://user@host/database
  url: ""
`

func (a *app) initCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "init",
		Short:   "Write a configuration for a real org, and a key for its snapshots",
		Example: "  crmsync init --dir /etc/crmsync",
		Args:    usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			path, err := writeInit(dir)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"config": path})
			}
			fmt.Fprintf(a.stdout, "Wrote %[1]s\nFill in client_id, username and navigator.dir, put the private key in place (docs/connect.md), then run:\n  crmsync check -c %[1]s\n  crmsync sync -c %[1]s\n", path)
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "folder for crmsync.yaml and the keys")
	return c
}

// writeInit writes the configuration and the snapshot key. Neither replaces a file that exists: a lost key is lost data.
func writeInit(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", usageError{fmt.Errorf("--dir: %w", err)}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("make snapshot key: %w", err)
	}
	path := filepath.Join(dir, "crmsync.yaml")
	if err := writeNew(path, fmt.Sprintf(configTemplate, dir)); err != nil {
		return "", err
	}
	return path, writeNew(filepath.Join(dir, "snapshots.key"), key.String()+"\n")
}

func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already and is left as it is; choose another folder with --dir", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
