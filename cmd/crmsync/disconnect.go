package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs"
)

func (a *app) disconnectCommand() *cobra.Command {
	var erase, keepAccess bool
	var confirm string
	c := &cobra.Command{
		Use:   "disconnect",
		Short: "End the access to the org; with --delete-data, remove all imported data too",
		Long: `disconnect revokes the integration user's session in Salesforce and keeps the imported data for a later reconnection.

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
					client, err := s.client()
					if err != nil {
						return err
					}
					defer client.Close()
					if err := client.Revoke(cmd.Context()); err != nil {
						return fmt.Errorf("revoke access (--keep-access leaves it to an administrator): %w", err)
					}
					fmt.Fprintln(a.stderr, "Access is revoked. With the JWT and client credentials flows an administrator must also withdraw the app's approval in Salesforce.")
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
	c.Flags().BoolVar(&keepAccess, "keep-access", false, "do not revoke the session in Salesforce")
	return c
}
