package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// clockSkew is how far the clock of an answer's Date header and that of CreatedDate may lie apart.
const clockSkew = 5 * time.Minute

// askChunk bounds the ids of one query: addresses have an end.
const askChunk = 100

// reasonUnclear begins the reason of rows that only a person can decide on.
const reasonUnclear = "the answer was lost, and the org has records that may be this one"

// inFlight is a row found sending: its record may be in the org or not.
type inFlight struct {
	ActivityID, Kind, Object string
	MemberID, WhoID          string
	ParentID, RecordTypeID   string
	Fingerprint, TextPrint   string
	Unique                   string
	SentAt                   time.Time
	Attempts                 int
}

// seen is a record in the org that may be one of ours.
type seen struct {
	ID                     string
	Unique                 string
	Fingerprint, TextPrint string
}

// recover asks about rows that an earlier cycle left sending.
func (c *cycle) recover(ctx context.Context) error {
	if err := c.ask(ctx); err != nil {
		return err
	}
	c.at(pointRecovered)
	return nil
}

// ask finds out about every row that is sending, and records what is known for certain.
func (c *cycle) ask(ctx context.Context) error {
	flying, err := c.box.inFlight(ctx)
	if err != nil || len(flying) == 0 {
		return err
	}
	now, err := c.Client.ServerTime(ctx)
	if err != nil {
		return err
	}
	facts, err := c.org(ctx)
	if err != nil {
		return err
	}
	records, err := c.look(ctx, flying, facts)
	if err != nil {
		return err
	}
	if records, err = c.box.unknown(ctx, records); err != nil {
		return err
	}
	made, unclear := match(flying, records)
	c.at(pointAsked)

	var outcomes []outcome
	lost := map[string]string{}
	for _, f := range flying {
		settled := f.Unique != "" && facts.uniqueField != "" || !now.Before(f.SentAt.Add(c.Settle))
		switch id := made[f.ActivityID]; {
		case id != "":
			o := outcome{ActivityID: f.ActivityID, State: "written", SalesforceID: id}
			if f.Object == objectTask && f.WhoID == "" && f.MemberID != "" {
				o.State, o.Reason = "unassigned", "the person is linked to no record of the CRM"
				c.result.Unassigned++
			}
			outcomes = append(outcomes, o)
			c.result.Found++
			c.result.Written++
		case unclear[f.ActivityID] != nil:
			lost[f.ActivityID] = fmt.Sprintf("%s (%s); look, then have it retried if it is none of them", reasonUnclear, strings.Join(unclear[f.ActivityID], ", "))
			c.result.Uncertain++
		case !settled:
			lost[f.ActivityID] = "the answer was lost; the org is asked again"
			c.result.Uncertain++
		case f.Attempts >= c.MaxAttempts:
			outcomes = append(outcomes, outcome{ActivityID: f.ActivityID, State: "failed", Reason: fmt.Sprintf("sent %d times, and the org never had it", f.Attempts)})
			c.result.Failed++
		default:
			outcomes = append(outcomes, outcome{ActivityID: f.ActivityID, State: "waiting", Reason: "it was sent, and the org does not have it; it is sent again"})
		}
	}
	if err := c.box.record(ctx, outcomes, now); err != nil {
		return err
	}
	return c.box.explain(ctx, lost)
}

// look reads the org's records that rows in flight may have become, the recycle bin included.
func (c *cycle) look(ctx context.Context, flying []inFlight, facts *orgFacts) ([]seen, error) {
	var unique, parents, types []string
	calls := map[string]bool{}
	var tasksSince, notesSince time.Time
	earlier := func(since *time.Time, t time.Time) {
		if since.IsZero() || t.Before(*since) {
			*since = t
		}
	}
	for _, f := range flying {
		switch {
		case f.Unique != "" && facts.uniqueField != "":
			unique = append(unique, f.Unique)
		case f.Object == objectNote:
			parents = append(parents, f.ParentID)
			earlier(&notesSince, f.SentAt)
		default:
			types = append(types, f.RecordTypeID)
			calls[shortID(f.RecordTypeID)] = calls[shortID(f.RecordTypeID)] || f.Kind == kindCall
			earlier(&tasksSince, f.SentAt)
		}
	}
	var all []seen
	add := func(s seen) { all = append(all, s) }
	if err := c.eachIn(ctx, "SELECT Id, "+facts.uniqueField+" FROM Task WHERE "+facts.uniqueField, unique, "", func(r found) {
		add(seen{ID: r.text("Id"), Unique: r.text(facts.uniqueField)})
	}); err != nil {
		return nil, err
	}
	if err := c.eachIn(ctx, "SELECT Id, OwnerId, ParentId, Title, Body FROM Note WHERE ParentId", parents, since(notesSince), func(r found) {
		n := content{Object: objectNote, OwnerID: r.text("OwnerId"), ParentID: r.text("ParentId"), Subject: r.text("Title"), Text: r.text("Body")}
		add(seen{r.text("Id"), "", n.fingerprint(), n.textprint()})
	}); err != nil {
		return nil, err
	}
	err := c.eachIn(ctx, "SELECT Id, OwnerId, WhoId, WhatId, RecordTypeId, Subject, ActivityDate, Description FROM Task WHERE RecordTypeId", types, since(tasksSince), func(r found) {
		t := content{
			Object: objectTask, OwnerID: r.text("OwnerId"), WhoID: r.text("WhoId"), WhatID: r.text("WhatId"), RecordTypeID: r.text("RecordTypeId"),
			Subject: r.text("Subject"), Text: r.text("Description"), Date: r.text("ActivityDate"),
		}
		if calls[shortID(t.RecordTypeID)] {
			t.Date = "" // a call was sent without; the org may have set one
		}
		add(seen{r.text("Id"), "", t.fingerprint(), t.textprint()})
	})
	return all, err
}

func since(t time.Time) string {
	return " AND CreatedDate >= " + t.Add(-clockSkew).UTC().Format("2006-01-02T15:04:05Z")
}

// found is a record as a query returns it.
type found map[string]any

func (r found) text(field string) string { s, _ := r[field].(string); return s }

// eachIn runs "<head> IN (values)<tail>" in pieces, over live and deleted rows.
func (c *cycle) eachIn(ctx context.Context, head string, values []string, tail string, visit func(found)) error {
	slices.Sort(values)
	values = slices.Compact(values)
	for chunk := range slices.Chunk(values, askChunk) {
		cur, err := c.Client.QueryAll(ctx, head+" IN ('"+strings.Join(chunk, "','")+"')"+tail)
		for more := true; err == nil && more; more, err = cur.Next(ctx) {
			for _, raw := range cur.Records {
				var r found
				if err := json.Unmarshal(raw, &r); err != nil {
					return fmt.Errorf("read an answer of the org: %w", err)
				}
				visit(r)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// match tells which record each row in flight became, and for which rows that can't be told. A record whose content is the row's
// is it. One that differs in its owner or target alone was reassigned by somebody, provided that there are as many of them
// as rows left; otherwise the rows are unclear.
func match(flying []inFlight, records []seen) (made map[string]string, unclear map[string][]string) {
	made, unclear = map[string]string{}, map[string][]string{}
	byUnique, byPrint, byText := map[string]string{}, map[string][]string{}, map[string][]string{}
	ours := map[string]bool{}
	for _, f := range flying {
		ours[f.Fingerprint] = true
	}
	for _, r := range records {
		switch {
		case r.Unique != "":
			byUnique[r.Unique] = r.ID
		case ours[r.Fingerprint]:
			byPrint[r.Fingerprint] = append(byPrint[r.Fingerprint], r.ID)
		case r.TextPrint != "":
			byText[r.TextPrint] = append(byText[r.TextPrint], r.ID)
		}
	}
	left := map[string][]string{} // rows without a record, by text
	for _, f := range flying {
		if id := byUnique[f.Unique]; f.Unique != "" && id != "" {
			made[f.ActivityID] = id
		} else if same := byPrint[f.Fingerprint]; len(same) > 0 {
			made[f.ActivityID], byPrint[f.Fingerprint] = same[0], same[1:]
		} else {
			left[f.TextPrint] = append(left[f.TextPrint], f.ActivityID)
		}
	}
	for text, rows := range left {
		for i, row := range rows {
			if ids := byText[text]; len(ids) == len(rows) {
				made[row] = ids[i]
			} else if len(ids) > 0 {
				unclear[row] = ids
			}
		}
	}
	return made, unclear
}

// inFlight returns the rows that are sending, in a fixed order.
func (o *outbox) inFlight(ctx context.Context) ([]inFlight, error) {
	rows, err := o.conn.Query(ctx, `SELECT activity_id, kind, object, coalesce(member_id, ''), coalesce(who_id, ''), coalesce(parent_id, ''),
			coalesce(record_type_id, ''), fingerprint, text_fingerprint, coalesce(external_id, ''), sent_at, attempts
		FROM crmsync.writebacks WHERE contract = $1 AND state = 'sending' ORDER BY sent_at, activity_id`, o.contract)
	if err == nil {
		var list []inFlight
		if list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inFlight]); err == nil {
			return list, nil
		}
	}
	return nil, fmt.Errorf("read rows that are being sent: %w", err)
}

// unknown leaves out the records that rows of the outbox are known to have become. Copies of those that somebody made can only be
// taken for a row with the same content.
func (o *outbox) unknown(ctx context.Context, records []seen) ([]seen, error) {
	ids, prints := make([]string, len(records)), make([]string, len(records))
	for i, r := range records {
		ids[i], prints[i] = r.ID, r.Fingerprint
	}
	rows, err := o.conn.Query(ctx, `SELECT salesforce_id, fingerprint FROM crmsync.writebacks
		WHERE contract = $1 AND salesforce_id IS NOT NULL AND (salesforce_id = ANY ($2) OR fingerprint = ANY ($3))`, o.contract, ids, prints)
	if err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	written, copied := map[string]bool{}, map[string]bool{}
	var id, print string
	if _, err := pgx.ForEachRow(rows, []any{&id, &print}, func() error {
		written[id], copied[print] = true, true
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	var left []seen
	for _, r := range records {
		if written[r.ID] {
			continue
		}
		if copied[r.Fingerprint] {
			r.TextPrint = ""
		}
		left = append(left, r)
	}
	return left, nil
}

// explain notes on rows that stay sending what is known of them.
func (o *outbox) explain(ctx context.Context, reasons map[string]string) error {
	for id, text := range reasons {
		if _, err := o.conn.Exec(ctx, `UPDATE crmsync.writebacks SET reason = $3 WHERE contract = $1 AND activity_id = $2 AND state = 'sending' AND reason IS DISTINCT FROM $3`,
			o.contract, id, text); err != nil {
			return fmt.Errorf("note what is known of activity %s: %w", id, err)
		}
	}
	return nil
}
