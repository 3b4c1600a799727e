package main

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
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
	for object, n := range f.wide {
		if o.CustomFields == nil {
			o.CustomFields = map[string][]fakeforce.Field{}
		}
		o.CustomFields[object] = fakeforce.WideFields(n)
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
	faults, err := f.plan()
	if err != nil {
		return nil, err
	}
	org.AddFaults(faults...)
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

// scheduled is how many faults a schedule holds that is drawn at random.
const scheduled = 10

// plan reads the faults.
func (f flags) plan() ([]fakeforce.Fault, error) {
	var list []fakeforce.Fault
	for _, text := range f.faults {
		fault, err := fakeforce.ParseFault(text)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		list = append(list, fault)
	}
	if f.schedule == "" {
		return list, nil
	}
	if number, ok := strings.CutPrefix(f.schedule, "seed:"); ok {
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("--fault-schedule: %s is no seed", number)
		}
		return append(list, fakeforce.RandomFaults(seed, scheduled)...), nil
	}
	text, err := os.ReadFile(f.schedule)
	if err != nil {
		return nil, fmt.Errorf("--fault-schedule: %w", err)
	}
	more, err := fakeforce.ParseFaults(string(text))
	if err != nil {
		return nil, fmt.Errorf("--fault-schedule %s: %w", f.schedule, err)
	}
	return append(list, more...), nil
}
