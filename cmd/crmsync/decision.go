package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

// undone is the verdict of a decision that was taken back.
const undone = "undone"

// decided is a decision that was just made or taken back.
type decided struct {
	Verdict   string `json:"verdict"` // link, reject or undone
	Object    string `json:"object"`
	RecordID  string `json:"record_id"`
	Record    string `json:"record"`
	TargetID  string `json:"target_id"`
	Target    string `json:"target"`
	TargetURL string `json:"target_url"`
	By        string `json:"by"`
	Why       string `json:"why"`
	// Notes say what else changes by it.
	Notes []string `json:"notes"`
	effect
}

// decide stores a decision and tells of it.
func (d *decider) decide(ctx context.Context, verdict string, record, target found) error {
	notes, err := d.consequences(ctx, verdict, record, target)
	if err != nil {
		return err
	}
	err = control.Decide(ctx, d.db, d.cfg.Contract, d.by, control.Decision{
		Object: record.Object, RecordID: record.ID, TargetID: target.ID, Verdict: verdict, Reason: d.why,
	})
	if err != nil {
		return err
	}
	return d.tell(decided{
		Verdict: verdict, Object: record.Object, RecordID: record.ID, Record: record.Name,
		TargetID: target.ID, Target: target.Name, TargetURL: target.URL, By: d.by, Why: d.why, Notes: notes,
	})
}

// undo takes a decision back and tells of it. The record or its target may be gone by now.
func (d *decider) undo(ctx context.Context, made control.Decision) error {
	if err := control.Undo(ctx, d.db, d.cfg.Contract, d.by, made.Object, made.RecordID, made.TargetID); err != nil {
		return err
	}
	ids := wanted{}
	ids.add(made.Object, made.RecordID)
	ids.add(kindOf(made.Object), made.TargetID)
	names, err := ids.read(ctx, d.session, d.m)
	if err != nil {
		return err
	}
	target := names[kindOf(made.Object)][made.TargetID]
	return d.tell(decided{
		Verdict: undone, Object: made.Object, RecordID: made.RecordID, Record: names[made.Object][made.RecordID].Name,
		TargetID: made.TargetID, Target: target.Name, TargetURL: target.URL, By: d.by, Notes: []string{"taken back: " + say(made)},
	})
}

// made returns the decisions about a record, only those with the target when one is given.
func (d *decider) made(ctx context.Context, recordID string, target ...string) ([]control.Decision, error) {
	all, err := control.Decisions(ctx, d.db, d.cfg.Contract)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(x control.Decision) bool {
		return x.RecordID != recordID || len(target) > 0 && x.TargetID != target[0]
	}), nil
}

// consequences says what a decision takes the place of, and what else goes by it.
func (d *decider) consequences(ctx context.Context, verdict string, record, target found) ([]string, error) {
	notes := []string{}
	made, err := d.made(ctx, record.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range made {
		same := x.TargetID == target.ID
		if same && x.Verdict != verdict || !same && x.Verdict == control.Link && verdict == control.Link {
			notes = append(notes, "takes the place of: "+say(x))
		}
	}
	links, err := d.runLinks(ctx, d.m, func(l *runLink) bool {
		return l.TargetID == target.ID && l.Decision == linkage.Link && kindOf(l.Object) == target.Object
	})
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		switch {
		case verdict == control.Reject && l.RecordID == record.ID:
			notes = append(notes, "the two are "+l.verdict()+" now; that link goes")
		case verdict == control.Link && l.RecordID != record.ID:
			notes = append(notes, fmt.Sprintf("%s is %s to %s %s now; that link goes", target.ID, l.verdict(), strings.ToLower(l.Object), l.RecordID))
		}
	}
	return notes, nil
}

// say tells of a decision in a clause.
func say(x control.Decision) string {
	text := fmt.Sprintf("%s %s by %s on %s", map[string]string{control.Link: "linked to", control.Reject: "never linked to"}[x.Verdict], x.TargetID, x.By, x.At.UTC().Format(time.DateOnly))
	if x.Reason != "" {
		text += " (" + x.Reason + ")"
	}
	return text
}

func targetsOf(made []control.Decision) string {
	var ids []string
	for _, x := range made {
		ids = append(ids, x.TargetID)
	}
	return strings.Join(ids, ", ")
}

func describePair(object, id string, target ...string) string {
	return strings.Join(append([]string{strings.ToLower(object), id}, target...), " ")
}

// tell says what was decided and when it counts.
func (d *decider) tell(x decided) error {
	var err error
	if x.effect, err = d.effectNow(); err != nil {
		return err
	}
	a := d.app
	if a.json {
		return a.printJSON(x)
	}
	fmt.Fprintf(a.stdout, "%s %s  %s\n", strings.ToLower(x.Object), x.RecordID, x.Record)
	fmt.Fprintln(a.stdout, strings.TrimRight(fmt.Sprintf("%s %s  %s  %s", map[string]string{
		control.Link: "is linked to", control.Reject: "is never linked to", undone: "free again from",
	}[x.Verdict], x.TargetID, x.Target, x.TargetURL), " "))
	by := "by " + x.By
	if x.Why != "" {
		by += ": " + x.Why
	}
	fmt.Fprintln(a.stdout, by)
	for _, n := range x.Notes {
		fmt.Fprintln(a.stdout, n)
	}
	fmt.Fprintf(a.stdout, "takes effect with %s; %s\n", x.From, x.Advice)
	return nil
}
