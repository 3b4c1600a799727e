package extract_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

func TestFullRead(t *testing.T) {
	for _, pages := range []int{1, 3} {
		t.Run(fmt.Sprint(pages), func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 10})
			b.stage.PagesAtOnce = pages
			b.fill(35)
			m := b.run()
			b.equal(m)
			for name, want := range map[string]int64{"rows.crm_account": 35, "rows.crm_user_role": 2, "rows.crm_user": 2, "rows.crm_opportunity_contact_role": 35} {
				if got := m.Count(name); got != want {
					t.Errorf("%s = %d, want %d", name, got, want)
				}
			}
			if used, _ := b.org.APIUsage(); m.Count("api_calls") != int64(used) {
				t.Errorf("%d calls counted, the org counted %d", m.Count("api_calls"), used)
			}
			if n := len(b.org.Jobs()); n != 0 {
				t.Errorf("%d jobs are left in the org", n)
			}
			listed := b.org.Calls()[fakeforce.KindQueryPages]
			if (listed > 0) != (pages > 1) {
				t.Errorf("pages were listed %d times", listed)
			}
			if _, err := os.Stat(scratchOf(b, m)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("scratch is left: %v", err)
			}
			e, _ := m.Entry(schemas.Account.Name)
			if !e.Watermark.Equal(epoch) || e.Rows != 35 {
				t.Errorf("entry %+v", e)
			}
			org := b.inSnapshot(m, schemas.Org)[b.org.OrgID()]
			if want := []string{b.org.OrgID(), "Fakeforce", "Enterprise Edition", "false", "KF1", b.cfg.LoginURL}; !slices.Equal(org, want) {
				t.Errorf("org %q, want %q", org, want)
			}
		})
	}
}

// TestLogHoldsNoPersonalData looks for what the org's people are called.
func TestLogHoldsNoPersonalData(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.fill(3)
	b.run()
	text := b.log.String()
	for _, hidden := range []string{"@example.com", "Seller", "Name 1", "Lead 1", "Bearer", "PRIVATE"} {
		if strings.Contains(text, hidden) {
			t.Errorf("the log shows %q:\n%s", hidden, text)
		}
	}
	if strings.Count(text, "object was read") != len(schemas.CRMObjects) {
		t.Errorf("log:\n%s", text)
	}
}

func TestEmptyOrg(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	m := b.run()
	b.equal(m)
	b.later(time.Hour)
	b.fill(3)
	b.later(time.Hour)
	b.equal(b.run())
}

// TestIncremental makes every kind of change and looks at what it costs to see them.
func TestIncremental(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	accounts := b.fill(20)
	b.later(time.Second)
	b.run()

	t.Run("nothing changed", func(t *testing.T) {
		b.later(12 * time.Hour)
		before, _ := b.org.APIUsage()
		m := b.run()
		b.equal(m)
		used, _ := b.org.APIUsage()
		if calls := used - before; calls > 4*len(schemas.CRMObjects) {
			t.Errorf("an unchanged org cost %d calls", calls)
		} else {
			t.Logf("an unchanged org cost %d calls for %d objects", calls, len(schemas.CRMObjects))
		}
		for _, ds := range schemas.CRMObjects {
			e, _ := m.Entry(ds.Name)
			if len(e.Layers) != 1 || !e.Watermark.Equal(epoch.Add(12*time.Hour+time.Second)) {
				t.Errorf("%s: %d layers, watermark %s", ds.Name, len(e.Layers), e.Watermark)
			}
		}
	})
	t.Run("changes", func(t *testing.T) {
		b.must(b.org.Update("Account", accounts[0], map[string]any{"Name": "Renamed", "Website": nil}))
		b.must(b.org.Delete("Account", accounts[1])) // and its contact, opportunity and role
		b.insert("Account", map[string]any{"Name": "New", "OwnerId": b.org.UserID()})
		b.must(b.org.Update("User", b.org.UserID(), map[string]any{"IsActive": false}))
		b.later(12 * time.Hour)
		m := b.run()
		b.equal(m)
		if m.Count("rows.crm_account") != 2 || m.Count("deleted.crm_account") != 1 || m.Count("deleted.crm_contact") != 1 || m.Count("rows.crm_lead") != 0 {
			t.Errorf("counts %v", m.Stage("extract").Counts)
		}
	})
	t.Run("undelete", func(t *testing.T) {
		b.must(b.org.Undelete("Account", accounts[1]))
		b.later(12 * time.Hour)
		b.equal(b.run())
	})
	t.Run("roles come, change and vanish", func(t *testing.T) {
		roles := b.inOrg(schemas.UserRole)
		for id, row := range roles {
			if strings.Contains(row[1], "East") {
				b.must(b.org.HardDelete("UserRole", id))
			} else {
				b.must(b.org.Update("UserRole", id, map[string]any{"Name": "All sales"}))
			}
		}
		b.insert("UserRole", map[string]any{"Name": "Service"})
		b.later(12 * time.Hour)
		m := b.run()
		b.equal(m)
		e, _ := m.Entry(schemas.UserRole.Name)
		if len(e.Layers) != 2 || e.Changed != 2 || e.Deleted != 1 {
			t.Errorf("entry %+v", e)
		}
	})
	t.Run("many changes go through a job", func(t *testing.T) {
		b.stage.RESTRows = 5
		for _, id := range accounts[2:18] {
			b.must(b.org.Update("Account", id, map[string]any{"Phone": "(555) 0100"}))
		}
		b.org.ResetCalls()
		b.later(12 * time.Hour)
		b.equal(b.run())
		if n := b.org.Calls()[fakeforce.KindQueryCreate]; n != 1 {
			t.Errorf("%d jobs were made, want 1", n)
		}
	})
	t.Run("a watermark older than the recycle bin", func(t *testing.T) {
		b.must(b.org.HardDelete("Lead", anyKey(b.inOrg(schemas.Lead))))
		b.later(20 * 24 * time.Hour)
		b.equal(b.run())
	})
}

func anyKey(m map[string][]string) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys[0]
}

// TestLagAndOverlap changes records around the end of a window; nothing is lost, whatever is in flight there.
func TestLagAndOverlap(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.stage.Lag, b.stage.Overlap = 5*time.Minute, 10*time.Minute
	accounts := b.fill(4)
	b.run()
	rename := func(id, name string) { b.must(b.org.Update("Account", id, map[string]any{"Name": name})) }
	b.later(time.Hour)
	rename(accounts[0], "seen in this run")
	b.later(6 * time.Minute)
	rename(accounts[1], "within the lag, so seen in the next run")
	b.later(time.Minute)
	m := b.run()
	got := b.inSnapshot(m, schemas.Account)
	if got[accounts[0]][1] != "seen in this run" || !strings.HasPrefix(got[accounts[1]][1], "Company") {
		t.Errorf("names %q, %q", got[accounts[0]][1], got[accounts[1]][1])
	}
	// A transaction that began before the window's end and ends after it was read: stamped within the old window.
	b.must(b.org.Update("Account", accounts[2], map[string]any{"Name": "late", "SystemModstamp": b.org.Clock().Now().Add(-6 * time.Minute)}))
	b.must(b.org.Delete("Account", accounts[3]))
	b.later(time.Hour)
	b.equal(b.run())
}

// TestWindowsNeverMoveBack runs twice within a second, and after the org's clock was set back.
func TestWindowsNeverMoveBack(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.fill(2)
	first := b.run()
	for _, d := range []time.Duration{0, -time.Hour} {
		b.later(d)
		m := b.run()
		for _, ds := range schemas.CRMObjects {
			was, _ := first.Entry(ds.Name)
			is, _ := m.Entry(ds.Name)
			if !is.Watermark.Equal(was.Watermark) {
				t.Errorf("%s: watermark moved from %s to %s", ds.Name, was.Watermark, is.Watermark)
			}
		}
	}
	b.insert("Account", map[string]any{"Name": "Stamped in the past", "OwnerId": b.org.UserID()})
	b.later(2 * time.Hour)
	b.stage.Overlap = 2 * time.Hour
	b.equal(b.run())
}

func TestHiddenFields(t *testing.T) {
	b := newBench(t, fakeforce.Options{HiddenFields: map[string][]string{"Contact": {"Email", "Title"}}})
	b.fill(3)
	m := b.run()
	if m.Count("hidden.Contact.Email") != 1 || m.Count("hidden.Contact.Title") != 1 || m.Count("hidden.Contact.Phone") != 0 {
		t.Errorf("counts %v", m.Stage("extract").Counts)
	}
	if n := strings.Count(b.log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings, want 2:\n%s", n, b.log)
	}
	email := schemas.Contact.Index("Email")
	for id, row := range b.inSnapshot(m, schemas.Contact) {
		if row[email] != "" {
			t.Errorf("%s has e-mail %s", id, row[email])
		}
	}
	// Once the field is shown, all rows get it, changed or not.
	b.must(b.org.ShowField("Contact", "Email"))
	b.must(b.org.ShowField("Contact", "Title"))
	b.later(time.Hour)
	b.equal(b.run())

	b.must(b.org.HideField("Lead", "LastName"))
	b.later(time.Hour)
	if _, err := b.try(t.Context()); !errors.Is(err, salesforce.ErrNoField) || !strings.Contains(err.Error(), "Lead.LastName") {
		t.Errorf("hidden required field: %v", err)
	}
}

// TestCurrencies: an org with several currencies has the field, and only then is it read.
func TestCurrencies(t *testing.T) {
	for _, several := range []bool{false, true} {
		o := fakeforce.Options{}
		if several {
			o.CustomFields = map[string][]fakeforce.Field{"Opportunity": {{Name: "CurrencyIsoCode", Type: fakeforce.TypeString}}}
		}
		b := newBench(t, o)
		b.fill(3)
		var id string
		for k := range b.inOrg(schemas.Opportunity) {
			id = k
		}
		with := schemas.Opportunity
		if several {
			b.must(b.org.Update("Opportunity", id, map[string]any{"CurrencyIsoCode": "EUR"}))
			b.later(time.Hour)
			with = schemas.Opportunity.Extend(schemas.OpportunityCurrency)
		}
		m := b.run()
		e, ok := m.Entry(schemas.Opportunity.Name)
		if !ok || slices.Contains(e.Columns, "CurrencyIsoCode") != several {
			t.Errorf("several currencies %t: columns %v", several, e.Columns)
		}
		if got := b.inSnapshot(m, with)[id]; several && got[len(got)-1] != "EUR" {
			t.Errorf("row %v", got)
		}
	}
}

func TestRevenueField(t *testing.T) {
	b := newBench(t, fakeforce.Options{CustomFields: map[string][]fakeforce.Field{"Opportunity": {
		{Name: "ARR__c", Type: fakeforce.TypeCurrency}, {Name: "Notes__c", Type: fakeforce.TypeString},
	}}})
	b.fill(3)
	b.run()
	var id string
	for k := range b.inOrg(schemas.Opportunity) {
		id = k
	}
	b.must(b.org.Update("Opportunity", id, map[string]any{"ARR__c": 12.5}))
	// The field is named only after the change was read, so it has to be read of unchanged rows too.
	b.later(time.Hour)
	b.run()
	b.later(time.Hour)
	b.stage.RevenueField = "ARR__c"
	m := b.run()
	with := schemas.Opportunity.Extend(schemas.Field{Name: "ARR__c", Type: schemas.Float64, Flags: schemas.Nullable})
	if got := b.inSnapshot(m, with)[id]; got[len(got)-1] != "12.5" {
		t.Errorf("row %v", got)
	}
	b.equal(m)
	b.later(time.Hour)
	b.stage.RevenueField = "Notes__c"
	if _, err := b.try(t.Context()); err == nil || !strings.Contains(err.Error(), "Notes__c") {
		t.Errorf("a text as revenue: %v", err)
	}
}

func TestRefusedOrgs(t *testing.T) {
	tests := map[string]struct {
		opts fakeforce.Options
		want error
	}{
		"sandbox": {fakeforce.Options{Sandbox: true}, salesforce.ErrSandbox},
		"edition": {fakeforce.Options{Edition: "Team Edition"}, salesforce.ErrEdition},
		"no API":  {fakeforce.Options{APIDisabled: true}, salesforce.ErrEdition},
		"quota":   {fakeforce.Options{DailyAPIRequests: 20}, salesforce.ErrQuota},
		"jobs":    {fakeforce.Options{DailyQueryJobs: 3}, salesforce.ErrQuota},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, tt.opts)
			m, err := b.try(t.Context())
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if len(m.Datasets) != 0 || b.org.Calls()[fakeforce.KindQueryCreate] != 0 {
				t.Errorf("published %v, calls %v", m.Datasets, b.org.Calls())
			}
		})
	}
}
