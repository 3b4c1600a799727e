package writeback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// askChunk bounds the ids of one query: addresses have an end.
const askChunk = 100

// seen is a record in the org that may be one of ours.
type seen struct {
	ID                     string
	Unique                 string
	Fingerprint, TextPrint string
	// Content is what the org holds; Mine says that the integration user made it, at Created.
	Content content
	Mine    bool
	Created time.Time
}

// look reads the org's records that rows in flight may have become, the recycle bin included. Without a unique field these are the ones
// of the record type or on the record in question, and whatever the integration user made since, which no automation can hide.
func (c *cycle) look(ctx context.Context, flying []inFlight, facts *orgFacts) ([]seen, error) {
	var unique, parents, types []string
	calls := map[string]bool{}
	var tasks, notes window
	for _, f := range flying {
		switch {
		case f.Unique != "" && facts.uniqueField != "":
			unique = append(unique, f.Unique)
		case f.Object == objectNote:
			parents = append(parents, f.ParentID)
			notes.include(f.SentAt, f.last().Add(c.Settle))
		default:
			types = append(types, f.RecordTypeID)
			calls[shortID(f.RecordTypeID)] = calls[shortID(f.RecordTypeID)] || f.Kind == kindCall
			tasks.include(f.SentAt, f.last().Add(c.Settle))
		}
	}
	var all []seen
	if err := c.eachIn(ctx, "SELECT Id, "+facts.uniqueField+" FROM Task WHERE "+facts.uniqueField, unique, "", func(r found) {
		all = append(all, seen{ID: r.text("Id"), Unique: r.text(facts.uniqueField)})
	}); err != nil || len(parents)+len(types) == 0 {
		return all, err
	}
	me, err := c.creator(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{} // the integration user's records may be of the record types and on the records in question
	add := func(object string) func(found) {
		return func(r found) {
			n := contentOf(object, r.text)
			if object == objectTask && calls[shortID(n.RecordTypeID)] {
				n.Date = "" // a call was sent without; the org may have set one
			}
			if id := r.text("Id"); !known[id] {
				known[id] = true
				all = append(all, seen{
					ID: id, Fingerprint: n.fingerprint(), TextPrint: n.textprint(), Content: n,
					Mine: me != "" && shortID(r.text("CreatedById")) == shortID(me), Created: r.time("CreatedDate"),
				})
			}
		}
	}
	const audit = ", CreatedById, CreatedDate FROM "
	for _, q := range []struct {
		object, fields, field string
		values                []string
		made                  window
	}{
		{objectNote, "Id, OwnerId, ParentId, Title, Body", "ParentId", parents, notes},
		{objectTask, "Id, OwnerId, WhoId, WhatId, RecordTypeId, Subject, ActivityDate, Description", "RecordTypeId", types, tasks},
	} {
		if len(q.values) == 0 {
			continue
		}
		head := "SELECT " + q.fields + audit + q.object + " WHERE "
		if err := c.eachIn(ctx, head+q.field, q.values, q.made.soql(), add(q.object)); err != nil {
			return nil, err
		}
		if me == "" {
			continue
		}
		if err := c.eachIn(ctx, head+"CreatedById", []string{me}, q.made.soql(), add(q.object)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// creator is the integration user's id; empty when the org does not tell.
func (c *cycle) creator(ctx context.Context) (string, error) {
	who, err := c.Client.WhoAmI(ctx)
	if err == nil {
		return who.ID, nil
	}
	if !errors.Is(err, salesforce.ErrNoIdentity) && !errors.Is(err, salesforce.ErrPermission) {
		return "", err
	}
	c.Log.Warn("the org does not say who the integration user is; records that an automation rewrote are not found", "stage", "writeback", "error", err)
	return "", nil
}

// window is when records may have been made.
type window struct{ from, to time.Time }

func (w *window) include(from, to time.Time) {
	if w.from.IsZero() || from.Before(w.from) {
		w.from = from
	}
	if to.After(w.to) {
		w.to = to
	}
}

func (w window) soql() string {
	const form = "2006-01-02T15:04:05Z"
	return " AND CreatedDate >= " + w.from.Add(-clockSkew).UTC().Format(form) + " AND CreatedDate <= " + w.to.Add(clockSkew).UTC().Format(form)
}

// found is a record as a query returns it.
type found map[string]any

func (r found) text(field string) string { s, _ := r[field].(string); return s }

// time is an instant in any of the forms that Salesforce writes; zero if it is none.
func (r found) time(field string) time.Time {
	for _, form := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339} {
		if t, err := time.Parse(form, r.text(field)); err == nil {
			return t
		}
	}
	return time.Time{}
}

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
