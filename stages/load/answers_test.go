package load_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// check compares what queries answer.
func (b *bench) check(answers map[string][]string) {
	b.t.Helper()
	for sql, want := range answers {
		if diff := cmp.Diff(want, b.texts(sql)); diff != "" {
			b.t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
}

func TestInCRMIsAnsweredForAnyIDs(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	b.load(base())
	answers := map[string][]string{
		`SELECT concat_ws(' ', id, in_crm, object, record_id) FROM crmsync.in_crm_people(ARRAY['p2', 'nobody', 'p1', 'p2', 'c1'])`: {
			"p2 t Lead 00Q1", "nobody f", "p1 t Contact 0031", "p2 t Lead 00Q1", "c1 f",
		},
		`SELECT concat_ws(' ', id, in_crm, object, record_id) FROM crmsync.in_crm_companies(ARRAY['c2', 'c1', 'p1'])`: {"c2 f", "c1 t Account 0011", "p1 f"},
		`SELECT concat_ws(' ', coalesce(id, 'null'), in_crm) FROM crmsync.in_crm_people(ARRAY[NULL, 'p1'])`:           {"null f", "p1 t"},
		`SELECT id FROM crmsync.in_crm_people('{}')`:                                                                  {},
		`SELECT concat_ws(' ', id, in_crm) FROM crmsync.in_crm_people(ARRAY['p1'], 'other')`:                          {"p1 f"},
	}
	b.check(answers)

	// Right after the next run the answers are that run's.
	b.load(base().with(world{schemas.Links: {link("Contact", "0032", "p7", "link"), link("Contact", "0031", "p1", "review")}}))
	b.check(map[string][]string{
		`SELECT concat_ws(' ', id, in_crm, object, record_id) FROM crmsync.in_crm_people(ARRAY['p1', 'p7'])`: {"p1 f", "p7 t Contact 0032"},
		`SELECT id FROM crmsync.in_crm_companies(ARRAY['c1']) WHERE in_crm`:                                  {},
	})

	// With several contracts the question has to name one.
	benchOn(t, b.db, "other").load(base())
	b.check(map[string][]string{
		`SELECT concat_ws(' ', id, in_crm) FROM crmsync.in_crm_people(ARRAY['p1'], 'acme')`:  {"p1 f"},
		`SELECT concat_ws(' ', id, in_crm) FROM crmsync.in_crm_people(ARRAY['p1'], 'other')`: {"p1 t"},
	})
	if _, err := b.db.Exec(t.Context(), `SELECT * FROM crmsync.in_crm_people(ARRAY['p1'])`); err == nil {
		t.Error("a question that names none of two contracts was answered")
	}
}

func TestBadgesFollowTheStyleFromTheNextRunOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	const url = `SELECT url FROM crmsync.badges WHERE record_id = '0031'`
	const lightning, classic = "https://acme.my.salesforce.com/lightning/r/Contact/0031/view", "https://acme.my.salesforce.com/0031"
	b.load(base())
	b.check(map[string][]string{url: {lightning}})
	settings := append([]row{setting("badge.style", `"classic"`)}, base()[schemas.Settings]...)
	b.load(base().with(world{schemas.Settings: settings}))
	b.check(map[string][]string{url: {classic}, `SELECT DISTINCT record_url FROM crmsync.contact_info_fields WHERE member_id = 'p1'`: {classic}})
	b.load(base())
	b.check(map[string][]string{url: {lightning}})
}

func TestContactInfoSaysWhereEachFieldComesFromAndHowOldItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	w := base()
	w[schemas.Contact][0]["LastModifiedDate"] = day0.AddDate(0, 0, -10)
	b.load(w) // as of noon of day 0
	b.check(map[string][]string{
		`SELECT concat_ws(' | ', field, value, object, record_id, age) FROM crmsync.contact_info_fields WHERE member_id = 'p1' ORDER BY 1`: {
			"city | Springfield | Contact | 0031 | 10 days 12:00:00", "country | US | Contact | 0031 | 10 days 12:00:00",
			"email | lee@example.com | Contact | 0031 | 10 days 12:00:00", "phone | +1 555 0100 | Contact | 0031 | 10 days 12:00:00",
			"street | 1 Main St | Contact | 0031 | 10 days 12:00:00",
		},
		`SELECT concat_ws(' | ', field, value, object, record_id, age) FROM crmsync.contact_info_fields WHERE member_id = 'p2' ORDER BY 1`: {
			"phone | +1 555 0101 | Lead | 00Q1 | 12:00:00", "state | OR | Lead | 00Q1 | 12:00:00", "street | 2 Main St | Lead | 00Q1 | 12:00:00",
		},
	})
	// The age grows while the record stays as it is.
	b.load(w)
	b.check(map[string][]string{
		`SELECT DISTINCT age::text FROM crmsync.contact_info_fields WHERE member_id = 'p1'`: {"11 days"},
	})
}

func TestLinksAsOfARun(t *testing.T) {
	t.Parallel()
	b := newBench(t, "acme")
	first := b.load(base().with(world{schemas.Links: {link("Contact", "0031", "p1", "link")}}))
	hand := link("Contact", "0031", "p2", "link")
	hand["origin"] = "manual"
	second := b.load(base().with(world{schemas.Links: {hand}}))
	third := b.load(base().with(world{schemas.Links: nil}))
	const said = `SELECT concat_ws(' ', record_id, target_id, decision, origin, model, since_run, until_run) FROM `
	was, then := "0031 p1 link model m1 "+first.RunID+" "+second.RunID, "0031 p2 link manual m1 "+second.RunID+" "+third.RunID
	b.check(map[string][]string{
		said + `crmsync.links_as_of_run('` + first.RunID + `')`:                {was},
		said + `crmsync.links_as_of_run('` + second.RunID + `')`:               {then},
		said + `crmsync.links_as_of_run('` + third.RunID + `')`:                {},
		said + `crmsync.links_as_of_run('r000099')`:                            {},
		said + `crmsync.links_as_of('2026-03-01 12:00Z'::timestamptz)`:         {was},
		said + `crmsync.links_as_of('2026-03-01 23:59:59Z'::timestamptz)`:      {was},
		said + `crmsync.links_as_of('2026-03-02 00:00Z'::timestamptz)`:         {then},
		said + `crmsync.links_as_of('2026-03-01 11:59Z'::timestamptz)`:         {},
		said + `crmsync.links_as_of('acme', '2026-03-02 00:00Z'::timestamptz)`: {then},
	})
}
