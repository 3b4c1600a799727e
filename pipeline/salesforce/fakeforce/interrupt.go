package fakeforce

// interrupt ends a job of which some rows were made: it applies the first rows of its upload and leaves the others unprocessed.
func (o *Org) interrupt(j *job, rows int, state JobState, message string) {
	j.message = message
	if j.ingest && j.upload != nil {
		o.ingestSome(j, rows)
	}
	j.enter(state, o.now())
}

// AbortJobAfter aborts an ingest job after so many of its rows.
func (o *Org) AbortJobAfter(id string, rows int) error {
	return o.setJob(id, func(j *job) { o.interrupt(j, rows, StateAborted, "") })
}

// FailJobAfter makes an ingest job fail after so many of its rows.
func (o *Org) FailJobAfter(id string, rows int, message string) error {
	return o.setJob(id, func(j *job) { o.interrupt(j, rows, StateFailed, message) })
}

// AbortJobLate aborts an ingest job while the org is at work on a part of it: its lists tell of nothing that was made, and the first
// rows are made when finish is called.
func (o *Org) AbortJobLate(id string, rows int) (finish func(), err error) {
	var late *job
	err = o.setJob(id, func(j *job) {
		if j.ingest && j.upload != nil && j.state != StateOpen {
			copied := *j
			late = &copied
		}
		o.interrupt(j, 0, StateAborted, "")
	})
	return func() {
		if late == nil {
			return
		}
		o.jobs.mu.Lock()
		defer o.jobs.mu.Unlock()
		o.ingestSome(late, rows)
		late = nil
	}, err
}
