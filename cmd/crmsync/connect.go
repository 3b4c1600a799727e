package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

// connection is what `crmsync connect --json` prints.
type connection struct {
	OrgID    string `json:"org_id"`
	OrgName  string `json:"org_name"`
	Edition  string `json:"edition"`
	Sandbox  bool   `json:"sandbox"`
	Instance string `json:"instance"`
	User     string `json:"user"`
	Token    string `json:"token_file"`
}

func (a *app) connectCommand() *cobra.Command {
	var paste bool
	var port int
	var wait time.Duration
	c := &cobra.Command{
		Use:   "connect",
		Short: "Let an administrator grant access with a browser (flow web_server)",
		Long: `connect prints an address. Open it in a browser, log in to Salesforce as the integration user, and press Allow. The
browser is then sent back to this machine, where connect listens on salesforce.callback_port; the app's callback
address must be http://localhost:PORT/callback. If the browser is on another machine, use --paste: the page that
can't be shown then has the answer in its address; copy the address and paste it.

The token that Salesforce gives is kept in the contract's folder, encrypted with the snapshots' key. Nothing else is
changed. The flows jwt and client_credentials need no connect. docs/connect.md says how to set up the app.`,
		Example: "  crmsync connect -c crmsync.yaml\n  crmsync connect -c crmsync.yaml --paste",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			if f := cfg.Salesforce.Flow; f != config.FlowWebServer {
				return usageError{fmt.Errorf("salesforce.flow is %s, which needs no connect: run `crmsync check`; "+
					"to grant access with a browser, set salesforce.flow to %s", f, config.FlowWebServer)}
			}
			if !cmd.Flags().Changed("port") {
				port = cfg.Salesforce.CallbackPort
			}
			if port < 1 || port > 65535 {
				return usageError{fmt.Errorf("--port: %d is no port; use 1 to 65535", port)}
			}
			s, err := a.local(cfg)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeoutCause(cmd.Context(), wait, fmt.Errorf("no answer within %s (--timeout)", wait))
			defer cancel()
			done, err := a.connect(ctx, s, port, paste, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(done)
			}
			kind := "production"
			if done.Sandbox {
				kind = "sandbox"
			}
			fmt.Fprintf(a.stdout, "Connected to %s (%s, %s, %s) as %s.\nThe token is kept, encrypted, in %s\nNext: crmsync check\n",
				done.OrgName, done.OrgID, done.Edition, kind, done.User, done.Token)
			return nil
		},
	}
	c.Flags().BoolVar(&paste, "paste", false, "read the answer from standard input instead of listening for the browser")
	c.Flags().IntVar(&port, "port", 0, "listen on this port of loopback (default salesforce.callback_port)")
	c.Flags().DurationVar(&wait, "timeout", 10*time.Minute, "how long the answer is waited for")
	return c
}

func (a *app) connect(ctx context.Context, s *session, port int, paste bool, in io.Reader) (*connection, error) {
	cfg, err := s.clientConfig()
	if err != nil {
		return nil, err
	}
	store, err := s.tokens()
	if err != nil {
		return nil, err
	}
	code, auth, err := a.ask(ctx, cfg, port, paste, in)
	if err != nil {
		return nil, err
	}
	token, err := auth.Exchange(ctx, code)
	if err != nil {
		return nil, err
	}
	c, err := grant.Admit(ctx, cfg, token, store)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &connection{
		OrgID: c.Org.ID, OrgName: c.Org.Name, Edition: c.Org.OrganizationType, Sandbox: c.Org.IsSandbox, Instance: c.Instance,
		User: c.User.Username, Token: store.Path(),
	}, nil
}

// ask sends the person to Salesforce and returns the code that comes back.
func (a *app) ask(ctx context.Context, cfg salesforce.Config, port int, paste bool, in io.Reader) (salesforce.Secret, *salesforce.Authorization, error) {
	if paste {
		auth, err := salesforce.Authorize(cfg, salesforce.RedirectAddress(port))
		if err != nil {
			return salesforce.Secret{}, nil, usageError{err}
		}
		a.sendOff(auth)
		fmt.Fprint(a.stderr, "The browser ends on a page that it can't show. Paste that page's address here, then press Enter:\n")
		line, err := readLine(ctx, in)
		if err != nil {
			return salesforce.Secret{}, nil, err
		}
		code, err := auth.Pasted(line)
		return code, auth, err
	}
	cb, err := salesforce.ListenCallback(ctx, port)
	if err != nil {
		return salesforce.Secret{}, nil, err
	}
	auth, err := salesforce.Authorize(cfg, cb.Redirect())
	if err != nil {
		return salesforce.Secret{}, nil, errors.Join(usageError{err}, cb.Close())
	}
	a.sendOff(auth)
	fmt.Fprintln(a.stderr, "Waiting for the browser…")
	code, err := cb.Wait(ctx, auth, func(err error) { fmt.Fprintln(a.stderr, "An answer was ignored:", err) })
	return code, auth, err
}

func (a *app) sendOff(auth *salesforce.Authorization) {
	fmt.Fprintf(a.stderr, "Open this address in a browser and log in as the integration user:\n\n%s\n\nThe app's callback address must be %s\n",
		auth.URL(), auth.Redirect())
}

// maxPasted bounds the line that is read; an answer has some hundreds of characters.
const maxPasted = 64 << 10

// readLine reads one line. A reader that blocks when the context ends is left behind: the program ends then.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(in, maxPasted)).ReadString('\n')
		if errors.Is(err, io.EOF) && line != "" {
			err = nil
		}
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		if errors.Is(r.err, io.EOF) {
			return "", fmt.Errorf("read the answer: %w", salesforce.ErrNoCode)
		}
		if r.err != nil {
			return "", fmt.Errorf("read the answer: %w", r.err)
		}
		return r.line, nil
	case <-ctx.Done():
		return "", fmt.Errorf("read the answer: %w; run `crmsync connect` again", context.Cause(ctx))
	}
}
