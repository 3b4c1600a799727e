package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crmsync/crmsync/jobs/report"
)

// cases picks from the tables an activity that was written unassigned (R31), one that was refused, preferably in Salesforce's own words, and a
// save that outlived a change of the opportunity's owner (R23), preferably one that the new owner got as well. What there is no example of is
// left out.
func (s *session) cases(ctx context.Context) ([]report.Case, error) {
	var cases []report.Case
	for _, read := range []func(context.Context) ([]report.Case, error){s.caseUnassigned, s.caseRefused, s.caseSaveKept} {
		found, err := read(ctx)
		if err != nil {
			return nil, fmt.Errorf("examples of %s: %w", s.cfg.Contract, err)
		}
		cases = append(cases, found...)
	}
	return cases, nil
}

// told is an activity of the outbox, with its seller's name.
type told struct {
	ActivityID, Kind, MemberID, Seller, Object, SalesforceID, Reason string
	OccurredAt                                                       time.Time
}

func (t told) describe(person string) string {
	says := fmt.Sprintf("%s %s of %s by %s", t.Kind, t.ActivityID, t.OccurredAt.UTC().Format(time.DateOnly), t.Seller)
	if person != "" {
		says += ", about " + person + ","
	}
	return says
}

func (s *session) told(ctx context.Context, state, order string) (t told, person string, err error) {
	all, err := rows[told](ctx, s, `
		SELECT w.activity_id, w.kind, coalesce(w.member_id, ''), coalesce(u.name, 'seat ' || w.seat_id), coalesce(w.object, ''), coalesce(w.salesforce_id, ''),
		       coalesce(w.reason, ''), w.occurred_at
		FROM crmsync.writebacks w
		LEFT JOIN crmsync.seat_users t ON t.contract = w.contract AND t.seat_id = w.seat_id
		LEFT JOIN crmsync.users u ON u.contract = t.contract AND u.id = t.user_id
		WHERE w.contract = $1 AND w.state = $2 ORDER BY `+order+` w.occurred_at DESC, w.activity_id LIMIT 1`, state)
	if err != nil || len(all) == 0 || all[0].MemberID == "" {
		return append(all, told{})[0], "", err
	}
	person, err = s.describe(ctx, kindPerson, all[0].MemberID)
	return all[0], person, err
}

func (s *session) caseUnassigned(ctx context.Context) ([]report.Case, error) {
	t, person, err := s.told(ctx, "unassigned", "")
	if err != nil || t.ActivityID == "" {
		return nil, err
	}
	return []report.Case{{
		Kind: report.Unassigned, About: t.ActivityID,
		Says: fmt.Sprintf("%s was written as %s %s without a person: %s", t.describe(person), t.Object, t.SalesforceID, t.Reason),
	}}, nil
}

func (s *session) caseRefused(ctx context.Context) ([]report.Case, error) {
	// Salesforce's words begin with a code in capitals.
	t, person, err := s.told(ctx, "refused", `(w.reason ~ '^[A-Z_]{6,}:') DESC,`)
	if err != nil || t.ActivityID == "" {
		return nil, err
	}
	return []report.Case{{
		Kind: report.Refused, About: t.ActivityID,
		Says: fmt.Sprintf("%s was refused: %s", t.describe(person), t.Reason),
	}}, nil
}

// kept is a save whose opportunity has another owner now.
type kept struct {
	Kind, TargetID, Before, Opportunity, After string
	Both                                       bool
	SavedAt                                    time.Time
}

func (s *session) caseSaveKept(ctx context.Context) ([]report.Case, error) {
	all, err := rows[kept](ctx, s, `
		SELECT v.target_kind, v.target_id, coalesce(b.name, v.user_id), o.name, coalesce(a.name, o.owner_id),
		       EXISTS (SELECT FROM crmsync.saves n WHERE n.contract = v.contract AND n.target_kind = v.target_kind AND n.target_id = v.target_id
		               AND n.user_id = o.owner_id) AS shared, v.saved_at
		FROM crmsync.saves v
		JOIN crmsync.opportunities o ON o.contract = v.contract AND o.id = v.opportunity_id AND o.owner_id <> v.user_id
		LEFT JOIN crmsync.users b ON b.contract = v.contract AND b.id = v.user_id
		LEFT JOIN crmsync.users a ON a.contract = v.contract AND a.id = o.owner_id
		WHERE v.contract = $1 ORDER BY shared DESC, v.target_kind DESC, v.opportunity_id, v.target_id LIMIT 1`)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	k := all[0]
	target, err := s.describe(ctx, k.Kind, k.TargetID)
	if err != nil {
		return nil, err
	}
	also := ""
	if k.Both {
		also = ", who has the save too"
	}
	return []report.Case{{
		Kind: report.SaveKept, About: k.TargetID,
		Says: fmt.Sprintf("%s was saved for %s on %s because of %q; the deal went to %s%s, and %s keeps it",
			target, k.Before, k.SavedAt.UTC().Format(time.DateOnly), k.Opportunity, k.After, also, k.Before),
	}}, nil
}
