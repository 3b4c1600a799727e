package salesforce

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

const callbackPath = "/callback"

// Callback listens on this machine for the browser that brings the code.
type Callback struct {
	listeners []net.Listener
	port      int
}

// ListenCallback takes the port on the loopback addresses, so that `localhost` leads here whichever of them it means; port 0 takes a
// free one. Wait or Close gives it back.
func ListenCallback(ctx context.Context, port int) (*Callback, error) {
	var lc net.ListenConfig
	first, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w; choose another port with --port and enter its callback address in the app, or use --paste", err)
	}
	cb := &Callback{listeners: []net.Listener{first}, port: first.Addr().(*net.TCPAddr).Port}
	if second, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(cb.port))); err == nil { // not every machine has it
		cb.listeners = append(cb.listeners, second)
	}
	return cb, nil
}

// Redirect is the address that the browser is sent to.
func (cb *Callback) Redirect() string { return RedirectAddress(cb.port) }

// Close gives the port back, if Wait has not.
func (cb *Callback) Close() error {
	var errs []error
	for _, l := range cb.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Wait returns the code of the attempt once the browser has brought it, or the refusal. An answer of another attempt is told to the
// browser and to ignored, and waited past: any page that the person visits could send one.
func (cb *Callback) Wait(ctx context.Context, a *Authorization, ignored func(error)) (Secret, error) {
	type result struct {
		code Secret
		err  error
	}
	found := make(chan result, 1)
	strange := make(chan error, 8)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+callbackPath, func(w http.ResponseWriter, r *http.Request) {
		code, err := a.Code(r.URL.Query())
		if errors.Is(err, ErrState) {
			select {
			case strange <- err:
			default:
			}
			page(w, http.StatusBadRequest, "Not connected", err.Error())
			return
		}
		if err != nil {
			page(w, http.StatusForbidden, "Not connected", err.Error())
		} else {
			page(w, http.StatusOK, "Salesforce granted access", "Close this window and go back to the terminal, which says whether all is well.")
		}
		select {
		case found <- result{code, err}:
		default: // a reload of the page
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	failed := make(chan error, len(cb.listeners))
	for _, l := range cb.listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var r result
	waiting := true
	for waiting {
		select {
		case r = <-found:
			waiting = false
		case err := <-strange:
			ignored(err)
		case err := <-failed:
			failed <- nil // one has ended; the count below stays right
			r.err, waiting = fmt.Errorf("listen for the browser: %w", err), false
		case <-ctx.Done():
			r.err, waiting = fmt.Errorf("wait for the browser: %w; run `crmsync connect` again, with --paste if the browser is on another machine",
				context.Cause(ctx)), false
		}
	}
	// An answer of another attempt may have come just before the one that ended the wait.
	for len(strange) > 0 {
		ignored(<-strange)
	}
	// The page that answers the browser is still on its way.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		_ = server.Close()
	}
	for range cb.listeners {
		<-failed
	}
	return r.code, r.err
}

// page answers the browser. Nothing of it may be kept: its address holds the code.
func page(w http.ResponseWriter, status int, title, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Connection", "close")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!doctype html><html lang=en><meta charset=utf-8><title>crmsync: "+html.EscapeString(title)+
		`</title><body style="font:16px system-ui;margin:4rem auto;max-width:36rem"><h1>`+html.EscapeString(title)+"</h1><p>"+html.EscapeString(text)+"</p>")
}
