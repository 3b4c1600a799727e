package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

func (a *app) disconnectCommand() *cobra.Command {
	var erase, keepAccess bool
	var confirm string
	c := &cobra.Command{
		Use:   "disconnect",
		Short: "End the access to the org; with --delete-data, remove all imported data too",
		Long: `disconnect revokes the integration user's access in Salesforce, forgets the stored token, and keeps the imported data for a later
reconnection. If Salesforce can't be reached, or the token can't be read, --keep-access leaves the access to an administrator.

With --delete-data it also removes every trace of the contract here: tables, snapshots, manifests, settings and audits. That
cannot be undone, so the contract's name has to be given with --confirm; afterwards it looks for what is left and says so.`,
		Example: "  crmsync disconnect -c crmsync.yaml\n  crmsync disconnect -c crmsync.yaml --delete-data --confirm main",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				if erase && confirm != s.cfg.Contract {
					return usageError{fmt.Errorf("--delete-data removes everything of contract %[1]s for good; confirm with --confirm %[1]s", s.cfg.Contract)}
				}
				if !keepAccess {
					if err := a.revoke(cmd.Context(), s); err != nil {
						return fmt.Errorf("revoke access (--keep-access leaves it to an administrator): %w", err)
					}
				}
				if err := grant.Remove(cmd.Context(), s.home.Dir); err != nil {
					return err
				}
				if !erase {
					return nil
				}
				left, err := jobs.Erase(cmd.Context(), s.db, s.home, s.cfg.Contract)
				if err != nil {
					return err
				}
				if a.json {
					if err := a.printJSON(left); err != nil {
						return err
					}
				}
				if !left.None() {
					return errors.New("something is left of the contract; run the command again")
				}
				fmt.Fprintf(a.stderr, "Looked through %d tables and the contract's folder: nothing is left of %s.\n", len(left.Rows), s.cfg.Contract)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&erase, "delete-data", false, "remove all imported data of the contract")
	c.Flags().StringVar(&confirm, "confirm", "", "name of the contract, to confirm --delete-data")
	c.Flags().BoolVar(&keepAccess, "keep-access", false, "do not revoke the access in Salesforce; the stored token is forgotten all the same")
	return c
}

// revoke ends the access on Salesforce's side and says what an administrator has to do besides.
func (a *app) revoke(ctx context.Context, s *session) error {
	client, err := s.client()
	if errors.Is(err, grant.ErrMissing) {
		fmt.Fprintln(a.stderr, "No token is stored, so there is no access to revoke.")
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Revoke(ctx); err != nil {
		return err
	}
	if s.cfg.Salesforce.Flow == config.FlowWebServer {
		fmt.Fprintln(a.stderr, "Access is revoked, and the token is forgotten.")
		return nil
	}
	fmt.Fprintln(a.stderr, "Access is revoked. With the JWT and client credentials flows an administrator must also withdraw the app's approval in Salesforce.")
	return nil
}
