package extract

import (
	"errors"
	"fmt"
	"slices"

	"github.com/crmsync/crmsync/pipeline/salesforce/rows"
)

// ErrIncomplete says that a record lacks a field that every record has, and that it is not the only one.
var ErrIncomplete = errors.New("many records lack a field that every record should have, so it is no accident of a few; look at one of them in Salesforce, " +
	"and at what the integration user may see of the object, then run again")

// mostAside is how many records of a page, or of an object, can be set aside: an accident of some, not the state of an org.
const mostAside = 100

// leftovers are the records of a page that lack a required field. They are told one by one, are counted in every run until they are
// mended, and are not in the snapshot, also not as they were before: a state that the org does not have any more would be worse.
type leftovers struct {
	r   *reading
	ids []string
}

// take is a rows.Aside.
func (l *leftovers) take(e *rows.RowError) error {
	if len(l.ids) >= mostAside {
		return fmt.Errorf("%w: %w", ErrIncomplete, e)
	}
	l.ids = append(l.ids, e.ID)
	l.r.run.Log.Warn("a record is set aside, since it lacks a field that every record should have; fill the field in Salesforce",
		"object", l.r.q.ds.Object, "id", e.ID, "error", e)
	return nil
}

// aside are the ids of the records that were read and could not be taken.
func (r *reading) aside() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.state.Pages {
		ids = append(ids, p.Aside...)
	}
	return ids
}

// still are those that are set aside after this run: those of before that were neither mended nor deleted, and those of now.
func (u *update) stillAside(gone func(id string) bool) ([]string, error) {
	all := slices.Clone(u.aside)
	if u.p.mode == changes {
		for _, id := range u.p.prev.SetAside {
			if !gone(id) {
				all = append(all, id)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > mostAside {
		return nil, fmt.Errorf("%d records are set aside: %w", len(all), ErrIncomplete)
	}
	return all, nil
}
