// Command crmsync keeps a Sales Navigator contract and its Salesforce org in step: see `crmsync --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/cmd/crmsync/ballast"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Exit codes, the same for every verb.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2 // bad usage or configuration
	exitLocked  = 3 // another run holds the lock
	exitStopped = 4 // an external limit stopped the run; nothing is lost
)

// usageError is a mistake in flags, arguments or configuration.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func exitCode(err error) int {
	var locked *pipeline.LockedError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, new(usageError)):
		return exitUsage
	case errors.As(err, &locked):
		return exitLocked
	case errors.Is(err, salesforce.ErrQuota), errors.Is(err, salesforce.ErrRevoked),
		errors.Is(err, salesforce.ErrTokenLost), errors.Is(err, context.Canceled):
		return exitStopped
	default:
		return exitFailed
	}
}

func main() {
	ballast.Drop()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "crmsync:", err)
	}
	return exitCode(err)
}

// usage marks errors of argument checks as usage errors.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
		}
		return nil
	}
}
