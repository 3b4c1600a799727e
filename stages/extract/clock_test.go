package extract_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// TestEqualTimestamps changes more rows at one instant than a page, or a batch of REST, holds: paging never goes by time, so none is lost
// at an edge of pages, of batches or of windows.
func TestEqualTimestamps(t *testing.T) {
	for name, restRows := range map[string]int64{"Bulk": 5, "REST": 1000} {
		for _, overlap := range []time.Duration{0, time.Minute} {
			t.Run(fmt.Sprint(name, ", ", overlap), func(t *testing.T) {
				b := newBench(t, fakeforce.Options{PageSize: 7, QueryBatchSize: 9})
				b.stage.RESTRows, b.stage.Overlap = restRows, overlap
				accounts := b.fill(60)
				b.equalNext()
				touch := func(name string) {
					for _, id := range accounts {
						b.must(b.org.Update("Account", id, map[string]any{"Name": name}))
					}
				}
				b.later(time.Hour)
				touch("all at once")
				b.later(time.Second)
				b.equalNext()
				// At the very instant of a run, before and after it: the window ends before that instant, and the next begins with it.
				b.later(time.Hour)
				touch("just before the run")
				m := b.run()
				if overlap == 0 && m.Count("rows.crm_account") != 0 {
					t.Errorf("%d rows of the window's end were read", m.Count("rows.crm_account"))
				}
				touch("just after the run")
				b.later(time.Hour)
				m = b.equalNext()
				if m.Count("rows.crm_account") != 60 {
					t.Errorf("%d rows were read", m.Count("rows.crm_account"))
				}
			})
		}
	}
}

// TestClockMovesBack sets the org's clock back by more than the overlap. Nothing is read until it has caught up; what was changed and
// stamped in the time that came twice is read by the overlap, or by the window, when it lies after the watermark.
func TestClockMovesBack(t *testing.T) {
	b := newBench(t, fakeforce.Options{})
	b.stage.Lag, b.stage.Overlap = 5*time.Minute, 10*time.Minute
	accounts := b.fill(4)
	b.later(time.Hour)
	first := b.run()
	b.later(-8 * time.Minute)
	b.must(b.org.Update("Account", accounts[0], map[string]any{"Name": "stamped before the watermark"}))
	m := b.run()
	for _, ds := range schemas.CRMObjects {
		was, _ := first.Entry(ds.Name)
		is, _ := m.Entry(ds.Name)
		if !is.Watermark.Equal(was.Watermark) || is.Rows != was.Rows {
			t.Errorf("%s: %+v, was %+v", ds.Name, is, was)
		}
	}
	b.must(b.org.Delete("Account", accounts[1]))
	b.later(30 * time.Minute)
	b.equalNext()
}

// TestWatermarkOlderThanTheBin comes back after three weeks: what was deleted since is not in the bin any more, so all is read.
func TestWatermarkOlderThanTheBin(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10})
	accounts := b.fill(12)
	b.later(time.Hour)
	b.run()
	b.must(b.org.Delete("Account", accounts[0]))
	b.must(b.org.HardDelete("Account", accounts[0]))
	b.must(b.org.Update("Account", accounts[1], map[string]any{"Name": "changed"}))
	b.later(21 * 24 * time.Hour)
	m := b.equalNext()
	for _, ds := range schemas.CRMObjects {
		e, _ := m.Entry(ds.Name)
		if len(e.Layers) != 1 || !e.Swept.Equal(m.AsOf) || ds != schemas.UserRole && e.Layers[0].RunID != m.RunID {
			t.Errorf("%s was not read in full: %+v", ds.Name, e)
		}
	}
	// Thirteen days are not too long.
	b.must(b.org.Delete("Account", accounts[2]))
	b.later(13 * 24 * time.Hour)
	m = b.equalNext()
	if e, _ := m.Entry(schemas.Account.Name); len(e.Layers) != 2 {
		t.Errorf("entry %+v", e)
	}
}
