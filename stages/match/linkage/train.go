package linkage

import (
	"context"

	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Train trains the model that RunPrepared would train, and links nothing.
func Train(ctx context.Context, left *record.Table, d *feature.Directory, cfg Config) (*weigh.Model, error) {
	cfg.Entity = d.Entity
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	set := d.Compare(left, cfg.options())
	sample, _, err := sampleOf(ctx, set, newWorkers(set, cfg.Workers), cfg)
	if err != nil {
		return nil, err
	}
	return weigh.Train(set, sample), nil
}
