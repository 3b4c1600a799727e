package extract_test

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// documented are the errors that a run may stop with, each of which says what to do.
var documented = []error{
	salesforce.ErrQuota, salesforce.ErrRevoked, salesforce.ErrNotFound, salesforce.ErrJobFailed, salesforce.ErrJobAborted, salesforce.ErrJobStuck, salesforce.ErrRowCount,
	salesforce.ErrUnavailable, salesforce.ErrNoField,
}

// TestSoak reads an org of 20,000 rows under random schedules of faults, in full and what changed since, while somebody works in the
// org. However a run goes, once it has ended the snapshot is the org, row by row and field by field. A failing seed can be run alone:
//
//	go test ./stages/extract -run 'TestSoak/seed_17$'
func TestSoak(t *testing.T) {
	const rows, perHome = 20_000, 5
	seeds := 500
	if testing.Short() {
		seeds = 8
	}
	org, objects := soakOrg(t, rows), []*schemas.Dataset{schemas.Account, schemas.Contact, schemas.Lead}
	fired, happened := map[string]int{}, 0
	outer := t
	var b *bench
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 1))
			full := b == nil || seed%perHome == 0
			if full { // a contract that has read nothing yet
				b = newBenchOf(outer, org)
				b.stage.Objects = objects
			}
			b.t = t
			b.work(rnd, 150)
			b.later(12 * time.Hour)
			b.stage.PagesAtOnce, b.stage.PageRows, b.stage.RESTRows = 1+rnd.IntN(3), 20, 10+rnd.Int64N(60)
			if full {
				b.stage.PageRows = 2500
			}
			m, n := b.soak(uint64(seed), fired)
			happened += n
			for _, ds := range objects {
				if want, got := b.orgHashes(ds), b.snapshotHashes(m, ds); !sameRows(t, want, got) {
					t.Fatalf("%s: the snapshot is not the org", ds.Object)
				}
			}
		})
		if t.Failed() {
			return
		}
	}
	if happened < seeds {
		t.Errorf("%d faults happened in %d runs; they are drawn too far from what runs do", happened, seeds)
	}
	t.Logf("faults that happened: %v", fired)
}

// soakOrg makes an org with rows.
func soakOrg(t *testing.T, rows int) *fakeforce.Org {
	b := newBench(t, fakeforce.Options{PageSize: 2500, JobPolls: 1})
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		switch i % 20 {
		case 0, 1:
			b.insert("Account", map[string]any{"Name": text(rnd, i), "BillingCity": "Lyon", "NumberOfEmployees": rnd.IntN(1e6), "AnnualRevenue": rnd.Float64() * 1e9})
		case 2, 3, 4, 5:
			b.insert("Lead", map[string]any{"LastName": text(rnd, i), "Company": text(rnd, i), "Status": "Open - Not Contacted", "Email": fmt.Sprintf("l%d@example.com", i)})
		default:
			b.insert("Contact", map[string]any{"LastName": text(rnd, i), "FirstName": "Ann", "Email": fmt.Sprintf("c%d@example.com", i), "Phone": fmt.Sprint(i)})
		}
	}
	return b.org
}

// text is a value that CSV has to quote, now and then.
func text(rnd *rand.Rand, i int) string {
	return fmt.Sprintf("%s %d", []string{"Smith", "O'Neil", "Müller, Inc.", "two\nlines", `a "quoted" one`, "nul\x00byte", "李"}[rnd.IntN(7)], i)
}

// work has somebody make n changes.
func (b *bench) work(rnd *rand.Rand, n int) {
	b.t.Helper()
	live := map[string][]string{}
	for _, object := range []string{"Contact", "Lead", "Account"} {
		rows, err := b.org.Rows("SELECT Id FROM " + object + " LIMIT 500")
		b.must(err)
		for _, r := range rows {
			live[object] = append(live[object], r[0])
		}
	}
	for i := range n {
		object := []string{"Contact", "Lead", "Account"}[rnd.IntN(3)]
		name := map[string]string{"Contact": "LastName", "Lead": "LastName", "Account": "Name"}[object]
		at := rnd.IntN(len(live[object]))
		id := live[object][at]
		switch rnd.IntN(10) {
		case 0:
			b.must(b.org.Delete(object, id))
			if rnd.IntN(2) == 0 {
				b.must(b.org.Undelete(object, id))
			} else {
				live[object] = slices.Delete(live[object], at, at+1)
			}
		case 1, 2:
			fields := map[string]any{name: text(rnd, i)}
			if object == "Lead" {
				fields["Company"], fields["Status"] = "Prospect", "Open - Not Contacted"
			}
			b.insert(object, fields)
		default:
			b.must(b.org.Update(object, id, map[string]any{name: text(rnd, i)}))
		}
	}
}

// soak runs under a schedule until a run has ended well. What stops it must be documented; after two stops the faults are over.
func (b *bench) soak(seed uint64, fired map[string]int) (m *pipeline.Manifest, happened int) {
	b.t.Helper()
	list := fakeforce.RandomFaults(seed, 6)
	faults := b.org.AddFaults(list...)
	for stops := 0; ; stops++ {
		b.connect()
		var err error
		m, err = b.try(b.t.Context())
		if err == nil {
			break
		}
		if !slices.ContainsFunc(documented, func(d error) bool { return errors.Is(err, d) }) {
			b.t.Fatalf("%v: stopped by %v", list, err)
		}
		b.org.Mend()
		if stops > 0 {
			faults.Remove()
		}
		if stops > 3 {
			b.t.Fatalf("%v: still stopped by %v", list, err)
		}
	}
	faults.Remove()
	b.org.Mend()
	changed := false
	for i, n := range faults.Fired() {
		fired[list[i].Kind] += n
		happened += n
		changed = changed || n > 0 && slices.Contains([]string{"edit", "delete", "hide"}, list[i].Kind)
	}
	if changed { // what changed while it was read, and a column that was hidden then, is seen by the next run
		b.later(12 * time.Hour)
		b.connect()
		m = b.run()
	}
	return m, happened
}

var hashSeed = maphash.MakeSeed()

// orgHashes returns a hash of each live row by id.
func (b *bench) orgHashes(ds *schemas.Dataset) map[string]uint64 {
	b.t.Helper()
	rows, err := b.org.Rows(ds.SOQL(""))
	b.must(err)
	all := make(map[string]uint64, len(rows))
	at := ds.Index("Id")
	var h maphash.Hash
	h.SetSeed(hashSeed)
	for _, r := range rows {
		h.Reset()
		for i, f := range ds.Fields {
			_, _ = h.WriteString(cell(f, r[i]))
			_ = h.WriteByte(0xFF)
		}
		all[r[at]] = h.Sum64()
	}
	return all
}

// snapshotHashes returns the same of what the latest run published.
func (b *bench) snapshotHashes(m *pipeline.Manifest, ds *schemas.Dataset) map[string]uint64 {
	b.t.Helper()
	e, ok := m.Entry(ds.Name)
	if !ok {
		b.t.Fatalf("%s is not published", ds.Name)
	}
	r, err := b.runner.Store.Read(b.t.Context(), ds, e)
	b.must(err)
	all := map[string]uint64{}
	var h maphash.Hash
	h.SetSeed(hashSeed)
	b.must(columnar.Each(b.t.Context(), r, func(rec arrow.Record) error {
		at := ds.Index("Id")
		for i := range int(rec.NumRows()) {
			h.Reset()
			for c, f := range ds.Fields {
				s, _ := columnar.TextAt(rec.Column(c), i)
				_, _ = h.WriteString(cell(f, s))
				_ = h.WriteByte(0xFF)
			}
			id, _ := columnar.TextAt(rec.Column(at), i)
			if _, twice := all[id]; twice {
				return fmt.Errorf("%s is there twice", id)
			}
			all[string([]byte(id))] = h.Sum64()
		}
		return nil
	}))
	return all
}

func sameRows(t *testing.T, want, got map[string]uint64) bool {
	t.Helper()
	wrong := 0
	for id, h := range want {
		if g, ok := got[id]; !ok || g != h {
			if wrong++; wrong < 4 {
				t.Errorf("%s: in the snapshot %t, equal %t", id, ok, g == h)
			}
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			if wrong++; wrong < 4 {
				t.Errorf("%s is not in the org", id)
			}
		}
	}
	return wrong == 0
}
