package load_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/load"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/exec.(*Cmd).Wait"), goleak.IgnoreAnyFunction("os.(*Process).Wait"))
}

func TestTablesShowTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	m := b.load(base())
	for what, c := range map[string]struct {
		sql  string
		want []string
	}{
		"badges": {
			`SELECT target_id || ' ' || lightning_url || ' ' || classic_url FROM crmsync.badges WHERE contract = 'acme' ORDER BY 1`,
			[]string{
				"c1 https://acme.my.salesforce.com/lightning/r/Account/0011/view https://acme.my.salesforce.com/0011",
				"p1 https://acme.my.salesforce.com/lightning/r/Contact/0031/view https://acme.my.salesforce.com/0031",
				"p2 https://acme.my.salesforce.com/lightning/r/Lead/00Q1/view https://acme.my.salesforce.com/00Q1",
				"p3 https://acme.my.salesforce.com/lightning/r/Contact/0033/view https://acme.my.salesforce.com/0033",
				"p9 https://acme.my.salesforce.com/lightning/r/Contact/0039/view https://acme.my.salesforce.com/0039",
			},
		},
		"contact info": {
			`SELECT concat_ws(' ', member_id, object, record_id, phone, email, street, city, state, country) FROM crmsync.contact_info ORDER BY 1`,
			[]string{
				"p1 Contact 0031 +1 555 0100 lee@example.com 1 Main St Springfield US", "p2 Lead 00Q1 +1 555 0101 2 Main St OR", "p3 Contact 0033 kim@example.com",
			},
		},
		"in CRM":      {`SELECT target_id || ' ' || in_crm FROM crmsync.in_crm('acme', 'person', ARRAY['p1', 'p2', 'p7'])`, []string{"p1 true", "p2 true", "p7 false"}},
		"revenue":     {`SELECT concat_ws(' ', id, amount, revenue) FROM crmsync.opportunities ORDER BY 1`, []string{"0061 1200.5 1200.5", "0062"}},
		"evidence":    {`SELECT evidence->0->>'feature' FROM crmsync.links WHERE record_id = '0011'`, []string{"name"}},
		"match rates": {`SELECT object || ' ' || linked || ' ' || run_id FROM crmsync.match_rates_current`, []string{"Contact 2 " + m.RunID}},
		"marker":      {`SELECT concat_ws(' ', org_id, current_run, sandbox) FROM crmsync.contracts`, []string{"00D1 " + m.RunID + " f"}},
		"stages":      {`SELECT ordinal || ' ' || stage || ' ' || state FROM crmsync.run_stages ORDER BY 1`, []string{"1 give succeeded", "2 load succeeded"}},
		"run":         {`SELECT concat_ws(' ', run_id, job, state, as_of AT TIME ZONE 'UTC', ended_at IS NOT NULL) FROM crmsync.runs`, []string{m.RunID + " sync succeeded 2026-03-01 12:00:00 t"}},
		"counts":      {`SELECT concat_ws(' ', counts->>'rows.links', counts->>'changed.links', rows > 20) FROM crmsync.run_stages WHERE stage = 'load'`, []string{"6 6 t"}},
	} {
		if diff := cmp.Diff(c.want, b.texts(c.sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for table, rows := range b.dump() {
		if len(rows) == 0 && !strings.HasPrefix(table, "backfill_") && !slices.Contains([]string{"settings", "settings_audit", "decisions", "decisions_audit", "seat_mappings", "writebacks", "writeback_audit"}, table) {
			t.Errorf("%s is empty", table)
		}
	}
}

// again loads the same run a second time and compares.
type again struct {
	*load.Stage
	b       *bench
	changed string
}

func (a *again) Name() string { return "again" }

func (a *again) Run(ctx context.Context, run *pipeline.Run) error {
	before := a.b.dump()
	err := a.Stage.Run(ctx, run)
	a.changed = changed(before, a.b.dump())
	return err
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	a := &again{Stage: &load.Stage{DB: b.db}, b: b}
	first := b.load(base(), a)
	if a.changed != "" {
		t.Errorf("loading the same run again changed %s", a.changed)
	}
	// Another run with the same results changes what is about runs, and nothing else.
	before := b.dump()
	b.load(base())
	if got, want := changed(before, b.dump()), "contracts match_rates roi_comparison roi_quarters roi_sellers run_stages runs"; got != want {
		t.Errorf("an equal run changed %s, want %s", got, want)
	}
	if got := b.texts(`SELECT DISTINCT run_id FROM crmsync.links`); len(got) != 1 || got[0] != first.RunID {
		t.Errorf("links name %v as the run that changed them", got)
	}
}

func TestOneChangeWritesOneRow(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	w := base()
	b.load(w)
	before := b.dump()
	users := []row{maps.Clone(w[schemas.User][0])}
	users[0]["Title"] = "Head of sales"
	m := b.load(w.with(world{schemas.User: users, schemas.Seats: nil}))
	if got, want := changed(before, b.dump()), "contracts match_rates roi_comparison roi_quarters roi_sellers run_stages runs seats users"; got != want {
		t.Errorf("changed %s, want %s", got, want)
	}
	if got := b.texts(`SELECT title || ' ' || run_id FROM crmsync.users`); got[0] != "Head of sales "+m.RunID {
		t.Errorf("user: %v", got)
	}
	if got := b.texts(`SELECT seat_id FROM crmsync.seats`); len(got) != 0 {
		t.Errorf("seats that are gone stay: %v", got)
	}
}

func TestSavesStayAndContractsDoNotMix(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	b.load(base())
	other := benchOn(t, b.db, "other")
	other.load(base())
	empty := world{schemas.Org: base()[schemas.Org], schemas.Settings: base()[schemas.Settings]}
	before := b.dump()
	other.load(empty)
	after := b.dump()
	for table, rows := range before {
		for _, r := range rows {
			if !slices.Contains(after[table], r) && !slices.Contains([]string{"contracts", "runs", "run_stages", "schema_versions"}, table) &&
				len(b.texts(`SELECT 'x' WHERE $1::text LIKE '%"contract": "acme"%'`, r)) > 0 {
				t.Errorf("%s lost a row of another contract: %s", table, r)
			}
		}
	}
	if got := b.texts(`SELECT contract FROM crmsync.saves ORDER BY 1`); !slices.Equal(got, []string{"acme", "other"}) {
		t.Errorf("saves of %v; a save is never undone", got)
	}
	if got := b.texts(`SELECT contract FROM crmsync.contact_info WHERE contract = 'other'`); len(got) != 0 {
		t.Error("contact information of people who are not linked any more stays")
	}
}

func TestROINeedsAuthorisation(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	count := func() []string {
		return b.texts(`SELECT (SELECT count(*) FROM crmsync.roi_touches) + (SELECT count(*) FROM crmsync.roi_opportunities)
			+ (SELECT count(*) FROM crmsync.roi_attribution) + (SELECT count(*) FROM crmsync.roi_quarters)
			+ (SELECT count(*) FROM crmsync.roi_comparison) + (SELECT count(*) FROM crmsync.roi_sellers) || ''`)
	}
	no := base().with(world{schemas.Settings: {setting("roi.authorised", "false")}})
	for _, step := range []struct {
		w    world
		want string
	}{{no, "0"}, {base(), "6"}, {base(), "9"}, {no, "0"}, {base().with(world{schemas.Settings: nil}), "0"}, {base(), "6"}} {
		b.load(step.w)
		if got := count(); got[0] != step.want {
			t.Errorf("%s ROI rows, want %s", got[0], step.want)
		}
	}
}

// TestROIWithdrawnSinceTheRunBegan: a run that began with the authorisation, and is loaded after it was withdrawn (a run that failed is
// resumed hours later, with the settings that it began with), brings no rows back.
func TestROIWithdrawnSinceTheRunBegan(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	for _, step := range []struct {
		change, want string
	}{
		{"INSERT INTO crmsync.settings (contract, key, value) VALUES ('acme', 'roi.authorised', 'true')", "6"},
		{"UPDATE crmsync.settings SET value = 'false'", "0"},
		{"UPDATE crmsync.settings SET value = 'true'", "6"},
		{"DELETE FROM crmsync.settings", "0"},
	} {
		if _, err := b.db.Exec(t.Context(), step.change); err != nil {
			t.Fatal(err)
		}
		b.load(base())
		got := b.texts(`SELECT (SELECT count(*) FROM crmsync.roi_touches) + (SELECT count(*) FROM crmsync.roi_opportunities)
			+ (SELECT count(*) FROM crmsync.roi_attribution) + (SELECT count(*) FROM crmsync.roi_quarters)
			+ (SELECT count(*) FROM crmsync.roi_comparison) + (SELECT count(*) FROM crmsync.roi_sellers) || ''`)
		if got[0] != step.want {
			t.Errorf("%s: %s ROI rows, want %s", step.change, got[0], step.want)
		}
	}
}

// TestROIRowsOfEarlierRuns: quarters, comparisons and sellers stay for the days of the setting, and the views show the current run's.
func TestROIRowsOfEarlierRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	runs := func(relation string) []string {
		return b.texts(`SELECT count(*) || '' FROM crmsync.` + relation)
	}
	for i := range 3 {
		b.load(base())
		for _, table := range []string{"roi_quarters", "roi_comparison", "roi_sellers"} {
			if all, now := runs(table), runs(table+"_current"); all[0] != strconv.Itoa(i+1) || now[0] != "1" {
				t.Errorf("after %d runs %s has %s rows, %s current", i+1, table, all[0], now[0])
			}
		}
	}
	w := base()
	w[schemas.Settings] = append(slices.Clone(w[schemas.Settings]), setting("roi.keep_days", "0"))
	b.load(w)
	if got := runs("roi_quarters"); got[0] != "1" {
		t.Errorf("%s rows stay although none of earlier runs should", got[0])
	}
}

func TestRevenueFieldOfTheAdministrator(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	extended := schemas.Opportunity.Extend(schemas.Field{Name: "ARR__c", Type: schemas.Float64, Flags: schemas.Nullable})
	deal := maps.Clone(base()[schemas.Opportunity][0])
	deal["ARR__c"] = 77.0
	settings := []row{setting("roi.revenue_field", `"ARR__c"`)}
	b.load(base().with(world{schemas.Opportunity: nil, extended: {deal}, schemas.Settings: settings}))
	if got := b.texts(`SELECT amount || ' ' || revenue FROM crmsync.opportunities`); len(got) != 1 || got[0] != "1200.5 77" {
		t.Errorf("opportunities: %v", got)
	}
	// The setting may be ahead of what was imported.
	b.load(base().with(world{schemas.Settings: settings}))
	if got := b.texts(`SELECT id FROM crmsync.opportunities WHERE revenue IS NULL`); len(got) != 2 {
		t.Errorf("%d opportunities without the field have no revenue, want 2", len(got))
	}
}

func TestSandboxIsMarkedEverywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	orgs := []row{maps.Clone(base()[schemas.Org][0])}
	orgs[0]["IsSandbox"] = true
	b.load(base().with(world{schemas.Org: orgs}))
	for _, table := range b.texts(`SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'sandbox'
			WHERE relnamespace = 'crmsync'::regnamespace AND relkind IN ('r', 'v')`) {
		if got := b.texts(fmt.Sprintf(`SELECT 'unmarked' FROM crmsync.%s WHERE NOT sandbox`, table)); len(got) > 0 {
			t.Errorf("%s has %d rows that are not marked", table, len(got))
		}
	}
}

func TestTablesNeverGoBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	b.load(base())
	before := b.dump()
	b.clock = day0.Add(-24 * time.Hour)
	if _, err := b.try(base()); !errors.Is(err, load.ErrOlder) {
		t.Errorf("an older run: %v", err)
	}
	b.clock = day0.Add(48 * time.Hour)
	orgs := []row{maps.Clone(base()[schemas.Org][0])}
	orgs[0]["Id"] = "00D2"
	if _, err := b.try(base().with(world{schemas.Org: orgs})); !errors.Is(err, load.ErrOtherOrg) {
		t.Errorf("another org: %v", err)
	}
	if got, want := changed(before, b.dump()), "run_stages runs"; got != want {
		t.Errorf("refused runs changed %s, want %s", got, want)
	}
	if got := b.texts(`SELECT DISTINCT state || ' ' || (error <> '') FROM crmsync.runs WHERE state = 'failed'`); !slices.Equal(got, []string{"failed true"}) {
		t.Errorf("refused runs are recorded as %v", got)
	}
}

// TestHistoryIsWhatRunsSaid loads random links run after run; the links as of each run's instant are those that it loaded.
func TestHistoryIsWhatRunsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	r := rand.New(rand.NewPCG(3, 4))
	said := map[time.Time][]string{}
	for range 12 {
		var links []row
		taken := map[string]bool{}
		for i := range 30 {
			if r.IntN(4) == 0 {
				continue
			}
			target, decision := fmt.Sprint("p", r.IntN(6)), "link"
			if taken[target] || r.IntN(3) == 0 {
				decision = "review"
			}
			taken[target] = taken[target] || decision == "link"
			l := link("Contact", fmt.Sprintf("003%02d", i), target, decision)
			l["model"] = fmt.Sprint("m", r.IntN(3)) // a new model alone begins no new history
			links = append(links, l)
		}
		m := b.load(base().with(world{schemas.Links: links}))
		for _, l := range links {
			said[m.AsOf] = append(said[m.AsOf], fmt.Sprint(l["record_id"], l["target_id"], l["decision"]))
		}
	}
	for at, want := range said {
		got := b.texts(`SELECT record_id || target_id || decision FROM crmsync.links_as_of('acme', $1) ORDER BY record_id`, at)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("as of %s:\n%s", at, diff)
		}
	}
	if got := b.texts(`SELECT record_id FROM crmsync.links_history a JOIN crmsync.links_history b USING (contract, object, record_id)
			WHERE a.until = b.since AND a.target_id = b.target_id AND a.decision = b.decision AND a.origin = b.origin`); len(got) > 0 {
		t.Errorf("the history of %v is cut although nothing changed", got)
	}
}

func TestRecordingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	m := b.load(base())
	before := b.dump()
	if err := b.runner.Recorder.Record(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := changed(before, b.dump()); got != "" {
		t.Errorf("recording again changed %s", got)
	}
}
