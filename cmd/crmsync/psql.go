package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"
)

func (a *app) psqlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "psql [-- ARGUMENTS OF PSQL]",
		Short: "Open psql on the database, starting the private server if need be",
		Example: `  crmsync psql -c crmsync.yaml
  crmsync psql -c crmsync.yaml -- -c 'SELECT * FROM crmsync.match_rates'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				program := ""
				if s.server != nil {
					program = s.server.Tool("psql")
				}
				if program == "" {
					found, err := exec.LookPath("psql")
					if err != nil {
						return errors.New("psql was not found; install it with: apt-get install -y postgresql-client")
					}
					program = found
				}
				env, err := libpqEnv(s.dsn)
				if err != nil {
					return err
				}
				c := exec.CommandContext(cmd.Context(), program, args...)
				c.Env = append(os.Environ(), env...)
				c.Stdin, c.Stdout, c.Stderr = os.Stdin, a.stdout, a.stderr
				if err := c.Run(); err != nil {
					return fmt.Errorf("psql: %w", err)
				}
				return nil
			})
		},
	}
}

// libpqEnv says by environment how to connect, since a list of processes shows arguments.
func libpqEnv(dsn string) ([]string, error) {
	c, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("database.url cannot be read")
	}
	env := []string{"PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User, "PGDATABASE=" + c.Database}
	if c.Password != "" {
		env = append(env, "PGPASSWORD="+c.Password)
	}
	return env, nil
}
