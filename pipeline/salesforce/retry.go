package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Pauses between attempts: they double from firstPause to longestPause, each made up to half longer or shorter by chance. An org
// that asks for more than maxRetryAfter is not waited for.
const (
	firstPause    = 500 * time.Millisecond
	longestPause  = 30 * time.Second
	maxRetryAfter = 5 * time.Minute
)

// passing marks a failure that may not happen again.
type passing struct {
	err   error
	after time.Duration // what the org asked to wait; 0 if nothing
}

func (p *passing) Error() string { return p.err.Error() }
func (p *passing) Unwrap() error { return p.err }

// passingStatus tells the refusals that are worth another attempt.
func passingStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusNotAcceptable, 420, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// repeat calls attempt until it succeeds, fails for good, or was made often enough. The error is then the last attempt's.
func (c *Client) repeat(ctx context.Context, op string, attempt func(context.Context) error) error {
	pauses := &backoff.ExponentialBackOff{
		InitialInterval: firstPause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: longestPause,
	}
	for n := 1; ; n++ {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		var p *passing
		if !errors.As(err, &p) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", op, context.Cause(ctx))
		}
		if n >= c.cfg.Attempts {
			return gaveUp(p.err, fmt.Sprintf("tried %d times", n))
		}
		pause := pauses.NextBackOff()
		if p.after > maxRetryAfter {
			return gaveUp(p.err, fmt.Sprintf("the org asks to wait %s", p.after))
		}
		pause = max(pause, p.after)
		c.cfg.Log.Debug("call is repeated", "op", op, "attempt", n, "pause_ms", pause.Milliseconds(), "error", p.err)
		if err := c.cfg.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
}

// gaveUp marks a passing failure that did not pass with ErrUnavailable, unless callers decide by something else in it.
func gaveUp(err error, why string) error {
	err = fmt.Errorf("%w (%s)", err, why)
	for _, decision := range []error{ErrQuota, ErrRevoked, ErrTokenLost, ErrLogin, ErrEdition, ErrPermission, ErrNotFound, ErrNotBulk, ErrRowCount} {
		if errors.Is(err, decision) {
			return err
		}
	}
	return fmt.Errorf("%w; %w", err, ErrUnavailable)
}

// retryAfter reads the header of the same name: seconds, or a date by the org's own clock.
func retryAfter(h http.Header) time.Duration {
	s := h.Get("Retry-After")
	if s == "" {
		return 0
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
