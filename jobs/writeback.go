package jobs

import (
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/writeback"
)

// WritebackName is the write-back's name in manifests and tables, and that of its lock.
const WritebackName = "writeback"

// Writeback returns the job that writes sellers' activities to the org (R26-R33). It builds on the latest sync, has a lock of its own, and
// is never resumed: its outbox in Postgres holds how far it got.
func Writeback(stage *writeback.Stage) pipeline.Job {
	return pipeline.Job{Name: WritebackName, BaseJob: SyncName, Lock: WritebackName, NoResume: true, Stages: []pipeline.Stage{observed{stage, stage.Job.Client, true}}}
}
