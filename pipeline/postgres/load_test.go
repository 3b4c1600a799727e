package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
)

// link is a row of the test table without its contract.
type link struct {
	target *string
	weight float64
	runID  string
}

func merge(contract string, rows map[string]link, deleteMissing bool) postgres.Merge {
	return postgres.Merge{
		Table: "links", Scope: map[string]any{"contract_id": contract}, Key: []string{"record_id"},
		Columns: []string{"target", "weight"}, Always: []string{"run_id"}, DeleteMissing: deleteMissing,
		Source: postgres.FromSeq(seq(rows)),
	}
}

func seq(rows map[string]link) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for id, l := range rows {
			if !yield([]any{id, l.target, l.weight, l.runID}, nil) {
				return
			}
		}
	}
}

func tableOf(t *testing.T, db *postgres.DB, contract string) map[string]link {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT record_id, target, weight, run_id FROM crmsync.links WHERE contract_id = $1", contract)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]link{}
	var id string
	var l link
	if _, err := pgx.ForEachRow(rows, []any{&id, &l.target, &l.weight, &l.runID}, func() error { got[id] = l; return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestLoadEqualsAMap loads random batches and compares table and counts with what a map does.
func TestLoadEqualsAMap(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	others := map[string]link{"r1": {nil, 1, "other"}, "r2": {nil, 2, "other"}}
	if _, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("other", others, true)}, nil); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	want := map[string]link{}
	for round := range 40 {
		batch := map[string]link{}
		for range r.IntN(60) {
			l := link{weight: float64(r.IntN(3)), runID: fmt.Sprint("run", round)}
			if r.IntN(3) > 0 {
				l.target = new(fmt.Sprint("t", r.IntN(3)))
			}
			batch[fmt.Sprint("r", r.IntN(80))] = l
		}
		deleteMissing := r.IntN(2) == 0
		exp := postgres.MergeResult{Table: "links"}
		for id, l := range batch {
			switch old, ok := want[id]; {
			case !ok:
				exp.Inserted++
			case old.weight == l.weight && (old.target == nil) == (l.target == nil) && (l.target == nil || *old.target == *l.target):
				exp.Unchanged++
				continue
			default:
				exp.Updated++
			}
			want[id] = l
		}
		for id := range want {
			if _, ok := batch[id]; !ok && deleteMissing {
				delete(want, id)
				exp.Deleted++
			}
		}
		got, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", batch, deleteMissing)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got[0] != exp {
			t.Fatalf("round %d: %+v, want %+v", round, got[0], exp)
		}
		if d := cmp.Diff(want, tableOf(t, db, "c"), cmp.AllowUnexported(link{})); d != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, d)
		}
		again, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", batch, deleteMissing)}, nil)
		if err != nil || again[0].Changed() {
			t.Fatalf("round %d, the same again: %+v, %v", round, again, err)
		}
	}
	if d := cmp.Diff(others, tableOf(t, db, "other"), cmp.AllowUnexported(link{})); d != "" {
		t.Errorf("another contract's rows changed:\n%s", d)
	}
}

func TestLoadEveryKindOfValue(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	at := time.Date(2026, 11, 23, 7, 0, 0, 123e6, time.UTC)
	rows := [][]any{
		{int64(1), "text, \"quoted\"\n\\N", []string{"a", "", "ü,\"x\""}, at, at, "12.3400", `{"a": [1, null]}`, true, 5},
		{int64(2), nil, nil, nil, nil, nil, nil, nil, nil},
		{int64(3), "", []string{}, at.In(time.FixedZone("", 7200)), "2026-02-28", 0.1, map[string]any{"b": 1}, false, int32(-1)},
	}
	load := func() postgres.MergeResult {
		t.Helper()
		res, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{{
			Table: "crmsync.kinds", Key: []string{"id"}, Source: pgx.CopyFromRows(rows),
			Columns: []string{`Odd "name`, "names", "at", "day", "amount", "doc", "ok", "n"},
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return res[0]
	}
	if got := load(); got.Inserted != 3 {
		t.Errorf("%+v", got)
	}
	if got := load(); got.Changed() || got.Unchanged != 3 {
		t.Errorf("the same again: %+v", got)
	}
	var text []string
	res, err := db.Query(t.Context(), "SELECT k::text FROM crmsync.kinds k ORDER BY id")
	if err == nil {
		text, err = pgx.CollectRows(res, pgx.RowTo[string])
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"(1,\"text, \"\"quoted\"\"\n\\\\N\",\"{a,\"\"\"\",\"\"ü,\\\\\"\"x\\\\\"\"\"\"}\",\"2026-11-23 07:00:00.123+00\",2026-11-23,12.3400,\"{\"\"a\"\": [1, null]}\",t,5)",
		"(2,,,,,,,,)",
		"(3,\"\",{},\"2026-11-23 07:00:00.123+00\",2026-02-28,0.1000,\"{\"\"b\"\": 1}\",f,-1)",
	}
	if d := cmp.Diff(want, text); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLoadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	good := map[string]link{"r1": {nil, 1, "a"}}
	boom := errors.New("boom")
	broken := func(yield func([]any, error) bool) {
		_ = yield([]any{"r9", nil, 1.0, "b"}, nil) && yield(nil, boom)
	}
	var closed bool
	unread := postgres.FromSeq(func(yield func([]any, error) bool) {
		defer func() { closed = true }()
		for yield([]any{"r1", nil, 1.0, "c"}, nil) {
		}
	})
	if unread.Next(); closed {
		t.Fatal("ended early")
	}
	other := merge("d", nil, false)
	other.Source = unread
	bad := merge("c", nil, false)
	bad.Source = postgres.FromSeq(broken)
	if _, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", good, false), bad, other}, nil); !errors.Is(err, boom) {
		t.Errorf("a failing source: %v", err)
	}
	if !closed {
		t.Error("a source that was not read to its end goes on")
	}
	_, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", good, false)}, func(context.Context, pgx.Tx) error { return boom })
	if !errors.Is(err, boom) {
		t.Errorf("a failing last step: %v", err)
	}
	if got := tableOf(t, db, "c"); len(got) > 0 {
		t.Errorf("rows stay: %v", got)
	}
	var temporary int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relname LIKE 'stage%'").Scan(&temporary); err != nil || temporary > 0 {
		t.Errorf("%d staging tables stay, %v", temporary, err)
	}
}

func TestLoadRefusesWhatCannotBeMerged(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	twice := func(yield func([]any, error) bool) {
		_ = yield([]any{"r1", nil, 1.0, "a"}, nil) && yield([]any{"r1", nil, 2.0, "a"}, nil)
	}
	for _, tc := range []struct {
		name   string
		change func(*postgres.Merge)
		want   string
	}{
		{"no table", func(m *postgres.Merge) { m.Table = "nothing" }, "no such table"},
		{"no column", func(m *postgres.Merge) { m.Columns = []string{"target", "wait"} }, "no column wait"},
		{"no key", func(m *postgres.Merge) { m.Key = nil }, "no key"},
		{"no unique index", func(m *postgres.Merge) { m.Key = []string{"target"}; m.Columns = []string{"record_id", "weight"} }, "no unique index on (contract_id, target)"},
		{"scope missing", func(m *postgres.Merge) { m.Scope = nil }, "no unique index on (record_id)"},
		{"delete all", func(m *postgres.Merge) { m.Scope, m.DeleteMissing = nil, true }, "needs a scope"},
		{"column twice", func(m *postgres.Merge) { m.Always = []string{"weight"} }, "weight is named twice"},
		{"null key", func(m *postgres.Merge) { m.Source = pgx.CopyFromRows([][]any{{nil, nil, 1.0, "a"}}) }, "null value in column \"record_id\""},
		{"key twice", func(m *postgres.Merge) { m.Source = postgres.FromSeq(twice) }, "links_pkey"},
	} {
		m := merge("c", nil, false)
		tc.change(&m)
		_, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{m}, nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", map[string]link{"r1": {}}, false)}, nil); err != nil {
		t.Fatal(err)
	}
	m := merge("c", nil, false)
	m.Source = postgres.FromSeq(twice)
	if _, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{m}, nil); !errors.Is(err, postgres.ErrDuplicateKey) {
		t.Errorf("an existing key twice: %v", err)
	}
}

// TestLoadsOfOneKeyWait has several loads at once bring a table to a different state each: the end is one of them, whole.
func TestLoadsOfOneKeyWait(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations)
	var wg sync.WaitGroup
	for i := range 6 {
		rows := map[string]link{}
		for j := range 50 {
			rows[fmt.Sprint("r", j*(i+1))] = link{nil, float64(i), fmt.Sprint(i)}
		}
		wg.Go(func() {
			if _, err := postgres.LoadAll(t.Context(), db, "c", []postgres.Merge{merge("c", rows, true)}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := tableOf(t, db, "c")
	runs := map[string]bool{}
	for _, l := range got {
		runs[l.runID] = true
	}
	if len(got) != 50 || len(runs) != 1 {
		t.Errorf("%d rows of %d loads", len(got), len(runs))
	}
}
