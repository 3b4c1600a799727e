package autosave_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/autosave"
)

type row map[string]any

type world map[*schemas.Dataset][]row

// giver publishes a world, each data set as a new base.
type giver struct{ world world }

func (g giver) Name() string               { return "give" }
func (g giver) Reads() []*schemas.Dataset  { return nil }
func (g giver) Writes() []*schemas.Dataset { return (&autosave.Stage{}).Reads() }
func (g giver) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range g.Writes() {
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		b := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for _, r := range g.world[ds] {
			for i, f := range ds.Fields {
				switch v := r[f.Name].(type) {
				case string:
					b.String(i, v)
				case bool:
					b.Bool(i, v)
				case float64:
					b.Float(i, v)
				case time.Time:
					b.Time(i, v)
				}
			}
			if err := b.EndRow(); err != nil {
				return err
			}
		}
		rec := b.NewRecord()
		err = w.Write(ctx, rec)
		rec.Release()
		b.Release()
		if err != nil {
			return err
		}
		if _, err := run.PublishBase(ctx, ds, w); err != nil {
			return err
		}
	}
	return nil
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

type bench struct {
	t      *testing.T
	runner *pipeline.Runner
	last   *pipeline.Manifest
	clock  time.Time
}

func newBench(t *testing.T) *bench {
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: start}
	b.runner = &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Progress: pipeline.NoProgress{}, Budget: 64 << 20, Workers: 2,
		Now: func(context.Context) (time.Time, error) { b.clock = b.clock.Add(12 * time.Hour); return b.clock, nil },
	}
	return b
}

func (b *bench) run(w world) {
	b.t.Helper()
	m, err := b.runner.Run(b.t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{giver{w}, &autosave.Stage{}}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.last = m
}

// saves reads all saves as "seat kind target" to "user object record opportunity instant".
func (b *bench) saves() map[string]string {
	b.t.Helper()
	e, ok := b.last.Entry(schemas.Saves.Name)
	if !ok {
		b.t.Fatal("no saves were published")
	}
	reader, err := b.runner.Store.Read(b.t.Context(), schemas.Saves, e)
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]string{}
	err = columnar.Each(b.t.Context(), reader, func(rec arrow.Record) error {
		text := func(i int, names ...string) string {
			var parts []string
			for _, n := range names {
				parts = append(parts, strings.Clone(columnar.Strings(rec, n).Value(i)))
			}
			return strings.Join(parts, " ")
		}
		for i := range int(rec.NumRows()) {
			out[text(i, "seat_id", "target_kind", "target_id")] = text(i, "user_id", "object", "record_id", "opportunity_id") + " " +
				columnar.Times(rec, "saved_at").Value(i).Format(time.RFC3339)
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func userRow(id string, active bool) row {
	return row{"Id": id, "Email": id + "@example.com", "IsActive": active, "CreatedDate": start, "LastModifiedDate": start}
}

func seatRow(id, user string) row {
	return row{"seat_id": id, "email": user + "@example.com", "active": true, "licence_type": "Team"}
}

func deal(id, account, owner, stage string) row {
	return row{
		"Id": id, "AccountId": account, "OwnerId": owner, "StageName": stage, "IsClosed": strings.HasPrefix(stage, "Closed"), "IsWon": stage == "Closed Won",
		"Name": id, "CloseDate": start, "CreatedDate": start, "LastModifiedDate": start,
	}
}

func role(contact, deal string) row {
	return row{"Id": contact + deal, "ContactId": contact, "OpportunityId": deal, "IsPrimary": true, "CreatedDate": start, "LastModifiedDate": start}
}

func link(object, record, target, decision, of string) row {
	kind := "person"
	if object == "Account" {
		kind = "company"
	}
	r := row{
		"object": object, "record_id": record, "target_kind": kind, "target_id": target, "decision": decision, "origin": "model",
		"probability": 0.99, "weight": 20.0, "model": "m", "evidence": "[]",
	}
	if of != "" {
		r["duplicate_of"] = of
	}
	return r
}

func small() world {
	return world{
		schemas.User:  {userRow("ann", true), userRow("bob", true), userRow("cat", true)},
		schemas.Seats: {seatRow("s1", "ann"), seatRow("s2", "bob")}, // cat has none
		schemas.Opportunity: {
			deal("o1", "a1", "ann", "Qualification"), deal("o2", "a2", "ann", "Closed Won"), deal("o3", "a3", "cat", "Qualification"),
			deal("o4", "a4", "ann", "Qualification"), deal("o5", "a1", "ann", "Prospecting"),
		},
		schemas.OpportunityContactRole: {role("p1", "o1"), role("p2", "o1"), role("p3", "o1"), role("p1", "o2"), role("p5", "o4")},
		schemas.Links: {
			link("Account", "a1", "c1", "link", ""), link("Account", "a2", "c2", "link", ""), link("Account", "a3", "c3", "link", ""),
			link("Account", "a4", "c4", "review", ""),
			link("Contact", "p1", "m1", "link", ""), link("Contact", "p2", "m2", "review", ""), link("Contact", "p3", "m3", "duplicate", "p4"),
			link("Contact", "p4", "m3", "link", ""), link("Contact", "p5", "m5", "duplicate", "p6"), link("Contact", "p6", "m5", "review", ""),
		},
	}
}

func TestSaves(t *testing.T) {
	b, w := newBench(t), small()
	b.run(w)
	want := map[string]string{
		"s1 company c1": "ann Account a1 o1 2026-01-01T12:00:00Z",
		"s1 person m1":  "ann Contact p1 o1 2026-01-01T12:00:00Z",
		"s1 person m3":  "ann Contact p4 o1 2026-01-01T12:00:00Z", // follows the record that holds the link
	}
	if diff := cmp.Diff(want, b.saves()); diff != "" {
		t.Errorf("first run (-want +got):\n%s", diff)
	}

	// Another owner, a closed deal and a lost link undo nothing; the new owner gets saves too.
	w[schemas.Opportunity] = []row{deal("o1", "a1", "bob", "Closed Lost"), deal("o6", "a1", "bob", "Qualification")}
	w[schemas.Links] = []row{link("Account", "a1", "c9", "link", "")}
	b.run(w)
	want["s2 company c9"] = "bob Account a1 o6 2026-01-02T00:00:00Z"
	if diff := cmp.Diff(want, b.saves()); diff != "" {
		t.Errorf("second run (-want +got):\n%s", diff)
	}
	if e, _ := b.last.Entry(schemas.Saves.Name); e.Changed != 1 || e.Rows != 4 || len(e.Layers) != 2 {
		t.Errorf("second run published %d changed of %d rows in %d layers", e.Changed, e.Rows, len(e.Layers))
	}

	// The same again changes nothing.
	b.run(w)
	if diff := cmp.Diff(want, b.saves()); diff != "" {
		t.Errorf("third run (-want +got):\n%s", diff)
	}
	if e, _ := b.last.Entry(schemas.Saves.Name); e.Changed != 0 {
		t.Errorf("third run changed %d rows", e.Changed)
	}
}

func TestSettingsLimitSaves(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       int
	}{
		{"autosave.enabled", "false", 0},
		{"autosave.users", `["bob"]`, 0},
		{"autosave.users", `["ann"]`, 3},
		{"autosave.min_stage", `"Qualification"`, 3},
		{"autosave.min_stage", `"Needs Analysis"`, 0},
	} {
		b, w := newBench(t), small()
		w[schemas.Settings] = []row{{"key": c.key, "value": c.value}}
		b.run(w)
		if got := len(b.saves()); got != c.want {
			t.Errorf("%s = %s: %d saves, want %d", c.key, c.value, got, c.want)
		}
	}
}

// TestSavesOnlyGrow runs 40 random days, past a compaction: what was saved stays as it was, and every wish of a day is saved.
func TestSavesOnlyGrow(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	b := newBench(t)
	before := map[string]string{}
	layers := 0
	for day := range 40 {
		w := world{}
		seatOf, target := map[string]string{}, map[string]string{}
		for i := range 6 {
			id := fmt.Sprintf("u%d", i)
			w[schemas.User] = append(w[schemas.User], userRow(id, true))
			if r.IntN(3) > 0 {
				seatOf[id] = fmt.Sprintf("s%d", i)
				w[schemas.Seats] = append(w[schemas.Seats], seatRow(seatOf[id], id))
			}
		}
		for i := range 20 {
			for object, prefix := range map[string]string{"Account": "a", "Contact": "p"} {
				if id := fmt.Sprintf("%s%d", prefix, i); r.IntN(2) == 0 {
					target[id] = fmt.Sprintf("t%s%d", prefix, r.IntN(40))
					w[schemas.Links] = append(w[schemas.Links], link(object, id, target[id], "link", ""))
				}
			}
		}
		want := maps.Clone(before)
		wish := func(owner, kind, record string) {
			if seatOf[owner] != "" && target[record] != "" {
				if key := seatOf[owner] + " " + kind + " " + target[record]; want[key] == "" {
					want[key] = "new"
				}
			}
		}
		for i := range r.IntN(6) {
			id, account, owner := fmt.Sprintf("o%d", i), fmt.Sprintf("a%d", r.IntN(20)), fmt.Sprintf("u%d", r.IntN(6))
			stage := []string{"Qualification", "Closed Won"}[r.IntN(2)]
			contact := fmt.Sprintf("p%d", r.IntN(20))
			w[schemas.Opportunity] = append(w[schemas.Opportunity], deal(id, account, owner, stage))
			w[schemas.OpportunityContactRole] = append(w[schemas.OpportunityContactRole], role(contact, id))
			if stage == "Qualification" {
				wish(owner, "company", account)
				wish(owner, "person", contact)
			}
		}
		b.run(w)
		got := b.saves()
		if !slices.Equal(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))) {
			t.Fatalf("day %d: saves differ (-want +got):\n%s", day, cmp.Diff(want, got))
		}
		for key, was := range before {
			if got[key] != was {
				t.Fatalf("day %d: save %s became %s, was %s", day, key, got[key], was)
			}
		}
		before = got
		e, _ := b.last.Entry(schemas.Saves.Name)
		layers = max(layers, len(e.Layers))
	}
	if e, _ := b.last.Entry(schemas.Saves.Name); len(e.Layers) >= layers {
		t.Errorf("%d layers were never compacted", len(e.Layers))
	}
}
