package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
)

// dump returns every row of every table as text, without what tells when this machine did something.
func (s *site) dump(t *testing.T) map[string][]string {
	t.Helper()
	list, err := s.db.Query(t.Context(), `SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(list, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		columns := "t::text"
		switch table {
		case "schema_versions", "run_stages", "settings_audit", "settings":
			continue
		case "runs":
			columns = "concat_ws(' ', run_id, job, as_of, base_run, state, error)"
		case "contracts":
			columns = "concat_ws(' ', id, org_id, edition, instance_url, sandbox, current_run, current_as_of)"
		}
		r, err := s.db.Query(t.Context(), fmt.Sprintf("SELECT %s FROM crmsync.%s t ORDER BY 1", columns, pgx.Identifier{table}.Sanitize()))
		if err != nil {
			t.Fatal(err)
		}
		if all[table], err = pgx.CollectRows(r, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (s *site) sync(t *testing.T) time.Duration {
	t.Helper()
	c, out := s.run(t.Context(), t, "sync")
	started := time.Now()
	if err := c.Run(); err != nil {
		t.Fatalf("sync: %v\n%s", err, out)
	}
	return time.Since(started)
}

// killed starts a sync, kills it with SIGKILL after the delay, and syncs again. It reports whether the kill came in time: a process
// whose run has succeeded may still be there.
func (s *site) killed(t *testing.T, delay time.Duration) bool {
	t.Helper()
	before := s.succeeded(t)
	ctx, cancel := context.WithTimeout(t.Context(), delay)
	defer cancel()
	c, out := s.run(ctx, t, "sync")
	if err := c.Start(); err != nil {
		return false // killed before it began
	}
	if err := c.Wait(); err == nil {
		return false
	} else if ctx.Err() == nil {
		t.Fatalf("sync failed by itself: %v\n%s", err, out)
	}
	if s.succeeded(t) != before {
		return false
	}
	s.sync(t)
	return true
}

// succeeded names the latest sync that did, "" when none has.
func (s *site) succeeded(t *testing.T) string {
	t.Helper()
	m, err := s.home.Latest("sync", pipeline.Succeeded)
	if errors.Is(err, pipeline.ErrNoRun) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.RunID
}

// TestKilledSyncEqualsUninterrupted kills syncs at random moments, first ones and incremental ones: once resumed, the tables are
// those of an uninterrupted run.
func TestKilledSyncEqualsUninterrupted(t *testing.T) {
	kills := 10
	if testing.Short() {
		kills = 2
	}
	w := newWorld(t)
	reference := newSite(t, w)
	full := reference.sync(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; a first sync took %v", seed, full.Round(time.Millisecond))
	random := rand.New(rand.NewPCG(seed, 0))
	moment := func(whole time.Duration) time.Duration { return time.Duration(random.Float64() * float64(whole)) }

	sites, inTime := make([]*site, kills), 0
	for i := range sites {
		sites[i] = newSite(t, w)
		delay := moment(full)
		hit := i%2 == 0 && sites[i].killed(t, delay)
		if hit {
			inTime++
			t.Logf("site %d: first sync killed after %v", i, delay.Round(time.Millisecond))
		}
		if m, err := sites[i].home.Latest("sync", nil); err != nil || m.State != "succeeded" {
			sites[i].sync(t)
		}
		if diff := cmp.Diff(reference.dump(t), sites[i].dump(t)); diff != "" {
			t.Fatalf("site %d differs after the first sync (-uninterrupted +killed):\n%s", i, diff)
		}
	}
	if _, err := w.ApplyChanges(); err != nil {
		t.Fatal(err)
	}
	incremental := reference.sync(t)
	want := reference.dump(t)
	for i, s := range sites {
		delay := moment(incremental)
		switch hit := i%2 == 1 && s.killed(t, delay); {
		case hit:
			inTime++
			t.Logf("site %d: second sync killed after %v", i, delay.Round(time.Millisecond))
		default:
			if m, err := s.home.Latest("sync", nil); err != nil || m.Base == "" {
				s.sync(t)
			}
		}
		if diff := cmp.Diff(want, s.dump(t)); diff != "" {
			t.Fatalf("site %d differs after the second sync (-uninterrupted +killed):\n%s", i, diff)
		}
	}
	t.Logf("%d of %d kills came before the sync had ended", inTime, kills)
	if inTime == 0 {
		t.Error("no kill came in time: the test shows nothing")
	}
}
