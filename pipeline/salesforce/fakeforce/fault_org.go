package fakeforce

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// These faults change the org itself.

// onJob does something to the job that the call is about.
func onJob(do func(o *Org, id string) error) func(*Org, Fault, Call) error {
	return func(o *Org, _ Fault, call Call) error {
		if call.JobID == "" {
			return errors.New("the call is about no job")
		}
		return do(o, call.JobID)
	}
}

func useUp(o *Org, _ Fault, _ Call) error {
	_, allowance := o.APIUsage()
	o.SetDailyAPIRequests(allowance, allowance)
	return nil
}

func moveClock(o *Org, f Fault, _ Call) error {
	d, err := time.ParseDuration(f.Value)
	o.Clock().Advance(d)
	return err
}

func hideField(o *Org, f Fault, _ Call) error {
	object, field, _ := strings.Cut(f.Value, ".")
	if err := o.HideField(object, field); err != nil {
		return err
	}
	o.faults.mu.Lock()
	defer o.faults.mu.Unlock()
	o.faults.hid = append(o.faults.hid, f.Value)
	return nil
}

// editOne changes one of the records that a query finds first, in a way that shows in its text fields.
func editOne(o *Org, f Fault, call Call) error {
	id, err := o.someID(f.Value, call.N)
	if err != nil {
		return err
	}
	obj, err := o.Object(f.Value)
	if err != nil {
		return err
	}
	for _, name := range []string{"Title", "Phone", "Type", "LeadSource", "LastName", "Name", "Role"} {
		if at := obj.Index(name); at >= 0 && obj.Fields[at].text() && !obj.Fields[at].ReadOnly {
			return o.Update(f.Value, id, map[string]any{name: fmt.Sprintf("edited %d", call.N)})
		}
	}
	return fmt.Errorf("%s has no field that takes any text", f.Value)
}

func deleteOne(o *Org, f Fault, call Call) error {
	id, err := o.someID(f.Value, call.N)
	if err != nil {
		return err
	}
	return o.Delete(f.Value, id)
}

// someID returns the id of one of an object's records, another one for each n.
func (o *Org) someID(object string, n int) (string, error) {
	rows, err := o.Rows("SELECT Id FROM " + object + " ORDER BY Id LIMIT 1000")
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", fmt.Errorf("%s has no records", object)
	}
	return rows[n*7919%len(rows)][0], nil
}
