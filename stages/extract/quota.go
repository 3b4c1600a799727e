package extract

import (
	"errors"
	"sync"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// quota holds back the news that the org's allowance is used up, so that what is on its way is read to its end: those calls are paid for,
// and stopping them would have the resumed run pay again. New calls are refused without being made, so the end is near. It is safe for
// concurrent use.
type quota struct {
	mu  sync.Mutex
	err error
}

// later keeps the error for the end, if it is about the allowance, and returns any other.
func (q *quota) later(err error) error {
	if !errors.Is(err, salesforce.ErrQuota) {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	return nil
}

// end returns the error that work ended with, or the one that was kept.
func (q *quota) end(err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		return err
	}
	return q.err
}
