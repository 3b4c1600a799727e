package main

import (
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/grant"
)

// client makes the Salesforce client; it sends nothing yet.
func (s *session) client() (*salesforce.Client, error) {
	c, err := s.clientConfig()
	if err != nil {
		return nil, err
	}
	if c.Flow == salesforce.FlowRefreshToken {
		tokens, err := s.tokens()
		if err != nil {
			return nil, err
		}
		stored, err := tokens.Stored()
		if err != nil {
			return nil, err
		}
		if !stored {
			return nil, usageError{fmt.Errorf("salesforce.flow %s: %w", config.FlowWebServer, grant.ErrMissing)}
		}
		c.Tokens = tokens
	}
	client, err := salesforce.New(c)
	if err != nil {
		return nil, usageError{err}
	}
	return client, nil
}

// clientConfig is the configured client without its token store.
func (s *session) clientConfig() (salesforce.Config, error) {
	c := s.cfg.Salesforce
	key, err := config.SecretFrom(config.PrivateKeyVariable, c.PrivateKeyFile)
	if err != nil && c.Flow == config.FlowJWT {
		return salesforce.Config{}, usageError{fmt.Errorf("salesforce.private_key_file: %w", err)}
	}
	secret, err := config.SecretFrom(config.ClientSecretVariable, c.ClientSecretFile)
	if err != nil {
		return salesforce.Config{}, usageError{fmt.Errorf("salesforce.client_secret_file: %w", err)}
	}
	flow := salesforce.Flow(c.Flow)
	if c.Flow == config.FlowWebServer {
		flow = salesforce.FlowRefreshToken
	}
	return salesforce.Config{
		LoginURL: strings.TrimRight(c.LoginURL, "/"), APIVersion: c.APIVersion, ClientID: c.ClientID, Username: c.Username, Flow: flow,
		PrivateKey: salesforce.NewSecret(key.Reveal()), ClientSecret: salesforce.NewSecret(secret.Reveal()),
		AllowSandbox: c.AllowSandbox, Reserve: c.Reserve, Timeout: c.Timeout, Log: s.log,
	}, nil
}

// tokens is where the web-server flow's refresh token is kept.
func (s *session) tokens() (*grant.Store, error) {
	t, err := grant.Open(s.home.Dir, s.key.Reveal(), grant.App{
		LoginURL: strings.TrimRight(s.cfg.Salesforce.LoginURL, "/"), ClientID: s.cfg.Salesforce.ClientID,
	})
	if err != nil {
		return nil, usageError{err}
	}
	return t, nil
}
