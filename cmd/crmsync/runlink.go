package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

// runLink is a row of a run's links.
type runLink struct {
	Object, RecordID    string
	TargetID            string
	Decision, Origin    string
	Probability, Weight float64
	RunnerUp            string // "" when there is none
	RunnerUpWeight      float64
	DuplicateOf         string
	Model               string
	Evidence            []report.Evidence
}

// manual is the origin of links made by hand.
const manual = "manual"

// runLinks reads the rows of a run's links that are wanted, which is asked with everything but the evidence.
func (s *session) runLinks(ctx context.Context, m *pipeline.Manifest, wanted func(*runLink) bool) (list []runLink, err error) {
	e, ok := m.Entry(schemas.Links.Name)
	if !ok {
		return nil, fmt.Errorf("run %s has no %s: %w", m.RunID, schemas.Links.Name, pipeline.ErrNotPublished)
	}
	r, err := s.store.Read(ctx, schemas.Links, e)
	if err != nil {
		return nil, err
	}
	err = columnar.Each(ctx, r, func(rec arrow.Record) error {
		text := func(name string) columnar.StringColumn { return columnar.Strings(rec, name) }
		object, record, target, decision, origin := text("object"), text("record_id"), text("target_id"), text("decision"), text("origin")
		runnerUp, duplicate, model, evidence := text("runner_up_id"), text("duplicate_of"), text("model"), text("evidence")
		probability, weight, runnerUpWeight := columnar.Floats(rec, "probability"), columnar.Floats(rec, "weight"), columnar.Floats(rec, "runner_up_weight")
		for i := range int(rec.NumRows()) {
			l := runLink{
				Object: object.Value(i), RecordID: record.Value(i), TargetID: target.Value(i), Decision: decision.Value(i), Origin: origin.Value(i),
				Probability: probability.Value(i), Weight: weight.Value(i), RunnerUp: runnerUp.Value(i), RunnerUpWeight: runnerUpWeight.Value(i),
				DuplicateOf: duplicate.Value(i), Model: model.Value(i),
			}
			if !wanted(&l) {
				continue
			}
			if err := json.Unmarshal([]byte(evidence.Value(i)), &l.Evidence); err != nil {
				return fmt.Errorf("evidence of %s: %w", l.RecordID, err)
			}
			// What was read lives no longer than the record.
			for _, v := range []*string{&l.Object, &l.RecordID, &l.TargetID, &l.Decision, &l.Origin, &l.RunnerUp, &l.DuplicateOf, &l.Model} {
				*v = strings.Clone(*v)
			}
			list = append(list, l)
		}
		return nil
	})
	return list, err
}

// verdict says what became of the row's record, as a clause about its target.
func (l *runLink) verdict() string {
	switch {
	case l.Decision == linkage.Link && l.Origin == manual:
		return "linked by hand"
	case l.Decision == linkage.Link:
		return "linked by the model"
	case l.Decision == linkage.Review:
		return "waits for a review"
	case l.Decision == linkage.Duplicate:
		return "not linked, since " + l.DuplicateOf + " holds the link to the same target"
	default: // converted
		return "gave way to " + l.DuplicateOf + ", which the lead became and which holds the link"
	}
}

// found is a record or target that an id names.
type found struct {
	Object string // Lead, Contact or Account; person or company
	ID     string
	known
}
