package grant

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Connection says who was connected to what.
type Connection struct {
	Org      salesforce.Organization
	User     salesforce.Identity
	Instance string
}

// Admit tries a token that was just granted, and stores it if the org is one that the system supports (R4, R5). Else the token is revoked,
// and what was stored before stays as it was. The configuration's flow and token store are not looked at.
func Admit(ctx context.Context, cfg salesforce.Config, token salesforce.Secret, store *Store) (Connection, error) {
	held := &held{token: token}
	cfg.Flow, cfg.Tokens = salesforce.FlowRefreshToken, held
	client, err := salesforce.New(cfg)
	if err != nil {
		return Connection{}, err
	}
	defer client.Close()
	c, err := inspect(ctx, client)
	if err == nil {
		if err = store.Put(ctx, held.current()); err == nil {
			return c, nil
		}
	}
	if failed := client.Revoke(context.WithoutCancel(ctx)); failed != nil {
		err = errors.Join(err, fmt.Errorf("the access just granted is left as it is: %w", failed))
	}
	return c, err
}

func inspect(ctx context.Context, client *salesforce.Client) (c Connection, err error) {
	if c.Org, err = client.Organization(ctx); err != nil {
		return c, err
	}
	if err = client.Guard(c.Org); err != nil {
		return c, err
	}
	if c.User, err = client.WhoAmI(ctx); err != nil {
		return c, err
	}
	c.Instance, err = client.Instance(ctx)
	return c, err
}

// held keeps a token in memory until it is known whether it is wanted.
type held struct {
	mu       sync.Mutex
	token    salesforce.Secret
	doubtful bool
}

// Exchange implements salesforce.TokenStore.
func (h *held) Exchange(_ context.Context, swap func(salesforce.Secret, bool) (salesforce.Secret, error)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	doubtful := h.doubtful
	h.doubtful = true
	next, err := swap(h.token, doubtful)
	if next.Empty() && err != nil {
		return err
	}
	h.doubtful = doubtful && err != nil && next.Reveal() == h.token.Reveal()
	h.token = next
	return err
}

func (h *held) current() salesforce.Secret {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.token
}
