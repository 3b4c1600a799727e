package autosave

import (
	"context"
	"fmt"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// Stage publishes seat_users, and adds to saves.
type Stage struct{}

// Name implements pipeline.Stage.
func (*Stage) Name() string { return "autosave" }

// Reads implements pipeline.Stage.
func (*Stage) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{
		schemas.Settings, schemas.SeatMappings, schemas.Seats, schemas.User, schemas.UserRole,
		schemas.Opportunity, schemas.OpportunityContactRole, schemas.Links,
	}
}

// Writes implements pipeline.Stage.
func (*Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.SeatUsers, schemas.Saves}
}

// Run implements pipeline.Stage.
func (*Stage) Run(ctx context.Context, run *pipeline.Run) error {
	values, err := readSettings(ctx, run)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	rules, err := newRules(values)
	if err != nil {
		return err
	}
	users, err := readUsers(ctx, run)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	seats, err := readSeats(ctx, run)
	if err != nil {
		return fmt.Errorf("read seats: %w", err)
	}
	mappings, err := readPairs(ctx, run, schemas.SeatMappings, "seat_id", "user_id")
	if err != nil {
		return fmt.Errorf("read mappings: %w", err)
	}
	ties := tieSeats(seats, newDirectory(users, newDomains(values.List("seats.email_domains"))), mappings)
	if err := publishTies(ctx, run, ties); err != nil {
		return fmt.Errorf("seat users: %w", err)
	}
	roles, err := readPairs(ctx, run, schemas.UserRole, "Id", "Name")
	if err != nil {
		return fmt.Errorf("read roles: %w", err)
	}
	sellers := seatOf(ties)
	for _, u := range users {
		if _, ok := sellers[u.id]; ok && !rules.allows(u, roles) {
			delete(sellers, u.id)
		}
	}
	run.Count("sellers", int64(len(sellers)))
	wanted, err := readWishes(ctx, run, rules, sellers)
	if err != nil {
		return fmt.Errorf("read opportunities: %w", err)
	}
	holders, err := readHolders(ctx, run, wanted)
	if err != nil {
		return fmt.Errorf("read links: %w", err)
	}
	if err := publishSaves(ctx, run, wanted.saves(holders)); err != nil {
		return fmt.Errorf("saves: %w", err)
	}
	return nil
}
