package linkage

import (
	"context"

	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Train trains the model that Run would train, and links nothing.
func Train(ctx context.Context, left, right *record.Table, cfg Config) (*weigh.Model, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	set := feature.New(cfg.Entity, left, right, cfg.options())
	sample, err := sampleOf(ctx, set, newWorkers(set, cfg.Workers), cfg)
	if err != nil {
		return nil, err
	}
	return weigh.Train(set, sample), nil
}
