package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// shutdownTime is how long requests may go on after a signal.
const shutdownTime = 5 * time.Second

// flags are the program's flags as given.
type flags struct {
	addr, data, clientID, clientSecret, user, publicKey string
	edition, orgName, instance, clock, adminToken       string
	sandbox, apiDisabled, bare, persist, allowRemote    bool
	rotate, verbose                                     bool
	pageSize, batchSize, jobPolls, dailyCalls           int
	jobLatency, sessionTimeout                          time.Duration
	seed                                                uint64
	synthetic                                           map[string]int
	wide                                                map[string]int
	faults                                              []string
	schedule                                            string
}

func newCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "fakeforce",
		Short: "Serve a Salesforce org on a loopback port",
		Long: `fakeforce is a Salesforce org to develop and test against: OAuth, REST query and describe, sObject Collections,
Bulk API 2.0 query and ingest, over the rows of a folder of <Object>.csv files (API names as columns).

The first line of output is JSON: {"url":"http://127.0.0.1:PORT", …}. Requests to /fakeforce/ move the clock, change rows
and show counts:
  curl -d '{"advance":"12h"}' $URL/fakeforce/clock
  curl -d '[{"op":"update","object":"Contact","id":"003…","fields":{"Title":"CEO"}}]' $URL/fakeforce/apply
  curl $URL/fakeforce/stats

Faults make things go wrong, as real networks and orgs do: by --fault, by a schedule (--fault-schedule FILE, or seed:N for one drawn at
random), by the header X-Fakeforce-Fault of a request, or by
  curl -d 'cut@bulk_query_results/Contact#2' $URL/fakeforce/faults
A fault is written KIND[=VALUE][@CALLS][/OBJECT][#N][*TIMES]: it happens to the N-th such call, and TIMES times (* for ever).
CALLS is one of those that stats counts. Kinds:
` + fakeforce.FaultHelp(),
		Example: `  fakeforce --data ./org --client-id 3MVG9x --client-secret s3cret --user integration@example.com
  fakeforce --synthetic Contact=1000000,Account=50000 --client-id x --client-secret y --user u@example.com`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	fs.StringVar(&f.data, "data", "", "folder of <Object>.csv files and an optional org.json")
	fs.StringVar(&f.clientID, "client-id", "", "consumer key of the app that logs in (required)")
	fs.StringVar(&f.clientSecret, "client-secret", "", "consumer secret, for client credentials; "+secretVariable+" is read when it is not given")
	fs.StringVar(&f.user, "user", "integration@example.com", "username of the integration user")
	fs.StringVar(&f.publicKey, "public-key", "", "PEM file with the certificate or public key for the JWT bearer flow")
	fs.StringVar(&f.edition, "edition", "", `edition, such as "Professional Edition" (default "Enterprise Edition")`)
	fs.StringVar(&f.orgName, "org-name", "", "name of the org")
	fs.StringVar(&f.instance, "instance", "", "name of the instance")
	fs.BoolVar(&f.sandbox, "sandbox", false, "be a sandbox")
	fs.BoolVar(&f.apiDisabled, "api-disabled", false, "be an edition without API")
	fs.BoolVar(&f.bare, "without-package", false, "leave out the managed package's record types")
	fs.StringVar(&f.clock, "clock", "", "start the org's clock at this time (RFC 3339) and let it run from there")
	fs.StringVar(&f.adminToken, "admin-token", "", "bearer token that requests to /fakeforce/ must carry")
	fs.BoolVar(&f.persist, "persist", false, "write the rows back to the data folder when the program ends")
	fs.BoolVar(&f.allowRemote, "allow-remote", false, "allow an address that is not on loopback")
	fs.BoolVar(&f.rotate, "rotate-refresh-tokens", false, "give a new refresh token at each use")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "log every request")
	fs.IntVar(&f.pageSize, "page-size", 0, "rows of a Bulk result page at most (default 50000)")
	fs.IntVar(&f.batchSize, "batch-size", 0, "rows of a REST query answer at most (default 2000)")
	fs.IntVar(&f.jobPolls, "job-polls", 1, "status requests that a job answers before it is complete")
	fs.DurationVar(&f.jobLatency, "job-latency", 0, "time that a job takes at least")
	fs.DurationVar(&f.sessionTimeout, "session-timeout", 0, "idle time that ends a session (default 2h)")
	fs.IntVar(&f.dailyCalls, "daily-calls", 0, "API calls a day (default 100000)")
	fs.Uint64Var(&f.seed, "seed", 0, "seed of synthetic rows and of the order of Bulk results")
	fs.StringArrayVar(&f.faults, "fault", nil, "make something go wrong (see above); may be given several times")
	fs.StringVar(&f.schedule, "fault-schedule", "", "file of faults, one a line, or seed:N for ten drawn at random")
	fs.StringToIntVar(&f.wide, "wide", nil, "custom fields to add to objects: Contact=1000")
	fs.StringToIntVar(&f.synthetic, "synthetic", nil, "rows to make up as they are read, for Contact and Account: Contact=1000000")
	return cmd
}

// secretVariable names the environment variable with the consumer secret, which a list of processes does not show.
const secretVariable = "FAKEFORCE_CLIENT_SECRET" //nolint:gosec // a name, no secret

// serve runs the org until the context ends.
func serve(ctx context.Context, f flags, stdout, stderr io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	org, err := f.open(log)
	if err != nil {
		return err
	}
	if f.verbose {
		org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
			log.Info("request", "kind", call.Kind, "n", call.N, "method", r.Method, "path", r.URL.Path)
			next.ServeHTTP(w, r)
		})
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		Handler: org, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	announcement := map[string]any{
		"url": "http://" + listener.Addr().String(), "org_id": org.OrgID(), "user_id": org.UserID(), "username": f.user, "client_id": f.clientID, "pid": os.Getpid(),
	}
	if err := json.NewEncoder(stdout).Encode(announcement); err != nil {
		return errors.Join(fmt.Errorf("announce: %w", err), server.Close(), <-failed)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	down, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(down); err != nil {
		// Who still reads after that is cut off.
		_ = server.Close()
	}
	<-failed
	if f.persist {
		return org.SaveDir(f.data)
	}
	return nil
}
