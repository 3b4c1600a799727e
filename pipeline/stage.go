package pipeline

import (
	"context"

	"github.com/crmsync/crmsync/schemas"
)

// Stage is one step of a job: it reads data sets, publishes data sets, and can be run again with the same result.
type Stage interface {
	// Name is the stage's name in manifests, logs and tables.
	Name() string
	// Reads lists the data sets that must have been published before the stage runs.
	Reads() []*schemas.Dataset
	// Writes lists the data sets that the stage must have published when Run returns nil.
	Writes() []*schemas.Dataset
	Run(ctx context.Context, run *Run) error
}

// Recorder keeps a copy of each run's state where people look for it (the tables runs and run_stages). It is called after every
// change of the manifest and must be idempotent.
type Recorder interface {
	Record(ctx context.Context, m *Manifest) error
}
