// Command fakeforce serves a Salesforce org on a loopback port, for developing and testing against.
//
// The first line of its standard output is a JSON object with the org's url; logs go to standard error. It ends, with exit
// code 0, on SIGINT or SIGTERM.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fakeforce:", strings.TrimPrefix(err.Error(), "fakeforce: "))
		stop()
		os.Exit(1)
	}
}
