// Package jobs says what runs together and when: a job is a list of stages, in order.
package jobs

import (
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/stages/autosave"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/directory"
	"github.com/crmsync/crmsync/stages/extract"
	"github.com/crmsync/crmsync/stages/load"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/roi"
)

// SyncName is the sync's name in manifests and tables.
const SyncName = "sync"

// BackfillName is the name of the lock that a backfill holds: one works at a time for a contract, beside syncs, while retention rests.
const BackfillName = "backfill"

// Sync is what the 12-hourly job needs (R9-R12).
type Sync struct {
	DB     *postgres.DB
	Client *salesforce.Client
	// Store is where the run's data sets lie; what is kept between pages is encrypted like them.
	Store *snapshot.Store

	PageRows      int
	Overlap, Lag  time.Duration
	ObjectsAtOnce int
	SweepEvery    time.Duration
	MaxVanished   float64
	RevenueField  string

	ExportDir   string
	Mapping     map[string]map[string]string
	MaxRejected float64

	LinkProbability, ReviewProbability, MarginBits float64
	// Model, when set, is used as it is; otherwise one is trained, and again when more than RetrainShare of the records have changed.
	Model        *match.Model
	RetrainShare float64
}

// Matcher returns the stage that links.
func (s Sync) Matcher() *match.Stage {
	return &match.Stage{Threshold: s.LinkProbability, Review: s.ReviewProbability, Margin: s.MarginBits, Model: s.Model, Retrain: s.RetrainShare}
}

// Extractor returns the stage that reads the org.
func (s Sync) Extractor() *extract.Stage {
	return &extract.Stage{
		Client: s.Client, PageRows: s.PageRows, Overlap: s.Overlap, Lag: s.Lag, MaxConcurrent: s.ObjectsAtOnce, SweepEvery: s.SweepEvery,
		MaxVanished: s.MaxVanished, RevenueField: s.RevenueField, Seal: s.Store.Seal(),
	}
}

// Job returns the stages: what people decided, both sides, the links between them, what follows, and the tables.
func (s Sync) Job() pipeline.Job {
	return pipeline.Job{Name: SyncName, Stages: []pipeline.Stage{
		&control.Stage{DB: s.DB},
		observed{s.Extractor(), s.Client, false},
		directory.Stage{Dir: s.ExportDir, Mapping: s.Mapping, MaxRejected: s.MaxRejected},
		s.Matcher(),
		&autosave.Stage{},
		&roi.Stage{},
		&load.Stage{DB: s.DB},
	}}
}
