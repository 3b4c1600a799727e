package main

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// check refuses flags that do not fit together.
func (f flags) check() error {
	switch {
	case f.clientID == "":
		return errors.New("--client-id is required")
	case f.persist && f.data == "":
		return errors.New("--persist needs --data")
	case f.clientSecret == "" && os.Getenv(secretVariable) == "" && f.publicKey == "":
		return errors.New("nobody could log in: give --client-secret, --public-key or both")
	}
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !f.allowRemote {
		return fmt.Errorf("--addr %s is not on loopback: the org speaks plain http and holds no secret well; --allow-remote insists", f.addr)
	}
	return nil
}

// options turns the flags into the org's options.
func (f flags) options(log *slog.Logger) (fakeforce.Options, error) {
	o := fakeforce.Options{
		ClientID: f.clientID, ClientSecret: f.clientSecret, Username: f.user, RotateRefreshTokens: f.rotate, SessionTimeout: f.sessionTimeout,
		OrgName: f.orgName, Edition: f.edition, InstanceName: f.instance, Sandbox: f.sandbox, APIDisabled: f.apiDisabled, WithoutManagedPackage: f.bare,
		Clock: fakeforce.RealClock(), JobPolls: f.jobPolls, JobLatency: f.jobLatency, PageSize: f.pageSize, QueryBatchSize: f.batchSize,
		DailyAPIRequests: f.dailyCalls, Seed: f.seed, AdminToken: f.adminToken, Log: log,
	}
	if o.JobPolls == 0 {
		o.JobPolls = -1 // zero is the default's place in Options
	}
	if o.ClientSecret == "" {
		o.ClientSecret = os.Getenv(secretVariable)
	}
	if f.clock != "" {
		t, err := time.Parse(time.RFC3339, f.clock)
		if err != nil {
			return o, fmt.Errorf("--clock: %w", err)
		}
		o.Clock.Set(t)
	}
	if f.publicKey != "" {
		key, err := readKey(f.publicKey)
		if err != nil {
			return o, fmt.Errorf("--public-key: %w", err)
		}
		o.PublicKey = key
	}
	return o, nil
}

// readKey reads an RSA public key, or a certificate's, from a PEM file.
func readKey(path string) (*rsa.PublicKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return jwt.ParseRSAPublicKeyFromPEM(b)
}

// open makes the org with its rows.
func (f flags) open(log *slog.Logger) (*fakeforce.Org, error) {
	opts, err := f.options(log)
	if err != nil {
		return nil, err
	}
	org, err := fakeforce.New(opts)
	if f.data != "" {
		org, err = fakeforce.Open(f.data, opts)
	}
	if err != nil {
		return nil, err
	}
	now := org.Clock().Now().Truncate(time.Second)
	for object, n := range f.synthetic {
		var rows fakeforce.Generator
		switch object {
		case "Contact":
			rows = fakeforce.SyntheticContacts(n, f.seed, now, f.synthetic["Account"])
		case "Account":
			rows = fakeforce.SyntheticAccounts(n, f.seed, now)
		default:
			return nil, fmt.Errorf("--synthetic: only Contact and Account can be made up, not %s", object)
		}
		if err := org.Generate(object, rows); err != nil {
			return nil, err
		}
	}
	return org, nil
}
