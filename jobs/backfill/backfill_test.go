package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/control"
)

var roiSets = []*schemas.Dataset{
	schemas.OpportunityStages, schemas.CRMActivity, schemas.ROITouches, schemas.ROIOpportunities, schemas.ROIAttribution, schemas.ROIQuarters,
	schemas.ROIComparison, schemas.ROISellers,
}

func texts(t *testing.T, db *postgres.DB, sql string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// live is a checksum of every table but those of backfills.
func live(t *testing.T, db *postgres.DB) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, table := range texts(t, db, `SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'backfill\_%'`) {
		sums[table] = texts(t, db, fmt.Sprintf(`SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM crmsync.%s t`, table))[0]
	}
	return sums
}

func run(t *testing.T, b *backfill.Backfill, p *backfill.Plan) []backfill.Outcome {
	t.Helper()
	out, err := b.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThirtyDays: links and ROI of a backfilled day are what was published on that day, in the snapshots and in the tables, over thirty
// days with edits, owner changes, stage moves, decisions by hand and another rule on the way; and the live tables stay as they are.
func TestThirtyDays(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	s, w := newSite(t, db, "acme"), newWorld(1)
	s.set("roi.authorised", "true")
	s.set("roi.pipeline_stages", `Offer,Late`)
	s.set("roi.keep_days", "3650")
	days := 30
	if testing.Short() {
		days = 5
	}
	for day := range days {
		switch day {
		case 9:
			s.set("roi.window_days", "45")
		case 2, 12, 18:
			line := s.lines(s.syncs[day-1], schemas.Links)[3*day]
			if err := control.Decide(t.Context(), db, s.contract, "ann", control.Decision{
				Object: field(line, "object"), RecordID: field(line, "record_id"), TargetID: field(line, "target_id"), Verdict: control.Reject,
			}); err != nil {
				t.Fatal(err)
			}
		}
		s.sync(w)
		w.day()
	}
	before := live(t, db)
	outcomes := run(t, s.backfill("again", true), s.plan())
	if len(outcomes) != days {
		t.Fatalf("%d outcomes, want %d", len(outcomes), days)
	}
	rows := 0
	for _, o := range outcomes {
		for _, ds := range append([]*schemas.Dataset{schemas.Links, schemas.MatchRates, schemas.MatchScores}, roiSets...) {
			want, got := s.lines(o.Source, ds), s.lines(o.Run, ds)
			rows += len(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s as of %s (-published +backfilled):\n%s", ds.Name, o.Source.AsOf.Format(time.DateOnly), diff)
			}
		}
		if n := len(s.lines(o.Run, schemas.LinkChanges)); n > 0 {
			t.Errorf("%d links differ as of %s", n, o.Source.AsOf)
		}
	}
	t.Logf("%d rows of %d days were compared", rows, days)
	if rows < 300*days {
		t.Errorf("only %d rows were compared", rows)
	}
	if diff := cmp.Diff(before, live(t, db)); diff != "" {
		t.Errorf("live tables changed:\n%s", diff)
	}
	for _, table := range []string{"roi_quarters", "roi_comparison", "roi_sellers", "match_rates"} {
		if n := texts(t, db, fmt.Sprintf(`SELECT count(*)::text FROM crmsync.%s`, table))[0]; n == "0" {
			t.Errorf("%s is empty", table)
		}
		for name, sql := range map[string]string{
			"published only":  `SELECT (to_jsonb(t) - 'backfill')::text FROM crmsync.%[1]s t EXCEPT SELECT (to_jsonb(t) - 'backfill')::text FROM crmsync.backfill_%[1]s t`,
			"backfilled only": `SELECT (to_jsonb(t) - 'backfill')::text FROM crmsync.backfill_%[1]s t EXCEPT SELECT (to_jsonb(t) - 'backfill')::text FROM crmsync.%[1]s t`,
		} {
			if differ := texts(t, db, fmt.Sprintf(sql, table)); len(differ) > 0 {
				t.Errorf("%s, %s: %d rows, %s", table, name, len(differ), differ[0])
			}
		}
	}
	// Once more: nothing is computed, nothing changes.
	after := dump(t, db)
	for _, o := range run(t, s.backfill("again", true), s.plan()) {
		if !o.Before {
			t.Errorf("%s was computed again", o.Source.RunID)
		}
	}
	if diff := cmp.Diff(after, dump(t, db)); diff != "" {
		t.Errorf("a second time changed:\n%s", diff)
	}
}

// dump is every row of the tables of backfills.
func dump(t *testing.T, db *postgres.DB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range texts(t, db, `SELECT relname::text FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r' AND relname LIKE 'backfill\_%'`) {
		all[table] = texts(t, db, fmt.Sprintf(`SELECT (to_jsonb(t) - 'computed_at')::text FROM crmsync.%s t ORDER BY 1`, table))
	}
	return all
}

// field takes a value out of a line of lines.
func field(line, name string) string {
	_, rest, _ := strings.Cut(" "+line, " "+name+"=")
	value, _, _ := strings.Cut(rest, " ")
	return value
}

// TestBeforeAuthorisation: a backfill over a time when ROI was not authorised finds what would have been published, histories included.
func TestBeforeAuthorisation(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	always, late := newSite(t, db, "always"), newSite(t, db, "late")
	for _, s := range []*site{always, late} {
		s.set("roi.pipeline_stages", `Offer,Late`)
	}
	always.set("roi.authorised", "true")
	one, other := newWorld(2), newWorld(2)
	for range 10 {
		always.sync(one)
		late.sync(other)
		one.day()
		other.day()
	}
	late.set("roi.authorised", "true")
	observed := 0
	for i, o := range run(t, late.backfill("past", false), late.plan()) {
		for _, ds := range roiSets {
			if diff := cmp.Diff(always.lines(always.syncs[i], ds), late.lines(o.Run, ds)); diff != "" {
				t.Fatalf("%s, day %d (-authorised all the time +backfilled):\n%s", ds.Name, i, diff)
			}
		}
		for _, line := range late.lines(o.Run, schemas.ROIOpportunities) {
			if field(line, "entry_basis") == "observed" {
				observed++
			}
		}
	}
	if observed == 0 {
		t.Error("no entry into the pipeline was observed: the histories do nothing")
	}
}

// TestStoppedBackfillGoesOn: a backfill that is stopped on the way ends as one that is not.
func TestStoppedBackfillGoesOn(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	s, w := newSite(t, db, "acme"), newWorld(3)
	s.set("roi.authorised", "true")
	for range 6 {
		s.sync(w)
		w.day()
	}
	s.set("roi.window_days", "30")
	run(t, s.backfill("whole", false), s.plan())
	whole := dump(t, db)

	stops, dropped := 0, 0
	for n := int64(1); ; n++ {
		ctx, stop := context.WithCancel(t.Context())
		b := s.backfill("pieces", false)
		b.Progress = &stopper{after: n, stop: stop}
		_, err := b.Run(ctx, s.plan())
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if stops++; stops > 20 {
			t.Fatal("it never ends")
		}
		// Syncs grow old meanwhile.
		n, _, err := s.home.Retain(t.Context(), s.store, w.now.AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		dropped += n
	}
	if stops == 0 || dropped > 0 {
		t.Errorf("it was stopped %d times; %d syncs that it needed were dropped", stops, dropped)
	}
	if n, _, err := s.home.Retain(t.Context(), s.store, w.now.AddDate(1, 0, 0)); err != nil || n != 5 {
		t.Errorf("%d syncs were dropped after its end, %v; want 5", n, err)
	}
	pieces := dump(t, db)
	for table, rows := range whole {
		got := []string{}
		for _, r := range pieces[table] {
			if strings.Contains(r, `"pieces"`) {
				got = append(got, strings.Replace(r, `"pieces"`, `"whole"`, 1))
			}
		}
		slices.Sort(rows)
		slices.Sort(got)
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s (-at once +in pieces):\n%s", table, diff)
		}
	}
}

// stopper stops a backfill after so many syncs.
type stopper struct {
	pipeline.NoProgress
	after int64
	done  atomic.Int64
	stop  context.CancelFunc
}

func (s *stopper) Start(string, int64, string) pipeline.Task { return stopTask{s} }

type stopTask struct{ *stopper }

func (s stopTask) Add(n int64) {
	if s.done.Add(n) >= s.after {
		s.stop()
	}
}
func (stopTask) SetTotal(int64) {}
func (stopTask) Done()          {}

// TestCompare holds what is said to differ against a plain comparison, after another rule and another model.
func TestCompare(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	s, w := newSite(t, db, "acme"), newWorld(4)
	s.set("roi.authorised", "true")
	for range 3 {
		s.sync(w)
		w.day()
	}
	s.set("roi.window_days", "10")
	b := s.backfill("strict", false)
	b.Matcher.Threshold, b.Matcher.Review = 0.9999999999, 0.99999
	changes, moved := map[string]int{}, 0
	for _, o := range run(t, b, s.plan()) {
		want := map[string]string{}
		was, is := links(s.lines(o.Source, schemas.Links)), links(s.lines(o.Run, schemas.Links))
		for record, target := range was {
			switch now, ok := is[record]; {
			case !ok:
				want[record] = "lost " + target
			case now != target:
				want[record] = "changed " + now
			}
		}
		for record, target := range is {
			if _, ok := was[record]; !ok {
				want[record] = "gained " + target
			}
		}
		got := map[string]string{}
		if err := b.Changes(t.Context(), o.Run, func(c backfill.Change) error {
			target := c.AfterTarget
			if c.Change == "lost" {
				target = c.BeforeTarget
			}
			got[c.RecordID] = c.Change + " " + target
			changes[c.Change]++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("links (-plain +compared):\n%s", diff)
		}
		moves, err := b.Moves(t.Context(), o.Run)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range moves {
			if m.Measure != "influenced" {
				continue
			}
			for side, x := range map[*pipeline.Manifest]*float64{o.Source: m.Before, o.Run: m.After} {
				n := 0.0
				for _, line := range s.lines(side, schemas.ROIOpportunities) {
					if field(line, "quarter") == m.Segment && field(line, "influenced") == "true" && field(line, "in_pipeline") == "true" {
						n++
					}
				}
				if x == nil || *x != n {
					t.Errorf("influenced in %s: %v, plainly %v", m.Segment, x, n)
				}
			}
			if *m.Before != *m.After {
				moved++
			}
		}
	}
	if changes["lost"] == 0 || moved == 0 {
		t.Errorf("links %v, %d figures moved: the test does not test much", changes, moved)
	}
}

// links are the targets of linked records.
func links(lines []string) map[string]string {
	out := map[string]string{}
	for _, line := range lines {
		if field(line, "decision") == "link" {
			out[field(line, "record_id")] = field(line, "target_id")
		}
	}
	return out
}

// TestRetentionKeepsWhatABackfillMade: old syncs go, what was found for them stays.
func TestRetentionKeepsWhatABackfillMade(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	s, w := newSite(t, db, "acme"), newWorld(5)
	s.set("roi.authorised", "true")
	for range 3 {
		s.sync(w)
		w.day()
	}
	b := s.backfill("kept", false)
	outcomes := run(t, b, s.plan())
	before := s.lines(outcomes[0].Run, schemas.ROIAttribution)
	runs, _, err := s.home.Retain(t.Context(), s.store, w.now.AddDate(1, 0, 0))
	if err != nil || runs != 2 {
		t.Fatalf("%d runs were dropped, %v; want 2", runs, err)
	}
	if diff := cmp.Diff(before, s.lines(outcomes[0].Run, schemas.ROIAttribution)); diff != "" || len(before) == 0 {
		t.Errorf("%d rows before, then:\n%s", len(before), diff)
	}
	made := func() (n int) {
		if err := filepath.WalkDir(s.store.Root(), func(path string, _ fs.DirEntry, err error) error {
			if strings.Contains(filepath.Base(path), "-backfill.") || strings.Contains(filepath.Base(path), "-control-") {
				n++
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if made() == 0 {
		t.Error("no file of the backfill is found: the test looks for other names")
	}
	rows, err := b.Drop(t.Context())
	if left := dump(t, db); err != nil || rows == 0 || made() != 0 || len(left["backfill_links"])+len(left["backfill_runs"]) != 0 {
		t.Errorf("%d rows were dropped, %v; %d files and %d links are left", rows, err, made(), len(left["backfill_links"]))
	}
	if names, err := s.home.Backfills(); err != nil || len(names) != 0 {
		t.Errorf("backfills %v, %v", names, err)
	}
	if last := s.syncs[len(s.syncs)-1]; len(s.lines(last, schemas.ROIAttribution)) == 0 {
		t.Error("the last sync lost its rows")
	}
	p, err := backfill.NewPlan(s.home, []time.Time{firstDay, w.now})
	if err != nil || len(p.Missing) != 1 || len(p.Sources) != 1 {
		t.Errorf("plan after retention: %+v, %v", p, err)
	}
	if _, err := backfill.NewPlan(s.home, []time.Time{firstDay}); !errors.Is(err, backfill.ErrNothing) {
		t.Errorf("an instant before all syncs: %v", err)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, c := range []struct {
		from, to time.Time
		every    time.Duration
		want     int
		err      error
	}{
		{firstDay, firstDay, day, 1, nil},
		{firstDay, firstDay.Add(3 * day), day, 4, nil},
		{firstDay, firstDay.Add(3*day - 1), day, 3, nil},
		{firstDay, firstDay.Add(-1), day, 0, backfill.ErrRange},
		{firstDay, firstDay, 0, 0, backfill.ErrRange},
		{firstDay, firstDay.Add(1000 * day), time.Minute, 0, backfill.ErrRange},
	} {
		got, err := backfill.Instants(c.from, c.to, c.every)
		if len(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%v to %v every %v: %d instants, %v", c.from, c.to, c.every, len(got), err)
		}
	}
}

// TestOneAtATime: a second backfill of the contract is told who is at work.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	home := pipeline.Home{Dir: t.TempDir()}
	lock, err := home.TryLock(jobs.BackfillName, "first")
	if err != nil {
		t.Fatal(err)
	}
	b := &backfill.Backfill{Name: "second", Home: home}
	var locked *pipeline.LockedError
	if _, err := b.Run(t.Context(), &backfill.Plan{}); !errors.As(err, &locked) || locked.Holder.Job != "first" {
		t.Errorf("a second one: %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
}

// TestWithdrawalDuringABackfill: what is loaded after the customer has withdrawn the authorisation does not stay, and comes back when it
// is given again, without being computed again.
func TestWithdrawalDuringABackfill(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	s, w := newSite(t, db, "acme"), newWorld(6)
	s.set("roi.authorised", "true")
	for range 3 {
		s.sync(w)
		w.day()
	}
	count := func() string {
		return texts(t, db, `SELECT (SELECT count(*) FROM crmsync.backfill_roi_opportunities) || ' ' || (SELECT count(*) FROM crmsync.backfill_roi_moves)`)[0]
	}
	run(t, s.backfill("whole", false), s.plan())
	whole := count()
	if _, err := s.backfill("whole", false).Drop(t.Context()); err != nil || count() != "0 0" || whole == "0 0" {
		t.Fatalf("%s rows, after the drop %s, %v", whole, count(), err)
	}
	b := s.backfill("late", false)
	b.Progress = &stopper{after: 1, stop: func() { s.set("roi.authorised", "false") }}
	run(t, b, s.plan())
	if got := count(); got != "0 0" {
		t.Errorf("%s rows of ROI are there without authorisation", got)
	}
	s.set("roi.authorised", "true")
	for _, o := range run(t, s.backfill("late", false), s.plan()) {
		if !o.Before {
			t.Errorf("%s was computed again", o.Source.RunID)
		}
	}
	if got := count(); got != whole {
		t.Errorf("%s rows came back, want %s", got, whole)
	}
}
